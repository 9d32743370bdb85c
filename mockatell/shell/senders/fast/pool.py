"""The sender of a load: ready-made bytes over lanes, and a call back for every exchange."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.errors import ConfigurationError
from mockatell.model import Tls, Trouble
from mockatell.shell.senders import words
from mockatell.shell.senders.base import Scrub, as_is
from mockatell.shell.senders.connect import Unconnected, reach, ssl_context
from mockatell.shell.senders.fast.lane import FastLane
from mockatell.shell.senders.fast.race import Race
from mockatell.shell.senders.fast.wheel import Wheel
from mockatell.shell.senders.location import locate
from mockatell.shell.senders.prepared import Prepared

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from mockatell.model import Answer, Endpoint, Exchange, Role
    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.connect import Allows
    from mockatell.shell.senders.location import Location

    Landed = Callable[[Exchange, Answer, float], None]


class Way:
    """How to the endpoint of one role: the head of its requests, its timeouts, its connections."""

    __slots__ = ("_after", "_before", "connect_timeout", "destination", "idle", "timeout")

    def __init__(self, endpoint: Endpoint, destination: Destination) -> None:
        self._before, self._after = Prepared(endpoint).frame()
        self.timeout = endpoint.timeout
        self.connect_timeout = endpoint.connect_timeout
        self.destination = destination
        self.idle = destination.idle

    def render(self, body: bytes) -> bytes:
        """A whole request."""
        return b"%b%d%b%b" % (self._before, len(body), self._after, body)


class Destination:
    """Where connections go that can stand in for one another, and those that are idle."""

    __slots__ = ("found", "idle", "location", "tls")

    def __init__(self, location: Location, tls: ssl.SSLContext | None) -> None:
        self.location = location
        self.tls = tls
        self.idle: list[FastLane] = []
        self.found: Location | None = None  # as `location`, with the address that answered


class Pool:
    """Carries each exchange on a connection of its own, the most recently used idle one if any.

    A request is sent once. The one exception: when an idle connection turns out to have been
    closed, and not a byte of an answer came, it is sent again on a new one, and counted.

    To be made where the event loop runs.

    Args:
        endpoints: Where the callbacks of each role go.
        timer: What times are taken from.
        scrub: Takes the secrets out of what is told of a trouble.
        allows: Says to which hosts, at which addresses, it may connect; None: to all.

    Attributes:
        landed: Called with every exchange that is over, its answer, and when it was sent.
        opened: Connections that came about.
        reused: Requests on a connection that had carried another one.
        resent: Requests that were sent again.
        bytes_in: What was read.
        bytes_out: What was written, before TLS.

    Raises:
        ConfigurationError: A URL, a header or a certificate file cannot be used.
    """

    def __init__(
        self,
        endpoints: Mapping[Role, Endpoint],
        *,
        timer: Timer,
        scrub: Scrub = as_is,
        allows: Allows | None = None,
    ) -> None:
        self._allows = allows
        self._loop = asyncio.get_running_loop()
        self._destinations: dict[tuple[tuple[str, str, int], Tls], Destination] = {}
        self._ways = {role: Way(each, self._destination(each)) for role, each in endpoints.items()}
        self._lanes: set[FastLane] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gone = asyncio.Event()
        self.landed: Landed = _to_nobody
        self.timer = timer
        self.scrub = scrub
        self.wheel = Wheel(self._loop, timer)
        self.known: dict[bytes, int] = {}
        self.opened = self.reused = self.resent = self.bytes_in = self.bytes_out = 0

    def send(self, exchange: Exchange) -> None:
        """Carry out one exchange; what comes of it is told to `landed`."""
        self._carry(exchange, None)

    def race(self, exchanges: Sequence[Exchange]) -> None:
        """Carry out exchanges whose last bytes are sent together, when all are connected."""
        race = Race(len(exchanges))
        for exchange in exchanges:
            self._carry(exchange, race)

    async def aclose(self) -> None:
        """Close every connection; what is under way is told to nobody."""
        self.landed = _to_nobody
        self.wheel.stop()
        for lane in list(self._lanes):
            lane.drop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._lanes:
            self._gone.clear()
            await self._gone.wait()

    # What lanes tell

    def gone(self, lane: FastLane) -> None:
        """A lane is no more."""
        self._lanes.discard(lane)
        self._gone.set()

    def again(self, exchange: Exchange, way: Way, data: bytes) -> None:
        """Send a request again, on a new connection."""
        self.resent += 1
        self._lay(way).carry(exchange, way, data)

    # How lanes come about

    def _carry(self, exchange: Exchange, race: Race | None) -> None:
        callback = exchange.delivery.callback
        way = self._ways[callback.role]
        data = way.render(callback.body)
        idle = way.idle
        while idle:
            lane = idle.pop()
            if lane.open:
                break
        else:
            lane = self._lay(way)
        lane.carry(exchange, way, data, race)

    def _destination(self, endpoint: Endpoint) -> Destination:
        location = locate(endpoint.url)
        key = location.origin, endpoint.tls
        if key not in self._destinations:
            tls = ssl_context(endpoint.tls) if location.scheme == "https" else None
            self._destinations[key] = Destination(location, tls)
        return self._destinations[key]

    def _lay(self, way: Way) -> FastLane:
        lane = FastLane(self, way)
        self._lanes.add(lane)
        task = lane.connecting = self._loop.create_task(self._connect(lane, way.destination))
        self._tasks.add(task)
        # Not in the task itself: one that is cancelled before it has begun does nothing at all.
        task.add_done_callback(lambda _: self._tried(lane, task))
        return lane

    def _tried(self, lane: FastLane, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        lane.connecting = None
        if not lane.connected:
            self.gone(lane)

    async def _connect(self, lane: FastLane, to: Destination) -> None:
        try:
            await self._reach(lane, to)
        except Unconnected as error:
            to.found = None
            reply = error.reply()
            cause = error.__cause__
            ours = isinstance(cause, OSError) and cause.errno == errno.EADDRNOTAVAIL
            lane.fail(Trouble.NO_SOCKET if ours else reply.trouble or Trouble.CONNECT, reply.words)
        except ConfigurationError as error:  # no descriptor is left
            lane.fail(Trouble.NO_SOCKET, str(error))
        except OSError as error:
            lane.fail(*words.while_laying(error, secure=to.tls is not None))

    async def _reach(self, lane: FastLane, to: Destination) -> None:
        sock = await reach(to.found or to.location, self._allows)
        try:
            if to.found is None:
                to.found = replace(to.location, host=sock.getpeername()[0])
            await self._loop.create_connection(
                lambda: lane,
                sock=sock,
                ssl=to.tls,
                server_hostname=to.location.host if to.tls else None,
            )
        except BaseException:
            sock.close()
            raise


def _to_nobody(_exchange: Exchange, _answer: Answer, _sent_at: float) -> None:
    """Where answers go that nobody waits for any more."""
