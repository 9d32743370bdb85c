"""Whether faults can do what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import fields

from mockatell.core.scenario.checks.amounts import check_between, check_exactly_one, check_positive
from mockatell.core.scenario.spec import BatchSpec, FaultSpec

if TYPE_CHECKING:
    from mockatell.core.scenario.place import Place
    from mockatell.core.scenario.spec import FutureSpec

FAULTS: Final = tuple(field.encode_name for field in fields(FaultSpec))
MOST_COPIES: Final = 100


def check_fault(fault: FaultSpec, place: Place) -> None:
    """Check one fault."""
    check_exactly_one(place, FAULTS)
    if fault.duplicate:
        check_between(1, fault.duplicate.copies, MOST_COPIES, place / "duplicate" / "copies")
    if fault.reorder:
        check_positive(fault.reorder.within, place / "reorder" / "within")
    if fault.delay:
        check_positive(fault.delay.by[1], place / "delay" / "by")
    if fault.outage:
        check_positive(fault.outage.for_, place / "outage" / "for")
    if fault.race:
        check_between(2, fault.race.copies, MOST_COPIES, place / "race" / "copies")
    if fault.future:
        _check_future(fault.future, place / "future")


def _check_future(future: FutureSpec, place: Place) -> None:
    if not place.keys:
        raise place.error("does nothing", "write for example future: {extra_fields: 5%}")
    batch, at = future.batch, place / "batch"
    if isinstance(batch, BatchSpec):
        check_between(2, batch.size, MOST_COPIES, at / "size")
    else:
        check_between(2, batch, MOST_COPIES, at)
