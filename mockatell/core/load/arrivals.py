"""When the callbacks of a load come: times from rates, without a clock."""

from __future__ import annotations

import math
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockatell.core.load.result import Stage
    from mockatell.rng import Stream


def arrivals(
    start: float, stages: Sequence[Stage], stream: Stream | None = None
) -> Iterator[float]:
    """When callbacks come, in seconds and in order.

    Args:
        start: The rate at time 0, in callbacks a second.
        stages: How it goes on; the arrivals end with them.
        stream: Draws a Poisson process of that rate; without it, arrivals are as even as can be.
    """
    return _at_rates(start, stages, _evenly() if stream is None else _at_random(stream))


def expected(start: float, stages: Iterable[Stage]) -> float:
    """How many arrivals there are, on average where they are random."""
    total = 0.0
    for stage in stages:
        total += _area(start, stage)
        start = stage.rate
    return total


def highest(start: float, stages: Iterable[Stage]) -> float:
    """The highest rate on the way."""
    return max([start, *(stage.rate for stage in stages)])


def _evenly() -> Iterator[float]:
    return map(float, count())


def _at_random(stream: Stream) -> Iterator[float]:
    at = 0.0
    while True:
        at -= math.log(1.0 - stream.random())
        yield at


def _at_rates(start: float, stages: Iterable[Stage], units: Iterator[float]) -> Iterator[float]:
    """A process of rate 1, stretched: each arrival comes when the rate's integral reaches it."""
    began, passed = 0.0, 0.0
    unit = next(units)
    for stage in stages:
        slope = (stage.rate - start) / stage.for_ if stage.for_ else 0.0
        upto = passed + _area(start, stage)
        while unit < upto:
            yield began + (
                _reached(unit - passed, start, slope) if slope else (unit - passed) / start
            )
            unit = next(units)
        began, passed, start = began + stage.for_, upto, stage.rate


def _reached(area: float, start: float, slope: float) -> float:
    """When the area under a rate that grows, or falls, evenly is so much."""
    # The root of start*t + slope*t*t/2 = area, in the form that loses no digits.
    root = math.sqrt(max(0.0, start * start + 2 * slope * area))
    return 2 * area / (start + root) if area else 0.0


def _area(start: float, stage: Stage) -> float:
    return (start + stage.rate) / 2 * stage.for_
