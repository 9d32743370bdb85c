"""`mockatell report`: a journal, or a load test, told to a person or to another program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockatell.cli.options import option
from mockatell.cli.output import ENDINGS, LOAD_ENDINGS, console, write_report, write_text
from mockatell.core.load.report import decode_report, looks_like_one
from mockatell.core.render import FORMATS
from mockatell.core.render.text import show
from mockatell.core.report import report
from mockatell.errors import ConfigurationError
from mockatell.shell.journalfile import read_journal

if TYPE_CHECKING:
    from mockatell.core.journal import Journal
    from mockatell.core.load.compare import Comparison
    from mockatell.core.load.report import LoadReport
    from mockatell.core.report import Report

_FORMATS = tuple(dict.fromkeys([*FORMATS, *LOAD_ENDINGS.values()]))


@click.command("report", short_help="Tell what a journal or a load says: text, HTML, JUnit, JSON.")
@click.argument("journal")
@option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    help="What to make of it; by default what FILE ends in says, or text.",
)
@option("--output", "-o", metavar="FILE", help="Write to FILE instead of standard output.")
@option("--against", metavar="FILE", help="The result of an earlier load, to compare with.")
def command(journal: str, format_: str | None, output: str | None, against: str | None) -> None:
    """Tell what JOURNAL (a file, or `-`) says, and exit as the run did.

    The result of a load test will do as well, and can be compared with an earlier one.
    """
    loaded = _load_of(journal)
    if loaded is None and against:
        raise ConfigurationError("--against compares the results of two load tests")
    endings = LOAD_ENDINGS if loaded else ENDINGS
    format_ = format_ or (endings.get(Path(output).suffix.lower()) if output else None) or "text"
    if format_ not in endings.values():
        of = "a load test" if loaded else "a journal"
        raise ConfigurationError(
            f"{of} is not told as {format_}: give --format {', '.join(endings.values())}"
        )
    if loaded and against:
        _compare(loaded, against, format_, output)
    if loaded:
        _tell_load(loaded, format_, output)
    read = read_journal(journal)
    told = report(read)
    _tell(told, read, format_, output)
    sys.exit(told.exit_code)


def _load_of(path: str) -> LoadReport | None:
    """The load test that a file holds; None: it holds something else, or cannot be read."""
    if path == "-":
        return None
    try:
        with Path(path).open("rb") as file:
            data = file.read() if looks_like_one(file.read(200)) and not file.seek(0) else b""
    except OSError:
        return None
    return decode_report(data, path) if data else None


def _compare(after: LoadReport, path: str, format_: str, output: str | None) -> None:
    """Tell what changed since an earlier load, and exit.

    Raises:
        ConfigurationError: The earlier one is none, or a comparison has no such format.
    """
    from mockatell.core.load.compare import compared

    if not Path(path).is_file():
        raise ConfigurationError(f"--against {path}: there is no such file")
    before = _load_of(path)
    if before is None:
        raise ConfigurationError(f"--against {path}: not the result of a load test")
    if format_ not in {"text", "json"}:
        raise ConfigurationError("a comparison is told as text or as json")
    _tell_comparison(compared(before, after, after.started.seed), format_, output)


def _tell_comparison(comparison: Comparison, format_: str, output: str | None) -> None:
    from mockatell.core.render.load import comparison as render

    formats = {"text": render.comparison_text, "json": render.comparison_json}
    if output is not None:
        write_text(output, formats[format_](comparison))
    elif format_ == "text":
        render.show_comparison(comparison, console(stderr=False))
    else:
        click.echo(formats[format_](comparison), nl=False)
    sys.exit(comparison.exit_code)


def _tell_load(told: LoadReport, format_: str, output: str | None) -> None:
    from mockatell.cli.load_files import tell, write_all

    if output is not None:
        write_all(told, {output: format_})
    else:
        tell(told, format_)
    sys.exit(told.exit_code)


def _tell(told: Report, read: Journal, format_: str, output: str | None) -> None:
    if output is not None:
        write_report(output, told, read, format_)
    elif format_ == "text":
        show(told, console(stderr=False))
    else:
        click.echo(FORMATS[format_](told, read), nl=False)
