"""A small HTTP server in a thread, for tests: bounded in what it reads, gone when closed.

It is one thread with an event loop of its own, so that a client that keeps its connection open
holds no thread, and the app under test may block the thread that it calls from.
"""

from __future__ import annotations

import asyncio
import socket
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mockatell.clickatell.standin import ApiRequest, ApiResponse
from mockatell.shell.dialogue import Incoming, Limits, Outgoing, serve

if TYPE_CHECKING:
    from collections.abc import Callable


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
        serving = asyncio.create_task(serve(self._socket, self._respond, self._limits))
        await self._stop.wait()
        serving.cancel()
        await asyncio.wait([serving])

    async def _respond(self, incoming: Incoming) -> Outgoing:
        path, _, query = incoming.target.decode("latin-1").partition("?")
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in incoming.headers
        )
        response = self._answer(
            ApiRequest(incoming.method, unquote(path), query, headers, incoming.body)
        )
        own = tuple((name.encode(), value.encode()) for name, value in response.headers)
        return Outgoing(response.status, own, response.body)
