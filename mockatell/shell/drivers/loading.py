"""Turns the agenda for a load: by the schedule whatever the endpoint does, without a task each."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.agenda import MOST_COUNTED
from mockatell.core.exchanges import OUTAGE
from mockatell.model import Conduct, Exchange
from mockatell.shell.alarm import Alarm

if TYPE_CHECKING:
    from mockatell.core.agenda import Agenda
    from mockatell.core.load.tally import Tally
    from mockatell.model import Answer
    from mockatell.shell.clock import Clock
    from mockatell.shell.drivers.asynchronous import Stop
    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.fast.pool import Pool

BATCH: Final = 32
"""Exchanges that are begun before the loop looks at its sockets again."""

_OUTAGE: Final = Conduct.OUTAGE  # a global is found in a third of the time of an enum's member

SOONEST: Final = 0.0001
"""Seconds: what is due within them is sent together, so that waking costs less than sending."""


class LoadDriver:
    """Sends what the agenda holds, on time, until it is over.

    To be made where the event loop runs.

    Args:
        agenda: What is due.
        pool: What sends it; its `landed` is set.
        tally: Told of every attempt as it begins and ends.
        clock: When it is now.
        busy: Seconds of a core that were used, for the share of it that the load takes.
        most: Exchanges in flight at once; what is due beyond them is held back, and counted.
        until: When nothing more is begun; infinite: once the plan is exhausted.

    Attributes:
        offered_for: Seconds in which callbacks came, once they do no more.
    """

    def __init__(
        self,
        agenda: Agenda,
        pool: Pool,
        tally: Tally,
        clock: Clock,
        *,
        busy: Timer,
        most: int,
        until: float = math.inf,
    ) -> None:
        self._agenda = agenda
        self._pool = pool
        pool.landed = self._landed
        self._tally = tally
        self._clock = clock
        self._busy = busy
        self._most = most
        self._until = until
        self._loop = asyncio.get_running_loop()
        self._alarm = Alarm(self._loop, self._rung)
        self._offering: asyncio.Future[None] = self._loop.create_future()
        self._landing: asyncio.Future[None] = self._loop.create_future()
        self._in_flight = 0
        self._full = False  # something is due and has no free place
        self._held_until = -math.inf  # what was due by then had none
        self._wakes_at = math.inf
        self._to_turn = False
        self._landings: list[tuple[Exchange, Answer, float]] = []
        self._ticked_at, self._used = clock.now(), busy()
        self.offered_for = 0.0

    async def drive(self, stop: Stop, grace: float) -> None:
        """Send until the end, or until `stop` is asked for, and let what is in flight land.

        Args:
            stop: Asked once, nothing more is begun; asked twice, what is in flight is cut off.
            grace: Seconds that those in flight are given at the end.
        """
        ticking = asyncio.ensure_future(self._tick_on())
        try:
            self._turn()
            await _either(self._offering, stop.bell)
            self._stop_offering()
            if self._in_flight:
                await _either(self._landing, stop.at_once, grace)
            self._settle_landings()
            self._tally.cut(self._in_flight)
            self._tick()
        finally:
            ticking.cancel()
            self._alarm.close()

    # What is begun, and when

    def _turn(self) -> None:
        """Settle what has landed, begin what is due as far as there is place, look ahead.

        Each for all at once: between two calls of the operating system, Python runs at half speed.
        """
        self._to_turn = False
        try:
            self._settle_landings()
            if not self._offering.done():
                self._begin_what_is_due()
        except BaseException as error:  # noqa: BLE001 -- the loop would swallow it
            self._crash(error)

    def _begin_what_is_due(self) -> None:
        now = self._clock.now()
        if self._full and not self._agenda.at_once:  # a closed load holds nothing back
            self._held_until = now
        most = min(self._most - self._in_flight, BATCH)
        groups = self._agenda.take(min(now, self._until), most)
        for at, group in [(self._begin(group), group) for group in groups]:
            for exchange in group:
                self._tally.begun(exchange, at, held=exchange.due <= self._held_until)
        if now < self._until:
            self._look_ahead(now)
        else:
            self._offering.set_result(None)

    def _look_ahead(self, now: float) -> None:
        due = self._agenda.next_due(self._until)
        overdue = due is not None and due <= now
        self._full = overdue and self._in_flight >= self._most
        if self._full:  # a landing turns on, or the end
            self._wake_at(self._until, now)
        elif overdue:
            self._turn_soon()
        elif self._until == math.inf and self._agenda.drawn:
            self._offering.set_result(None)
        else:
            self._wake_at(self._until if due is None else due, now)

    def _begin(self, group: tuple[Exchange, ...]) -> float:
        """Hand a group to its connections; returns when."""
        now = self._clock.now()
        self._in_flight += len(group)
        if group[0].conduct is _OUTAGE:
            for exchange in group:
                self._landed(exchange, OUTAGE, now)
        elif len(group) == 1:
            self._pool.send(group[0])
        else:
            self._pool.race(group)
        return now

    def _wake_at(self, due: float, now: float) -> None:
        if due not in (self._wakes_at, math.inf):
            self._wakes_at = due
            self._alarm.set(max(due - now, SOONEST))

    def _rung(self) -> None:
        self._wakes_at = math.inf
        self._turn()

    def _turn_soon(self) -> None:
        if not self._to_turn:
            self._to_turn = True
            self._loop.call_soon(self._turn)

    # What comes of it

    def _landed(self, exchange: Exchange, answer: Answer, sent_at: float) -> None:
        self._landings.append((exchange, answer, sent_at))
        if not self._to_turn:
            self._turn_soon()

    def _settle_landings(self) -> None:
        landings, self._landings = self._landings, []
        for landing in landings:
            self._tally.ended(self._agenda.ended(*landing))
        self._in_flight -= len(landings)
        if self._offering.done() and not self._in_flight and not self._landing.done():
            self._landing.set_result(None)

    def _crash(self, error: BaseException) -> None:
        for future in (self._offering, self._landing):
            if not future.done():
                future.set_exception(error)
                future.exception()  # asked, so that asyncio is content with what is not awaited

    # The end, and the time between

    def _stop_offering(self) -> None:
        """What was due by now and never begun is counted; a closed load leaves nothing."""
        if not self._offering.done():
            self._offering.set_result(None)
        end = self.offered_for = min(self._clock.now(), self._until)
        if not self._agenda.at_once:
            left = self._agenda.take(end, MOST_COUNTED)
            due = self._agenda.next_due(end)
            self._tally.left((each for group in left for each in group), uncounted=due is not None)

    async def _tick_on(self) -> None:
        never, second = asyncio.Event(), 0.0
        while True:
            second = max(second, math.floor(self._clock.now())) + 1.0
            await self._clock.wait_for(never, second)
            self._tick(second)

    def _tick(self, second: float = 0.0) -> None:
        """Tell that time has come so far; a wait may end a moment before its `second`."""
        now, used = max(self._clock.now(), second), self._busy()
        share = (used - self._used) / max(now - self._ticked_at, 1e-9)
        self._ticked_at, self._used = now, used
        self._tally.tick(now, share)


async def _either(
    future: asyncio.Future[None], event: asyncio.Event, patience: float | None = None
) -> None:
    """Until the one is done, the other set, or the time over; raises what the future holds."""
    waiting = asyncio.ensure_future(event.wait())
    either: set[asyncio.Future[Any]] = {future, waiting}
    try:
        await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if future.done():
        future.result()
