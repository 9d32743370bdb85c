"""Chance for faults, and keeping what they move in order of due time."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

from mockatell.rng import Purpose, Stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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
        if delivery.copy or number:
            return self._stem.stream(delivery.origin, delivery.copy, number)
        return self._stem.stream(delivery.origin)

    def chance(self, probability: float, delivery: Delivery, number: int = 0) -> bool:
        """Whether it strikes, whatever the stream then says of how."""
        if delivery.copy or number:
            return self._stem.chance(probability, delivery.origin, delivery.copy, number)
        return self._stem.chance(probability, delivery.origin)

    def copy_number(self, delivery: Delivery, ordinal: int) -> int:
        """The `copy` of a delivery's n-th duplicate by this fault: unlike any other fault's."""
        return (delivery.copy << 16) + ((self.index + 1) << 8) + ordinal


class Late:
    """Deliveries that are due later than what is being looked at: held until it is their turn.

    Attributes:
        first: When the next of them is due; infinite: there is none.
    """

    __slots__ = ("_put", "_waiting", "first")

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._put = 0
        self.first = math.inf

    def put(self, delivery: Delivery) -> None:
        """Hold one; those that are due at the same time stay in the order in which they came."""
        self._put += 1
        heapq.heappush(self._waiting, (delivery.due, self._put, delivery))
        self.first = self._waiting[0][0]

    def upto(self, frontier: float) -> Iterator[Delivery]:
        """Let go those that are due by then."""
        waiting = self._waiting
        while waiting and waiting[0][0] <= frontier:
            yield heapq.heappop(waiting)[2]
        self.first = waiting[0][0] if waiting else math.inf


def in_due_order(steps: Iterable[tuple[float, Iterable[Delivery]]]) -> Iterator[Delivery]:
    """Deliveries in order of due time, from steps of `(frontier, deliveries)`.

    A step promises that nothing due before its frontier is still to come, so what waits here is
    no more than a fault moves ahead of it.
    """
    late = Late()
    for frontier, deliveries in steps:
        if late.first <= frontier:
            yield from late.upto(frontier)
        for delivery in deliveries:
            if delivery.due <= frontier:  # what waits is due later, so need not be asked
                yield delivery
            else:
                late.put(delivery)
    yield from late.upto(math.inf)


def changed(
    deliveries: Iterable[Delivery], change: Callable[[Delivery], Iterable[Delivery] | None]
) -> Iterator[Delivery]:
    """Deliveries in order of due time, some of them changed, none to be due sooner.

    Most are spared, and pass as they are in a fifth of the time that `in_due_order` takes.

    Args:
        deliveries: In order of due time.
        change: What comes instead of a delivery; None: it stays.
    """
    late = Late()
    for delivery in deliveries:
        due = delivery.due
        if late.first <= due:
            yield from late.upto(due)
        instead = change(delivery)
        if instead is None:
            yield delivery
            continue
        for each in instead:
            if each.due <= due:
                yield each
            else:
                late.put(each)
    yield from late.upto(math.inf)
