"""Passing a request on to where it was meant for, and bringing back the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockatell.core.scenario.urls import masked, without_userinfo
from mockatell.errors import ConfigurationError
from mockatell.model import Frozen, Tls, Trouble
from mockatell.shell.dialogue import Incoming, Outgoing
from mockatell.shell.senders.lane import LaneTransport
from mockatell.shell.senders.location import Location, locate
from mockatell.shell.senders.wire import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.wire import Header

BODY_LIMIT: Final = 32 * 1024 * 1024
_BAD_GATEWAY: Final = 502
_GATEWAY_TIMEOUT: Final = 504
_OF_ONE_HOP: Final = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
    b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
})  # fmt: skip
_OF_A_REQUEST: Final = frozenset({b"host", b"content-length", b"expect"})


class Forwarded(Frozen, frozen=True):
    """What came of passing a request on.

    Args:
        answer: What to answer: what was answered, or 502, or 504 where nothing came in time.
        trouble: Why nothing was, in words; "" where something was.
    """

    answer: Outgoing
    trouble: str = ""


class Forwarder:
    """Passes requests on: method, path, query, headers and body stay as they are.

    What concerns one connection only is left out, as is `Host`: it is the other end's own.

    Args:
        base: Where to; its path comes before a request's.
        timer: What times are taken from.
        timeout: Seconds that an answer is waited for.
        insecure: Whether any certificate will do.

    Raises:
        ConfigurationError: It is no URL that can be forwarded to.
    """

    def __init__(self, base: str, timer: Timer, *, timeout: float, insecure: bool = False) -> None:
        shown = masked(base)
        if without_userinfo(base)[1] is not None:
            raise ConfigurationError(
                f"--forward {shown}: leave user and password out: the Authorization header of "
                "what comes is passed on"
            )
        if "?" in base:
            raise ConfigurationError(
                f"--forward {shown}: leave the query out: that of what comes is passed on"
            )
        self._base = locate(base)
        self._timeout = timeout
        tls = Tls(insecure=insecure) if self._base.scheme == "https" else None
        self._transport = LaneTransport(timer, tls=tls, body_limit=BODY_LIMIT)

    async def forward(self, incoming: Incoming) -> Forwarded:
        """Pass one on.

        Raises:
            ConfigurationError: This process may not open another socket.
        """
        reply = await self._transport.exchange(self._request(incoming))
        if reply.status_code is None:
            late = reply.trouble is Trouble.TIMEOUT
            answer = Outgoing(_GATEWAY_TIMEOUT if late else _BAD_GATEWAY)
            return Forwarded(answer, f"{reply.trouble}: {reply.words}")
        own = tuple(_passed_on(reply.headers, {b"content-length"}))
        return Forwarded(Outgoing(reply.status_code, own, reply.body))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    def _request(self, incoming: Incoming) -> Request:
        return Request(
            self._location(incoming.target),
            (
                (b"Host", self._base.authority),
                *_passed_on(incoming.headers, _OF_A_REQUEST),
                (b"Content-Length", b"%d" % len(incoming.body)),
            ),
            incoming.body,
            timeout=self._timeout,
            connect_timeout=self._timeout,
            # To a HEAD the answer has no body, which the reader of answers does not expect.
            method="GET" if incoming.method == "HEAD" else incoming.method,
        )

    def _location(self, target: bytes) -> Location:
        path, question, query = target.partition(b"?")
        before = self._base.target.rstrip(b"/")
        if before and path == b"/":
            path = b""
        if not path.startswith(b"/") and path:  # `*`, or a whole URL as a proxy is given it
            path = b"/" + path.partition(b"://")[2].partition(b"/")[2]
        return replace(self._base, target=(before + path or b"/") + question + query)


def _passed_on(headers: Iterable[Header], own: Iterable[bytes]) -> Iterator[Header]:
    """Headers that concern both ends."""
    kept = list(headers)
    named = (value for name, value in kept if name.lower() == b"connection")
    hop = {word.strip().lower() for value in named for word in value.split(b",")}
    left_out = _OF_ONE_HOP.union(own, hop)
    return ((name, value) for name, value in kept if name.lower() not in left_out)
