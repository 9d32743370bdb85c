"""The numbers that a world has given out."""

from __future__ import annotations

from typing import Literal

from mockatell.core.sidecar.rows import CountersRow

Of = Literal["messages", "callbacks", "deliveries", "runs"]


class Counters:
    """Counts from 1 on.

    Args:
        row: As they stood in an earlier life.
    """

    def __init__(self, row: CountersRow | None = None) -> None:
        self._last = row or CountersRow()
        self.ids = self._last.ids
        self.messages = self._last.messages
        self.callbacks = self._last.callbacks
        self.deliveries = self._last.deliveries
        self.runs = self._last.runs

    def next(self, of: Of) -> int:
        """The next number."""
        number: int = getattr(self, of) + 1
        setattr(self, of, number)
        return number

    def changed(self) -> CountersRow | None:
        """How they stand, if that is new since the last call."""
        row = CountersRow(1, self.ids, self.messages, self.callbacks, self.deliveries, self.runs)
        if row == self._last:
            return None
        self._last = row
        return row
