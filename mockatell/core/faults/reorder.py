"""The fault `reorder`: a callback arrives after a later one of the same conversation."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.faults.dice import Dice, changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockatell.core.scenario.spec import ReorderSpec
    from mockatell.model import Delivery

_BEHIND = 0.001  # seconds: enough for two due times never to tie


def reorder(deliveries: Iterator[Delivery], spec: ReorderSpec, dice: Dice) -> Iterator[Delivery]:
    """Move a delivery behind the next one of its conversation, if that is due `within` the time.

    Only the due time moves. The one that overtakes stays where it is, and is another callback: a
    duplicate cannot overtake its original. A delivery that nothing could overtake stays, too.
    """
    window = _Window(deliveries, spec.within, partial(dice.chance, spec.probability))
    staying: set[tuple[int, int]] = set()

    def change(delivery: Delivery) -> tuple[Delivery] | None:
        if staying and (key := (delivery.origin, delivery.copy)) in staying:
            staying.discard(key)
            return None
        overtaker = window.overtaker
        if overtaker is None:
            return None
        staying.add((overtaker.origin, overtaker.copy))
        return (_moved(delivery, overtaker, spec, dice),)

    return changed(window, change)


def _moved(delivery: Delivery, overtaker: Delivery, spec: ReorderSpec, dice: Dice) -> Delivery:
    stream = dice.stream(delivery)
    earliest = overtaker.due + _BEHIND
    due = stream.uniform(earliest, max(earliest, delivery.due + spec.within))
    return replace(delivery, due=due)


class _Hope:
    """A delivery that is to be moved, and what may overtake it once that has come."""

    __slots__ = ("delivery", "overtaker")

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.overtaker: Delivery | None = None


class _Window:
    """The deliveries in turn, with a view of what is due soon after those that are `chosen`.

    Holds no more of the stream than `ahead` seconds of it.

    Attributes:
        overtaker: The next other callback of the conversation of the delivery that was given last,
            if that was chosen and the other one is due within the window.
    """

    def __init__(
        self, deliveries: Iterator[Delivery], ahead: float, chosen: Callable[[Delivery], bool]
    ) -> None:
        self._deliveries = deliveries
        self._ahead = ahead
        self._chosen = chosen
        self._seen: deque[Delivery] = deque()
        self._hopes: deque[_Hope] = deque()
        self._hoping: dict[int, list[_Hope]] = {}  # by conversation, those without an overtaker
        self.overtaker: Delivery | None = None

    def __iter__(self) -> Iterator[Delivery]:
        seen, ahead, hoping, chosen = self._seen, self._ahead, self._hoping, self._chosen
        for delivery in self._deliveries:
            if delivery.conversation in hoping:
                self._overtake(delivery)
            seen.append(delivery)
            if chosen(delivery):
                self._hope(delivery)
            while seen[0].due + ahead < delivery.due:
                yield self._first()
        while seen:
            yield self._first()

    def _hope(self, delivery: Delivery) -> None:
        hope = _Hope(delivery)
        self._hopes.append(hope)
        self._hoping.setdefault(delivery.conversation, []).append(hope)

    def _overtake(self, overtaker: Delivery) -> None:
        """A copy overtakes no other one, but leaves the hope of one that may."""
        left = []
        for hope in self._hoping.pop(overtaker.conversation):
            if hope.delivery.origin == overtaker.origin:
                left.append(hope)
            elif overtaker.due <= hope.delivery.due + self._ahead:
                hope.overtaker = overtaker
        if left:
            self._hoping[overtaker.conversation] = left

    def _first(self) -> Delivery:
        delivery = self._seen.popleft()
        self.overtaker = None
        if self._hopes and self._hopes[0].delivery is delivery:
            self._fulfil(self._hopes.popleft())
        return delivery

    def _fulfil(self, hope: _Hope) -> None:
        self.overtaker = hope.overtaker
        conversation = hope.delivery.conversation
        left = [other for other in self._hoping.pop(conversation, ()) if other is not hope]
        if left:
            self._hoping[conversation] = left
