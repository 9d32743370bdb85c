"""The fixture's verbs for tests that are coroutines: `await mockatell.aio.send(...)`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mockatell.core.drafts import messageStatusUpdate
from mockatell.rooms.players import AsyncPlayer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockatell.core.drafts import Draft
    from mockatell.core.journal import Journal
    from mockatell.core.retry import RetryPolicy
    from mockatell.model import Callback
    from mockatell.rooms.fixture import Mockatell

    Event = Draft | Callback


class Aio:
    """The verbs of `Mockatell` for a test that is a coroutine; an ASGI app lives for one verb."""

    def __init__(self, owner: Mockatell) -> None:
        self._owner = owner

    async def run(self, scenario: Any = None, *, retry: str | RetryPolicy | None = None) -> Journal:
        """As `Mockatell.run`."""
        player = self._player()
        try:
            return self._owner.played(
                await player.play(self._owner.prepared(scenario, retry), self._owner.rehearsal)
            )
        finally:
            await player.aclose()

    async def send(self, *events: Event) -> Journal:
        """As `Mockatell.send`."""
        return await self.deliver(*events)

    async def status(self, message_id: str, status: str | int, **given: Any) -> Journal:
        """As `Mockatell.status`."""
        return await self.send(messageStatusUpdate(status, message_id=message_id, **given))

    async def deliver(
        self,
        *events: Event,
        order: Iterable[int] | None = None,
        duplicates: int | Mapping[int, int] = 0,
        lost_acks: int | Mapping[int, int] = 0,
    ) -> Journal:
        """As `Mockatell.deliver`."""
        numbers = self._owner.plan(events, order, duplicates, lost_acks)
        if not self._owner.paused:
            await self._drive(math.inf)
        return self._owner.rehearsal.part(numbers)

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
        player = self._player()
        try:
            await player.drive(self._owner.rehearsal, until)
        finally:
            await player.aclose()

    def _player(self) -> AsyncPlayer:
        return AsyncPlayer(self._owner.target)
