"""Who plays a rehearsal, or a run, to a target: an app on this thread, on a loop, or a URL."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from mockatell.errors import ConfigurationError
from mockatell.rooms.frameworks import explaining, refuse_to_outlive
from mockatell.rooms.run import play, play_now, play_to_urls
from mockatell.shell.clock import monotonic
from mockatell.shell.drivers import asynchronous, synchronous
from mockatell.shell.drivers.asynchronous import Stop
from mockatell.shell.probes import MOST_BYTES
from mockatell.shell.senders.apps import asgi_sender, kind_of, wsgi_sender
from mockatell.shell.senders.asgi import AsgiTransport
from mockatell.shell.senders.lane import LaneTransport
from mockatell.shell.senders.lifespan import Life
from mockatell.shell.senders.transport import socket_sender
from mockatell.shell.senders.wsgi import WsgiTransport

LOOK = 5.0  # seconds that a look at the customer's state may take

if TYPE_CHECKING:
    from mockatell.core.journal import Journal
    from mockatell.rooms.rehearsal import Rehearsal
    from mockatell.rooms.run import Run
    from mockatell.shell.senders.base import AsyncSender, SyncSender


class Player(Protocol):
    """Plays on the calling thread.

    Attributes:
        races: Whether requests can be at the target at one moment.
    """

    races: bool

    def drive(self, rehearsal: Rehearsal, until: float = math.inf) -> None:
        """Send what the rehearsal's agenda holds, up to a time."""
        ...

    def play(self, run: Run, rehearsal: Rehearsal | None = None) -> Journal:
        """Play a run to its end; the rehearsal keeps what the app raises."""
        ...

    def refuse_a_loop(self, instead: str) -> None:
        """Say what to do instead, where an event loop is running that would be blocked.

        Raises:
            ConfigurationError: One is.
        """
        ...

    def fetch(self, url: str) -> httpx.Response:
        """Look at the customer's state.

        Raises:
            httpx.HTTPError: There was no answer.
        """
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


def player_of(target: Any) -> Player:
    """The player for a target.

    Args:
        target: An ASGI app, a WSGI app, or a URL.

    Raises:
        ConfigurationError: It is neither.
    """
    if isinstance(target, str) or kind_of(target) == "asgi":
        return LoopPlayer(target)
    return ThreadPlayer(explaining(target))


class ThreadPlayer:
    """Calls a WSGI app on this thread, with no event loop running."""

    races = False

    def __init__(self, app: Any) -> None:
        self._app = app

    def drive(self, rehearsal: Rehearsal, until: float = math.inf) -> None:
        """Send what the rehearsal's agenda holds, up to a time."""
        sender = wsgi_sender(
            self._app,
            rehearsal.endpoints,
            timer=monotonic,
            scrub=rehearsal.scrub,
            virtual=rehearsal.clock.virtual,
        )
        synchronous.drive(
            rehearsal.agenda,
            rehearsal.watched_now(sender),
            rehearsal.clock,
            rehearsal.record,
            until,
        )

    def play(self, run: Run, rehearsal: Rehearsal | None = None) -> Journal:
        """Play a run to its end."""
        sender: SyncSender = wsgi_sender(self._app, run.endpoints, timer=monotonic, **run.manner())
        if rehearsal is not None:
            sender = rehearsal.watched_now(sender)
        return play_now(run, sender, WsgiTransport(self._app, monotonic))

    def refuse_a_loop(self, instead: str) -> None:  # noqa: ARG002 -- that awaits, as a WSGI app cannot
        """Say to use a plain function: the app would block the loop that is running."""
        refuse_a_running_loop(
            "a plain test (`def`, not `async def`), since a WSGI app blocks its thread; "
            "`await mockatell.arun(...)` is for ASGI apps and URLs"
        )

    def fetch(self, url: str) -> httpx.Response:
        """Look at the customer's state."""
        transport = WsgiTransport(self._app, monotonic, body_limit=MOST_BYTES)
        response = transport.handle_request(_get(url))
        response.read()
        return response

    def close(self) -> None:
        """Nothing is held."""


class LoopPlayer:
    """Plays to an ASGI app or a URL, on an event loop of its own and within one lifespan."""

    races = True

    def __init__(self, target: Any) -> None:
        self._app = target
        self._target = AsyncPlayer(target)
        self._runner = asyncio.Runner()
        self._played = False

    def drive(self, rehearsal: Rehearsal, until: float = math.inf) -> None:
        """Send what the rehearsal's agenda holds, up to a time."""
        refuse_a_running_loop("`mockatell.aio`")
        refuse_to_outlive(self._app)
        self._played = True
        self._runner.run(self._target.drive(rehearsal, until))

    def play(self, run: Run, rehearsal: Rehearsal | None = None) -> Journal:
        """Play a run to its end."""
        refuse_a_running_loop("`await mockatell.arun(...)`")
        refuse_to_outlive(self._app)
        self._played = True
        return self._runner.run(self._target.play(run, rehearsal))

    def refuse_a_loop(self, instead: str) -> None:
        """Say what to do instead, where an event loop is running that would be blocked."""
        refuse_a_running_loop(instead)

    def fetch(self, url: str) -> httpx.Response:
        """Look at the customer's state."""
        self._played = True
        return self._runner.run(self._target.fetch(url))

    def close(self) -> None:
        """End the app's lifespan and the loop."""
        try:
            if self._played:
                self._runner.run(self._target.aclose())
        finally:
            self._runner.close()


class AsyncPlayer:
    """Plays on the running event loop; an ASGI app is started once, and stopped by `aclose`.

    Raises:
        ConfigurationError: The target is a WSGI app.
    """

    def __init__(self, target: Any) -> None:
        self._app: Any = None if isinstance(target, str) else target
        if self._app is not None and kind_of(self._app) == "wsgi":
            raise ConfigurationError(
                "a WSGI app blocks its thread, so it is played by a plain function: "
                "mockatell.run(), not arun() or aio"
            )
        self._life: Life | None = None
        self._state: dict[str, Any] | None = None
        self._starting = asyncio.Lock()

    async def drive(self, rehearsal: Rehearsal, until: float = math.inf) -> None:
        """Send what the rehearsal's agenda holds, up to a time."""
        sender = rehearsal.watched(await self._sender(rehearsal))
        try:
            await asynchronous.drive(
                rehearsal.agenda, sender, rehearsal.clock, rehearsal.record, until=until
            )
        finally:
            await sender.aclose()

    async def play(self, run: Run, rehearsal: Rehearsal | None = None) -> Journal:
        """Play a run to its end; the rehearsal keeps what the app raises."""
        if self._app is None:
            return await play_to_urls(run, Stop())
        state = await self._started()
        sender: AsyncSender = asgi_sender(
            self._app, run.endpoints, timer=monotonic, state=state, **run.manner()
        )
        if rehearsal is not None:
            sender = rehearsal.watched(sender)
        return await play(run, sender, AsgiTransport(self._app, monotonic, state=state), Stop())

    async def fetch(self, url: str) -> httpx.Response:
        """Look at the customer's state."""
        if self._app is None:
            async with LaneTransport(monotonic, body_limit=MOST_BYTES) as lanes:
                return await _fetched(lanes, url)
        state = await self._started()
        transport = AsgiTransport(self._app, monotonic, state=state, body_limit=MOST_BYTES)
        return await _fetched(transport, url)

    async def aclose(self) -> None:
        """End the app's lifespan; what is played next begins another.

        Raises:
            ConfigurationError: The app's shutdown failed.
        """
        life, self._life, self._state = self._life, None, None
        if life is not None:
            await life.stop()

    def check(self) -> None:
        """See how the app took the end of the loop, where nobody called `aclose` before it.

        Raises:
            ConfigurationError: Its shutdown failed.
        """
        if self._life is not None:
            self._life.check()

    async def _started(self) -> dict[str, Any]:
        async with self._starting:
            if self._state is None:
                life = Life(self._app)
                self._state = await life.start()
                self._life = life
            return self._state

    async def _sender(self, rehearsal: Rehearsal) -> AsyncSender:
        if self._app is None:
            return socket_sender(
                rehearsal.endpoints,
                timer=monotonic,
                scrub=rehearsal.scrub,
                virtual=rehearsal.clock.virtual,
            )
        return asgi_sender(
            self._app,
            rehearsal.endpoints,
            timer=monotonic,
            state=await self._started(),
            scrub=rehearsal.scrub,
            virtual=rehearsal.clock.virtual,
        )


async def _fetched(transport: httpx.AsyncBaseTransport, url: str) -> httpx.Response:
    response = await transport.handle_async_request(_get(url))
    await response.aread()
    return response


def _get(url: str) -> httpx.Request:
    limits = {"connect": LOOK, "read": LOOK}
    return httpx.Request("GET", url, extensions={"timeout": limits})


def refuse_a_running_loop(instead: str) -> None:
    """Say what to do where a blocking call would block the event loop that it needs.

    Raises:
        ConfigurationError: An event loop is running.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise ConfigurationError(f"this cannot be called inside a running event loop: use {instead}")
