"""The fault `future`: what the vendor announces for some day comes today.

The documentation asks receivers to survive new event types, new fields and more than one event a
callback (https://help.clickatell.com/developers-api-reference/reference/one-api-client-callbacks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.clickatell import future as forms
from mockatell.clickatell.events import STATUS
from mockatell.core.faults.dice import Dice, in_due_order
from mockatell.core.scenario.spec import BatchSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.scenario.spec import FutureSpec
    from mockatell.model import Delivery, Role

    Batches = dict[Role, list[Delivery]]

NEIGHBOURHOOD = 1.0  # seconds: callbacks further apart are not joined in one


def future(deliveries: Iterator[Delivery], spec: FutureSpec, dice: Dice) -> Iterator[Delivery]:
    """Add unknown events and statuses beside the known ones, add fields, join neighbours.

    Nothing that the customer needs to know is taken away: what is unknown comes on top, just
    before the callback that it was drawn for.
    """
    renewed = (new for delivery in deliveries for new in _renewed(delivery, spec, dice))
    if spec.batch is None:
        return renewed
    batch = BatchSpec(size=spec.batch) if isinstance(spec.batch, int) else spec.batch
    return in_due_order(_batched(renewed, batch, dice))


def _renewed(delivery: Delivery, spec: FutureSpec, dice: Dice) -> Iterator[Delivery]:
    stream = dice.stream(delivery)
    callback = delivery.callback
    if stream.chance(spec.unknown_events):
        unknown = forms.unknown_event(callback, stream)
        yield replace(delivery, callback=unknown, origin=_own_origin(delivery, dice, 1))
    if stream.chance(spec.unknown_statuses) and callback.kind == STATUS:
        unknown = forms.unknown_status(callback, stream)
        yield replace(delivery, callback=unknown, origin=_own_origin(delivery, dice, 2))
    if stream.chance(spec.extra_fields):
        delivery = replace(delivery, callback=forms.extra_fields(callback, stream))
    yield delivery


def _own_origin(delivery: Delivery, dice: Dice, ordinal: int) -> int:
    """What is unknown is no copy of the known: below 0, where the plan has no ordinals."""
    stem = 2 * abs(delivery.origin) + (delivery.origin < 0)
    return -1 - ((stem << 16) + (dice.index << 2) + ordinal)


def accompanied(origin: int) -> int:
    """The origin of the planned callback that one comes with; what is planned comes with itself."""
    while origin < 0:  # what is unknown may itself have been drawn for something unknown
        stem = (-1 - origin) >> 16
        origin = -(stem >> 1) if stem & 1 else stem >> 1
    return origin


def _batched(
    deliveries: Iterator[Delivery], spec: BatchSpec, dice: Dice
) -> Iterator[tuple[float, list[Delivery]]]:
    """Batches are sent when their last event has happened, so they may come out of turn."""
    batches: Batches = {}
    for delivery in deliveries:
        # A batch that is open now may yet come out at the due time of its last member.
        frontier = min((batch[-1].due for batch in batches.values()), default=delivery.due)
        ready = _stale(batches, delivery.due)
        batch = batches.setdefault(delivery.callback.role, [])
        batch.append(delivery)
        joins = len(batch) > 1 or dice.stream(delivery, 1).chance(spec.probability)
        if not joins or len(batch) == spec.size:
            ready.append(_joined(batches.pop(delivery.callback.role)))
        yield frontier, ready
    yield float("-inf"), [_joined(batch) for batch in batches.values()]


def _stale(batches: Batches, now: float) -> list[Delivery]:
    """Close the batches that nothing due now is near enough to join."""
    old = [role for role, batch in batches.items() if now - batch[0].due > NEIGHBOURHOOD]
    return [_joined(batches.pop(role)) for role in old]


def _joined(batch: list[Delivery]) -> Delivery:
    if len(batch) == 1:
        return batch[0]
    callback = forms.batch([delivery.callback for delivery in batch])
    return replace(batch[0], due=batch[-1].due, callback=callback)
