"""Where a load's results go: seen to before the load, and written after it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mockatell.cli.output import LOAD_ENDINGS, console, format_of, write_text
from mockatell.core.load.report import looks_like_one
from mockatell.core.render.load import LOAD_FORMATS
from mockatell.core.render.load.text import show
from mockatell.errors import ConfigurationError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockatell.core.load.report import LoadReport

_HEAD: Final = 4096  # bytes of a file that say what it is
_LOOKS: Final[Mapping[str, Callable[[bytes], object]]] = {
    "json": looks_like_one,
    "csv": re.compile(rb"at,offered,sent,").match,
    "html": re.compile(rb"<!doctype html>.* \xc2\xb7 mockatell</title>", re.DOTALL).match,
    "junit": re.compile(rb"<\?xml .*<testsuite name=.mockatell\.load\.", re.DOTALL).match,
    "text": re.compile(rb"[A-Z ]+  [^\n]* \xc2\xb7 mockatell ").match,
}


def places(reports: Sequence[str], save: str | None) -> dict[str, str]:
    """The format of each file that is to be written.

    Raises:
        ConfigurationError: One cannot be written there, or would replace what is no result of a
            load.
    """
    formats = {path: format_of(path, LOAD_ENDINGS) for path in reports}
    for path, format_ in formats.items():
        _require_place("--report", path, format_)
    if save is None:
        return formats
    _require_place("--save", save, "json")
    return {**formats, save: "json"}


def write_all(report: LoadReport, formats: Mapping[str, str]) -> None:
    """Write a report to files, each in its format; one that fails does not keep the others.

    Raises:
        OutputError: Some could not be written.
    """
    unwritten = []
    for path, format_ in formats.items():
        try:
            write_text(path, LOAD_FORMATS[format_](report))
        except OutputError as error:
            unwritten.append(str(error))
    if unwritten:
        raise OutputError("; ".join(unwritten))


def tell(report: LoadReport, format_: str) -> None:
    """Print a report: text as wide as the terminal, or as it is in a file where there is none."""
    terminal = console(stderr=False)
    if format_ == "text" and terminal.is_terminal:
        show(report, terminal)
    else:
        click.echo(LOAD_FORMATS[format_](report), nl=False)


def _require_place(flag: str, path: str, format_: str) -> None:
    place = Path(path)
    if not place.parent.is_dir():
        raise ConfigurationError(f"{flag} {path}: there is no folder {place.parent}")
    if place.is_dir():
        raise ConfigurationError(f"{flag} {path}: is a folder (name a file)")
    if not os.access(place if place.exists() else place.parent, os.W_OK):
        raise ConfigurationError(f"{flag} {path}: may not be written")
    if place.is_file() and not _replaceable(flag, place, format_):
        raise ConfigurationError(
            f"{flag} {path}: is there and is no {format_} of a load: it is not overwritten; "
            "remove it, or name another"
        )


def _replaceable(flag: str, place: Path, format_: str) -> bool:
    try:
        with place.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise ConfigurationError(f"{flag} {place}: cannot be read: {error.strerror}") from None
    return not head or bool(_LOOKS[format_](head))
