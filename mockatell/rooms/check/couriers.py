"""How a check's steps are carried out: by senders that address the endpoints in several ways."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.check.dress import dressed
from mockatell.core.check.words import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockatell.core.check.words import Dress, Sending, Step
    from mockatell.model import Answer, Endpoint, Role
    from mockatell.rooms.check.check import Check
    from mockatell.shell.senders.base import AsyncSender

    Endpoints = Mapping[Role, Endpoint]

BUSY_WORKERS: Final = 16


class Wardrobe:
    """Senders by how they address the endpoints, made when they are first needed.

    Args:
        endpoints: As they are configured.
        make: Makes a sender to endpoints.
    """

    def __init__(self, endpoints: Endpoints, make: Callable[[Endpoints], Any]) -> None:
        self._endpoints = endpoints
        self._make = make
        self._made: dict[tuple[Dress, float | None], Any] = {}

    def sender(self, sending: Sending) -> Any:
        """The sender for a request."""
        key = sending.dress, sending.hang_up_after
        if key not in self._made:
            self._made[key] = self._make(
                {role: dressed(each, *key) for role, each in self._endpoints.items()}
            )
        return self._made[key]

    def all(self) -> Iterable[Any]:
        """Those that were made."""
        return self._made.values()


class Courier:
    """Carries out steps on the running event loop."""

    def __init__(self, check: Check, make: Callable[[Endpoints], AsyncSender]) -> None:
        self._check = check
        self._senders = Wardrobe(check.endpoints, make)

    async def carry(self, step: Step) -> tuple[Seen, ...]:
        """Do what a step asks for."""
        if step.pause:
            clock = self._check.clock
            await clock.wait_for(asyncio.Event(), clock.now() + step.pause)
        if step.at_once:
            return await self._together(step.sendings)
        if step.beside:
            return await self._beside(step)
        return await self._in_turn(step.sendings)

    async def aclose(self) -> None:
        """Close every connection."""
        for sender in self._senders.all():
            await sender.aclose()

    async def _one(self, sending: Sending) -> Seen:
        sender: AsyncSender = self._senders.sender(sending)
        return Seen(sending, await sender.send(self._check.exchange(sending)))

    async def _in_turn(self, sendings: Iterable[Sending]) -> tuple[Seen, ...]:
        return tuple([await self._one(each) for each in sendings])

    async def _together(self, sendings: tuple[Sending, ...]) -> tuple[Seen, ...]:
        sender: AsyncSender = self._senders.sender(sendings[0])
        finishes = await sender.race([self._check.exchange(each) for each in sendings])
        answers: list[Answer] = [answer for _, answer in finishes]
        return tuple(map(Seen, sendings, answers))

    async def _beside(self, step: Step) -> tuple[Seen, ...]:
        """What is sent in turn, while workers share what goes beside it."""
        left, over, seen = iter(step.beside), False, []
        begun = asyncio.Event()

        async def work() -> None:
            begun.set()
            for each in left:
                if over:
                    return
                seen.append(await self._one(each))

        async with asyncio.TaskGroup() as workers:
            for _ in range(BUSY_WORKERS):
                workers.create_task(work())
            await begun.wait()  # an app in process may answer without ever letting others go on
            watched = await self._in_turn(step.sendings)
            over = True
        self._check.examination.tally.add_beside(seen, BUSY_WORKERS)
        return watched
