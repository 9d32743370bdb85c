"""Whether one load went better or worse than another, and how sure that is.

The attempts of one second share its queue and its pauses, so they are not independent, and a test
that takes them for independent finds a difference between any two runs. What is compared is
therefore seconds: each has one median, one p99, one goodput, one share of failures. Runs of
neighbouring seconds are drawn again, with replacement, from either load (a circular block
bootstrap, blocks of the cube root of their number), `DRAWS` times. The middle 95 % of the ratios
of medians (of goodputs and shares: of means) is the interval. A load is better or worse in
something only if the whole interval is beyond `LEAST`, so that what is certain but too small to
matter is no verdict either.

Of a load in which the generator was the limit, latencies are not compared; what was acknowledged
and what failed is.
"""

from __future__ import annotations

from statistics import fmean, median
from typing import TYPE_CHECKING, Final, Literal

from mockatell.core.report import EXIT_CODES, Verdict
from mockatell.model import Frozen
from mockatell.rng import Purpose, Stem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockatell.core.load.result import LoadResult, Second
    from mockatell.rng import Stream

    Values = Sequence[float]

DRAWS: Final = 1000
LEAST: Final = 0.05
"""Ratios between 1 / (1 + LEAST) and 1 + LEAST are too near 1 to matter."""
LEAST_POINTS: Final = 0.005
"""Likewise of a share of failures: half a percentage point."""
FEWEST: Final = 10
"""Seconds of each load without which nothing is said."""
_MOST: Final = 120  # values of each load; of longer ones, some seconds together give one
_TAIL: Final = 0.025
_FAR_MORE: Final = 1e6  # the ratio to a draw in which there was nothing; JSON knows no infinity

Finding = Literal["better", "worse", "same", "unclear"]


class Difference(Frozen, frozen=True):
    """One thing that both loads were measured by.

    Args:
        name: What it is.
        share: Whether it is a share; its change is then a difference, otherwise a ratio.
        before: The middle one of the seconds (of a goodput, or a share: their mean).
        after: Likewise.
        change: From the one to the other.
        low: The lower end of the change's interval.
        high: The upper end.
        finding: `same`: the whole interval is too near no change to matter; `unclear`: neither
            that nor a change is shown.
    """

    name: str
    share: bool
    before: float
    after: float
    change: float
    low: float
    high: float
    finding: Finding


class Comparison(Frozen, frozen=True):
    """Two loads, one against the other.

    Args:
        verdict: `broken` where something is worse, `missing_evidence` where nothing can be said,
            else `held`.
        differences: What both were measured by.
        notes: Why they cannot be compared, or not without a thought.
    """

    verdict: Verdict
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """Of the command."""
        return EXIT_CODES[self.verdict]


class _Measure(Frozen, frozen=True):
    name: str
    read: Callable[[Second], float | None]
    middle: Callable[[Values], float]
    timed: bool = False
    share: bool = False
    more_is_better: bool = False


_MEASURES: Final = (
    _Measure("latency p50", lambda second: second.p50 or None, median, timed=True),
    _Measure("latency p99", lambda second: second.p99 or None, median, timed=True),
    _Measure("acknowledged a second", lambda s: float(s.acknowledged), fmean, more_is_better=True),
    _Measure(
        "failed",
        lambda second: second.errors / second.completed if second.completed else None,
        fmean,
        share=True,
    ),
)


def compared(before: LoadResult, after: LoadResult, seed: int = 0) -> Comparison:
    """What changed from one load to the other; the same seed gives the same intervals."""
    notes = tuple(_notes(before, after))
    blurred = not (before.validity.valid and after.validity.valid)
    found = [
        _difference(measure, before, after, Stem(seed, Purpose.COMPARISON, number).stream())
        for number, measure in enumerate(_MEASURES)
        if not (blurred and measure.timed)
    ]
    differences = tuple(each for each in found if each is not None)
    if any(each.finding == "worse" for each in differences):
        verdict = Verdict.BROKEN
    else:
        verdict = Verdict.MISSING_EVIDENCE if blurred or not differences else Verdict.HELD
    return Comparison(verdict, differences, notes)


def _notes(before: LoadResult, after: LoadResult) -> list[str]:
    notes = []
    for name, result in (("before", before), ("after", after)):
        if not result.validity.valid:
            notes.append(
                f"{name}: not valid, so latencies are not compared: "
                f"{'; '.join(result.validity.why)}"
            )
        if len(_offered(result)) < FEWEST:
            notes.append(f"{name}: less than {FEWEST} seconds, so nothing can be said")
    if before.started.scenario != after.started.scenario:
        notes.append("the scenarios are not the same")
    if before.offer != after.offer:
        notes.append("the loads were not asked for in the same way")
    return notes


def _difference(
    measure: _Measure, before: LoadResult, after: LoadResult, stream: Stream
) -> Difference | None:
    first, second = _values(measure, before), _values(measure, after)
    if min(len(first), len(second)) < FEWEST:
        return None
    middle = measure.middle
    one, other = middle(first), middle(second)
    if not (measure.share or one):  # no ratio to nothing
        return None
    draws = sorted(
        _change(measure, middle(_drawn(first, stream)), middle(_drawn(second, stream)))
        for _ in range(DRAWS)
    )
    low, high = draws[int(_TAIL * DRAWS)], draws[int((1 - _TAIL) * DRAWS) - 1]
    return Difference(
        measure.name,
        measure.share,
        one,
        other,
        _change(measure, one, other),
        low,
        high,
        _finding(measure, low, high),
    )


def _change(measure: _Measure, before: float, after: float) -> float:
    if measure.share:
        return after - before
    return after / before if before else _FAR_MORE


def _finding(measure: _Measure, low: float, high: float) -> Finding:
    least, most = (-LEAST_POINTS, LEAST_POINTS) if measure.share else (1 / (1 + LEAST), 1 + LEAST)
    if least <= low and high <= most:
        return "same"
    if low > most:
        return "better" if measure.more_is_better else "worse"
    if high < least:
        return "worse" if measure.more_is_better else "better"
    return "unclear"


def _offered(result: LoadResult) -> Sequence[Second]:
    """The full seconds in which callbacks came."""
    length = result.offer.duration
    return result.seconds[: int(length)] if length is not None else result.seconds[:-1]


def _values(measure: _Measure, result: LoadResult) -> list[float]:
    read = map(measure.read, _offered(result))
    values = [value for value in read if value is not None]
    wide = -(-len(values) // _MOST) or 1
    return [fmean(values[at : at + wide]) for at in range(0, len(values), wide)]


def _drawn(values: Values, stream: Stream) -> list[float]:
    """As many values, in blocks of neighbours; the last is the first one's neighbour."""
    length = round(len(values) ** (1 / 3))
    round_about = [*values, *values[:length]]
    drawn: list[float] = []
    while len(drawn) < len(values):
        start = stream.below(len(values))
        drawn.extend(round_about[start : start + length])
    return drawn[: len(values)]
