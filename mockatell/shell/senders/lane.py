"""Our HTTP/1.1 transport for real sockets: one connection a lane, idle lanes on a stack."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from msgspec.structs import replace

from mockatell.model import Tls, Trouble
from mockatell.shell.senders import words
from mockatell.shell.senders.bridge import ExchangeTransport
from mockatell.shell.senders.connect import Unconnected, reach, ssl_context
from mockatell.shell.senders.connection import Lane
from mockatell.shell.senders.wire import BODY_LIMIT, Reply, Request

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Coroutine, Iterable, Sequence

    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.connect import Allows
    from mockatell.shell.senders.location import Location

T = TypeVar("T")


class LaneTransport(ExchangeTransport):
    """Carries each exchange on a connection of its own, the most recently used idle one if any.

    A request is sent once, whatever comes of it: whether it is tried again is the policy's to say.
    It follows no redirect, keeps no cookie, decompresses nothing and reads no proxy from the
    environment; how many connections there may be is its user's business. It goes through no
    class of httpx's or httpcore's that mocking libraries patch.

    Args:
        timer: What times are taken from.
        tls: Whom to trust over https, and what to show.
        body_limit: Bytes of an answer's body to read.
        allows: Says to which hosts, at which addresses, it may connect; None: to all.

    Raises:
        ConfigurationError: A certificate file cannot be used.
    """

    def __init__(
        self,
        timer: Timer,
        *,
        tls: Tls | None = None,
        body_limit: int = BODY_LIMIT,
        allows: Allows | None = None,
    ) -> None:
        self._timer = timer
        self._body_limit = body_limit
        self._allows = allows
        self._context = None if tls is None else ssl_context(tls)
        self._idle: dict[tuple[str, str, int], list[Lane]] = {}
        self._lanes: set[Lane] = set()

    async def exchange(self, request: Request) -> Reply:
        """Carry out one exchange; cancelled, it closes its lane.

        Raises:
            ConfigurationError: This process may not open another socket.
        """
        handed = self._timer()
        try:
            lane = await self._lane(request)
        except Unconnected as error:
            return error.reply(waited=self._timer() - handed)
        reply = lane.begin(request.rendered())
        lane.allow(request.timeout)
        return await self._outcome(_Runner(request, lane, reply), handed)

    async def race(self, requests: Sequence[Request]) -> list[tuple[float, Reply]]:
        """Release requests together.

        Each takes a lane and sends all but its last byte; then the last bytes go out in one loop,
        and the timeouts count from there.

        Returns for each, in order, the seconds from the earliest release to its own (0 where no
        connection came about), and its reply.

        Raises:
            ConfigurationError: This process may not open another socket.
        """
        handed = self._timer()
        runners: list[_Runner] = []
        try:
            entrants = await _all(self._enter(request, runners) for request in requests)
            _release(runners)
            first = min((runner.lane.sent_at for runner in runners), default=handed) - handed
            replies = await _all(self._finish(each, handed, first) for each in entrants)
        finally:
            for runner in runners:
                runner.withdraw()
        return [(reply.waited - first, reply) for reply in replies]

    async def aclose(self) -> None:
        """Close every lane and wait until they are gone."""
        lanes = list(self._lanes)
        self._idle.clear()
        for lane in lanes:
            lane.abort()
        for lane in lanes:
            await lane.gone

    def _take(self, location: Location) -> Lane | None:
        lanes = self._idle.get(location.origin, [])
        while lanes:
            lane = lanes.pop()
            if lane.wake():
                return lane
        return None

    def _put_back(self, lane: Lane, request: Request) -> None:
        if lane.settle(keep=request.keep):
            self._idle.setdefault(request.location.origin, []).append(lane)

    async def _outcome(self, runner: _Runner, handed: float) -> Reply:
        request, lane = runner.request, runner.lane
        try:
            reply = await runner.reply
        except BaseException:
            lane.abort()
            raise
        self._put_back(lane, request)
        return replace(reply, waited=lane.sent_at - handed)

    # How lanes come about

    async def _lane(self, request: Request) -> Lane:
        return self._take(request.location) or await self._connect(request)

    async def _connect(self, request: Request) -> Lane:
        limit = request.connect_timeout
        try:
            async with asyncio.timeout(limit):
                return await self._lay(
                    await reach(request.location, self._allows), request.location
                )
        except TimeoutError as error:
            raise Unconnected(Trouble.CONNECT, f"no connection within {limit:g} s") from error

    async def _lay(self, sock: socket.socket, location: Location) -> Lane:
        lane = Lane(self._timer, self._body_limit, self._lanes.discard)
        secure = location.scheme == "https"
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: lane,
                sock=sock,
                ssl=self._trusting() if secure else None,
                server_hostname=location.host if secure else None,
            )
        except OSError as error:
            raise Unconnected(*words.while_laying(error, secure=secure)) from error
        except BaseException:
            lane.abort()
            raise
        self._lanes.add(lane)
        return lane

    def _trusting(self) -> ssl.SSLContext:
        self._context = self._context or ssl_context(Tls())
        return self._context

    # How a race is run

    async def _enter(self, request: Request, runners: list[_Runner]) -> _Runner | Reply:
        try:
            lane = await self._lane(request)
        except Unconnected as error:
            return error.reply()
        data = request.rendered()
        runner = _Runner(request, lane, lane.begin(data[:-1]), data[-1:])
        runners.append(runner)
        await lane.flushed(request.timeout)
        return runner

    async def _finish(self, entrant: _Runner | Reply, handed: float, first: float) -> Reply:
        if isinstance(entrant, Reply):
            return replace(entrant, waited=first)  # as if it had been released with the others
        return await self._outcome(entrant, handed)


class _Runner(NamedTuple):
    """A request under way on a lane; `last` is what a race holds back of it."""

    request: Request
    lane: Lane
    reply: asyncio.Future[Reply]
    last: bytes = b""

    def withdraw(self) -> None:
        """Close the lane unless the exchange is over."""
        if not self.reply.done():
            self.lane.abort()


def _release(runners: list[_Runner]) -> None:
    for _, lane, _, last in runners:  # nothing else in this loop: it is the race's spread
        lane.release(last)
    for runner in runners:
        runner.lane.allow(runner.request.timeout)


async def _all(waits: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """As `asyncio.gather`, but no wait is left running when another fails."""
    results = await asyncio.gather(*waits, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return cast("list[T]", results)
