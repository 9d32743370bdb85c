"""The fault `delay`: a callback is sent late; its own timestamp stays true."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.faults.dice import Dice, changed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.scenario.spec import DelaySpec
    from mockatell.model import Delivery


def delay(deliveries: Iterator[Delivery], spec: DelaySpec, dice: Dice) -> Iterator[Delivery]:
    """Move a delivery's due time back by a time drawn from `by`."""
    return changed(deliveries, partial(_delayed, spec, dice))


def _delayed(spec: DelaySpec, dice: Dice, delivery: Delivery) -> tuple[Delivery] | None:
    if not dice.chance(spec.probability, delivery):
        return None
    stream = dice.stream(delivery)
    return (replace(delivery, due=delivery.due + stream.uniform(*spec.by)),)
