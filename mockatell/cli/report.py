"""`mockatell report`: a journal, told to a person or to another program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockatell.cli.options import option
from mockatell.cli.output import ENDINGS, console, write_report
from mockatell.core.render import FORMATS
from mockatell.core.render.text import show
from mockatell.core.report import report
from mockatell.shell.journalfile import read_journal

if TYPE_CHECKING:
    from mockatell.core.journal import Journal
    from mockatell.core.report import Report


@click.command("report", short_help="Tell what a journal says: text, HTML, JUnit, JSON, HAR.")
@click.argument("journal")
@option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    help="What to make of it; by default what FILE ends in says, or text.",
)
@option("--output", "-o", metavar="FILE", help="Write to FILE instead of standard output.")
def command(journal: str, format_: str | None, output: str | None) -> None:
    """Tell what JOURNAL (a file, or `-`) says, and exit as the run did."""
    format_ = format_ or (ENDINGS.get(Path(output).suffix.lower()) if output else None) or "text"
    read = read_journal(journal)
    told = report(read)
    _tell(told, read, format_, output)
    sys.exit(told.exit_code)


def _tell(told: Report, read: Journal, format_: str, output: str | None) -> None:
    if output is not None:
        write_report(output, told, read, format_)
    elif format_ == "text":
        show(told, console(stderr=False))
    else:
        click.echo(FORMATS[format_](told, read), nl=False)
