"""Where the command line writes: human words to a console, reports to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from mockatell.core.render import FORMATS
from mockatell.errors import ConfigurationError, OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.core.journal import Journal
    from mockatell.core.report import Report

ENDINGS = {".txt": "text", ".json": "json", ".xml": "junit", ".html": "html", ".har": "har"}

LOAD_ENDINGS = {
    ".txt": "text", ".json": "json", ".csv": "csv", ".xml": "junit", ".html": "html",
}  # fmt: skip


def console(*, stderr: bool) -> Console:
    """A console that writes plainly off a terminal, and where NO_COLOR is set."""
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def format_of(path: str, endings: Mapping[str, str] = ENDINGS) -> str:
    """The report format that a file's ending stands for.

    Raises:
        ConfigurationError: It stands for none, or its folder is not there.
    """
    if not Path(path).parent.is_dir():
        raise ConfigurationError(f"--report {path}: there is no folder {Path(path).parent}")
    ending = Path(path).suffix.lower()
    if ending not in endings:
        known = ", ".join(f"{end} ({name})" for end, name in endings.items())
        raise ConfigurationError(f"--report {path}: the ending says the format: {known}")
    return endings[ending]


def write_report(path: str, report: Report, journal: Journal, format_: str) -> None:
    """Write a report to a file.

    Raises:
        OutputError: It cannot be written.
    """
    write_text(path, FORMATS[format_](report, journal))


def write_text(path: str, rendered: str) -> None:
    """Write a report to a file.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        Path(path).write_text(rendered, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write the report to {path}: {error.strerror}") from None
