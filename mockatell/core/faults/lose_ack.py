"""The fault `lose_ack`: the endpoint did its work and said so, and nobody heard it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.model import Conduct

if TYPE_CHECKING:
    from mockatell.core.faults.dice import Dice
    from mockatell.core.scenario.spec import LoseAckSpec
    from mockatell.model import Delivery


def lose_ack(
    spec: LoseAckSpec, dice: Dice, delivery: Delivery, number: int, _due: float
) -> Conduct:
    """Drawn anew for every attempt, so a delivery gets through in the end."""
    lost = dice.chance(spec.probability, delivery, number)
    return Conduct.LOSE_ACK if lost else Conduct.PLAIN
