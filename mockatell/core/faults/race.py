"""The fault `race`: copies of a callback are released at the same instant on warm connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.model import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.faults.dice import Dice
    from mockatell.core.scenario.spec import RaceSpec
    from mockatell.model import Delivery


def race(deliveries: Iterator[Delivery], spec: RaceSpec, dice: Dice) -> Iterator[Delivery]:
    """Make `copies` deliveries of one, due at once and bound to one `race` number.

    A delivery that races already is left alone.
    """
    for delivery in deliveries:
        if delivery.race is None and dice.chance(spec.probability, delivery):
            yield from _copies(delivery, spec.copies, dice)
        else:
            yield delivery


def _copies(delivery: Delivery, copies: int, dice: Dice) -> Iterator[Delivery]:
    # Unique by what it is made of; the plan makes it the number of the race's first delivery.
    number = -1 - ((delivery.origin << 32) + dice.copy_number(delivery, 0))
    yield replace(delivery, race=number)
    for ordinal in range(1, copies):
        copy = dice.copy_number(delivery, ordinal)
        yield replace(delivery, race=number, cause=Cause.DUPLICATE, copy=copy)
