"""The fault `duplicate`: a callback comes again, byte for byte, a little later."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.faults.dice import Dice, changed
from mockatell.model import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.core.scenario.spec import DuplicateSpec
    from mockatell.model import Delivery


def duplicate(
    deliveries: Iterator[Delivery], spec: DuplicateSpec, dice: Dice
) -> Iterator[Delivery]:
    """Add `copies` of a delivery, each due up to `within` after it."""
    return changed(deliveries, partial(_with_copies, spec, dice))


def _with_copies(spec: DuplicateSpec, dice: Dice, delivery: Delivery) -> Iterable[Delivery] | None:
    if dice.chance(spec.probability, delivery):
        return (delivery, *_copies(delivery, spec, dice))
    return None


def _copies(delivery: Delivery, spec: DuplicateSpec, dice: Dice) -> Iterator[Delivery]:
    stream = dice.stream(delivery)
    for ordinal in range(1, spec.copies + 1):
        yield replace(
            delivery,
            due=delivery.due + stream.uniform(0.0, spec.within),
            cause=Cause.DUPLICATE,
            copy=dice.copy_number(delivery, ordinal),
        )
