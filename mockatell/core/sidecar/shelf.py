"""Things of which only the newest are kept, up to some amount in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.sidecar.rows import Drop

if TYPE_CHECKING:
    from mockatell.core.sidecar.changes import Changes
    from mockatell.core.sidecar.rows import Row


class Shelf:
    """Says which rows of a sort are to be dropped as others are put beside them.

    Args:
        sort: The rows.
        room: How much there is room for.
        changes: Told of what is dropped.
    """

    def __init__(self, sort: type[Row], room: int, changes: Changes) -> None:
        self._sort = sort
        self._room = room
        self._changes = changes
        self._used = 0
        self._sizes: dict[str, int] = {}

    def put(self, key: str, size: int = 1) -> None:
        """One more, or one again; the oldest go where there is no room for all."""
        self._used += size - self._sizes.pop(key, 0)
        self._sizes[key] = size
        while self._used > self._room:
            oldest = next(iter(self._sizes))
            self._used -= self._sizes.pop(oldest)
            self._changes.keep(Drop(self._sort, oldest))
