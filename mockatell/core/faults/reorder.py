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
    for seen in window:
        delivery = seen.delivery
        overtaker = window.after(seen) if dice.chance(spec.probability, delivery) else None
        if staying and (key := (delivery.origin, delivery.copy)) in staying:
            staying.discard(key)
            overtaker = None
        if overtaker is None:
            yield delivery.due, (delivery,)
            continue
        staying.add((overtaker.origin, overtaker.copy))
        stream = dice.stream(delivery)
        stream.random()  # said that it is moved
        earliest = overtaker.due + _BEHIND
        due = stream.uniform(earliest, max(earliest, delivery.due + spec.within))
        yield delivery.due, (replace(delivery, due=due),)


class _Seen:
    """A delivery in the window, and the next one of its conversation there."""

    __slots__ = ("delivery", "later")

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.later: _Seen | None = None


class _Window:
    """The deliveries in turn, with a view of those that are due soon after the current one.

    Holds no more of the stream than `ahead` seconds of it.
    """

    def __init__(self, deliveries: Iterator[Delivery], ahead: float) -> None:
        self._deliveries = deliveries
        self._ahead = ahead
        self._seen: deque[_Seen] = deque()
        self._last_of: dict[int, _Seen] = {}

    def __iter__(self) -> Iterator[_Seen]:
        seen, ahead = self._seen, self._ahead
        for delivery in self._deliveries:
            self._see(_Seen(delivery))
            while seen[0].delivery.due + ahead < delivery.due:
                yield self._first()
        while seen:
            yield self._first()

    def after(self, seen: _Seen) -> Delivery | None:
        """The next other callback of the same conversation, if it is due within the window."""
        later = seen.later
        while later is not None and later.delivery.origin == seen.delivery.origin:
            later = later.later
        near = later is not None and later.delivery.due <= seen.delivery.due + self._ahead
        return later.delivery if later is not None and near else None

    def _first(self) -> _Seen:
        seen = self._seen.popleft()
        if seen.later is None:
            del self._last_of[seen.delivery.conversation]
        return seen

    def _see(self, seen: _Seen) -> None:
        self._seen.append(seen)
        before = self._last_of.get(seen.delivery.conversation)
        if before is not None:
            before.later = seen
        self._last_of[seen.delivery.conversation] = seen
