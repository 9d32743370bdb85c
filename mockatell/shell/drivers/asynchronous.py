"""Turns the agenda on an event loop: exchanges run side by side, none waits for another."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Protocol

from mockatell.core.exchanges import OUTAGE
from mockatell.model import Conduct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockatell.model import Answer, Attempt, Exchange
    from mockatell.shell.clock import Clock
    from mockatell.shell.senders.base import AsyncSender

    Landing = tuple[float, Exchange, Answer]  # sent_at, what was sent, what came back


class Turned(Protocol):
    """What is due: an `Agenda`, or what holds one."""

    def take(self, now: float) -> Sequence[tuple[Exchange, ...]]:
        """What is due now, in groups to be sent at once."""
        ...

    def next_due(self, until: float) -> float | None:
        """When there is more, or None: not by `until`."""
        ...

    def ended(self, exchange: Exchange, answer: Answer, sent_at: float) -> Attempt:
        """How an exchange ended."""
        ...


class Stop:
    """A request to stop, from a signal handler: rings the bell that the driver waits for."""

    def __init__(self) -> None:
        self.bell = asyncio.Event()
        self.asked = False
        self.at_once = asyncio.Event()

    def __call__(self) -> None:
        """Ask for it; asked again, what is in flight is not waited for."""
        if self.asked:
            self.at_once.set()
        self.asked = True
        self.bell.set()


async def drive(
    agenda: Turned,
    sender: AsyncSender,
    clock: Clock,
    record: Callable[[Attempt], None],
    *,
    stop: Stop | None = None,
    grace: float = 5.0,
    until: float = math.inf,
    forever: bool = False,
) -> None:
    """Send what the agenda holds until nothing is left, or until `stop` is asked for.

    Args:
        agenda: What is due; what is added to it while it is driven rings the bell of `stop`.
        sender: How an exchange is carried out.
        clock: When it is now; a virtual one jumps only when nothing is in flight.
        record: Called with every attempt as it ends.
        stop: Asked once, no new attempts; asked twice, those in flight are cancelled.
        grace: Real seconds that those in flight are given then; what has not ended is cancelled
            and stays pending.
        until: Leave what is due later than this for another time.
        forever: Go on when nothing is left: more may be added.
    """
    stop = stop or Stop()
    flight = _Flight(sender, clock, stop.bell)
    try:
        while not stop.asked:
            for group in agenda.take(clock.now()):
                flight.launch(group)
            due = agenda.next_due(until)
            if due is None and not flight.airborne:
                if not forever:
                    return
                due = math.inf
            jumpable = not (clock.virtual and flight.airborne)
            await clock.wait_for(stop.bell, due if jumpable else None)
            _record(agenda, flight, record)
        await flight.settle(stop.at_once, grace)
        _record(agenda, flight, record)
    finally:
        await flight.cancel()


def _record(agenda: Turned, flight: _Flight, record: Callable[[Attempt], None]) -> None:
    for sent_at, exchange, answer in flight.landed():
        record(agenda.ended(exchange, answer, sent_at))
    flight.check()


class _Flight:
    """The exchanges that are under way; rings the bell when there is a landing to record.

    On a virtual clock it rings only when all have landed: they share one instant, and are then
    recorded in the order of their numbers, whatever the order in which the app answered.
    """

    def __init__(self, sender: AsyncSender, clock: Clock, bell: asyncio.Event) -> None:
        self._sender = sender
        self._clock = clock
        self._bell = bell
        self._landings: list[Landing] = []
        self._crash: BaseException | None = None
        self.airborne: set[asyncio.Task[None]] = set()

    def launch(self, group: tuple[Exchange, ...]) -> None:
        task = asyncio.create_task(self._fly(group))
        self.airborne.add(task)
        task.add_done_callback(self._touch_down)

    def landed(self) -> list[Landing]:
        """What has landed since the last call, in order of sending."""
        self._bell.clear()
        landings, self._landings = self._landings, []
        return sorted(landings, key=_order)

    def check(self) -> None:
        """Raise what a sender raised: our own input or machine is at fault, or we have a bug."""
        if self._crash is not None:
            raise self._crash

    async def settle(self, at_once: asyncio.Event, grace: float) -> None:
        """Let them land, for so many seconds or until it is to be at once."""
        landed = asyncio.gather(*self.airborne, return_exceptions=True)
        hurry = asyncio.ensure_future(at_once.wait())
        either: set[asyncio.Future[Any]] = {landed, hurry}
        await asyncio.wait(either, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()

    async def cancel(self) -> None:
        """Leave nothing behind."""
        left = tuple(self.airborne)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _touch_down(self, task: asyncio.Task[None]) -> None:
        self.airborne.discard(task)
        crash = None if task.cancelled() else task.exception()  # asked, so asyncio is content
        self._crash = self._crash or crash
        if self._crash or not (self._clock.virtual and self.airborne):
            self._bell.set()

    async def _fly(self, group: tuple[Exchange, ...]) -> None:
        started = self._clock.now()
        if group[0].conduct is Conduct.OUTAGE:
            self._landings.extend((started, exchange, OUTAGE) for exchange in group)
        elif len(group) == 1:
            answer = await self._sender.send(group[0])
            sent_at = started + answer.waited * self._clock.speed
            self._landings.append((sent_at, group[0], answer))
        else:
            await self._fly_together(group, started)

    async def _fly_together(self, group: tuple[Exchange, ...], started: float) -> None:
        released = await self._sender.race(group)
        waited = min(answer.waited for _, answer in released)
        start = started + waited * self._clock.speed
        for exchange, (offset, answer) in zip(group, released, strict=True):
            self._landings.append((start + offset, exchange, answer))


def _order(landing: Landing) -> tuple[float, int, int]:
    sent_at, exchange, _ = landing
    return sent_at, exchange.delivery.seq, exchange.number
