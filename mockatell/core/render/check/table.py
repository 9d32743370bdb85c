"""A check for a terminal: a row a clause, then what is broken with its evidence and its remedy."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mockatell.core.check.words import Verdict, Weight
from mockatell.core.render.check.sentences import (
    ANSWERS_ONLY,
    described,
    event_of,
    grounds,
    headline,
    sent,
)
from mockatell.core.render.sentences import TITLES, printable
from mockatell.core.render.text import STYLES, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from mockatell.core.check.report import CheckReport, Result

_FEW: Final = 5  # clauses that are named, although one cause spared them all
_EVIDENCE: Final = 2  # requests of a broken clause; the other formats have more
_SIGNS: Final = {
    (Verdict.HELD, Weight.CONTRACT): ("✓", "green"),
    (Verdict.HELD, Weight.ADVICE): ("✓", "green"),
    (Verdict.BROKEN, Weight.CONTRACT): ("✗", "bold red"),
    (Verdict.BROKEN, Weight.ADVICE): ("!", "yellow"),
    (Verdict.NOT_EXERCISED, Weight.CONTRACT): ("·", "dim"),
    (Verdict.NOT_EXERCISED, Weight.ADVICE): ("·", "dim"),
}
KEY: Final = "✓ held   ✗ broken   ! advice not followed   · not exercised"


def table(report: CheckReport) -> str:
    """The report as plain text, as `plain` has it."""
    return plain(report)


def plain(report: CheckReport) -> str:
    """The report without colours, 100 columns wide."""
    return written(lambda console: show(report, console))


def show(report: CheckReport, console: Console) -> None:
    """Print the report on a terminal, or plainly where there is none (rich heeds NO_COLOR)."""
    console.print(_verdict(report))
    cause, alike = _common_cause(report)
    told = (each for each in report.clauses if each not in alike)
    for family, results in groupby(told, key=lambda each: each.family):
        console.print(Text(f"\n{family}", style="bold"))
        console.print(Padding(_rows([*results]), (0, 0, 0, 2)))
    if alike:
        console.print(Text(f"\nNone of the {len(alike)} others was exercised", style="bold"))
        console.print(Padding(Text(printable(cause), style="dim"), (0, 0, 0, 2)))
    for title, broken in (("Broken", report.broken), ("Advice", report.advice)):
        if broken:
            console.print(Text(f"\n{title}", style="bold"))
        _show_in_full(broken, console)
    console.print(Text(f"\n{KEY}", style="dim"))
    console.print(Text(ANSWERS_ONLY))
    if report.replay:
        console.print(Text("\nReplay", style="bold"))
        console.print(Text(f"  {printable(report.replay)}", style="cyan"), soft_wrap=True)


def _common_cause(report: CheckReport) -> tuple[str, list[Result]]:
    """Why most clauses of an endpoint that is down were not exercised, and which."""
    if report.verdict != "unreachable":
        return "", []
    spared = [each for each in report.clauses if each.verdict is Verdict.NOT_EXERCISED]
    causes = Counter(each.reason for each in spared)
    for cause, times in causes.most_common(1):
        if times > max(_FEW, len(report.clauses) / 2):
            return cause, [each for each in spared if each.reason == cause]
    return "", []


def _verdict(report: CheckReport) -> RenderableType:
    title = Text(TITLES[report.verdict], style=STYLES[report.verdict])
    about = Text(f"  contract · seed {report.seed} · mockatell {report.version}", style="dim")
    places = dict.fromkeys(report.endpoints.values())
    where = Text(printable(", ".join(places)), style="dim")
    return Group(title + about, where, Text(headline(report)), Text(sent(report)))


def _rows(results: list[Result]) -> Table:
    rows = Table.grid(padding=(0, 1, 0, 0))
    rows.add_column(width=1)
    rows.add_column(no_wrap=True, width=27)
    rows.add_column(ratio=1)
    for result in results:
        sign, style = _SIGNS[result.verdict, result.weight]
        spared = result.verdict is not Verdict.BROKEN
        rows.add_row(
            Text(sign, style=style),
            Text(result.id, style="dim" if result.verdict is Verdict.NOT_EXERCISED else ""),
            Text(printable(result.reason), style="dim" if spared else ""),
        )
    return rows


def _show_in_full(results: tuple[Result, ...], console: Console) -> None:
    """What is broken, and why it matters: told once for those that follow each other."""
    for meaning, alike in groupby(results, key=lambda each: each.meaning):
        for result in alike:
            console.print(Padding(_in_full(result), (0, 0, 0, 2)))
        console.print(Padding(Text(meaning), (0, 0, 0, 4)))
        console.print(Text(f"    {grounds(result)}:", style="dim"))
        console.print(Text(f"    {result.source}\n", style="dim"), soft_wrap=True)


def _in_full(result: Result) -> RenderableType:
    sign, style = _SIGNS[result.verdict, result.weight]
    head = Text(f"{sign} {result.id}  ", style=style) + Text(result.rule, style="bold")
    return Group(head, Padding(Group(*_details(result)), (0, 0, 0, 2)))


def _details(result: Result) -> Iterator[RenderableType]:
    yield Text(printable(result.reason))
    evidence = Table.grid(padding=(0, 1, 0, 0))
    for each in result.evidence[:_EVIDENCE]:
        evidence.add_row(Text("·"), Text(described(each)))
        evidence.add_row("", Text(event_of(each), style="dim", overflow="ellipsis", no_wrap=True))
    if result.evidence:
        yield evidence
