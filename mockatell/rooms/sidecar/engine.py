"""What keeps a sidecar going: turns its world by its clock, and hands on what has changed."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.sidecar.rows import Forget, NoteRow, ScenarioRow
from mockatell.errors import BrokenError, ConflictError, MockatellError
from mockatell.rooms.sidecar.feed import Feed
from mockatell.rooms.sidecar.judging import judged
from mockatell.rooms.sidecar.waiting import Waiters
from mockatell.shell.drivers.asynchronous import Stop, drive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockatell.core.sidecar.rows import Keep
    from mockatell.core.sidecar.runs import Run
    from mockatell.core.sidecar.world import World
    from mockatell.model import Answer, Attempt, Exchange
    from mockatell.rooms.sidecar.sending import Sending
    from mockatell.shell.clock import AdjustableClock, ClockState
    from mockatell.shell.store import Store

    Heard = Callable[[Attempt, str], None]

LOG: Final = logging.getLogger("mockatell")


class Engine:
    """Turned by a driver as an agenda is.

    Args:
        world: What is to be kept going.
        sending: Carries out exchanges.
        store: Keeps what changes.
        clock: When it is.
        began: How that went at first.
        heard: Called with every attempt as it ends, and its endpoint's URL, masked.

    Attributes:
        failure: Why nothing is sent any more, or None: by then that is logged.
    """

    def __init__(
        self,
        world: World,
        sending: Sending,
        store: Store,
        clock: AdjustableClock,
        began: ClockState,
        heard: Heard,
    ) -> None:
        self.world = world
        self.clock = clock
        self.feed = Feed(world.at_ms(clock.now()))
        self.waiters = Waiters()
        self.failure: MockatellError | None = None
        self._sending = sending
        self._store = store
        self._began = began
        self._heard = heard
        self._stop = Stop()
        self._broken = asyncio.Event()
        self._keeping: asyncio.Future[None] | None = None
        self._driving: asyncio.Task[None] | None = None
        self._judging: set[asyncio.Task[None]] = set()
        self._awaited = -math.inf
        sending.run_of = self._run_of

    @property
    def now(self) -> float:
        """Seconds since the world's epoch."""
        return self.clock.now()

    # From start to end

    def start(self) -> None:
        """Begin to send."""
        self._stop = Stop()
        self._awaited = -math.inf
        self._driving = asyncio.create_task(
            drive(
                self,
                self._sending,
                self.clock,
                self._hear,
                stop=self._stop,
                grace=math.inf,
                forever=True,
            )
        )
        self._driving.add_done_callback(self._ended)

    async def drain(self, grace: float) -> None:
        """Begin nothing new, and let what is under way end, for at most so many seconds.

        Raises:
            MockatellError: Something of ours has failed.
        """
        driving = self._driving
        if driving is None:
            return
        self._stop()
        await asyncio.wait({driving}, timeout=grace)
        self._stop()
        await asyncio.wait({driving})
        self.require()
        await self.kept()

    async def broken(self) -> None:
        """Return once something of ours has failed."""
        await self._broken.wait()

    def require(self) -> None:
        """See that all is well.

        Raises:
            MockatellError: Something of ours has failed.
        """
        if self.failure is not None:
            raise self.failure

    async def halt(self) -> None:
        """Stop at once; what was under way counts as not sent."""
        tasks = [task for task in (self._driving, *self._judging) if task is not None]
        self._driving = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.clock.arrive()

    async def aclose(self) -> None:
        """Stop, and let go of network and store."""
        await self.halt()
        if self.failure is None:
            self.flush()
        self.waiters.wake_all(self.world)
        await self._sending.aclose()
        await self._store.aclose()

    async def reset(self, anew: Callable[[], World]) -> None:
        """Go on with another world, and forget this one.

        The clock begins anew, too: at the real time, and it goes as it went at first.

        Args:
            anew: Makes the other world, at that time.
        """
        driven = self._driving is not None
        await self.halt()
        now_ms = self.clock.state.wall_ms
        self.clock.restore(now_ms, msgspec.structs.replace(self._began, now=0.0, wall_ms=now_ms))
        self.world = anew()
        self.waiters.wake_all(self.world)
        self._store.keep([Forget()])
        self.world.changes.tell("reset")
        self._note_clock()
        if driven:
            self.start()
        await self.changed()

    # Time

    async def advance(self, seconds: float) -> None:
        """Let so much time pass in no time.

        Raises:
            ConflictError: It is being advanced already, or nothing is sent.
        """
        self.require()
        if self.clock.virtual:
            raise ConflictError("the clock is being advanced already")
        if self._driving is None or self._driving.done():
            raise ConflictError("nothing is being sent, so time cannot be advanced")
        arrived = self.clock.advance(seconds)
        self._stop.bell.set()
        await asyncio.shield(arrived)
        await self.clocked()

    async def clocked(self) -> None:
        """The clock was set."""
        self.world.agenda.speed = self.clock.speed
        self._note_clock()
        self.world.changes.tell("clock")
        self._stop.bell.set()
        await self.changed()

    def _note_clock(self) -> None:
        self.world.changes.keep(NoteRow("clock", msgspec.json.encode(self.clock.state)))

    def keep_scenario(self, name: str, text: str) -> None:
        """A scenario was uploaded."""
        self.world.changes.keep(ScenarioRow(name, text))

    # What the driver asks and says

    def take(self, now: float) -> Sequence[tuple[Exchange, ...]]:
        """What is due; nothing while time stands still.

        Raises:
            MockatellError: Something of ours has failed.
        """
        self.require()
        halted = self.clock.paused and not self.clock.virtual
        groups = () if halted else self.world.take(now)
        self.flush()
        return groups

    def next_due(self, until: float) -> float | None:
        """When there is more."""
        due = self.world.next_due(until)
        self._awaited = math.inf if due is None else due
        return due

    def ended(self, exchange: Exchange, answer: Answer, sent_at: float) -> Attempt:
        """An exchange is over."""
        return self.world.ended(exchange, answer, sent_at)

    # How changes get around

    async def changed(self) -> None:
        """Wake the driver where it has something to do earlier; return when all is kept.

        Raises:
            MockatellError: It cannot be kept, or nothing is sent any more.
        """
        self.require()
        due = self.world.next_due()
        if due is not None and due < self._awaited:
            self._stop.bell.set()
        kept = self.flush()
        if kept is not None:
            await asyncio.shield(kept)

    async def kept(self) -> None:
        """Return when all that has changed is kept."""
        kept = self.flush()
        if kept is not None:
            await kept

    def flush(self) -> asyncio.Future[None] | None:
        """Hand what has changed to the store, the feed and those who wait."""
        changes = self.world.changes
        told = changes.told()
        if told:
            self.feed.tell(self.world.shown(told))
            self.waiters.wake(self.world, told)
            self._judge(told)
        rows = self.world.rows()
        return self._keep(rows) if rows else None

    def _keep(self, rows: Sequence[Keep]) -> asyncio.Future[None] | None:
        try:
            kept = self._store.keep(rows)
        except MockatellError as error:
            self._fail(error)
            raise
        if kept is not None and kept is not self._keeping:  # many calls share one
            self._keeping = kept
            kept.add_done_callback(self._ended)
        return kept

    def _judge(self, told: Sequence[tuple[str, str]]) -> None:
        """Judge the runs that have come to their end."""
        for kind, about in told:
            run = self.world.runs.get(about) if kind == "run" else None
            if run is not None and run.played and not run.judging:
                run.judging = True
                task = asyncio.create_task(self._finish(run))
                self._judging.add(task)
                task.add_done_callback(self._judging.discard)
                task.add_done_callback(self._ended)

    async def _finish(self, run: Run) -> None:
        expectations = await judged(run, self._sending)
        if run.running:  # else it was cancelled meanwhile
            self.world.finish(run, expectations, self.now)
        await self._sending.end_run(run.row.id)
        await self.changed()

    def _ended(self, work: asyncio.Future[None]) -> None:
        """Work of ours has ended: with an exception only when something of ours has failed."""
        if not work.cancelled() and (error := work.exception()) is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Say so, and let nobody wait for what will not come."""
        failure = (
            error
            if isinstance(error, MockatellError)
            else BrokenError(f"a bug of mockatell's: {error!r}")
        )
        if self.failure is None:
            self.failure = failure
            LOG.critical("nothing is sent any more: %s", failure, exc_info=error)
        self._broken.set()
        self._stop.bell.set()
        self.clock.arrive()
        self.waiters.fail(failure)

    def _hear(self, attempt: Attempt) -> None:
        urls = self._sending.masked(self._run_of(attempt.delivery))
        self._heard(attempt, urls.get(attempt.role, ""))

    def _run_of(self, seq: int) -> str | None:
        return self.world.track(seq).row.run
