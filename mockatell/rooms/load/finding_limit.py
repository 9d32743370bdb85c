"""The room where the highest rate is searched for that still meets its thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.load.limit import Step, search
from mockatell.core.load.thresholds import Judged, judged, parse
from mockatell.core.load.validity import unreached

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockatell.core.load.result import LoadResult
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
        if result.interrupted or (best is None and unreached(result)):
            return result, tuple(steps)
        try:
            rate = searching.send(step)
        except StopIteration:
            return best or result, tuple(steps)


def _step(rate: float, result: LoadResult, clauses: Sequence[Judged]) -> Step:
    """What came of a load.

    Our own lag counts in the latency, so what was met despite it was met, if all of it was sent.
    """
    made = result.totals.attempts >= MADE * result.totals.deliveries
    if made and not unreached(result) and all(each.held for each in clauses):
        return Step(rate, "met")
    if unreached(result):
        return Step(rate, "failed", "the endpoint was not reached")
    if not result.validity.valid and _counts(result):
        return Step(rate, "generator", "the generator was the limit")
    failed = [f"{each.clause} was {each.measured or 'not measured'}" for each in clauses
              if not each.held]  # fmt: skip
    return Step(rate, "failed", "; ".join(failed) or "the endpoint did not keep up")


def _counts(result: LoadResult) -> bool:
    """Whether our own lag is a part of the latency that matters."""
    timings = result.timings
    return timings.lag.p99 > OURS * timings.latency.p99
