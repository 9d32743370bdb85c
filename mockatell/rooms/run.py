"""The room where a run is put together: scenario, plan, agenda, sender, clock and journal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockatell._version import __version__
from mockatell.clickatell.encryption import require_cryptography
from mockatell.clickatell.ledger import assumptions
from mockatell.core import faults
from mockatell.core.agenda import Agenda
from mockatell.core.journal import Journal
from mockatell.core.lives import encrypts, kinds_of, roles_of
from mockatell.core.oracle import DEFAULT_EXPECT, judge_acknowledged, subjects
from mockatell.core.plan import later, plan, plan_without_faults
from mockatell.core.retry import RetryPolicy, policies
from mockatell.core.scenario.endpoints import IN_PROCESS, resolve_endpoints
from mockatell.core.scenario.urls import masked
from mockatell.core.secrets import Secrets
from mockatell.errors import InputError
from mockatell.model import Attempt, Expectation, Frozen, Role, RunEnded, RunStarted
from mockatell.rng import chosen_seed
from mockatell.shell.clock import monotonic
from mockatell.shell.drivers import asynchronous, synchronous
from mockatell.shell.probes import MOST_BYTES, call, call_now, check_eyes, probe, probe_now
from mockatell.shell.senders.base import annotation
from mockatell.shell.senders.lane import LaneTransport
from mockatell.shell.senders.transport import socket_sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import httpx

    from mockatell.core.journal import Line
    from mockatell.core.scenario.spec import (
        ExpectSpec,
        ProbeSpec,
        RetryByRoleSpec,
        RetrySpec,
        Scenario,
    )
    from mockatell.model import Endpoint, Exchange
    from mockatell.shell.clock import Clock
    from mockatell.shell.drivers.asynchronous import Stop
    from mockatell.shell.probes import Eye
    from mockatell.shell.senders.base import AsyncSender, SyncSender

    Listener = Callable[[Line], None]


class Settings(Frozen, frozen=True):
    """What a run is told beside its scenario; each wins over the scenario's own.

    Args:
        target: URL of both endpoints.
        status_url: URL of the status endpoint.
        reply_url: URL of the reply endpoint.
        seed: Replays a run; drawn and journalled when neither this nor the scenario has one.
        retry: For both roles: a preset's name, or a `RetryPolicy` of any tenacity strategies.
        bodies: Whether the journal holds the callbacks' bodies.
        annotate: Whether requests say which delivery and attempt they are (`X-Mockatell-*`).
        replay: What replays it, but for the seed: a command line with `{seed}` where that goes.
        grace: Seconds that exchanges in flight are given when the run is interrupted.
    """

    target: str | None = None
    status_url: str | None = None
    reply_url: str | None = None
    seed: int | None = None
    retry: Any = None
    bodies: bool = False
    annotate: bool = False
    replay: str = ""
    grace: float = 5.0


class Run:
    """One run, from its first line to its last.

    Args:
        scenario: What is to happen.
        settings: What wins over it.
        clock: The run's time.
        listeners: Each is called with every line of the journal as it comes.
        in_process: Whether an app stands in for the endpoints' hosts; then none needs a URL.
        start: When it begins, by the clock.
        after: The number of deliveries that went before it.
        eyes: Functions that look at the customer's state as well, each a clause of its own.
    """

    def __init__(
        self,
        scenario: Scenario,
        settings: Settings,
        clock: Clock,
        listeners: Sequence[Listener] = (),
        *,
        in_process: bool = False,
        start: float = 0.0,
        after: int = 0,
        eyes: Sequence[Eye] = (),
    ) -> None:
        self.scenario = scenario
        self.eyes = eyes
        self.settings = settings
        self.clock = clock
        self.in_process = in_process
        self.seed = chosen_seed(settings.seed, scenario.seed)
        self.endpoints = resolve_endpoints(
            scenario,
            target=settings.target,
            status_url=settings.status_url,
            reply_url=settings.reply_url,
            needed=() if in_process else sorted(roles_of(scenario), reverse=True),
            fallback=IN_PROCESS if in_process else None,
        )
        if encrypts(scenario):
            require_cryptography()
        for spec in self.probes:
            check_eyes(spec)
        self._secrets = Secrets.of(scenario, self.endpoints.values())
        self.agenda = self._agenda(start, after)
        replay = self._secrets.scrub(settings.replay)
        self.journal = Journal(
            opening(scenario, clock, self.endpoints, seed=self.seed, replay=replay)
        )
        self._listeners = listeners
        self._tell(self.journal.started)

    def record(self, attempt: Attempt) -> None:
        """Append to the journal and tell the listeners."""
        self.journal.add(attempt)
        self._tell(attempt)

    def end(self, looked: Sequence[Expectation] = (), *, interrupted: bool = False) -> Journal:
        """Judge what is expected, probes as they `looked`, and write the last line."""
        ended = self.agenda.close(interrupted=interrupted)
        if not interrupted:
            clean = map(self._scrubbed, looked)
            ended = replace(ended, expectations=tuple(_judged(self.expect, clean, ended)))
        self.journal.add(ended)
        self._tell(ended)
        return self.journal

    def manner(self) -> dict[str, Any]:
        """How a sender is to carry out this run's exchanges."""
        return {
            "scrub": self._secrets.scrub,
            "annotate": self._annotations if self.settings.annotate else None,
            "virtual": self.clock.virtual,
        }

    @property
    def expect(self) -> Sequence[ExpectSpec]:
        """The scenario's clauses; without any, that all deliveries are acknowledged."""
        return self.scenario.expect or DEFAULT_EXPECT

    @property
    def probes(self) -> list[ProbeSpec]:
        """The looks at the customer's state that the scenario asks for."""
        return [clause.probe for clause in self.expect if clause.probe is not None]

    def subjects(self) -> list[dict[str, str]]:
        """What probes can ask about."""
        if not (self.probes or self.eyes):
            return []
        truth = plan_without_faults(self.scenario, seed=self.seed, epoch_ms=self.clock.epoch_ms)
        return subjects(truth)

    def _agenda(self, start: float, after: int) -> Agenda:
        own = self.settings.retry or self.scenario.retry
        begins_ms = self.clock.epoch_ms + int(start * 1000)
        deliveries = plan(self.scenario, seed=self.seed, epoch_ms=begins_ms)
        conduct = faults.conductor(self.scenario.faults, self.seed)
        return Agenda(
            later(deliveries, start, after) if start or after else deliveries,
            chosen_policies(own),
            limits={role: e.max_in_flight for role, e in self.endpoints.items()},
            seed=self.seed,
            conduct=lambda delivery, number, due: conduct(delivery, number, due - start),
            bodies=self.settings.bodies,
            speed=self.clock.speed,
        )

    def _scrubbed(self, looked: Expectation) -> Expectation:
        """What a probe saw; the customer's server may have sent its request back."""
        return replace(looked, evidence=tuple(map(self._secrets.scrub_excerpt, looked.evidence)))

    def _tell(self, line: Line) -> None:
        for listener in self._listeners:
            listener(line)

    def _annotations(self, exchange: Exchange) -> Iterator[tuple[str, str]]:
        return annotation(exchange, self.seed)


def opening(
    scenario: Scenario,
    clock: Clock,
    endpoints: Mapping[Role, Endpoint],
    *,
    seed: int,
    replay: str,
) -> RunStarted:
    """The first line of a run; `replay` is free of secrets, and has `{seed}` where that goes."""
    about = {*kinds_of(scenario), *(["encrypted"] if encrypts(scenario) else [])}
    return RunStarted(
        version=__version__,
        scenario=scenario.name,
        seed=seed,
        epoch_ms=clock.epoch_ms,
        assumed=assumptions(scenario, about),
        clock="virtual" if clock.virtual else "real",
        speed=clock.speed,
        endpoints={role.value: masked(e.url) for role, e in endpoints.items()},
        replay=replay.replace("{seed}", str(seed)),
    )


def chosen_policies(
    retry: RetryPolicy | str | RetrySpec | RetryByRoleSpec,
) -> Mapping[Role, RetryPolicy]:
    """The policy of each role: one's own for both, or as a scenario says it."""
    return dict.fromkeys(Role, retry) if isinstance(retry, RetryPolicy) else policies(retry)


async def play(run: Run, sender: AsyncSender, way: httpx.AsyncBaseTransport, stop: Stop) -> Journal:
    """Play a run on the event loop.

    Args:
        run: The run.
        sender: How its exchanges are carried out.
        way: How its probes get to the customer's state.
        stop: Ends it early.
    """
    try:
        await asynchronous.drive(
            run.agenda, sender, run.clock, run.record, stop=stop, grace=run.settings.grace
        )
    except InputError:  # found out on the way, for example that no more sockets are to be had
        run.end(interrupted=True)
        raise
    if stop.asked:
        return run.end(interrupted=True)
    looking = asyncio.ensure_future(_look(run, way))
    stopping = asyncio.ensure_future(stop.bell.wait())
    await asyncio.wait({looking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not looking.done():
        looking.cancel()
        return run.end(interrupted=True)
    return run.end(await looking)


async def _look(run: Run, way: httpx.AsyncBaseTransport) -> list[Expectation]:
    about = run.subjects()
    patient = not (run.clock.virtual and run.in_process)
    return [
        *[await probe(spec, about, way, patient=patient) for spec in run.probes],
        *[await call(eye, about, patient=patient) for eye in run.eyes],
    ]


def play_now(run: Run, sender: SyncSender, way: httpx.BaseTransport) -> Journal:
    """Play a run on this thread."""
    synchronous.drive(run.agenda, sender, run.clock, run.record)
    about = run.subjects()
    looked = [probe_now(spec, about, way) for spec in run.probes]
    return run.end([*looked, *(call_now(eye, about) for eye in run.eyes)])


async def play_to_urls(run: Run, stop: Stop) -> Journal:
    """Play a run over the network."""
    sender = socket_sender(run.endpoints, timer=monotonic, **run.manner())
    way = _way_to_state(run)
    try:
        return await play(run, sender, way, stop)
    finally:
        await sender.aclose()
        await way.aclose()


def _way_to_state(run: Run) -> LaneTransport:
    """For the probes; their servers are trusted as the endpoints are."""
    secure = any(spec.get.lower().startswith("https:") for spec in run.probes)
    trust = next(iter(run.endpoints.values())).tls
    return LaneTransport(monotonic, tls=trust if secure else None, body_limit=MOST_BYTES)


def _judged(
    clauses: Sequence[ExpectSpec], looked: Iterable[Expectation], ended: RunEnded
) -> Iterator[Expectation]:
    looks = iter(looked)
    for clause in clauses:
        if clause.acknowledged is not None:
            yield judge_acknowledged(clause.acknowledged, ended)
        else:
            yield next(looks)
    yield from looks  # those of functions belong to no clause of the scenario's
