"""The room where schedules are played to an endpoint, several side by side, and its state seen.

Time between callbacks is virtual, so days of retries pass at once; exchanges take the time that
they take. An app in process is played to by one schedule at a time, a URL by several.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

import httpx

from mockatell.core.agenda import Agenda
from mockatell.errors import MockatellError
from mockatell.model import Frozen, Role
from mockatell.rooms.players import refuse_a_running_loop
from mockatell.shell.clock import RealClock, VirtualClock, monotonic
from mockatell.shell.drivers import asynchronous, synchronous
from mockatell.shell.probes import MOST_BYTES
from mockatell.shell.senders.apps import asgi_sender, kind_of, wsgi_sender
from mockatell.shell.senders.asgi import AsgiTransport
from mockatell.shell.senders.lane import LaneTransport
from mockatell.shell.senders.lifespan import lifespan
from mockatell.shell.senders.transport import socket_sender
from mockatell.shell.senders.wsgi import WsgiTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from mockatell.core.retry import RetryPolicy
    from mockatell.model import Attempt, Delivery, Endpoint, Tls
    from mockatell.shell.senders.base import AsyncSender, Scrub

LANES: Final = 8  # schedules side by side, towards a URL
LOOK: Final = 5.0  # seconds that a look at the customer's state may take
_PAUSE, _LONGEST_PAUSE = 0.002, 0.05  # seconds between two looks


class Sight(Frozen, frozen=True):
    """What a look at the customer's state saw.

    Args:
        status_code: Of the answer; None where there was none.
        body: Of the answer.
        trouble: Why there was none.
    """

    status_code: int | None
    body: bytes = b""
    trouble: str = ""


class Look(Frozen, frozen=True):
    """A look at the customer's state: a URL, and the headers to ask with."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()


class Play(Frozen, frozen=True):
    """A schedule to be played.

    Args:
        deliveries: In order of due time.
        looks: What is looked at when they have been sent.
        enough: Whether what was seen so many seconds later is final, or to be looked at again.
        wait: Seconds between the last answer and the first look.
    """

    deliveries: tuple[Delivery, ...]
    looks: tuple[Look, ...]
    enough: Callable[[float, Sequence[Sight]], bool]
    wait: float = 0.0


class Played(Frozen, frozen=True):
    """How a play went: its attempts, what was seen in the end, and after how many seconds."""

    attempts: tuple[Attempt, ...]
    sights: tuple[Sight, ...]
    seen_after: float


class Manner(Frozen, frozen=True):
    """How plays are sent: to which endpoints, retried how often, showing no secrets."""

    endpoints: Mapping[Role, Endpoint]
    policies: Mapping[Role, RetryPolicy]
    scrub: Scrub
    seed: int

    def agenda(self, play: Play) -> Agenda:
        """What a play sends; one exchange after the other, but for those at one moment."""
        return Agenda(play.deliveries, self.policies, limits=dict.fromkeys(Role, 1), seed=self.seed)


class Theatre(Protocol):
    """Plays schedules to one target.

    Attributes:
        lanes: How many are played side by side.
        races: Whether requests can be at the target at one moment.
    """

    lanes: int
    races: bool

    def perform(self, plays: Sequence[Play], *, seconds: float) -> list[Played | None]:
        """Play them; None for what was not over in time.

        Raises:
            ConfigurationError: This machine, or the app's startup, is at fault.
        """
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


def theatre_of(target: Any, manner: Manner, *, lanes: int = LANES) -> Theatre:
    """The theatre for an ASGI app, a WSGI app, or (None) the manner's URLs.

    Raises:
        ConfigurationError: It is none of these, or an event loop is running.
    """
    if target is not None and kind_of(target) == "wsgi":
        return ThreadTheatre(target, manner)
    refuse_a_running_loop("a thread of its own, as in await asyncio.to_thread(mockatell.explore)")
    return LoopTheatre(target, manner, lanes=lanes if target is None else 1)


class LoopTheatre:
    """Plays to an ASGI app, or to URLs, on an event loop of its own."""

    races = True

    def __init__(self, app: Any, manner: Manner, *, lanes: int) -> None:
        self.lanes = lanes
        self._app = app
        self._manner = manner
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._sender: AsyncSender | None = None
        self._eye: httpx.AsyncBaseTransport | None = None

    def perform(self, plays: Sequence[Play], *, seconds: float) -> list[Played | None]:
        """Play them, so many at once as there are lanes."""
        return self._runner.run(self._perform(plays, seconds))

    def close(self) -> None:
        """End the app's lifespan and the loop."""
        try:
            self._runner.run(self._stack.aclose())
        finally:
            self._runner.close()

    async def _perform(self, plays: Sequence[Play], seconds: float) -> list[Played | None]:
        sender, eye = await self._opened()
        played: list[Played | None] = [None] * len(plays)
        left = iter(enumerate(plays))

        async def lane() -> None:
            for number, play in left:
                played[number] = await self._play(play, sender, eye)

        with suppress(TimeoutError):
            await _together(lane, min(self.lanes, len(plays)), seconds)
        return played

    async def _play(self, play: Play, sender: AsyncSender, eye: httpx.AsyncBaseTransport) -> Played:
        attempts: list[Attempt] = []
        agenda = self._manner.agenda(play)
        await asynchronous.drive(agenda, sender, VirtualClock(), attempts.append)
        clock, bell, pause = RealClock(), asyncio.Event(), _PAUSE
        if play.wait:
            await clock.wait_for(bell, play.wait)
        while True:
            sights = [await _seen(eye, look) for look in play.looks]
            if play.enough(elapsed := clock.now(), sights):
                return Played(tuple(attempts), tuple(sights), elapsed)
            await clock.wait_for(bell, clock.now() + pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _opened(self) -> tuple[AsyncSender, httpx.AsyncBaseTransport]:
        if self._sender is None or self._eye is None:
            manner, app = self._manner, self._app
            if app is None:
                self._sender = socket_sender(manner.endpoints, timer=monotonic, scrub=manner.scrub)
                self._eye = LaneTransport(
                    monotonic, tls=_trust(manner.endpoints), body_limit=MOST_BYTES
                )
                self._stack.push_async_callback(self._eye.aclose)
            else:
                state = await self._stack.enter_async_context(lifespan(app))
                self._sender = asgi_sender(
                    app,
                    manner.endpoints,
                    timer=monotonic,
                    state=state,
                    scrub=manner.scrub,
                    virtual=True,
                )
                self._eye = AsgiTransport(app, monotonic, state=state, body_limit=MOST_BYTES)
            self._stack.push_async_callback(self._sender.aclose)
        return self._sender, self._eye


async def _together(
    lane: Callable[[], Coroutine[Any, Any, None]], times: int, limit: float
) -> None:
    """Several runs of it at once; none is left when one fails or time is up."""
    try:
        async with asyncio.timeout(max(limit, 0.0)), asyncio.TaskGroup() as group:
            for _ in range(times):
                group.create_task(lane())
    except* MockatellError as failed:
        raise failed.exceptions[0] from None


def _trust(endpoints: Mapping[Role, Endpoint]) -> Tls | None:
    """The state's server is trusted as the endpoints are."""
    secure = (each.tls for each in endpoints.values() if each.url.lower().startswith("https:"))
    return next(secure, None)


async def _seen(eye: httpx.AsyncBaseTransport, look: Look) -> Sight:
    try:
        response = await eye.handle_async_request(_request(look))
        return Sight(response.status_code, await response.aread())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Sight(None, trouble=str(error) or type(error).__name__)


def _request(look: Look) -> httpx.Request:
    limits = {"connect": LOOK, "read": LOOK}
    return httpx.Request("GET", look.url, headers=look.headers, extensions={"timeout": limits})


class ThreadTheatre:
    """Calls a WSGI app on this thread, one request after the other."""

    lanes = 1
    races = False

    def __init__(self, app: Any, manner: Manner) -> None:
        self._manner = manner
        self._eye = WsgiTransport(app, monotonic, body_limit=MOST_BYTES)
        self._sender = wsgi_sender(
            app, manner.endpoints, timer=monotonic, scrub=manner.scrub, virtual=True
        )

    def perform(self, plays: Sequence[Play], *, seconds: float) -> list[Played | None]:
        """Play them one by one."""
        until = monotonic() + seconds
        return [self._play(play) if monotonic() < until else None for play in plays]

    def close(self) -> None:
        """Nothing is held."""
        self._sender.close()

    def _play(self, play: Play) -> Played:
        attempts: list[Attempt] = []
        agenda = self._manner.agenda(play)
        synchronous.drive(agenda, self._sender, VirtualClock(), attempts.append)
        clock, pause = RealClock(), _PAUSE
        clock.wait(play.wait)
        while True:
            sights = [self._seen(look) for look in play.looks]
            if play.enough(elapsed := clock.now(), sights):
                return Played(tuple(attempts), tuple(sights), elapsed)
            clock.wait(clock.now() + pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _seen(self, look: Look) -> Sight:
        try:
            response = self._eye.handle_request(_request(look))
            return Sight(response.status_code, response.read())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Sight(None, trouble=str(error) or type(error).__name__)
