"""The web server: bound first, patient only so far, and drained when it is told to end."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from mockatell.server.app import App

_BACKLOG: Final = 2048
_MOST_CONNECTIONS: Final = 4096
_KEEP_ALIVE: Final = 75
HEAD_PATIENCE: Final = 20.0
"""Seconds in which the head of a request must have come."""


class _Protocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]  # chosen by what is installed
    """uvicorn's, which would wait for ever for the rest of a request's head."""

    _alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Be patient for so long, where a head has begun to come, or is still to come."""
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._disarm()
        elif self._alarm is None:
            self._alarm = self.loop.call_later(HEAD_PATIENCE, self.transport.close)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


class Server(uvicorn.Server):
    """Serves one app on one listener until it is told to end, by SIGTERM or Ctrl-C or `stop`.

    Args:
        app: What to serve.
        grace: Seconds that requests in flight are given at the end; a second signal ends that.
    """

    def __init__(self, app: App, grace: float) -> None:
        self._served = app
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=_BACKLOG,
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=max(1, round(grace)),
            )
        )

    def stop(self) -> None:
        """Begin the end; a second time, make it short."""
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals as a wish to end in order, which is no failure."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        self._served.ready = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, let those go who only wait, and finish what is asked."""
        self._served.ready = False
        self._served.ending.begin()
        await super().shutdown(sockets)
