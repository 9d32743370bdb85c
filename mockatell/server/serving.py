"""The web server: bound first, patient only so far, and drained when it is told to end."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.server.app import App

_BACKLOG: Final = 2048
_MOST_CONNECTIONS: Final = 4096
_KEEP_ALIVE: Final = 75
HEAD_PATIENCE: Final = 20.0
"""Seconds in which the head of a request must have come."""
_REASONS: Final = {
    errno.EADDRINUSE: "--port {port}: something listens there already; give another, or 0 for any",
    errno.EACCES: "--port {port}: only root may listen there; give one above 1023",
    errno.EADDRNOTAVAIL: "--host {host}: this is not an address of this machine",
}


def bind(host: str, port: int) -> socket.socket:
    """Listen there.

    Raises:
        ConfigurationError: It cannot be.
    """
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = found[0]
        both = family == socket.AF_INET6 and ipaddress.ip_address(address[0]).is_unspecified
        return socket.create_server(
            address[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both
        )
    except (socket.gaierror, UnicodeError):
        raise ConfigurationError(f"--host {host}: there is no address of that name") from None
    except OSError as error:
        reason = _REASONS.get(error.errno or 0)
        if reason is None:
            reason = "--host {host} --port {port}: " + os.strerror(error.errno or 0)
        raise ConfigurationError(reason.format(host=host, port=port)) from None


def on_loopback(listener: socket.socket) -> bool:
    """Whether only this machine can connect."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def url_of(listener: socket.socket) -> str:
    """How this machine gets there."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        return f"http://127.0.0.1:{port}"
    return f"http://[{host}]:{port}" if address.version == 6 else f"http://{host}:{port}"  # noqa: PLR2004


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
