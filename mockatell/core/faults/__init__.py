"""The faults: named changes to the plan, or to an exchange, each a small function in its own file.

A plan fault goes from stream to stream: deliveries sorted by due time come in and go out, and
nothing but `future`'s batches makes two of them one. An exchange fault says how one attempt is to
be carried out. All of them draw from streams of their own, so a seed replays them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockatell.core.faults.delay import delay
from mockatell.core.faults.dice import Dice
from mockatell.core.faults.duplicate import duplicate
from mockatell.core.faults.future import future
from mockatell.core.faults.lose_ack import lose_ack
from mockatell.core.faults.outage import outage
from mockatell.core.faults.race import race
from mockatell.core.faults.reorder import reorder
from mockatell.model import Conduct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mockatell.core.scenario.spec import FaultSpec
    from mockatell.model import Delivery

    Deliveries = Iterator[Delivery]
    Conductor = Callable[[Delivery, int, float], Conduct]

PLAN_FAULTS: dict[str, Callable[[Deliveries, Any, Dice], Deliveries]] = {
    "duplicate": duplicate,
    "reorder": reorder,
    "delay": delay,
    "future": future,
    "race": race,
}

EXCHANGE_FAULTS: dict[str, Callable[[Any, Dice, Delivery, int, float], Conduct]] = {
    "lose_ack": lose_ack,
    "outage": outage,
}


def named(spec: FaultSpec) -> tuple[str, Any]:
    """A fault's name and its settings."""
    return next((name, s) for name in spec.__struct_fields__ if (s := getattr(spec, name)))


def apply(deliveries: Deliveries, faults: Sequence[FaultSpec], seed: int) -> Deliveries:
    """The plan as the faults leave it, still sorted by due time.

    They apply in the order given, with two exceptions. What changes callbacks (`future`) comes
    first, so that duplicates are copies to the byte. Races come last: their copies share one due
    time, which no other fault may pull apart.
    """
    ordered = sorted(enumerate(faults), key=lambda pair: _turn(pair[1]))
    for index, spec in ordered:
        name, settings = named(spec)
        if name in PLAN_FAULTS:
            deliveries = PLAN_FAULTS[name](deliveries, settings, Dice(seed, index))
    return deliveries


def _turn(fault: FaultSpec) -> int:
    if fault.future is not None:
        return 0
    return 1 if fault.race is None else 2


def conductor(faults: Sequence[FaultSpec], seed: int) -> Conductor:
    """Which exchange fault an attempt is under: an outage before a lost acknowledgement."""
    rules = []
    for index, spec in enumerate(faults):
        name, settings = named(spec)
        if name in EXCHANGE_FAULTS:
            rules.append((EXCHANGE_FAULTS[name], settings, Dice(seed, index)))

    def conduct(delivery: Delivery, number: int, due: float) -> Conduct:
        verdicts = {rule(settings, dice, delivery, number, due) for rule, settings, dice in rules}
        severest = (Conduct.OUTAGE, Conduct.LOSE_ACK)
        return next((c for c in severest if c in verdicts), Conduct.PLAIN)

    return conduct
