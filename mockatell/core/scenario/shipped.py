"""Where the shipped scenarios are: in the package once installed, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[2]


def names() -> tuple[str, ...]:
    """The shipped scenarios' names, sorted."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml")))


def find(name: str) -> Path | None:
    """The file of a shipped scenario, or None."""
    return _folder() / f"{name}.yaml" if name in names() else None


def first_comment(name: str) -> str:
    """What a shipped scenario's first line says of it, without the `#`; "" where it is silent."""
    path = find(name)
    if path is None:
        return ""
    with path.open(encoding="utf-8") as lines:
        first = next(lines, "")
    return first[1:].strip() if first.startswith("#") else ""


def _folder() -> Path:
    installed = _PACKAGE / "scenarios"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"
