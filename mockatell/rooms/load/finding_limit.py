"""The room where the highest rate is searched for that still meets its thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.load.findings import findings_of
from mockatell.core.load.limit import Step, search
from mockatell.core.load.thresholds import Judged, judged, parse
from mockatell.core.load.validity import unreached

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockatell.core.load.result import Ends, LoadResult
    from mockatell.core.load.thresholds import Threshold

DEFAULT_THRESHOLDS: Final = tuple(
    map(
        parse,
        ("p(99) < 500ms", "rejected < 0.1%", "timed_out < 0.1%", "unreachable < 0.1%"),
    )
)
"""What an endpoint is to hold when nothing else is asked of it."""

FIRST_RATE: Final = 100.0
MADE: Final = 0.98
"""Share of the deliveries that a load has attempts for, if it was the load that was asked for."""

OURS: Final = 0.1
"""Our own lag's share of the latency, each at its p99, from which on a failure is not the
endpoint's."""

STEP: Final = 5.0
"""Seconds that each load of a search takes."""

_TOO_MANY: Final = "429"


def find_limit(
    play: Callable[[float], LoadResult],
    thresholds: Sequence[Threshold],
    *,
    first: float,
    most: float,
) -> tuple[LoadResult, tuple[Step, ...]]:
    """Search for the limit.

    Args:
        play: Plays a load at a rate, in callbacks a second.
        thresholds: What is to be met.
        first: The rate to begin with.
        most: The highest to try.

    Returns:
        The result at the highest rate that met everything, or else the last one; and every step.
    """
    searching = search(first, most)
    best: LoadResult | None = None
    highest = 0.0
    steps: list[Step] = []
    rate = next(searching)
    while True:
        result = play(rate)
        step = _step(rate, result, judged(thresholds, result))
        steps.append(step)
        if step.end == "met" and rate > highest:
            best, highest = result, rate
        if result.interrupted or (best is None and _hopeless(result)):
            return result, tuple(steps)
        try:
            rate = searching.send(step)
        except StopIteration:
            return best or result, tuple(steps)


def _step(rate: float, result: LoadResult, clauses: Sequence[Judged]) -> Step:
    """What came of a load; one whose figures are our own says nothing, whatever it met."""
    found = findings_of(result)
    made = result.totals.attempts >= MADE * result.totals.deliveries
    met = made and not found and all(each.held for each in clauses)
    if unreached(result):
        return Step(rate, "failed", "the endpoint was not reached")
    if not result.validity.valid and not found and (met or _counts(result)):
        return Step(rate, "generator", "the generator was the limit")
    if met:
        return Step(rate, "met")
    failed = [each.title for each in found]
    failed += [f"{each.clause} was {each.measured or 'not measured'}" for each in clauses
               if not each.held]  # fmt: skip
    return Step(rate, "failed", "; ".join(failed) or "the endpoint did not keep up")


def _hopeless(result: LoadResult) -> bool:
    """Whether a lower rate would come to the same: it was not there, or takes nothing of this."""
    return unreached(result) or any(map(_refuses, result.ends.values()))


def _refuses(ends: Ends) -> bool:
    """Whether all that it said was 3xx or 4xx; a 429 may well be about the rate."""
    refusals = all(code[0] in "34" and code != _TOO_MANY for code in ends.status_codes)
    return bool(ends.status_codes) and not ends.troubles and refusals


def _counts(result: LoadResult) -> bool:
    """Whether our own lag is a part of the latency that matters."""
    timings = result.timings
    return timings.lag.p99 > OURS * timings.latency.p99
