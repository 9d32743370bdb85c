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

    Only the due time moves. A delivery that nothing could overtake stays where it is: its
    conversation has no later one that soon.
    """
    return in_due_order(_moved(_Window(deliveries, spec.within), spec, dice))


def _moved(
    window: _Window, spec: ReorderSpec, dice: Dice
) -> Iterator[tuple[float, tuple[Delivery]]]:
    for delivery in window:
        stream = dice.stream(delivery)
        later = window.after(delivery) if stream.chance(spec.probability) else None
        if later is None:
            yield delivery.due, (delivery,)
        else:
            due = stream.uniform(later + _BEHIND, max(later + _BEHIND, delivery.due + spec.within))
            yield delivery.due, (replace(delivery, due=due),)


class _Window:
    """The deliveries in turn, with a view of those that are due soon after the current one.

    Holds no more of the stream than `ahead` seconds of it.
    """

    def __init__(self, deliveries: Iterator[Delivery], ahead: float) -> None:
        self._deliveries = deliveries
        self._ahead = ahead
        self._seen: deque[Delivery] = deque()
        self._dues: dict[int, deque[float]] = {}

    def __iter__(self) -> Iterator[Delivery]:
        while self._fill():
            delivery = self._seen.popleft()
            self._forget(delivery)
            yield delivery

    def after(self, delivery: Delivery) -> float | None:
        """When the next one of the same conversation is due, if that is within the window."""
        dues = self._dues.get(delivery.conversation)
        return dues[0] if dues and dues[0] <= delivery.due + self._ahead else None

    def _fill(self) -> bool:
        """See as far as the window goes; False when nothing is left."""
        while not self._seen or self._seen[-1].due <= self._seen[0].due + self._ahead:
            delivery = next(self._deliveries, None)
            if delivery is None:
                break
            self._seen.append(delivery)
            self._dues.setdefault(delivery.conversation, deque()).append(delivery.due)
        return bool(self._seen)

    def _forget(self, delivery: Delivery) -> None:
        dues = self._dues[delivery.conversation]
        dues.popleft()
        if not dues:
            del self._dues[delivery.conversation]
