"""The fault `delay`: a callback is sent late; its own timestamp stays true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.faults.dice import Dice, in_due_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.scenario.spec import DelaySpec
    from mockatell.model import Delivery


def delay(deliveries: Iterator[Delivery], spec: DelaySpec, dice: Dice) -> Iterator[Delivery]:
    """Move a delivery's due time back by a time drawn from `by`."""
    return in_due_order((d.due, (_delayed(d, spec, dice),)) for d in deliveries)


def _delayed(delivery: Delivery, spec: DelaySpec, dice: Dice) -> Delivery:
    stream = dice.stream(delivery)
    if not stream.chance(spec.probability):
        return delivery
    return replace(delivery, due=delivery.due + stream.uniform(*spec.by))
