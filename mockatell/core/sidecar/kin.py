"""Which deliveries stem from one callback, and which race each other."""

from __future__ import annotations

MOST = 20_000
"""How many firsts are remembered: copies follow their original within seconds."""


class Kin:
    """Remembers which delivery was the first of each callback, and of each race."""

    def __init__(self) -> None:
        self._firsts: dict[tuple[bool, int], int] = {}

    def twin(self, origin: int, seq: int) -> int | None:
        """The `seq` of the callback's first delivery; None where that is this one."""
        first = self._first((False, origin), seq)
        return None if first == seq else first

    def race(self, race: int | None, seq: int) -> int | None:
        """A race's number among all deliveries: the `seq` of its first one."""
        return None if race is None else self._first((True, race), seq)

    def _first(self, key: tuple[bool, int], seq: int) -> int:
        first = self._firsts.setdefault(key, seq)
        if len(self._firsts) > MOST:
            del self._firsts[next(iter(self._firsts))]
        return first
