"""Which valid word somebody may have meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 64  # difflib compares every letter with every other
_LISTED: Final = 24
_PREFIX: Final = 3


def nearest(word: str, valid: Iterable[str]) -> str | None:
    """The valid word that is spelt most like this one, whatever its case; None: none is near."""
    spelt = {name.lower(): name for name in valid}
    lower = word[:_LONGEST].lower()
    close = difflib.get_close_matches(lower, spelt, n=1)
    if not close and len(lower) >= _PREFIX:
        close = [name for name in spelt if name.startswith(lower)]
    return spelt[close[0]] if close else None


def suggestion(word: str, valid: Iterable[str]) -> str:
    """A remedy: `did you mean 'read'?`, or the valid words where none is near."""
    names = sorted(valid)
    near = nearest(word, names)
    if near is not None:
        return f"did you mean '{near}'?"
    listed = ", ".join(names[:_LISTED])
    return f"valid: {listed}{', ...' if len(names) > _LISTED else ''}"


def quoted(text: str) -> str:
    """A text as an error shows it: in quotes, printable, not longer than a line."""
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return repr(cut)
