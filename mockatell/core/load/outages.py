"""What failing cost: when it was, what piled up meanwhile, and how long that took to drain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.load.result import Outage, Resilience

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockatell.core.load.result import Second


def resilience(seconds: Sequence[Second], *, attempts: int, deliveries: int) -> Resilience:
    """The cost of failing.

    Args:
        seconds: The whole series.
        attempts: How many there were.
        deliveries: How many were begun.
    """
    most = max(seconds, key=lambda second: second.waiting, default=None)
    return Resilience(
        amplification=attempts / deliveries if deliveries else 0.0,
        backlog=most.waiting if most else 0,
        backlog_at=most.at if most else 0,
        outages=tuple(_outages(seconds)),
    )


def _outages(seconds: Sequence[Second]) -> Iterator[Outage]:
    """Runs of seconds in which most of what ended failed, or nothing ended that was waited for."""
    began: int | None = None
    failing = False
    for second in seconds:
        if _failing(second) or _silent(second):
            began = second.at if began is None else began
            failing = failing or _failing(second)
            continue
        if began is not None and failing:
            yield _outage(seconds, began, second.at)
        began, failing = None, False
    if began is not None and failing:
        yield _outage(seconds, began, None)


def _failing(second: Second) -> bool:
    return 2 * second.errors > second.completed


def _silent(second: Second) -> bool:
    return second.completed == 0 and second.in_flight > 0


def _outage(seconds: Sequence[Second], began: int, ended: int | None) -> Outage:
    drained = None if ended is None else _drained(seconds, began, ended)
    last = None if ended is None or drained is None else ended + int(drained) + 1
    most = max(seconds[began:last], key=lambda second: second.waiting)
    return Outage(began, ended, most.waiting, most.at, drained)


def _drained(seconds: Sequence[Second], began: int, ended: int) -> float | None:
    """Seconds until no more were waiting than before, by more than a hundredth of a second's."""
    # The second before may hold the outage's first failures already.
    before = min((each.waiting for each in seconds[max(began - 2, 0) : began]), default=0)
    for second in seconds[ended - 1 :]:
        if second.waiting <= before + second.offered // 100:
            return float(second.at + 1 - ended)
    return None
