"""The room where a run is put together: scenario, plan, agenda, sender, clock and journal."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mockatell import faults
from mockatell._version import __version__
from mockatell.agenda import Agenda
from mockatell.clickatell.ledger import assumptions
from mockatell.clock import Clock, RealClock, VirtualClock
from mockatell.drivers import asynchronous, synchronous
from mockatell.errors import ConfigurationError
from mockatell.journal import Journal
from mockatell.lives import roles_of
from mockatell.model import Attempt, Endpoint, Expectation, Frozen, Role, RunStarted
from mockatell.oracle import DEFAULT_EXPECT, judge_acknowledged, subjects
from mockatell.plan import plan, plan_without_faults
from mockatell.retry import RetryPolicy, policies
from mockatell.rng import draw_seed
from mockatell.scenario.endpoints import masked, resolve_endpoints

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from mockatell.drivers.asynchronous import Stop
    from mockatell.journal import Line
    from mockatell.model import RunEnded
    from mockatell.scenario.spec import ExpectSpec, Scenario

    Listener = Callable[[Line], None]


class Settings(Frozen, frozen=True):
    """What a run is told beside its scenario; each wins over the scenario's own.

    Args:
        target: URL of both endpoints.
        status_url: URL of the status endpoint.
        reply_url: URL of the reply endpoint.
        seed: Replays a run; drawn, printed and journalled when neither this nor the scenario has one.
        retry: A policy for both roles, of any tenacity strategies.
        bodies: Whether the journal holds the callbacks' bodies.
        annotate: Whether requests say which delivery and attempt they are (`X-Mockatell-*`).
        source: What the scenario was loaded from, for the line that replays it.
        grace: Seconds that exchanges in flight are given when the run is interrupted.
    """

    target: str | None = None
    status_url: str | None = None
    reply_url: str | None = None
    seed: int | None = None
    retry: Any = None
    bodies: bool = False
    annotate: bool = False
    source: str = ""
    grace: float = 5.0


class Run:
    """One run, from its first line to its last.

    Args:
        scenario: What is to happen.
        settings: What wins over it.
        clock: The run's time.
        listeners: Each is called with every line of the journal as it comes.
        in_process: Whether an app stands in for the endpoints' hosts.
    """

    def __init__(
        self,
        scenario: Scenario,
        settings: Settings,
        clock: Clock,
        listeners: Sequence[Listener] = (),
        *,
        in_process: bool = False,
    ) -> None:
        self.scenario = scenario
        self.settings = settings
        self.clock = clock
        self.seed = next(s for s in (settings.seed, scenario.seed, draw_seed()) if s is not None)
        self.endpoints = _endpoints(scenario, settings, in_process=in_process)
        self.agenda = self._agenda()
        self.journal = Journal(self._started())
        self._listeners = (*listeners,)
        self._tell(self.journal.started)

    def record(self, attempt: Attempt) -> None:
        """Append to the journal and tell the listeners."""
        self.journal.add(attempt)
        self._tell(attempt)

    def end(self, looked: Sequence[Expectation], *, interrupted: bool = False) -> Journal:
        """Judge what is expected and write the last line."""
        ended = self.agenda.close(interrupted=interrupted)
        self.journal.add(_with_expectations(ended, self.expect, looked))
        assert self.journal.ended is not None
        self._tell(self.journal.ended)
        return self.journal

    @property
    def expect(self) -> Sequence[ExpectSpec]:
        """The scenario's clauses; without any, that all deliveries are acknowledged."""
        return self.scenario.expect or DEFAULT_EXPECT

    def subjects(self) -> list[dict[str, str]]:
        """What probes can ask about."""
        truth = plan_without_faults(self.scenario, seed=self.seed, epoch_ms=self.clock.epoch_ms)
        return subjects(truth)

    def _agenda(self) -> Agenda:
        own = self.settings.retry
        return Agenda(
            plan(self.scenario, seed=self.seed, epoch_ms=self.clock.epoch_ms),
            dict.fromkeys(Role, own) if own else policies(self.scenario.retry),
            limits={role: e.max_in_flight for role, e in self.endpoints.items()},
            seed=self.seed,
            conduct=faults.conductor(self.scenario.faults, self.seed),
            bodies=self.settings.bodies,
        )

    def _started(self) -> RunStarted:
        return RunStarted(
            version=__version__,
            scenario=self.scenario.name,
            seed=self.seed,
            epoch_ms=self.clock.epoch_ms,
            assumed=assumptions(self.scenario),
            clock="virtual" if self.clock.virtual else "real",
            speed=self.clock.speed,
            endpoints={role.value: masked(e.url) for role, e in self.endpoints.items()},
            source=self.settings.source,
        )

    def _tell(self, line: Line) -> None:
        for listener in self._listeners:
            listener(line)
