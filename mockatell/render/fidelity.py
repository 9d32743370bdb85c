"""The fidelity ledger, for a terminal and for documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.clickatell.ledger import Row

_STYLES: Final = {"documented": "green", "observed": "cyan", "assumed": "yellow"}
_HEAD: Final = (
    "| behaviour | basis | default | setting |",
    "| --- | --- | --- | --- |",
)


def as_table(rows: Iterable[Row], console: Console | None = None) -> None:
    """Print the rows, on standard output unless told otherwise."""
    table = Table.grid(padding=(0, 2, 1, 0))
    for row in rows:
        table.add_row(Text(row.basis, style=_STYLES[row.basis]), _about(row))
    (console or Console(highlight=False)).print(table)


def _about(row: Row) -> Group:
    how = f"{row.default}; set by {row.setting}" if row.setting else row.default
    return Group(
        Text(row.id, style="bold"),
        Text(row.behaviour),
        Text(f"default: {how}"),
        Text(row.source, style="dim", overflow="fold"),
    )


def as_markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table; the basis links to its source."""
    return "\n".join((*_HEAD, *_lines(rows)))


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        basis = f"[{row.basis}]({row.source})" if row.source else row.basis
        setting = f"`{row.setting}`" if row.setting else ""
        cells = (row.behaviour, basis, row.default, setting)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
