"""A load test as one HTML page, in the frame and the colours of a run's report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.load.spread import quantiles
from mockatell.core.render.frame import page
from mockatell.core.render.load.plots import (
    Line,
    Scale,
    Tick,
    chart,
    labelled,
    linear,
    logarithmic,
)
from mockatell.core.render.load.sentences import asked, doubt, ends, found, remarks
from mockatell.core.render.load.text import pairs, step_told, told_spread
from mockatell.core.render.markup import Markup, tag
from mockatell.core.render.parts import head, judgement, named, replay_section, section, table
from mockatell.core.render.sentences import STATES, TITLES, began, replay
from mockatell.core.scenario.units import format_seconds, format_share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mockatell.core.load.limit import Step
    from mockatell.core.load.report import LoadReport
    from mockatell.core.load.result import Second
    from mockatell.core.load.thresholds import Judged

    Read = Callable[[Second], float]

_CLASSES: Final = {True: "yes", False: "no", None: "unknown"}
_MOST_POINTS: Final = 400
_NINES: Final = (0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)
_PARTS: Final = 12  # points of the percentile curve from one of these to the next
_STATS: Final = ("", "p50", "p90", "p99", "p99.9", "max", "of")


def html(report: LoadReport) -> str:
    """The page: verdict, thresholds, what to act on, plots over time, percentiles, numbers."""
    return page(
        f"{TITLES[report.verdict]} · load · {report.started.scenario} · mockatell",
        tag("main", *_content(report)),
        styles=("page.css", "load.css"),
    )


def _content(report: LoadReport) -> Iterator[Markup]:
    yield _head(report)
    yield _verdict(report)
    yield from section("Thresholds", _thresholds(report.thresholds))
    yield from section("To act on", _remarks(report))
    yield from section("The search", _steps(report.steps))
    yield from section("Over time", _over_time(report))
    yield from section("Percentiles", _percentiles(report))
    yield from section("Numbers", _numbers(report))
    yield from replay_section(replay(report.started))


def _head(report: LoadReport) -> Markup:
    started = report.started
    facts = f"{asked(report.offer)} · seed {started.seed} · {began(started)}"
    endpoints = (f"{role}: {url}" for role, url in started.endpoints.items())
    return head(started.scenario, (facts, *endpoints, f"mockatell {started.version}"))


def _verdict(report: LoadReport) -> Markup:
    told = (report.headline, found(report), doubt(report), ends(report))
    return judgement(report.verdict, told, report.exit_code)


def _thresholds(thresholds: Sequence[Judged]) -> Iterator[Markup]:
    if thresholds:
        yield tag("ul", *map(_threshold, thresholds))


def _threshold(judged: Judged) -> Markup:
    was = tag("span", f" · was {judged.measured}", class_="soft") if judged.measured else ""
    look = f"expectation {_CLASSES[judged.held]}"
    return tag("li", tag("b", STATES[judged.held]), " ", judged.clause, was, class_=look)


def _remarks(report: LoadReport) -> Iterator[Markup]:
    for each in remarks(report):
        yield tag("div", tag("b", each.title), tag("p", each.text), class_="finding")


def _steps(steps: Sequence[Step]) -> Iterator[Markup]:
    if steps:
        rows = [step_told(step) for step in steps]
        yield table(("callbacks a second", "what came of it"), rows, look="words")


# Plots


def _over_time(report: LoadReport) -> Iterator[Markup]:
    seconds = _whole(report)
    if not seconds:
        return
    rates = (
        _line("offered", "offered", seconds, lambda second: second.offered),
        _line("attempts begun", "sent", seconds, lambda second: second.sent),
        _line("acknowledged", "good", seconds, lambda second: second.acknowledged),
        _line("not acknowledged", "bad", seconds, lambda second: second.errors),
    )
    yield from _timed("Callbacks and attempts a second", rates, "{:,.6g}".format)
    latencies = (
        _line("p99", "high", seconds, lambda second: second.p99, worst=True),
        _line("p50", "low", seconds, lambda second: second.p50, worst=True),
    )
    yield from _timed("Latency (due to answer)", latencies, format_seconds, log=True)
    waiting = (
        _line("in flight", "sent", seconds, lambda second: second.in_flight),
        _line("waiting for a retry or a place", "bad", seconds, lambda second: second.waiting),
    )
    yield from _timed("What was under way, and what waited", waiting, "{:,.6g}".format)
    lag = (_line("our longest lag", "own", seconds, lambda second: second.lag, worst=True),)
    yield from _timed("The generator's own lateness", lag, format_seconds)
    busy = (_line("share of a core", "own", seconds, lambda second: second.busy),)
    yield from _timed("The generator's own work", busy, _percent)


def _whole(report: LoadReport) -> Sequence[Second]:
    """The seconds but a last one that was cut short, whose numbers are not those of a second."""
    seconds = report.seconds
    short = len(seconds) > 1 and seconds[-1].at + 1 > report.took
    return seconds[:-1] if short else seconds


def _line(
    name: str, look: str, seconds: Sequence[Second], read: Read, *, worst: bool = False
) -> Line:
    """A line of at most so many points: each the mean, or the worst, of some seconds.

    Of what is told by its worst, 0 says that nothing was measured.
    """
    wide = -(-len(seconds) // _MOST_POINTS)
    groups = [seconds[start : start + wide] for start in range(0, len(seconds), wide)]
    points = []
    for group in groups:
        values = [read(second) for second in group]
        value = max(values) if worst else sum(values) / len(values)
        points.append((float(group[0].at), value if value or not worst else None))
    return Line(name, look, tuple(points))


def _timed(
    title: str, lines: Sequence[Line], label: Callable[[float], str], *, log: bool = False
) -> Iterator[Markup]:
    last = max(point[0] for line in lines for point in line.points)
    x = Scale(0.0, max(last, 1.0))
    y = logarithmic(lines) if log else linear(lines)
    yield tag("h3", title)
    yield chart(lines, x, y, across=labelled(x, format_seconds), up=labelled(y, label))


def _percent(share: float) -> str:
    return format_share(float(f"{share:.3g}"))


def _percentiles(report: LoadReport) -> Iterator[Markup]:
    """The curve as HdrHistogram draws it: each nine of the percentile is as wide as the next."""
    timings = report.timings
    if not timings.latency.count:
        return
    nines = [nine for nine in _NINES if nine == 0 or timings.latency.count * (1 - nine) >= 1]
    shares = _shares(nines)
    spreads = {"latency": timings.latency, "service": timings.service}
    lines = [
        Line(name, look, tuple(zip(map(_rarity, shares), quantiles(spread, *shares), strict=True)))
        for (name, spread), look in zip(spreads.items(), ("high", "low"), strict=True)
    ]
    x, y = Scale(1.0, _rarity(shares[-1]), log=True), logarithmic(lines)
    across = [Tick(_rarity(nine), format_share(nine)) for nine in nines]
    yield chart(lines, x, y, across=across, up=labelled(y, format_seconds))


def _shares(nines: Sequence[float]) -> list[float]:
    """Shares that lie evenly on the curve's axis."""
    last = _rarity(nines[-1]) if len(nines) > 1 else 2.0
    steps = _PARTS * max(len(nines) - 1, 1)
    return [1 - last ** -(step / steps) for step in range(1, steps + 1)]


def _rarity(share: float) -> float:
    """One in how many is slower."""
    return 1 / (1 - share)


# Numbers


def _numbers(report: LoadReport) -> Iterator[Markup]:
    timings = report.timings
    rows = {
        "latency (due to answer)": timings.latency,
        "service (sent to answer)": timings.service,
        "our lag (due to sent)": timings.lag,
        **{f"latency, {role} endpoint": each.latency for role, each in report.roles.items()},
        **{f"latency, {kind}": each.latency for kind, each in report.kinds.items()},
    }
    body = [[name, *told_spread(each), f"{each.count:,}"] for name, each in rows.items()]
    yield tag("div", table(_STATS, body), class_="scroll")
    yield named(pairs(report))
