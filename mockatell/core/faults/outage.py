"""The fault `outage`: for a while, nothing reaches the endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.model import Conduct

if TYPE_CHECKING:
    from mockatell.core.faults.dice import Dice
    from mockatell.core.scenario.spec import OutageSpec
    from mockatell.model import Delivery


def outage(spec: OutageSpec, _dice: Dice, delivery: Delivery, _number: int, due: float) -> Conduct:
    """By the time at which the attempt is due, so that it replays."""
    spared = spec.role not in (None, delivery.callback.role)
    down = not spared and spec.at <= due < spec.at + spec.for_
    return Conduct.OUTAGE if down else Conduct.PLAIN
