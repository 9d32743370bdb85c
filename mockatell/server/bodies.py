"""Requests' bodies: read up to a size and in a time, decompressed, never trusted."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Final

from mockatell.model import Frozen

if TYPE_CHECKING:
    from starlette.types import Receive

MB: Final = 2**20
_MOST_PASSED_OVER: Final = 64 * MB
"""Bytes beyond the limit that are read and dropped, so that the client gets to read its answer."""
_WINDOW_BITS: Final = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


class BodyError(Exception):
    """A body that cannot be had.

    Args:
        status: The HTTP status that says so.
        detail: Why, in a sentence without a full stop.
    """

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(detail)


class Body(Frozen, frozen=True):
    """What came.

    Args:
        content: Decompressed, and cut one byte after the limit: longer than that is too long.
        complete: Whether all of it was read; if not, the connection is of no use any more.
    """

    content: bytes
    complete: bool = True


class Room:
    """How many bytes of bodies may be held at once, all requests together.

    Args:
        most: That many.
        patience: Seconds in which a body must have come.
    """

    def __init__(self, most: int = 256 * MB, patience: float = 60.0) -> None:
        self._free = most
        self._patience = patience

    async def read(self, receive: Receive, headers: dict[bytes, bytes], limit: int) -> Body:
        """Read a request's body.

        Args:
            receive: The request's.
            headers: By their names in lower case.
            limit: Bytes that it may have, decompressed or not.

        Raises:
            BodyError: It came too slowly, broke off, is not what its encoding says, or there is no
                room for it now.
        """
        bits = _window_bits(headers)
        if _declared(headers) > limit + _MOST_PASSED_OVER:
            return Body(bytes(limit + 1), complete=False)
        collector = _Collector(self, limit)
        try:
            async with asyncio.timeout(self._patience):
                await collector.collect(receive)
        except TimeoutError:
            raise BodyError(408, f"no whole body came within {self._patience:g} s") from None
        finally:
            self._free += collector.held
        body = Body(collector.content(), complete=collector.complete)
        return body if bits is None else Body(_inflated(body.content, bits, limit), body.complete)

    def take(self, size: int) -> None:
        """Claim room.

        Raises:
            BodyError: There is not that much.
        """
        if size > self._free:
            raise BodyError(503, "too many large requests at once")
        self._free -= size


class _Collector:
    """Puts the chunks of one body together, and drops what goes beyond the limit."""

    def __init__(self, room: Room, limit: int) -> None:
        self.complete = False
        self.held = 0
        self._room = room
        self._limit = limit
        self._seen = 0
        self._chunks: list[bytes] = []

    async def collect(self, receive: Receive) -> None:
        while not self.complete and self._seen <= self._limit + _MOST_PASSED_OVER:
            message = await receive()
            if message["type"] != "http.request":
                raise BodyError(400, "the request broke off")
            self._add(message.get("body", b""))
            self.complete = not message.get("more_body", False)

    def _add(self, chunk: bytes) -> None:
        kept = chunk[: max(0, self._limit + 1 - self._seen)]
        self._seen += len(chunk)
        if kept:
            self._room.take(len(kept))
            self.held += len(kept)
            self._chunks.append(kept)

    def content(self) -> bytes:
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)


def _declared(headers: dict[bytes, bytes]) -> int:
    """The length that the request says it has; 0 where it says none, or what is no number."""
    text = headers.get(b"content-length", b"")
    return int(text) if text.isdigit() and len(text) < 20 else 0  # noqa: PLR2004 -- 64 bits


def _window_bits(headers: dict[bytes, bytes]) -> int | None:
    """How zlib is to read the body; None for as it is."""
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    if encoding in (b"", b"identity"):
        return None
    if encoding not in _WINDOW_BITS:
        raise BodyError(415, "the content encoding is none of gzip, deflate and identity")
    return _WINDOW_BITS[encoding]


def _inflated(content: bytes, bits: int, limit: int) -> bytes:
    """What was compressed, cut one byte after the limit."""
    stream = zlib.decompressobj(bits)
    try:
        inflated = stream.decompress(content, limit + 1)
    except zlib.error:
        raise BodyError(400, "the body is not compressed as its content encoding says") from None
    if not stream.eof and len(inflated) <= limit:
        raise BodyError(400, "the compressed body broke off")
    return inflated
