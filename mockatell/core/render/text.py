"""The report for a terminal: the verdict first, then what to act on, then the numbers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mockatell.core.render.sentences import (
    STATES,
    TITLES,
    count,
    deliveries,
    headline,
    printable,
    replay,
    unseen,
)
from mockatell.core.report import Verdict
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import RenderableType

    from mockatell.core.findings import Finding
    from mockatell.core.histogram import Timing
    from mockatell.core.journal import Journal
    from mockatell.core.report import Report
    from mockatell.model import Expectation, RunStarted

WIDTH: Final = 100
_EVIDENCE: Final = 3  # lines a finding; the other formats have more

STYLES: Final = {
    Verdict.HELD: "bold green",
    Verdict.UNJUDGED: "bold yellow",
    Verdict.BROKEN: "bold red",
    Verdict.MISSING_EVIDENCE: "bold yellow",
    Verdict.UNREACHABLE: "bold red",
    Verdict.INTERRUPTED: "bold yellow",
    Verdict.PENDING: "bold yellow",
}
SIGNS: Final = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}


def text(report: Report, _journal: Journal) -> str:
    """The report as plain text, as `plain` has it."""
    return plain(report)


def plain(report: Report) -> str:
    """The report without colours, 100 columns wide."""
    return written(lambda console: show(report, console))


def written(show: Callable[[Console], None]) -> str:
    """What is shown on a terminal, without colours, 100 columns wide."""
    out = io.StringIO()
    show(Console(file=out, width=WIDTH, color_system=None, legacy_windows=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def show(report: Report, console: Console) -> None:
    """Print the report on a terminal, or plainly where there is none (rich heeds NO_COLOR)."""
    lay_out(console, _verdict(report), _sections(report), report.started)


def lay_out(
    console: Console,
    verdict: RenderableType,
    sections: Iterable[tuple[str, RenderableType]],
    started: RunStarted,
) -> None:
    """Print a verdict, titled sections below it, and how to replay what they are about."""
    console.print(verdict)
    for title, body in sections:
        console.print(Text(f"\n{title}", style="bold"))
        console.print(Padding(body, (0, 0, 0, 2)))
    console.print(Text("\nReplay", style="bold"))
    again = Text(f"  {printable(replay(started))}", style="cyan")
    console.print(again, soft_wrap=True)  # one line, to be copied


def _verdict(report: Report) -> RenderableType:
    started = report.started
    title = Text(TITLES[report.verdict], style=STYLES[report.verdict])
    about = f"  {printable(started.scenario)} · seed {started.seed} · mockatell {started.version}"
    clock = " · virtual clock" if started.clock == "virtual" else ""
    told = (headline(report), deliveries(report.totals), unseen(report), *report.notes)
    lines = [line for line in told if line]
    return Group(title + Text(about + clock, style="dim"), *(Text(line) for line in lines))


def _sections(report: Report) -> Iterator[tuple[str, RenderableType]]:
    """The sections that have something to say, in the order in which they are read."""
    if report.expectations:
        yield "Expectations", Group(*map(_expectation, report.expectations))
    if report.findings:
        yield "Findings", Group(*_spaced(map(_finding, report.findings)))
    if report.kinds:
        yield "Attempts by kind and outcome", _outcomes(report)
        yield "Timing", _timing(report)
    if report.assumptions:
        title = f"Rests on {count(len(report.assumptions), 'assumption')}"
        yield f"{title} (what they say: mockatell fidelity --assumed)", _assumptions(report)


def _expectation(expectation: Expectation) -> RenderableType:
    sign, style = SIGNS[expectation.held]
    head = Text(f"{sign} {STATES[expectation.held]:<10} ", style=style)
    evidence = [Text(f"    {printable(line)}") for line in expectation.evidence]
    return Group(head + Text(printable(expectation.clause), style="default"), *evidence)


def _finding(finding: Finding) -> RenderableType:
    title = Text(f"▸ {printable(finding.title)} ", style="bold yellow")
    lines = list(finding.evidence[:_EVIDENCE])
    if more := finding.attempts - len(lines):
        lines.append(f"and {more:,} more")
    body = Group(Text(finding.explanation), _listing(lines))
    return Group(title + Text(f"[{finding.id}]", style="dim"), Padding(body, (0, 0, 0, 2)))


def _listing(lines: Iterable[str]) -> Table:
    """Lines with a hanging indent, so that long ones stay apart."""
    listing = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        listing.add_row(Text("·", style="dim"), Text(printable(line), style="dim"))
    return listing


def _spaced(parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    for position, part in enumerate(parts):
        if position:
            yield Text()
        yield part


def _outcomes(report: Report) -> Table:
    met = [outcome for outcome in Outcome if outcome in report.outcomes]
    table = numbers("kind", *(outcome.replace("_", " ") for outcome in met), "all")
    for kind, counts in report.kinds.items():
        row = [counts.get(outcome, 0) for outcome in met]
        table.add_row(Text(printable(kind)), *map(_number, [*row, sum(row)]))
    if len(report.kinds) > 1:
        row = [report.outcomes[outcome] for outcome in met]
        table.add_row("all", *map(_number, [*row, sum(row)]))
    return table


def _timing(report: Report) -> RenderableType:
    table = numbers("", "p50", "p90", "p99", "max", "of")
    rows = {
        "lag (sent late by)": report.lag,
        "service (sent to answer)": report.service,
        "latency (due to answer)": report.latency,
    }
    if report.races.groups:
        rows["race spread"] = report.races.spread
    for name, timing in rows.items():
        table.add_row(name, *_spread(timing))
    return Group(table, *map(Text, _counts(report)))


def _spread(timing: Timing) -> Iterator[str]:
    if not timing.count:
        return iter(("-", "-", "-", "-", "0"))
    values = (timing.p50, timing.p90, timing.p99, timing.max)
    return iter((*map(format_seconds, values), f"{timing.count:,}"))


def _counts(report: Report) -> Iterator[str]:
    """What is best said as a list of numbers."""
    if report.status_codes:
        yield f"answers by status: {_listed(report.status_codes)}"
    if report.troubles:
        yield f"no usable answer: {_listed(report.troubles)}"
    if len(report.tries) > 1:
        yield f"deliveries by attempts taken: {_listed(report.tries)}"
    if report.duplicates:
        yield f"duplicates sent: {report.duplicates:,}"


def _assumptions(report: Report) -> Text:
    """Their names alone: a terminal is no place for a page of them."""
    return Text(", ".join(row.id for row in report.assumptions), style="dim")


def numbers(first: str, *others: str) -> Table:
    """A table to be filled: a column of names, and columns of numbers."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _number(number: int) -> str:
    return f"{number:,}" if number else "·"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {times:,}" for name, times in counts.items())
