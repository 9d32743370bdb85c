"""How a callback is delivered where the scenario says so outright, with nothing left to chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.faults.dice import in_due_order
from mockatell.model import Cause, Conduct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.core.scenario.spec import DeliverySpec
    from mockatell.model import Delivery


def as_told(told: Iterable[tuple[Delivery, DeliverySpec | None]]) -> Iterator[Delivery]:
    """Deliveries in order of due time: late, again, and with attempts that fail.

    Args:
        told: Deliveries due when their events happen, each with what the scenario says of it.
    """
    return in_due_order((delivery.due, _sent(delivery, spec)) for delivery, spec in told)


def _sent(delivery: Delivery, spec: DeliverySpec | None) -> Iterator[Delivery]:
    if spec is None:
        yield delivery
        return
    refused = (Conduct.OUTAGE,) * spec.refused
    conducts = (*refused, *(Conduct.LOSE_ACK,) * spec.lost_acks)
    yield replace(delivery, due=delivery.due + spec.late, conducts=conducts)
    for copy, later in enumerate(spec.again, 1):
        yield replace(delivery, due=delivery.due + later, cause=Cause.DUPLICATE, copy=copy)
