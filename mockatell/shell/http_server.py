"""A small HTTP server in a thread, for tests: bounded in what it reads, gone when closed.

It is one thread with an event loop of its own, so that a client that keeps its connection open
holds no thread, and the app under test may block the thread that it calls from.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import h11

from mockatell.clickatell.standin import ApiRequest, ApiResponse
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK: Final = 64 * 1024
_TOO_LARGE: Final = 413
_TOO_SLOW: Final = 408


class Limits(Frozen, frozen=True):
    """What one request may take.

    Args:
        head: Bytes of its request line and headers, give or take what is read at once.
        body: Bytes of its body.
        seconds: From its first byte to its last, and for taking the answer. A connection may idle
            between requests for as long as it likes.
    """

    head: int = 64 * 1024
    body: int = 32 * 1024 * 1024
    seconds: float = 10.0


class HttpServer:
    """Answers requests until it is closed.

    Args:
        answer: Called with each request, on the server's thread; it must not block.
        host: Where it listens.
        port: 0 takes any that is free.
        limits: What is refused: 431 for the head, 413 for the body, 408 for the time.

    Raises:
        OSError: Nothing can listen there.
    """

    def __init__(
        self,
        answer: Callable[[ApiRequest], ApiResponse],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
    ) -> None:
        self._answer = answer
        self._limits = limits or Limits()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._stop = asyncio.Event()
        self._loop = asyncio.SelectorEventLoop()
        self._thread = Thread(target=self._run, name="mockatell stand-in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on every client; no socket and no thread is left."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        accepting = asyncio.create_task(self._accept())
        await self._stop.wait()
        accepting.cancel()
        await asyncio.wait([accepting])

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        with self._socket:
            async with asyncio.TaskGroup() as group:
                while True:
                    connection, _ = await loop.sock_accept(self._socket)
                    group.create_task(self._meet(connection))

    async def _meet(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client has gone, or does not take its answer
            reader, writer = await asyncio.open_connection(sock=connection)
            try:
                await _Dialogue(reader, writer, self._answer, self._limits).carry_on()
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
        answer: Callable[[ApiRequest], ApiResponse],
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
                await self._send(ApiResponse(refused.status, (("Connection", "close"),), b""))
                await self._hang_up()
                return
            if request is None:
                return
            await self._send(self._answer(request))
            if self._wire.our_state is not h11.DONE:
                await self._hang_up()
                return
            self._wire.start_next_cycle()

    async def _is_spoken_to(self) -> bool:
        """Wait for the first bytes of a request; those of the next may be here already."""
        if self._wire.trailing_data[0]:
            return True
        data = await self._reader.read(_CHUNK)
        self._wire.receive_data(data)
        return bool(data)

    async def _request(self) -> ApiRequest | None:
        """One request; None where there was none."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                head = await self._event()
                return await self._whole(head) if isinstance(head, h11.Request) else None
        except TimeoutError:
            raise _RefusedError(_TOO_SLOW) from None
        except h11.RemoteProtocolError as error:
            raise _RefusedError(error.error_status_hint) from None

    async def _whole(self, head: h11.Request) -> ApiRequest:
        self._wants_head_alone = head.method == b"HEAD"
        path, _, query = head.target.decode("latin-1").partition("?")
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in head.headers)
        body = await self._body(dict(headers))
        return ApiRequest(head.method.decode(), unquote(path), query, headers, body)

    async def _body(self, headers: dict[str, str]) -> bytes:
        if int(headers.get("content-length", 0)) > self._limits.body:
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

    async def _send(self, response: ApiResponse) -> None:
        length = ("Content-Length", str(len(response.body)))
        body = b"" if self._wants_head_alone else response.body
        self._write(
            h11.Response(status_code=response.status, headers=[*response.headers, length]),
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
