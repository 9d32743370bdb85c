"""The server's side of HTTP/1.1 on a socket: bounded in what it reads, patient only so far."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Final

import h11

from mockatell.model import Frozen

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from mockatell.shell.senders.wire import Header

    Answering = Callable[["Incoming"], Awaitable["Outgoing"]]

_CHUNK: Final = 64 * 1024
_TOO_LARGE: Final = 413
_TOO_SLOW: Final = 408
_BODILESS: Final = frozenset({204, 304})


class Incoming(Frozen, frozen=True):
    """One request, as it came.

    Args:
        method: In capitals.
        target: Path and query, byte for byte.
        headers: In order, spelt as they came.
        body: Its bytes.
    """

    method: str
    target: bytes
    headers: tuple[Header, ...] = ()
    body: bytes = b""


class Outgoing(Frozen, frozen=True):
    """One answer; `Content-Length` is added to it."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""


class Limits(Frozen, frozen=True):
    """What one request may take.

    Args:
        head: Bytes of its request line and headers, give or take what is read at once.
        body: Bytes of its body.
        seconds: From its first byte to its last, and for taking the answer.
        idle: Seconds that a connection may idle between requests.
        connections: How many there may be; others wait for one to close.
    """

    head: int = 64 * 1024
    body: int = 32 * 1024 * 1024
    seconds: float = 10.0
    idle: float = inf
    connections: int = 1024


async def serve(listener: socket.socket, answer: Answering, limits: Limits) -> None:
    """Answer requests until it is cancelled; then every client is hung up on.

    Args:
        listener: Bound and listening, not blocking; closed in the end.
        answer: Called with each request.
        limits: What is refused: 431 for the head, 413 for the body, 408 for the time.
    """
    loop = asyncio.get_running_loop()
    room = asyncio.Semaphore(limits.connections)
    with listener:
        async with asyncio.TaskGroup() as group:
            while True:
                await room.acquire()
                connection, _ = await loop.sock_accept(listener)
                meeting = group.create_task(_meet(connection, answer, limits))
                meeting.add_done_callback(lambda _: room.release())


async def _meet(connection: socket.socket, answer: Answering, limits: Limits) -> None:
    with connection, suppress(OSError):  # the client has gone, or does not take its answer
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            await _Dialogue(reader, writer, answer, limits).carry_on()
        finally:
            writer.transport.abort()


class _RefusedError(Exception):
    """A request that is not read to its end."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Dialogue:
    """One connection."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Answering,
        limits: Limits,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answer = answer
        self._limits = limits
        self._wire = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head)
        self._wants_head_alone = False

    async def carry_on(self) -> None:
        """Answer request after request, until either end has enough."""
        while await self._is_spoken_to():
            try:
                request = await self._request()
            except _RefusedError as refused:
                await self._send(Outgoing(refused.status, ((b"Connection", b"close"),)))
                await self._hang_up()
                return
            if request is None:
                return
            await self._send(await self._answer(request))
            if self._wire.our_state is not h11.DONE:
                await self._hang_up()
                return
            self._wire.start_next_cycle()

    async def _is_spoken_to(self) -> bool:
        """Wait for the first bytes of a request; those of the next may be here already."""
        if self._wire.trailing_data[0]:
            return True
        async with asyncio.timeout(None if self._limits.idle == inf else self._limits.idle):
            data = await self._reader.read(_CHUNK)
        self._wire.receive_data(data)
        return bool(data)

    async def _request(self) -> Incoming | None:
        """One request; None where there was none."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                head = await self._event()
                return await self._whole(head) if isinstance(head, h11.Request) else None
        except TimeoutError:
            raise _RefusedError(_TOO_SLOW) from None
        except h11.RemoteProtocolError as error:
            raise _RefusedError(error.error_status_hint) from None

    async def _whole(self, head: h11.Request) -> Incoming:
        self._wants_head_alone = head.method == b"HEAD"
        body = await self._body(dict(head.headers))
        headers = tuple(head.headers.raw_items())
        return Incoming(head.method.decode(), head.target, headers, body)

    async def _body(self, headers: dict[bytes, bytes]) -> bytes:
        if int(headers.get(b"content-length", 0)) > self._limits.body:
            raise _RefusedError(_TOO_LARGE)
        if self._wire.they_are_waiting_for_100_continue:
            self._write(h11.InformationalResponse(status_code=100, headers=[]))
        body = bytearray()
        while isinstance(part := await self._event(), h11.Data):
            body += part.data
            if len(body) > self._limits.body:
                raise _RefusedError(_TOO_LARGE)
        return bytes(body)

    async def _event(self) -> object:
        while (event := self._wire.next_event()) is h11.NEED_DATA:
            self._wire.receive_data(await self._reader.read(_CHUNK))
        return event

    async def _send(self, response: Outgoing) -> None:
        bare = response.status in _BODILESS
        length = [] if bare else [(b"Content-Length", b"%d" % len(response.body))]
        body = b"" if bare or self._wants_head_alone else response.body
        self._write(
            h11.Response(status_code=response.status, headers=[*response.headers, *length]),
            *([h11.Data(data=body)] if body else []),
            h11.EndOfMessage(),
        )
        async with asyncio.timeout(self._limits.seconds):
            await self._writer.drain()

    def _write(self, *events: h11.Event) -> None:
        """Write in one piece: a head that leaves before its body waits for the client's word."""
        self._writer.write(b"".join(self._wire.send(event) or b"" for event in events))

    async def _hang_up(self) -> None:
        """Let the client have said all: one that still sends would lose the answer."""
        self._writer.write_eof()
        async with asyncio.timeout(self._limits.seconds):
            while await self._reader.read(_CHUNK):
                pass
