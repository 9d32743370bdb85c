"""A load test for a terminal: the verdict first, then why, then the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mockatell.core.render.load.sentences import (
    asked,
    doubt,
    due,
    ends,
    found,
    looked,
    places,
    remarks,
    right,
)
from mockatell.core.render.sentences import STATES, TITLES, count, printable
from mockatell.core.render.text import SIGNS, STYLES, lay_out, numbers, written
from mockatell.core.scenario.units import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import Console, RenderableType

    from mockatell.core.load.limit import Step
    from mockatell.core.load.report import LoadReport
    from mockatell.core.load.result import Spread, Timings
    from mockatell.core.load.thresholds import Judged

_END_SIGNS: Final = {"met": True, "failed": False, "generator": None}
_STATS: Final = ("p50", "p90", "p99", "p999", "max")
_HEADS: Final = ("p50", "p90", "p99", "p99.9", "max")
_SIZES: Final = ("B", "kB", "MB", "GB", "TB")
_THOUSAND: Final = 1000


def text(report: LoadReport) -> str:
    """The report without colours, 100 columns wide."""
    return written(lambda console: show(report, console))


def show(report: LoadReport, console: Console) -> None:
    """Print the report on a terminal, or plainly where there is none (rich heeds NO_COLOR)."""
    lay_out(console, _verdict(report), _sections(report), report.started)


def _verdict(report: LoadReport) -> RenderableType:
    started = report.started
    title = Text(TITLES[report.verdict], style=STYLES[report.verdict])
    about = f"  {printable(started.scenario)} · seed {started.seed} · mockatell {started.version}"
    lines = filter(None, (report.headline, found(report), doubt(report), ends(report)))
    return Group(title + Text(about, style="dim"), *(Text(printable(line)) for line in lines))


def _sections(report: LoadReport) -> Iterator[tuple[str, RenderableType]]:
    """The sections that have something to say, in the order in which they are read."""
    if report.thresholds:
        yield "Thresholds", Group(*map(_threshold, report.thresholds))
    if told := remarks(report):
        yield "To act on", _listing((each.title, each.text) for each in told)
    if report.steps:
        yield "The search", _grid(map(step_told, report.steps))
    yield "Load", _grid(pairs(report).items())
    if report.timings.lag.count:
        yield "Times", _times(report)
    if len(report.kinds) > 1:
        yield "Latency by kind", _latencies(report.kinds)


def _threshold(judged: Judged) -> Text:
    sign, style = SIGNS[judged.held]
    was = f" (was {judged.measured})" if judged.measured else ""
    head = Text(f"{sign} {STATES[judged.held]:<10} ", style=style)
    return head + Text(printable(judged.clause + was), style="default")


def step_told(step: Step) -> tuple[str, str]:
    """A step of a search: its rate, and what came of it."""
    sign, _ = SIGNS[_END_SIGNS[step.end]]
    return f"{sign} {step.rate:,g}/s", step.why or "met every threshold"


def _listing(titled: Iterable[tuple[str, str]]) -> Table:
    listing = Table.grid(padding=(0, 2, 0, 0))
    for title, told in titled:
        body = Group(Text(printable(title), style="yellow"), Padding(printable(told), (0, 0, 0, 2)))
        listing.add_row(body)
    return listing


def pairs(report: LoadReport) -> dict[str, str]:
    """What a load was and did, name by name."""
    totals, traffic, validity = report.totals, report.traffic, report.validity
    rates = {
        "deliveries offered": report.offered,
        "attempts ended": report.achieved,
        "acknowledged": report.goodput,
    }
    moved = f"{size(traffic.bytes_out)} out, {size(traffic.bytes_in)} in"
    ours = f"late by {format_seconds(validity.lag_p99)} at p99, {validity.busy:.0%} of a core"
    said = {
        "asked for": asked(report.offer),
        "callbacks": due(report),
        "in flight": places(report.offer),
        **report.started.endpoints,
        "a second": f"{', '.join(f'{name} {rate:,.0f}' for name, rate in rates.items())}"
        f" (the last two over {format_seconds(report.answered_for)}, to the last answer)",
        "cut off": f"{count(totals.cut, 'exchange')} still without an answer at the end"
        if totals.cut
        else "",
        "beside originals": f"{count(totals.duplicates, 'duplicate')}, "
        f"{count(totals.retries, 'retry', 'retries')}",
        "outcomes": _listed(report.outcomes),
        "answers": _listed(report.status_codes),
        "asked afterwards": looked(report),
        "state right": right(report),
        "traffic": f"{moved}, {count(traffic.opened, 'connection')} opened",
        "mockatell": f"{ours}, {size(report.peak_memory)} of memory",
    }
    return {name: value for name, value in said.items() if value}


def size(octets: int) -> str:
    """An amount of bytes for people."""
    amount, unit = float(octets), 0
    while amount >= _THOUSAND and unit < len(_SIZES) - 1:
        amount, unit = amount / _THOUSAND, unit + 1
    return f"{amount:.3g} {_SIZES[unit]}" if amount < _THOUSAND else f"{amount:.0f} {_SIZES[unit]}"


def _grid(named: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    for name, value in named:
        table.add_row(name, Text(printable(value)))
    return table


def _times(report: LoadReport) -> Table:
    table = numbers("", *_HEADS)
    rows = {
        "latency (due to answer)": report.timings.latency,
        "service (sent to answer)": report.timings.service,
        "our lag (due to sent)": report.timings.lag,
    }
    for name, spread in rows.items():
        table.add_row(name, *told_spread(spread))
    return table


def _latencies(kinds: Mapping[str, Timings]) -> Table:
    table = numbers("", *_HEADS)
    for kind, timings in kinds.items():
        table.add_row(Text(printable(kind)), *told_spread(timings.latency))
    return table


def told_spread(spread: Spread) -> list[str]:
    """p50, p90, p99, p99.9 and the longest."""
    if not spread.count:
        return ["-"] * len(_STATS)
    return [format_seconds(getattr(spread, name)) for name in _STATS]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {times:,}" for name, times in counts.items())
