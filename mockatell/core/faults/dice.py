"""Chance for faults, and keeping what they move in order of due time."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from mockatell.rng import Purpose, Stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.model import Delivery
    from mockatell.rng import Stream


class Dice:
    """One fault's chance: a stream for every delivery, or attempt, that it looks at.

    Args:
        seed: The run's.
        index: Which of the scenario's faults it is.
    """

    __slots__ = ("_stem", "index")

    def __init__(self, seed: int, index: int) -> None:
        self._stem = Stem(seed, Purpose.FAULT, index)
        self.index = index

    def stream(self, delivery: Delivery, number: int = 0) -> Stream:
        """The stream for this delivery (and this attempt of it)."""
        return self._stem.stream(delivery.origin, delivery.copy, number)

    def chance(self, probability: float, delivery: Delivery, number: int = 0) -> bool:
        """What the stream's first draw says: most deliveries are spared, and need no more of it."""
        return self._stem.chance(probability, delivery.origin, delivery.copy, number)

    def copy_number(self, delivery: Delivery, ordinal: int) -> int:
        """The `copy` of a delivery's n-th duplicate by this fault: unlike any other fault's."""
        return (delivery.copy << 16) + ((self.index + 1) << 8) + ordinal


def in_due_order(steps: Iterable[tuple[float, Iterable[Delivery]]]) -> Iterator[Delivery]:
    """Deliveries in order of due time, from steps of `(frontier, deliveries)`.

    A step promises that nothing due before its frontier is still to come, so what waits here is
    no more than a fault moves ahead of it.
    """
    waiting: list[tuple[float, int, Delivery]] = []
    pushed = 0
    for frontier, deliveries in steps:
        while waiting and waiting[0][0] <= frontier:
            yield heapq.heappop(waiting)[2]
        for delivery in deliveries:
            if delivery.due <= frontier:  # what waits is due later, so need not be asked
                yield delivery
                continue
            pushed += 1  # ties stay in the order in which they came
            heapq.heappush(waiting, (delivery.due, pushed, delivery))
    while waiting:
        yield heapq.heappop(waiting)[2]
