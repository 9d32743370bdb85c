"""A store in a file: SQLite in WAL mode, written by a thread of its own, many calls at a time.

What `keep` has said is done outlives the process, however that ends. It may not outlive the
machine: for that the disk would have to be waited for on every message.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.errors import StoreError
from mockatell.shell.store import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.core.sidecar.rows import Keep, Row

_PATIENCE: Final = 1.0  # seconds that another process is given to let go of the file


class SqliteStore:
    """Keeps rows in a file that no other process can use meanwhile.

    Args:
        path: The file; made where there is none.
        patience: Seconds that another process is given to let go of it.

    Raises:
        StoreError: The file cannot be opened, is in use, damaged, of a newer version or of
            something else.
    """

    def __init__(self, path: str, *, patience: float = _PATIENCE) -> None:
        self._path = path
        self._database = _opened(path, patience)
        self._lock = Lock()
        self._batch: list[Keep] = []
        self._kept: asyncio.Future[None] | None = None
        self._failure: StoreError | None = None
        self._calls: SimpleQueue[bool] = SimpleQueue()
        self._writer = Thread(target=self._work, name="mockatell-store", daemon=True)
        self._writer.start()

    def load(self) -> list[Row]:
        """All rows.

        Raises:
            StoreError: One of them cannot be read.
        """
        try:
            return list(tables.read(self._database))
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise _damaged(self._path, error) from error

    def keep(self, rows: Sequence[Keep]) -> asyncio.Future[None]:
        """Keep rows; all calls until the thread comes to it share one transaction.

        Raises:
            StoreError: An earlier call failed: nothing is kept from then on.
        """
        if self._failure is not None:
            raise self._failure
        with self._lock:
            self._batch += rows
            if self._kept is None:
                self._kept = asyncio.get_running_loop().create_future()
                self._kept.add_done_callback(_heeded)
                self._calls.put(True)
            return self._kept

    async def aclose(self) -> None:
        """Write what is left, and let go of the file."""
        self._calls.put(False)
        await asyncio.to_thread(self._writer.join)
        self._database.close()

    def _work(self) -> None:
        while self._calls.get():
            with self._lock:
                batch, self._batch = self._batch, []
                kept, self._kept = self._kept, None
            assert kept is not None
            self._failure = self._failure or self._written(batch)
            kept.get_loop().call_soon_threadsafe(_settle, kept, self._failure)

    def _written(self, batch: list[Keep]) -> StoreError | None:
        database = self._database
        try:
            database.execute("BEGIN")
            tables.write(database, batch)
            database.execute("COMMIT")
        except sqlite3.Error as error:
            return _because(_unwritable(self._path, error), error)
        except Exception as error:  # noqa: BLE001 -- else the thread ends, and who waits waits on
            said = f"store {self._path}: a row cannot be kept: {error!r} (report this)"
            return _because(StoreError(said), error)
        return None


def _because(failure: StoreError, error: Exception) -> StoreError:
    """With what led to it, as `raise … from` would: it is raised elsewhere."""
    failure.__cause__ = error
    return failure


def _settle(kept: asyncio.Future[None], failure: StoreError | None) -> None:
    if kept.done():
        return
    if failure is None:
        kept.set_result(None)
    else:
        kept.set_exception(failure)


def _heeded(kept: asyncio.Future[None]) -> None:
    """Whoever does not wait for it learns of a failure from the next call."""
    if not kept.cancelled():
        kept.exception()


def _opened(path: str, patience: float) -> sqlite3.Connection:
    database = None
    try:
        database = sqlite3.connect(
            path,
            timeout=patience,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=1_000,
        )
        _prepare(database, path)
    except (sqlite3.Error, StoreError) as error:
        if database is not None:
            database.close()
        if isinstance(error, StoreError):
            raise
        raise _unopened(path, error) from error
    return database


def _prepare(database: sqlite3.Connection, path: str) -> None:
    """Lock the file, see that it is one of ours and whole, and make it so if it is new."""
    is_new = not _one(database, "SELECT count(*) FROM sqlite_master")
    version = _one(database, "PRAGMA user_version")
    if not is_new and _one(database, "PRAGMA application_id") != tables.APPLICATION:
        raise StoreError(f"store {path}: it is a database of something else (give another file)")
    if version > tables.VERSION:
        raise StoreError(
            f"store {path}: a newer mockatell wrote it (version {version}, this one knows "
            f"{tables.VERSION}): upgrade, or give another file"
        )
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("BEGIN EXCLUSIVE")
    if is_new:
        tables.create(database)
    tables.mark(database)  # which shows whether it may be written
    database.execute("COMMIT")
    if (flaw := _one(database, "PRAGMA quick_check(1)")) != "ok":
        raise _damaged(path, flaw)


def _one(database: sqlite3.Connection, query: str) -> Any:
    return database.execute(query).fetchone()[0]


def _unopened(path: str, error: sqlite3.Error) -> StoreError:
    match _code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            why = "another process uses it, a sidecar perhaps (stop that, or give another file)"
        case sqlite3.SQLITE_NOTADB:
            why = "it is not a database (give another file)"
        case sqlite3.SQLITE_CORRUPT:
            return _damaged(path, error)
        case sqlite3.SQLITE_CANTOPEN:
            why = f"it cannot be opened ({_obstacle(path)})"
        case _:
            return _unwritable(path, error)
    return StoreError(f"store {path}: {why}")


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code; 0 where Python's module speaks for itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _obstacle(path: str) -> str:
    where = Path(path)
    if where.is_dir():
        return "it is a folder: name a file in it"
    if not where.parent.is_dir():
        return f"there is no folder {where.parent}"
    return "may this user read and write it, and its folder?"


def _unwritable(path: str, error: sqlite3.Error) -> StoreError:
    match _code(error):
        case sqlite3.SQLITE_FULL:
            why = "the disk is full: nothing more is kept (make room, and start again)"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            why = "it may not be written (check the permissions of the file and its folder)"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(path, error)
        case _:
            why = f"it cannot be written: {error} (is the disk all right?)"
    return StoreError(f"store {path}: {why}")


def _damaged(path: str, why: object) -> StoreError:
    said = " ".join(str(why).split())
    return StoreError(f"store {path}: it is damaged: {said} (move it away, or give another file)")
