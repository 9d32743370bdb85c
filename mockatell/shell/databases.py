"""Looking into the customer's database: one query, in a transaction that is always rolled back."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.scenario.urls import masked
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ROWS: Final = 1_000
_READ_ONLY: Final = {
    "mariadb": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "postgresql": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
"""What makes a database refuse to write, by dialect; elsewhere the rollback has to do."""


class UnseenError(Exception):
    """A query that was not answered; says why."""


class Database:
    """A database that is looked into; each look is a connection of its own.

    Args:
        url: As SQLAlchemy has it, for example `postgresql+psycopg://user:password@host/name`.

    Raises:
        ConfigurationError: SQLAlchemy or the database's driver is not installed, or the URL is
            none that it knows.
    """

    def __init__(self, url: str) -> None:
        try:
            import sqlalchemy
        except ModuleNotFoundError:
            raise ConfigurationError(
                "a probe with `sql` needs SQLAlchemy: pip install 'mockatell[sql]'"
            ) from None
        try:
            self._engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"{masked(url)} needs the driver {error.name}, which is not installed"
            ) from None
        except (sqlalchemy.exc.ArgumentError, ValueError):
            raise ConfigurationError(f"{masked(url)} is no database that is known") from None
        self._shown = masked(url)

    def rows(self, sql: str, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
        """What a query finds, as JSON would have it.

        Args:
            sql: The query; `:name` stands for a parameter.
            parameters: By name; they are bound, never written into the query.

        Raises:
            UnseenError: The database cannot be reached or refuses, or there are too many rows.
        """
        import sqlalchemy

        self._check_file()
        try:
            with self._engine.connect() as connection, connection.begin() as transaction:
                if read_only := _READ_ONLY.get(self._engine.dialect.name):
                    connection.execute(sqlalchemy.text(read_only))
                found = connection.execute(sqlalchemy.text(sql), dict(parameters))
                rows = [dict(row) for row in found.mappings().fetchmany(MOST_ROWS + 1)]
                transaction.rollback()
        except (sqlalchemy.exc.SQLAlchemyError, OSError, ValueError) as error:
            raise UnseenError(_first_line(error)) from None
        if len(rows) > MOST_ROWS:
            raise UnseenError(f"more than {MOST_ROWS:,} rows")
        return [{name: plain(value) for name, value in row.items()} for row in rows]

    def _check_file(self) -> None:
        """SQLite would make a file that is not there; that would be writing."""
        name = self._engine.url.database
        plainly = self._engine.dialect.name == "sqlite" and name and not name.startswith("file:")
        if plainly and name != ":memory:" and not Path(name or "").is_file():
            raise UnseenError(f"there is no file {name}")

    def __repr__(self) -> str:
        return f"<Database {self._shown}>"


def plain(value: Any) -> Any:
    """A column's value as JSON would have it."""
    match value:
        case dict():
            return {str(key): plain(own) for key, own in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return _scalar(value)


def _scalar(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return bytes(value).decode(errors="backslashreplace")
        case _:
            return str(value)


def _first_line(error: Exception) -> str:
    """The database's own words; what SQLAlchemy adds to them are the query and its parameters."""
    own = getattr(error, "orig", None) or error
    return str(own).partition("\n")[0] or type(own).__name__
