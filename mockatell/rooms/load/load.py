"""The room where a load test is put together: traffic, agenda, sender, clock and tally.

It needs the extra `load`: importing it without raises a `ConfigurationError` that says so.
"""

from __future__ import annotations

import asyncio
import math
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, Final, Literal

import uvloop

from mockatell.clickatell.encryption import require_cryptography
from mockatell.core import faults
from mockatell.core.agenda import Agenda
from mockatell.core.exchanges import plainly
from mockatell.core.faults import EXCHANGE_FAULTS, named
from mockatell.core.lives import encrypts, roles_of
from mockatell.core.load.arrivals import arrivals, expected, highest
from mockatell.core.load.guard import is_near
from mockatell.core.load.result import LoadResult, Offer, Snapshot, Stage, Traffic
from mockatell.core.load.tally import Tally
from mockatell.core.load.traffic import endless
from mockatell.core.plan import plan
from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.secrets import Secrets
from mockatell.errors import ConfigurationError
from mockatell.model import Delivery, Frozen
from mockatell.rng import Purpose, Stream, chosen_seed
from mockatell.rooms.run import chosen_policies, opening
from mockatell.shell import machine
from mockatell.shell.clock import RealClock, computed
from mockatell.shell.drivers.asynchronous import Stop
from mockatell.shell.drivers.loading import LoadDriver
from mockatell.shell.senders.fast.pool import Pool
from mockatell.shell.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.exchanges import Conductor
    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import RunStarted

MOST_IN_FLIGHT: Final = 2_000
DEFAULT_DURATION: Final = 30.0
_WARMING: Final = 500  # callbacks
CLOSED_PACE: Final = 10_000.0
"""Callbacks a second by which the events of a closed load are dated: its true pace shows only as
it goes, and a seed is to give the same bodies."""


class LoadSettings(Frozen, frozen=True):
    """What a load is told beside its scenario; targets, seed and retry win over the scenario's own.

    A rate counts callbacks a second, before faults: duplicates and retries come on top. Without
    `rate`, `stages` and `concurrency`, what the scenario's own times say is offered.

    Args:
        target: URL of both endpoints.
        status_url: URL of the status endpoint.
        reply_url: URL of the reply endpoint.
        seed: Replays the traffic; drawn and told when neither this nor the scenario has one.
        retry: As in `Settings`.
        rate: Callbacks a second, from the beginning to the end.
        stages: `(seconds, rate)`: the rate goes evenly to each one in turn, from 0.
        concurrency: Connections that each send the next callback once they have their answer.
        duration: Seconds in which callbacks come, whatever the plan holds; 30 by default, or as
            long as the scenario's own times take.
        arrivals: Whether callbacks come evenly, or as independent events do.
        max_in_flight: Most exchanges at once; 2,000, or what this process may open, by default.
        grace: Seconds that exchanges in flight are given at the end.
        public: Whether it may connect to public addresses, whatever a name leads to by then.
        replay: The command that does it again, with `{seed}` where the seed goes.
    """

    target: str | None = None
    status_url: str | None = None
    reply_url: str | None = None
    seed: int | None = None
    retry: Any = None
    rate: float | None = None
    stages: tuple[tuple[float, float], ...] = ()
    concurrency: int | None = None
    duration: float | None = None
    arrivals: Literal["constant", "poisson"] = "constant"
    max_in_flight: int | None = None
    grace: float = 5.0
    public: bool = True
    replay: str = ""


class Load:
    """One load test.

    Args:
        scenario: Its messages are the traffic's mix.
        settings: How much of it.
        tally: What counts it.

    Attributes:
        offer: How the load was asked for, defaults filled in.
        endpoints: Where it goes, by role.

    Raises:
        ConfigurationError: Settings that do not fit together, no URL, nothing to send, too few
            descriptors.
    """

    def __init__(
        self, scenario: Scenario, settings: LoadSettings, tally: Tally | None = None
    ) -> None:
        self.settings = settings
        self.seed = chosen_seed(settings.seed, scenario.seed)
        self.endpoints = resolve_endpoints(
            scenario,
            target=settings.target,
            status_url=settings.status_url,
            reply_url=settings.reply_url,
            needed=sorted(roles_of(scenario), reverse=True),
        )
        if encrypts(scenario):
            require_cryptography()
        self.offer = offered(settings)
        self.scenario = self._traffic(scenario)
        self.secrets = Secrets.of(scenario, self.endpoints.values())
        self._tally = tally or Tally()
        self._clock = RealClock()

    def now(self) -> Snapshot:
        """How it stands; to be asked on its event loop while it is played."""
        return self._tally.now(self._clock.now())

    async def play(self, stop: Stop | None = None) -> LoadResult:
        """Play it, once, on a loop of `new_loop`'s.

        Args:
            stop: Ends it early: asked once, nothing more is begun, asked twice, nothing awaited.

        Raises:
            MockatellError: The disk is full, or a message cannot be made.
        """
        stop, shelf = stop or Stop(), Spool()
        try:
            with machine.seldom_collected():
                return await self._played(stop, self._agenda(shelf))
        finally:
            shelf.close()

    async def _played(self, stop: Stop, agenda: Agenda) -> LoadResult:
        used, clock = computed(), self._clock
        allows = None if self.settings.public else is_near
        pool = Pool(self.endpoints, timer=clock.now, scrub=self.secrets.scrub, allows=allows)
        driver = LoadDriver(
            agenda,
            pool,
            self._tally,
            clock,
            busy=computed,
            most=self.offer.max_in_flight,
            until=self._until,
        )
        try:
            await driver.drive(stop, self.settings.grace)
        finally:
            await pool.aclose()
        took = clock.now()
        return self._tally.result(
            self._started(),
            self.offer,
            took=took,
            offered_for=driver.offered_for,
            busy=(computed() - used) / took,
            traffic=Traffic(pool.bytes_out, pool.bytes_in, pool.opened, pool.reused),
            resent=pool.resent,
            peak_memory=machine.peak_memory(),
            interrupted=stop.asked,
        )

    @property
    def _closed(self) -> bool:
        return self.offer.mode == "closed"

    @property
    def _until(self) -> float:
        return math.inf if self.offer.duration is None else self.offer.duration

    def _traffic(self, scenario: Scenario) -> Scenario:
        if self.offer.mode == "scenario":
            return scenario
        return endless(scenario, highest(self.offer.start, self.offer.stages) or CLOSED_PACE)

    def _agenda(self, shelf: Spool) -> Agenda:
        """What is to be sent; time begins when it is there.

        Its first delivery is drawn before, and some more to no end: by then everything is loaded
        that makes messages, and no fault has its window to fill any more.
        """
        epoch_ms = self._clock.epoch_ms
        for _ in islice(self._deliveries(epoch_ms), _WARMING):
            pass
        agenda = Agenda(
            self._deliveries(epoch_ms),
            chosen_policies(self.settings.retry or self.scenario.retry),
            seed=self.seed,
            conduct=self._conductor(),
            shelf=shelf,
            at_once=self._closed,
        )
        agenda.next_due()
        self._clock = RealClock(epoch_ms=epoch_ms)
        return agenda

    def _deliveries(self, epoch_ms: int) -> Iterator[Delivery]:
        """What comes due in time; what a closed load has is sent when there is a place for it."""
        planned = plan(self.scenario, seed=self.seed, epoch_ms=epoch_ms, beat=self._beat())
        if self._closed:
            return planned
        until = self._until
        return takewhile(lambda delivery: delivery.due <= until, planned)

    def _beat(self) -> Iterator[float] | None:
        offer = self.offer
        if offer.mode == "scenario":
            return None
        if self._closed:
            return arrivals(CLOSED_PACE, [Stage(math.inf, CLOSED_PACE)])
        stream = Stream(self.seed, Purpose.ARRIVAL) if offer.arrivals == "poisson" else None
        return arrivals(offer.start, offer.stages, stream)

    def _conductor(self) -> Conductor:
        """Most scenarios have no fault in their exchanges, and need not be asked for each."""
        if not any(named(fault)[0] in EXCHANGE_FAULTS for fault in self.scenario.faults):
            return plainly
        return faults.conductor(self.scenario.faults, self.seed)

    def _started(self) -> RunStarted:
        replay = self.secrets.scrub(self.settings.replay)
        return opening(self.scenario, self._clock, self.endpoints, seed=self.seed, replay=replay)


def offered(settings: LoadSettings) -> Offer:
    """How the load is asked for, with defaults filled in and room made for its connections.

    Raises:
        ConfigurationError: Settings that do not fit together, or too few descriptors.
    """
    ways = {"rate": settings.rate, "stages": settings.stages, "concurrency": settings.concurrency}
    given = [name for name, value in ways.items() if value]
    if len(given) > 1:
        raise ConfigurationError(f"{given[0]} and {given[1]} exclude each other: give one of them")
    if settings.arrivals != "constant" and not (settings.rate or settings.stages):
        raise ConfigurationError(
            f"arrivals are {settings.arrivals} at a rate: give rate or stages, or leave them out"
        )
    if settings.duration == 0:
        raise ConfigurationError("a duration of 0 leaves no time for a callback: give a longer one")
    if settings.stages and settings.duration is not None:
        raise ConfigurationError("stages say how long they take: leave the duration out")
    duration = float(DEFAULT_DURATION if settings.duration is None else settings.duration)
    if settings.concurrency:
        machine.require_room_for(settings.concurrency)
        most = settings.concurrency
        return Offer("closed", duration, concurrency=most, max_in_flight=most)
    if settings.rate:
        rate = float(settings.rate)
        return _open(settings, rate, Stage(duration, rate))
    if settings.stages:
        return _open(settings, 0.0, *(Stage(float(s), float(r)) for s, r in settings.stages))
    until = None if settings.duration is None else duration
    most = _most_in_flight(settings)
    return Offer("scenario", until, max_in_flight=most, lowered=_lowered(settings, most))


def _open(settings: LoadSettings, start: float, *stages: Stage) -> Offer:
    if not expected(start, stages) >= 1:
        raise ConfigurationError("so low a rate gives no callback in the whole time: raise either")
    most = _most_in_flight(settings)
    return Offer(
        "open",
        duration=sum(stage.for_ for stage in stages),
        start=start,
        stages=stages,
        arrivals=settings.arrivals,
        max_in_flight=most,
        lowered=_lowered(settings, most),
    )


def _most_in_flight(settings: LoadSettings) -> int:
    if settings.max_in_flight is None:
        return machine.room_for(MOST_IN_FLIGHT)
    machine.require_room_for(settings.max_in_flight)
    return settings.max_in_flight


def _lowered(settings: LoadSettings, most: int) -> bool:
    return settings.max_in_flight is None and most < MOST_IN_FLIGHT


def new_loop() -> asyncio.AbstractEventLoop:
    """An event loop that is fast enough."""
    return uvloop.new_event_loop()


def play(load: Load, stop: Stop | None = None) -> LoadResult:
    """Play a load from a thread without an event loop."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(load.play(stop))
