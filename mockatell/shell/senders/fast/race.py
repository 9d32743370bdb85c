"""Copies of one callback that are held back by a byte and released together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockatell.shell.senders.fast.lane import FastLane


class Race:
    """Waits until every lane has sent all but a byte, or is out of it.

    Args:
        entrants: How many there are.
    """

    __slots__ = ("_awaited", "_held")

    def __init__(self, entrants: int) -> None:
        self._awaited = entrants
        self._held: list[FastLane] = []

    def ready(self, lane: FastLane) -> None:
        """A lane has sent all but its last byte."""
        self._held.append(lane)
        self._arrived()

    def withdraw(self, lane: FastLane) -> None:
        """A lane's exchange is over before the release."""
        if lane not in self._held:
            self._arrived()

    def _arrived(self) -> None:
        self._awaited -= 1
        if not self._awaited:
            for lane in self._held:  # nothing else in this loop: it is the race's spread
                lane.release()
