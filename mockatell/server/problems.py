"""Errors of the control API: problem details (RFC 9457), whatever went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.server.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MEDIA_TYPE: Final = "application/problem+json"
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request was not carried out.

    Args:
        status: The HTTP status, once more.
        title: The status in words.
        detail: What is wrong with this request, and how to mend it.
        type: `about:blank`: the status says what kind of problem it is.
    """

    status: int
    title: str
    detail: str
    type: str = "about:blank"


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, *, keep_alive: bool = True
) -> Answer:
    """The answer that says what is wrong."""
    told = Problem(status=status, title=_title(status), detail=_sendable(detail))
    fields = {"content-type": MEDIA_TYPE, **{k.lower(): v for k, v in (headers or {}).items()}}
    encoded = tuple((name.encode(), value.encode("latin-1")) for name, value in fields.items())
    return Answer(status, encoded, msgspec.json.encode(told), keep_alive)


def invalid(error: Any) -> str:
    """What a request's validation found, in a sentence: where, and what is wrong there."""
    return f"{place(error['loc'])}: {error['msg']}"


def place(steps: Iterable[int | str]) -> str:
    """Where in a request something is: `body.seed`."""
    return ".".join(map(str, steps))


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _sendable(detail: str) -> str:
    """Short enough, and without the halves of characters that no encoding has."""
    cut = detail if len(detail) <= _LONGEST else f"{detail[:_LONGEST]}..."
    return cut.encode(errors="replace").decode()
