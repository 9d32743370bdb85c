"""The fidelity ledger for people: as a table on a terminal, and as a page of the documentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockatell.clickatell.ledger import Row

_STYLES: Final = {"documented": "green", "observed": "cyan", "assumed": "yellow"}


def as_table(rows: Iterable[Row]) -> Table:
    """The rows for a terminal: what, how well known, default and setting."""
    table = Table(box=None, padding=(0, 2, 1, 0), show_edge=False)
    table.add_column("behaviour", ratio=5)
    table.add_column("basis")
    table.add_column("default and setting", ratio=3)
    for row in rows:
        what = Text.assemble((row.id, "bold"), "\n", row.behaviour)
        table.add_row(what, Text(row.basis, style=_STYLES[row.basis]), _setting(row))
    return table


def as_markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table, with links to their sources."""
    lines = ["| id | behaviour | basis | default | setting |", "|---|---|---|---|---|"]
    lines += [_line(row) for row in rows]
    return "\n".join(lines)


def _line(row: Row) -> str:
    basis = f"[{row.basis}]({row.source})" if row.source else row.basis
    setting = f"`{row.setting}`" if row.setting else ""
    cells = (f"`{row.id}`", _cell(row.behaviour), basis, _cell(row.default), setting)
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return re.sub(r"([|*_])", r"\\\1", text).replace("\n", " ")


def _setting(row: Row) -> Text:
    default = Text(row.default)
    return Text.assemble(default, "\n", (row.setting, "dim")) if row.setting else default
