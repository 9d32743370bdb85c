"""Where a journal is kept: a file or a pipe, written line by line and read back."""

from __future__ import annotations

import sys
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from mockatell.core.journal import Journal, Line, encode_line
from mockatell.errors import JournalError, OutputError

if TYPE_CHECKING:
    from typing import Self


class JournalWriter:
    """Writes lines as they come, unbuffered: what was written stays readable whatever happens.

    Args:
        path: A file, which is replaced, or `-` for standard output.

    Raises:
        OutputError: The file cannot be made, or a line not be written (disk full, closed pipe).
    """

    def __init__(self, path: str) -> None:
        self._name = "standard output" if path == "-" else path
        place = sys.stdout.fileno() if path == "-" else path
        try:
            self._file = FileIO(place, "wb", closefd=path != "-")
        except OSError as error:
            raise OutputError(
                f"cannot write the journal to {self._name}: {error.strerror}"
            ) from None

    def add(self, line: Line) -> None:
        """Write one line, whole."""
        data = memoryview(encode_line(line))
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
        except OSError as error:
            raise OutputError(
                f"cannot go on writing the journal to {self._name}: {error.strerror}; "
                "what was written stays readable"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def read_journal(path: str) -> Journal:
    """Read a journal from a file, or from standard input when `path` is `-`.

    Raises:
        JournalError: There is no such file, or it is not a journal.
    """
    if path == "-":
        return Journal.from_lines(sys.stdin.buffer, "<stdin>")
    try:
        with Path(path).open("rb") as file:
            return Journal.from_lines(file, path)
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from None
