"""What a store is: it keeps a sidecar's rows, and gives them back after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from mockatell.core.sidecar.rows import Keep, Row


class Store(Protocol):
    """Keeps rows in the order in which it is told to."""

    def load(self) -> list[Row]:
        """All rows that are kept, of each sort the oldest first; asked once, before `keep`.

        Raises:
            StoreError: They cannot be read.
        """
        ...

    def keep(self, rows: Sequence[Keep]) -> asyncio.Future[None] | None:
        """Keep these, or keep them no longer; done when a crash cannot undo it any more.

        None says that there is nothing to wait for. The future raises `StoreError`.

        Raises:
            StoreError: Nothing can be kept since an earlier call.
        """
        ...

    async def aclose(self) -> None:
        """Keep what is still to be kept, and let go of the file."""
        ...


class MemoryStore:
    """Keeps nothing: what the process knows ends with it."""

    def load(self) -> list[Row]:
        """Nothing."""
        return []

    def keep(self, _rows: Sequence[Keep]) -> None:
        """Nothing to wait for."""

    async def aclose(self) -> None:
        """Nothing to let go of."""
