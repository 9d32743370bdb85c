"""What saw a finding: a finding's file says it, and who plays that again needs it once more."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

SENT: Final = "sent through /v1/message"
"""The place in a state where the messages are that the app sent through a stand-in."""


class Eye(StrEnum):
    """A way in which an ending can be seen."""

    ANSWERS = "answers"
    PROBES = "probes"
    STAND_IN = "stand-in"
    FUNCTION = "state function"


_ORIGIN: Final = "Found by mockatell explore, seen by "
_TOLD: Final = re.compile(rf"{re.escape(_ORIGIN)}([\w, -]+)")
_REMEDIES: Final = {
    Eye.STAND_IN: "give --stand-in HOST:PORT, to which your app sends",
    Eye.PROBES: "the file holds no probe any more: give --probe URL",
    Eye.FUNCTION: "it was a function of Python's: give --probe URL, which shows as much, or run "
    "the finding's test",
}


def told(eyes: Iterable[Eye]) -> str:
    """The line that says in a finding's file what saw it."""
    return _ORIGIN + ", ".join(sorted(eyes))


def read(description: str) -> frozenset[Eye] | None:
    """What saw a finding, by its file's description; None for what is no finding's."""
    found = _TOLD.fullmatch(description.strip())
    known = {eye.value for eye in Eye}
    names = found[1].split(", ") if found else []
    return frozenset(map(Eye, names)) if names and known.issuperset(names) else None


def remedy(eyes: Iterable[Eye]) -> str:
    """How to see again what one of these saw."""
    return "; or ".join(_REMEDIES[eye] for eye in sorted(eyes) if eye in _REMEDIES)
