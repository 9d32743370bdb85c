"""A file that is always whole: each version takes the place of the one before in one step."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from mockatell.errors import ConfigurationError, OutputError


class WholeFile:
    """A file that is written as a whole, again and again.

    Args:
        path: Where.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        ConfigurationError: There is no such folder, or the file is there.
        OutputError: The folder cannot be written to.
    """

    def __init__(self, path: str, *, overwrite: bool) -> None:
        self._path = Path(path)
        if not self._path.parent.is_dir():
            raise ConfigurationError(f"{path}: there is no folder {self._path.parent}")
        if self._path.is_dir():
            raise ConfigurationError(f"{path!r} is a folder: give a file's name")
        if self._path.exists() and not overwrite:
            raise ConfigurationError(f"{path} is there already: give another name, or --overwrite")
        self._draft = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        self._put(b"")
        self._draft.unlink()

    def write(self, text: str) -> None:
        """Put this in the place of what is there.

        Raises:
            OutputError: It cannot be written; what was there stays.
        """
        self._put(text.encode())
        try:
            self._draft.replace(self._path)
        except OSError as error:
            raise self._failure(error) from None

    def _put(self, data: bytes) -> None:
        try:
            with self._draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._draft.unlink()
            raise self._failure(error) from None

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(f"cannot write {self._path}: {error.strerror}")
