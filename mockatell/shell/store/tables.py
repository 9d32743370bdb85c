"""How rows lie in SQLite: a table for each sort, its keys as columns, the row as MessagePack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.core.sidecar.rows import (
    AttemptRow,
    CountersRow,
    DeliveryRow,
    Drop,
    Forget,
    MessageRow,
    NoteRow,
    PersonRow,
    ProgressRow,
    Row,
    RunRow,
    ScenarioRow,
    UploadRow,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from mockatell.core.sidecar.rows import Keep

VERSION: Final = 1
APPLICATION: Final = 0x6D6B7431
"""Says in the file's header that it is one of ours: "mkt1"."""
_AT_ONCE: Final = 200  # rows of a statement: few enough for any build of SQLite


class Table:
    """One sort of rows.

    Args:
        row: The sort.
        name: Of the table.
        keys: The fields that tell its rows apart, and their SQL types.
        order: What the oldest row comes first by.
    """

    def __init__(self, row: type[Row], name: str, keys: dict[str, str], order: str) -> None:
        self.row = row
        self.name = name
        self.keys = tuple(keys)
        self.order = order
        columns = ", ".join(f"{key} {sort} NOT NULL" for key, sort in keys.items())
        primary = ", ".join(keys)
        self.create = f"CREATE TABLE {name} ({columns}, row BLOB NOT NULL, PRIMARY KEY ({primary}))"
        self._decode = msgspec.msgpack.Decoder(row).decode

    def write(self, database: sqlite3.Connection, rows: list[Row]) -> None:
        """Insert rows, or replace those of the same key; the last of a key holds."""
        latest: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            latest.pop(key := self._key(row), None)  # so that the one written last comes last
            latest[key] = row
        pairs = [(*key, _encode(row)) for key, row in latest.items()]
        for start in range(0, len(pairs), _AT_ONCE):
            part = pairs[start : start + _AT_ONCE]
            values = [value for pair in part for value in pair]
            # One statement for all: between two, the event loop's thread takes the interpreter.
            database.execute(self._insert(len(part)), values)

    def drop(self, database: sqlite3.Connection, keys: Iterable[str | int]) -> None:
        """Delete rows by their first key."""
        known = list(keys)
        for start in range(0, len(known), _AT_ONCE):
            part = known[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            where = f"{self.keys[0]} IN ({marks})"
            database.execute(f"DELETE FROM {self.name} WHERE {where}", part)  # noqa: S608 -- ours

    def read(self, database: sqlite3.Connection) -> Iterator[Row]:
        """Its rows, the oldest first."""
        query = f"SELECT row FROM {self.name} ORDER BY {self.order}"  # noqa: S608 -- names of ours
        for (row,) in database.execute(query):
            yield self._decode(row)

    def _insert(self, count: int) -> str:
        columns = (*self.keys, "row")
        marks = f"({', '.join('?' * len(columns))})"
        values = ", ".join([marks] * count)
        return f"REPLACE INTO {self.name} ({', '.join(columns)}) VALUES {values}"  # noqa: S608

    def first_key(self, row: Row) -> str | int:
        """What a row is dropped by."""
        key: str | int = getattr(row, self.keys[0])
        return key

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple([getattr(row, key) for key in self.keys])


_encode: Final = msgspec.msgpack.Encoder().encode
_ROWID: Final = "rowid"  # the order in which they were written last
_TABLES: Final = (
    Table(CountersRow, "counters", {"id": "INTEGER"}, "id"),
    Table(NoteRow, "notes", {"name": "TEXT"}, "name"),
    Table(PersonRow, "people", {"number": "TEXT"}, _ROWID),
    Table(UploadRow, "uploads", {"file_id": "TEXT"}, _ROWID),
    Table(ScenarioRow, "scenarios", {"name": "TEXT"}, "name"),
    Table(RunRow, "runs", {"number": "INTEGER"}, "number"),
    Table(ProgressRow, "progress", {"id": "TEXT"}, "id"),
    Table(MessageRow, "messages", {"id": "TEXT"}, _ROWID),
    Table(DeliveryRow, "deliveries", {"seq": "INTEGER"}, "seq"),
    Table(AttemptRow, "attempts", {"seq": "INTEGER", "number": "INTEGER"}, "seq, number"),
)
_TABLE: Final = {table.row: table for table in _TABLES}


def create(database: sqlite3.Connection) -> None:
    """Make the tables."""
    for table in _TABLES:
        database.execute(table.create)


def mark(database: sqlite3.Connection) -> None:
    """Say in its header that it is one of ours, and of which version."""
    database.execute(f"PRAGMA application_id = {APPLICATION}")
    database.execute(f"PRAGMA user_version = {VERSION}")


def read(database: sqlite3.Connection) -> Iterator[Row]:
    """All rows, of each sort the oldest first; what later sorts rest on comes before them."""
    for table in _TABLES:
        yield from table.read(database)


def write(database: sqlite3.Connection, told: Iterable[Keep]) -> None:
    """Carry out what a store was told, in its order; a delivery's attempts go with it."""
    batch = _Batch()
    for each in told:
        if isinstance(each, Forget):
            batch = _Batch(forget=True)
        elif isinstance(each, Drop):
            batch.drop(each)
        else:
            if batch.drops(each):
                batch.carry_out(database)
                batch = _Batch()
            batch.put(each)
    batch.carry_out(database)


class _Batch:
    """What is carried out together: first it forgets, then it writes, then it drops."""

    def __init__(self, *, forget: bool = False) -> None:
        self._forget = forget
        self._rows: dict[type[Row], list[Row]] = {}
        self._dropped: dict[type[Row], dict[str | int, None]] = {}

    def put(self, row: Row) -> None:
        self._rows.setdefault(type(row), []).append(row)

    def drop(self, drop: Drop) -> None:
        self._dropped.setdefault(drop.table, {})[drop.key] = None

    def drops(self, row: Row) -> bool:
        """Whether it drops what is of a row's key, so that the row must come after it."""
        dropped = self._dropped.get(type(row))
        return dropped is not None and _TABLE[type(row)].first_key(row) in dropped

    def carry_out(self, database: sqlite3.Connection) -> None:
        if self._forget:
            for table in _TABLES:
                database.execute(f"DELETE FROM {table.name}")  # noqa: S608 -- a name of ours
        for sort, rows in self._rows.items():
            _TABLE[sort].write(database, rows)
        if DeliveryRow in self._dropped:
            self._dropped[AttemptRow] = self._dropped[DeliveryRow]
        for sort, keys in self._dropped.items():
            _TABLE[sort].drop(database, keys)
