"""The fixture's verbs for tests that are coroutines: `await mockatell.aio.send(...)`."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mockatell.core.by_hand import named
from mockatell.core.factories import messageStatusUpdate
from mockatell.errors import ConfigurationError
from mockatell.rooms.away import AwayPlayer
from mockatell.rooms.convergence import LONGEST, MOST_TRIED, allowed, held, question
from mockatell.rooms.players import AsyncPlayer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from typing import Self

    from mockatell.core.drafts import Draft
    from mockatell.core.journal import Journal
    from mockatell.core.retry import RetryPolicy
    from mockatell.core.schedules import Schedule
    from mockatell.model import Callback
    from mockatell.rooms.convergence import Convergence
    from mockatell.rooms.fixture import Mockatell
    from mockatell.rooms.looking import Normalise, State

    Event = Draft | Callback


class Aio:
    """The verbs of `Mockatell` for a test that is a coroutine.

    An ASGI app is started by the first of them, in the test's own loop, and shut down once: by
    `async with mockatell.aio:` at its end, else when the test is over. Verbs that a test has going
    at one time (`asyncio.gather`) take turns: each ends with all that it sent.
    """

    def __init__(self, owner: Mockatell) -> None:
        self._owner = owner
        self._players: dict[asyncio.AbstractEventLoop, AsyncPlayer] = {}
        self._turns: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}
        self._failure: ConfigurationError | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._player().aclose()

    def end(self) -> None:
        """Shut the app down while its loop can still do so; how that goes, `close` tells.

        A loop that runs, or is closed already, does it by itself: it shuts the app down as it ends.
        """
        for loop, player in self._players.items():
            if loop.is_closed() or loop.is_running() or _is_in_a_loop():
                continue
            try:
                loop.run_until_complete(player.aclose())
            except ConfigurationError as error:
                self._failure = error

    def close(self) -> None:
        """Leave nothing behind.

        Raises:
            ConfigurationError: The app's shutdown failed.
        """
        self.end()
        if self._failure is not None:
            raise self._failure
        for player in self._players.values():
            player.check()

    async def run(self, scenario: Any = None, *, retry: str | RetryPolicy | None = None) -> Journal:
        """As `Mockatell.run`."""
        async with self._turn() as player:
            prepared = self._owner.prepared(scenario, retry)
            return self._owner.played(await player.play(prepared, self._owner.rehearsal))

    async def send(self, *events: Event) -> Journal:
        """As `Mockatell.send`."""
        return await self.deliver(*events)

    async def status(self, message_id: str, status: str | int, **given: Any) -> Journal:
        """As `Mockatell.status`."""
        return await self.send(messageStatusUpdate(status, message_id=named(message_id), **given))

    async def deliver(
        self,
        *events: Event,
        order: Iterable[int] | None = None,
        duplicates: int | Mapping[int, int] = 0,
        lost_acks: int | Mapping[int, int] = 0,
    ) -> Journal:
        """As `Mockatell.deliver`."""
        async with self._turn() as player:
            numbers = self._owner.plan(events, order, duplicates, lost_acks)
            if not self._owner.paused:
                await player.drive(self._owner.rehearsal, math.inf)
            return self._owner.rehearsal.part(numbers)

    async def converges(
        self,
        events: Iterable[Draft],
        *,
        state: State,
        reset: Callable[[], Any] | None = None,
        normalise: Normalise | None = None,
        within: str | float = 0.0,
        most: int = MOST_TRIED,
        budget: str | float = LONGEST,
        only: Iterable[Schedule] | None = None,
    ) -> Convergence:
        """As `Mockatell.converges`; `state` and `reset` may be coroutine functions.

        They are called in the test's own loop, as the app is.
        """
        __tracebackhide__ = True
        away = AwayPlayer(self._player())
        asked = question(
            events,
            away.calling(state) if callable(state) else state,
            away.calling(reset) if callable(reset) else reset,
            normalise,
            within,
        )
        budgeted = allowed(most, budget)
        return await away.work(lambda: held(self._owner.stage(away), asked, budgeted, only))

    async def advance(self, by: str | float) -> None:
        """As `Mockatell.clock.advance`."""
        until = self._owner.clock.after(by)
        await self._drive(until)
        self._owner.clock.inner.wait(until)

    async def resume(self) -> Journal:
        """As `Mockatell.resume`."""
        self._owner.paused = False
        return await self.run_until_quiet()

    async def run_until_quiet(self) -> Journal:
        """As `Mockatell.run_until_quiet`."""
        await self._drive(math.inf)
        return self._owner.journal

    async def run_until_acknowledged(self, message_id: str) -> Journal:
        """As `Mockatell.run_until_acknowledged`."""
        while (due := self._owner.next_for(message_id)) is not None:
            await self._drive(due)
        return self._owner.journal

    async def _drive(self, until: float) -> None:
        async with self._turn() as player:
            await player.drive(self._owner.rehearsal, until)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[AsyncPlayer]:
        """The player, when whatever else is under way has ended."""
        player = self._player()
        async with self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            yield player

    def _player(self) -> AsyncPlayer:
        """The player of the running loop.

        Raises:
            ConfigurationError: It is not asyncio's.
        """
        if not _is_in_a_loop():
            raise ConfigurationError(
                "mockatell.aio needs asyncio: with anyio, have the fixture `anyio_backend` "
                "return 'asyncio'"
            )
        loop = asyncio.get_running_loop()
        if loop not in self._players:
            self._players[loop] = AsyncPlayer(self._owner.target)
        return self._players[loop]


def _is_in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
