"""How our transports are used through httpx."""

from __future__ import annotations

from typing import Final

import httpx

from mockatell.model import Trouble
from mockatell.shell.senders.location import DEFAULT_PORTS, Location
from mockatell.shell.senders.wire import Reply, Request

_DAY: Final = 86_400.0  # as good as no limit

_AS_HTTPX: Final[dict[Trouble, type[httpx.TransportError]]] = {
    Trouble.CONNECT: httpx.ConnectTimeout,
    Trouble.RESET: httpx.ReadError,
    Trouble.CLOSED: httpx.RemoteProtocolError,
    Trouble.NOT_HTTP: httpx.RemoteProtocolError,
    Trouble.TIMEOUT: httpx.ReadTimeout,
}


class ExchangeTransport(httpx.AsyncBaseTransport):
    """An httpx transport that keeps an exchange's time itself, from the first byte to the last.

    Through httpx, `timeout.connect` holds for the connection and `timeout.read` for the exchange.
    """

    async def exchange(self, request: Request) -> Reply:
        """Carry out one exchange; whatever fails at the other end is in the reply."""
        raise NotImplementedError

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for httpx: trouble becomes one of its exceptions."""
        return outgoing(await self.exchange(incoming(request, await request.aread())))


def incoming(request: httpx.Request, body: bytes) -> Request:
    """A request of httpx's as one of ours."""
    url, limits = request.url, request.extensions.get("timeout", {})
    return Request(
        location=Location(
            url.scheme,
            url.raw_host.decode("ascii"),
            url.port or DEFAULT_PORTS[url.scheme],
            url.netloc,
            request.extensions.get("target", url.raw_path),
        ),
        headers=tuple(request.headers.raw),
        body=body,
        timeout=limits.get("read") or _DAY,
        connect_timeout=limits.get("connect") or _DAY,
        method=request.method,
    )


def outgoing(reply: Reply) -> httpx.Response:
    """A reply as a response of httpx's.

    Raises:
        httpx.TransportError: There was no answer.
    """
    if reply.status_code is None:
        trouble = reply.trouble or Trouble.CLOSED
        raise _AS_HTTPX.get(trouble, httpx.ConnectError)(reply.words)
    return httpx.Response(
        reply.status_code, headers=list(reply.headers), stream=httpx.ByteStream(reply.body)
    )
