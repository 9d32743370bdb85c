"""What goes on for long, and must not outlast its client or the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import HTTPException

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from fastapi import Request

T = TypeVar("T")


class Ending:
    """The end of the server, told to all who wait."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()

    @property
    def begun(self) -> bool:
        """Whether the server is about to end."""
        return self._begun.is_set()

    def begin(self) -> None:
        """Tell all who wait."""
        self._begun.set()

    async def come(self) -> None:
        """Return when it has begun."""
        await self._begun.wait()

    async def unless(self, request: Request, work: Coroutine[Any, Any, T]) -> T:
        """What some work gives, which is given up when the client leaves or the server ends.

        Raises:
            HTTPException: 503, as the server ends.
        """
        working = asyncio.ensure_future(work)
        others = [asyncio.ensure_future(_left(request)), asyncio.ensure_future(self.come())]
        try:
            await asyncio.wait({working, *others}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return await working
        finally:
            await cancelled(working, *others)
        raise HTTPException(503, "the sidecar is about to end")


async def _left(request: Request) -> None:
    """Return when the client has."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def cancelled(*tasks: asyncio.Future[Any]) -> None:
    """Return when all of them are over."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
