"""How far apart copies that were released together really left."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.histogram import Histogram, Timing
from mockatell.model import Frozen

if TYPE_CHECKING:
    from mockatell.model import Attempt

GROUPS_OPEN: Final = 4_096


class Races(Frozen, frozen=True):
    """Copies that were released together.

    Args:
        groups: How many groups of at least two copies were sent.
        spread: From the first copy's first byte to the last copy's.
    """

    groups: int
    spread: Timing


class RaceClock:
    """Measures races from the first attempts of their copies.

    It waits for the missing copies of 4,096 races at once; the one that began first is then
    measured as it stands.
    """

    def __init__(self) -> None:
        self._open: dict[int, tuple[float, float, int]] = {}
        self._closed = Histogram()

    def add(self, attempt: Attempt) -> None:
        """Take one attempt; only first attempts of racing copies matter."""
        if attempt.race is msgspec.UNSET or attempt.number != 1:
            return
        sent = attempt.sent_at
        first, last, copies = self._open.get(attempt.race, (sent, sent, 0))
        self._open[attempt.race] = (min(first, sent), max(last, sent), copies + 1)
        if len(self._open) > GROUPS_OPEN:
            _measure(self._open.pop(next(iter(self._open))), self._closed)

    def races(self) -> Races:
        """What was measured so far; a copy that ran alone is no race."""
        spread = copy.deepcopy(self._closed)
        for group in self._open.values():
            _measure(group, spread)
        return Races(spread.count, spread.timing())


def _measure(group: tuple[float, float, int], spread: Histogram) -> None:
    first, last, copies = group
    if copies > 1:
        spread.add(last - first)
