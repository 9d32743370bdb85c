"""Where a journal is kept: a file or a pipe, written line by line and read back."""

from __future__ import annotations

import os
import sys
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockatell.core.journal import Journal, Line, encode_line
from mockatell.errors import JournalError, OutputError

if TYPE_CHECKING:
    from typing import Self

_START: Final = b'{"type":"run"'


class JournalWriter:
    """Writes lines as they come, unbuffered: what was written stays readable whatever happens.

    Args:
        path: A file, or `-` for standard output. A journal that is there is replaced; any other
            file is not.

    Raises:
        OutputError: The file cannot be made, holds something else, or is being written by another
            run; or a line cannot be written (disk full, closed pipe).
    """

    def __init__(self, path: str) -> None:
        self._name = "standard output" if path == "-" else path
        try:
            self._file = (
                FileIO(sys.stdout.fileno(), "wb", closefd=False) if path == "-" else _at(path)
            )
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


def _at(path: str) -> FileIO:
    """A file for a journal, empty and ours alone; pipes and devices are taken as they are."""
    if Path(path).exists() and not Path(path).is_file():
        return FileIO(path, "wb")
    file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666), "r+b")
    try:
        _claim(file, path)
    except BaseException:
        file.close()
        raise
    file.truncate()
    return file


def _claim(file: FileIO, path: str) -> None:
    if not _locked(file):
        raise OutputError(f"{path} is being written by another run: name another --journal")
    start = file.read(len(_START))
    if start and start != _START:
        raise OutputError(
            f"{path} is there and is no journal: it is not overwritten; "
            "remove it, or name another --journal"
        )
    file.seek(0)


def _locked(file: FileIO) -> bool:
    """Lock the file for as long as it is open, where the system can."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


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
