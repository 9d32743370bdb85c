"""The page's files, read once, and what a browser may do with them."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from mockatell.server.answers import Answer
from mockatell.server.problems import problem

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

PREFIX: Final = "/mockatell/page/"
_INDEX: Final = "index.html"
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline, nothing around it."""
_HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
)


class PageFiles:
    """The page: `index.html` at `/`, all of its files under `/mockatell/page/`."""

    def __init__(self) -> None:
        folder = files("mockatell.server").joinpath("page")
        self._answers = dict(_answers(folder)) if folder.is_dir() else {}

    def answer(self, method: str, path: str) -> Answer:
        """The file at a path."""
        name = _INDEX if path == "/" else path.removeprefix(PREFIX)
        if name not in self._answers:
            return problem(404, f"the page has no file {name!r}")
        if method not in ("GET", "HEAD"):
            return problem(405, "the page is only read", {"Allow": "GET, HEAD"})
        return self._answers[name]


def _answers(folder: Traversable, prefix: str = "") -> list[tuple[str, Answer]]:
    found = []
    for each in folder.iterdir():
        name = f"{prefix}{each.name}"
        if each.is_dir():
            found += _answers(each, f"{name}/")
        elif (content_type := _TYPES.get(name.rpartition(".")[2])) is not None:
            headers = ((b"content-type", content_type.encode()), *_HEADERS)
            found.append((name, Answer(200, headers, each.read_bytes())))
    return found
