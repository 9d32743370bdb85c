"""What has changed since anyone last asked: for the store, and for the live feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockatell.core.sidecar.rows import Keep

    Told = tuple[str, str]  # type and `about` of a feed's entry


class Changes:
    """Collects rows to keep, in their order, and what the feed is to tell, each once."""

    def __init__(self) -> None:
        self._rows: list[Keep] = []
        self._told: dict[Told, None] = {}

    def keep(self, row: Keep) -> None:
        """Something is to be kept, or to be kept no longer."""
        self._rows.append(row)

    def tell(self, kind: str, about: str | int = "") -> None:
        """Something is new, or stands otherwise now."""
        self._told[kind, str(about)] = None

    def rows(self) -> list[Keep]:
        """What is to be kept since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def told(self) -> list[Told]:
        """What the feed is to tell since the last call."""
        told, self._told = self._told, {}
        return list(told)
