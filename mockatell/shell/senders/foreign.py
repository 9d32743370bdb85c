"""How httpx transports that are not ours are used: HTTP/2, proxies, a user's own, apps."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any, Final, cast

import httpx
from msgspec.structs import replace

from mockatell.errors import ConfigurationError, MockatellError
from mockatell.model import Trouble
from mockatell.shell.senders import words
from mockatell.shell.senders.location import ExactURL
from mockatell.shell.senders.wire import BODY_LIMIT, Reply, Request, late

if TYPE_CHECKING:
    from mockatell.shell.senders.base import Timer

_TROUBLES: Final[tuple[tuple[type[httpx.TransportError], Trouble], ...]] = (
    (httpx.ConnectTimeout, Trouble.CONNECT),
    (httpx.PoolTimeout, Trouble.CONNECT),
    (httpx.TimeoutException, Trouble.TIMEOUT),
    (httpx.ConnectError, Trouble.REFUSED),
    (httpx.NetworkError, Trouble.RESET),
    (httpx.RemoteProtocolError, Trouble.NOT_HTTP),
    (httpx.TransportError, Trouble.CONNECT),
)
_OURS: Final = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)
_CLOSED: Final = ("disconnected", "closed connection")  # h11's and httpcore's words for it


class AnyTransport:
    """An httpx transport, timed from outside.

    The time counts from the first byte sent where the transport tells of it (httpx's own do, by
    their `trace` extension), and from hand-over where it does not.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, timer: Timer) -> None:
        self._transport = transport
        self._timer = timer

    async def exchange(self, request: Request) -> Reply:
        """Carry out one exchange; whatever fails at the other end is in the reply."""
        watch = _Watch(self._timer, request)
        limit = asyncio.timeout(request.timeout)

        async def trace(event: str, _: Any) -> None:
            if allowance := watch.allowance(event):
                limit.reschedule(asyncio.get_running_loop().time() + allowance)

        try:
            async with limit:
                response = await self._transport.handle_async_request(_handed(request, trace))
                return watch.reply(response, await _start(response))
        except MockatellError:
            raise
        except Exception as error:  # noqa: BLE001 -- an app in process may raise anything
            return watch.late() if limit.expired() else watch.failed(error)

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


class AnySyncTransport:
    """As `AnyTransport`, on the calling thread."""

    def __init__(self, transport: httpx.BaseTransport, timer: Timer) -> None:
        self._transport = transport
        self._timer = timer

    def exchange(self, request: Request) -> Reply:
        """Carry out one exchange; whatever fails at the other end is in the reply."""
        watch = _Watch(self._timer, request)

        def trace(event: str, _: Any) -> None:
            watch.allowance(event)

        try:
            response = self._transport.handle_request(_handed(request, trace))
            return watch.reply(response, _start_in_time(response, watch))
        except MockatellError:
            raise
        except Exception as error:  # noqa: BLE001 -- an app in process may raise anything
            return watch.failed(error)

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()


class _Watch:
    """The times of one exchange, and the replies that carry them."""

    def __init__(self, timer: Timer, request: Request) -> None:
        self._timer = timer
        self._request = request
        self._handed = self._sent = timer()

    def allowance(self, event: str) -> float | None:
        """Seconds that the exchange has left after an event of httpcore's, if it changes them."""
        if event.endswith("send_request_headers.started"):
            self._sent = self._timer()
            return self._request.timeout
        if event.startswith("connection.connect_") and event.endswith(".started"):
            return self._request.connect_timeout + self._request.timeout
        return None

    @property
    def over(self) -> bool:
        return self._timer() - self._sent > self._request.timeout

    def reply(self, response: httpx.Response, body: bytes) -> Reply:
        return self._timed(Reply(response.status_code, tuple(response.headers.raw), body))

    def late(self) -> Reply:
        return self._timed(late(self._request.timeout, took=0.0))

    def failed(self, error: Exception) -> Reply:
        if isinstance(error, _OURS):
            raise ConfigurationError(f"the transport cannot send this: {error}") from error
        if not isinstance(error, httpx.TransportError):
            return self._timed(Reply(500, raised=words.raised(error)))
        trouble, why = _told(error)
        return self._timed(Reply(trouble=trouble, words=why))

    def _timed(self, reply: Reply) -> Reply:
        took, waited = self._timer() - self._sent, self._sent - self._handed
        return replace(reply, waited=waited, took=took)


def _handed(request: Request, trace: Any) -> httpx.Request:
    limits = {
        "connect": request.connect_timeout,
        "pool": request.connect_timeout,
        "read": request.timeout,
        "write": request.timeout,
    }
    handed = httpx.Request(
        request.method,
        "http://-",
        headers=list(request.headers),
        stream=httpx.ByteStream(request.body),
        extensions={"timeout": limits, "trace": trace},
    )
    handed.url = ExactURL(request.location)  # the constructor would make a plain one of it
    return handed


async def _start(response: httpx.Response) -> bytes:
    kept = bytearray()
    try:
        async for part in cast("httpx.AsyncByteStream", response.stream):
            kept += part
            if len(kept) > BODY_LIMIT:
                break
    finally:
        await response.aclose()
    return bytes(kept[:BODY_LIMIT])


def _start_in_time(response: httpx.Response, watch: _Watch) -> bytes:
    kept = bytearray()
    try:
        for part in cast("httpx.SyncByteStream", response.stream):
            kept += part
            if len(kept) > BODY_LIMIT or watch.over:
                break
    finally:
        response.close()
    return bytes(kept[:BODY_LIMIT])


def _told(error: httpx.TransportError) -> tuple[Trouble, str]:
    """What httpx's exception means: by its own type, and by what the system said at its root."""
    cause = _root(error)
    if isinstance(cause, ssl.SSLError):
        return words.once_connected(cause)
    if isinstance(error, httpx.ConnectError) and isinstance(cause, OSError):
        return words.while_connecting(cause)
    if isinstance(error, httpx.RemoteProtocolError) and any(word in str(error) for word in _CLOSED):
        return Trouble.CLOSED, str(error)
    trouble = next(trouble for kind, trouble in _TROUBLES if isinstance(error, kind))
    return trouble, str(error) or type(error).__name__


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
