"""The live feed: what changes, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from mockatell.core.sidecar.views import Change
from mockatell.server.control.common import Here, problems
from mockatell.server.ending import Ending, cancelled

ROUTER: Final = APIRouter()
BEAT: Final = 15.0
"""Seconds after which a feed in which nothing happens says that it is alive."""
MOST_READERS: Final = 64
_MOST_ID: Final = 2**63 - 1

_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events named after the change's `type`; each one's data is a `Change`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
}


class Readers:
    """Who reads the feed: a bounded number, and none beyond the end of the server."""

    def __init__(self, ending: Ending, most: int = MOST_READERS) -> None:
        self.reading = 0
        self._ending = ending
        self._most = most

    def feed(self, changes: AsyncIterator[Change]) -> AsyncIterator[bytes]:
        """One reader's feed.

        Raises:
            HTTPException: 503, as there are too many.
        """
        if self.reading >= self._most:
            raise HTTPException(503, f"{self._most} are reading the feed already")
        return self._read(changes)

    async def _read(self, changes: AsyncIterator[Change]) -> AsyncIterator[bytes]:
        self.reading += 1
        over = asyncio.ensure_future(self._ending.come())
        upcoming = asyncio.ensure_future(_next(changes))
        try:
            yield b": hello\n\n"
            await _first({over, upcoming})
            while not over.done():
                if not upcoming.done():
                    yield b": still here\n\n"
                elif (change := upcoming.result()) is None:
                    return
                else:
                    upcoming = asyncio.ensure_future(_next(changes))
                    yield _event(change)
                await _first({over, upcoming})
        finally:
            self.reading -= 1
            await cancelled(over, upcoming)


async def _first(either: set[asyncio.Future[Any]]) -> None:
    """Return when one is done, or it is time for a sign of life."""
    await asyncio.wait(either, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)


async def _next(changes: AsyncIterator[Change]) -> Change | None:
    return await anext(changes, None)


def _event(change: Change) -> bytes:
    data = msgspec.json.encode(change)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (change.id, change.type.encode(), data)


@ROUTER.get(
    "/changes",
    tags=["sidecar"],
    response_class=StreamingResponse,
    responses=_STREAM | problems(503),
)
async def changes(
    sidecar: Here,
    request: Request,
    since: Annotated[int, Query(ge=-1, le=_MOST_ID)] = -1,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """What changes from now on, or since the change of this id; as server-sent events.

    A reader that falls too far behind, or asks for what is no longer known, gets a `reset`: it
    should read everything anew.
    """
    readers: Readers = request.app.state.readers
    feed = readers.feed(sidecar.changes(_start(since, last_event_id)))
    return StreamingResponse(
        feed, media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


def _start(since: int, last_event_id: str | None) -> int:
    """What the reader knows already; one that comes back by itself says so in the header."""
    text = last_event_id or ""
    return min(int(text), _MOST_ID) if text.isascii() and text.isdigit() else since
