"""Two loads, one against the other, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from mockatell.core.render.sentences import TITLES
from mockatell.core.render.text import STYLES, numbers, written
from mockatell.core.report import Verdict
from mockatell.core.scenario.units import format_seconds, format_share

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.table import Table

    from mockatell.core.load.compare import Comparison, Difference

_MANY: Final = 1000
_LOOKS: Final = {"better": "green", "worse": "red", "same": "", "unclear": "yellow"}
_SENTENCES: Final = {
    Verdict.BROKEN: "It got worse.",
    Verdict.HELD: "Nothing is shown to have got worse.",
    Verdict.MISSING_EVIDENCE: "The two cannot be compared.",
}
_TEST: Final = (
    "Compared are seconds, not attempts: 95 % intervals of the change by a block bootstrap; "
    "better or worse only where the whole interval is beyond 5 % (failures: 0.5 points)."
)


def comparison_text(comparison: Comparison) -> str:
    """It, without colours."""
    return written(lambda console: show_comparison(comparison, console))


def comparison_json(comparison: Comparison) -> str:
    """Its fields, and the exit code."""
    document = {**msgspec.structs.asdict(comparison), "exit_code": comparison.exit_code}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def show_comparison(comparison: Comparison, console: Console) -> None:
    """Print it: the verdict first."""
    title = Text(TITLES[comparison.verdict], style=STYLES[comparison.verdict])
    console.print(Group(title, Text(_sentence(comparison)), *map(Text, comparison.notes)))
    if comparison.differences:
        console.print(Padding(_table(comparison), (1, 0, 1, 0)))
        console.print(Text(_TEST, style="dim"))


def _sentence(comparison: Comparison) -> str:
    unclear = [each.name for each in comparison.differences if each.finding == "unclear"]
    told = _SENTENCES[comparison.verdict]
    if not unclear or comparison.verdict is not Verdict.HELD:
        return told
    return f"{told} Unclear: {', '.join(unclear)}; longer runs would tell."


def _table(comparison: Comparison) -> Table:
    table = numbers("", "before", "after", "change", "95 % interval")
    table.add_column()
    for each in comparison.differences:
        values = (_value(each, each.before), _value(each, each.after), _change(each, each.change))
        interval = f"{_change(each, each.low)} to {_change(each, each.high)}"
        finding = Text(each.finding, style=_LOOKS[each.finding])
        table.add_row(each.name, *values, interval, finding)
    return table


def _value(difference: Difference, value: float) -> str:
    told: Callable[[float], str] = "{:,.4g}".format
    if difference.share:
        told = format_share
        value = float(f"{value:.3g}")
    elif difference.name.startswith("latency"):
        told = format_seconds
    return told(value)


def _change(difference: Difference, change: float) -> str:
    if difference.share:
        return f"{100 * change:+.2f}pt"
    return f"{change:,.0f}x" if change >= _MANY else f"{change:.3g}x"
