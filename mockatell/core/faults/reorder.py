"""The fault `reorder`: a callback arrives after a later one of the same conversation."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.faults.dice import Dice, in_due_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.scenario.spec import ReorderSpec
    from mockatell.model import Delivery

_BEHIND = 0.001  # seconds: enough for two due times never to tie


def reorder(deliveries: Iterator[Delivery], spec: ReorderSpec, dice: Dice) -> Iterator[Delivery]:
    """Move a delivery behind the next one of its conversation, if that is due `within` the time.

    Only the due time moves. The one that overtakes stays where it is, and is another callback: a
    duplicate cannot overtake its original. A delivery that nothing could overtake stays, too.
    """
    return in_due_order(_moved(_Window(deliveries, spec.within), spec, dice))


def _moved(
    window: _Window, spec: ReorderSpec, dice: Dice
) -> Iterator[tuple[float, tuple[Delivery]]]:
    staying: set[tuple[int, int]] = set()
    for delivery in window:
        key = (delivery.origin, delivery.copy)
        stream = dice.stream(delivery)
        overtaker = window.after(delivery) if stream.chance(spec.probability) else None
        if overtaker is None or key in staying:
            staying.discard(key)
            yield delivery.due, (delivery,)
            continue
        staying.add((overtaker.origin, overtaker.copy))
        earliest = overtaker.due + _BEHIND
        due = stream.uniform(earliest, max(earliest, delivery.due + spec.within))
        yield delivery.due, (replace(delivery, due=due),)


class _Window:
    """The deliveries in turn, with a view of those that are due soon after the current one.

    Holds no more of the stream than `ahead` seconds of it.
    """

    def __init__(self, deliveries: Iterator[Delivery], ahead: float) -> None:
        self._deliveries = deliveries
        self._ahead = ahead
        self._seen: deque[Delivery] = deque()
        self._of: dict[int, deque[Delivery]] = {}

    def __iter__(self) -> Iterator[Delivery]:
        while self._fill():
            delivery = self._seen.popleft()
            self._forget(delivery)
            yield delivery

    def after(self, delivery: Delivery) -> Delivery | None:
        """The next other callback of the same conversation, if it is due within the window."""
        latest = delivery.due + self._ahead
        later = (d for d in self._of.get(delivery.conversation, ()) if d.origin != delivery.origin)
        overtaker = next(later, None)
        return overtaker if overtaker is not None and overtaker.due <= latest else None

    def _fill(self) -> bool:
        """See as far as the window goes; False when nothing is left."""
        while not self._seen or self._seen[-1].due <= self._seen[0].due + self._ahead:
            delivery = next(self._deliveries, None)
            if delivery is None:
                break
            self._seen.append(delivery)
            self._of.setdefault(delivery.conversation, deque()).append(delivery)
        return bool(self._seen)

    def _forget(self, delivery: Delivery) -> None:
        of = self._of[delivery.conversation]
        of.popleft()
        if not of:
            del self._of[delivery.conversation]
