"""The sidecar itself: joins world, driver, sender, store and clock, and is what doors talk to."""

from __future__ import annotations

import asyncio
import math
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from mockatell._version import __version__
from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.scenario.load import parse_keys
from mockatell.core.scenario.urls import masked
from mockatell.core.secrets import Secrets
from mockatell.core.sidecar import showing
from mockatell.core.sidecar.retention import Retention
from mockatell.core.sidecar.views import ClockView, Overview
from mockatell.core.sidecar.world import Setup, World
from mockatell.errors import ConflictError, InputError
from mockatell.rng import chosen_seed
from mockatell.rooms.sidecar.feed import Feed
from mockatell.rooms.sidecar.waiting import Scope, Waiters
from mockatell.shell.clock import monotonic
from mockatell.shell.drivers.asynchronous import Stop, drive
from mockatell.shell.senders.transport import socket_sender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from mockatell.clickatell.standin import ApiRequest, ApiResponse
    from mockatell.core.report import Report
    from mockatell.core.sidecar.views import (
        Change,
        DeliveryDetail,
        DeliveryView,
        EventRequest,
        MessageView,
        RunRequest,
        RunView,
        ScenarioView,
        WaitResult,
    )
    from mockatell.model import Answer, Attempt, Exchange
    from mockatell.rooms.sidecar.settings import SidecarSettings
    from mockatell.shell.clock import AdjustableClock
    from mockatell.shell.senders.base import AsyncSender
    from mockatell.shell.store import Store


class Sidecar:
    """Clickatell next to an app: it takes messages, sends callbacks, and tells how it stands.

    Made by `open`; all methods are for the thread of its event loop.
    """

    def __init__(
        self,
        settings: SidecarSettings,
        store: Store,
        clock: AdjustableClock,
        sender: AsyncSender | None,
    ) -> None:
        self.settings = settings
        self._store = store
        self._clock = clock
        self._endpoints = resolve_endpoints(
            settings.scenario, status_url=settings.status_url, reply_url=settings.reply_url
        )
        self._secrets = Secrets.of(settings.scenario, self._endpoints.values())
        self._sender = sender or socket_sender(
            self._endpoints, timer=monotonic, scrub=self._secrets.scrub, whole=True
        )
        self._world = self._new_world(chosen_seed(settings.seed, settings.scenario.seed))
        self._feed = Feed(self._world.at_ms(clock.now()))
        self._waiters = Waiters()
        self._stop = Stop()
        self._driving: asyncio.Task[None] | None = None
        self._awaited = -math.inf

    @classmethod
    async def open(
        cls,
        settings: SidecarSettings,
        *,
        store: Store,
        clock: AdjustableClock,
        sender: AsyncSender | None = None,
    ) -> Sidecar:
        """A sidecar with all that its store has; it sends nothing before `start`.

        Args:
            settings: How it is set up.
            store: Where it keeps what must outlive it; closed with it.
            clock: Its time; a store's own goes before it.
            sender: What carries out its exchanges, if not the network.

        Raises:
            ConfigurationError: A URL, a header, a certificate or a setting cannot be used.
            StoreError: The store cannot be read.
        """
        return cls(settings, store, clock, sender)

    async def start(self) -> None:
        """Begin to send."""
        self._stop = Stop()
        self._driving = asyncio.create_task(
            drive(self, self._sender, self._clock, _unheeded, stop=self._stop, forever=True)
        )

    async def drain(self, grace: float) -> None:
        """Begin nothing new; let what is under way end, for at most so many seconds."""
        if self._driving is not None:
            self._stop()
            await asyncio.wait({self._driving}, timeout=grace)

    async def aclose(self) -> None:
        """Stop at once, and let go of network and store."""
        if self._driving is not None:
            self._driving.cancel()
            await asyncio.gather(self._driving, return_exceptions=True)
        self._flush()
        self._waiters.wake_all()
        await self._sender.aclose()
        await self._store.aclose()

    async def handle(self, request: ApiRequest) -> ApiResponse:
        """Answer a request of the One API; what it accepts is in the store before this returns.

        Raises:
            StoreError: The store can keep nothing any more.
        """
        response = self._world.handle(request, self._clock.now())
        await self._changed()
        return response

    # How it stands

    def overview(self) -> Overview:
        """How it stands as a whole."""
        world = self._world
        return Overview(
            version=__version__,
            seed=world.seed,
            clock=self.clock(),
            endpoints={role.value: masked(e.url) for role, e in self._endpoints.items()},
            messages=len(world.talks),
            deliveries=len(world.tracks),
            pending=world.tracks.pending,
            in_flight=world.agenda.in_flight,
            outcomes={str(outcome): n for outcome, n in sorted(world.tallies.outcomes.items())},
            faults=world.troubles.told,
        )

    def messages(
        self,
        *,
        limit: int,
        before: str | None = None,
        direction: str | None = None,
        to: str | None = None,
        run: str | None = None,
    ) -> list[MessageView]:
        """Messages, the newest first.

        Args:
            limit: At most so many.
            before: Only those that came before the one of this id.
            direction: `sent` or `received`.
            to: The user's number.
            run: Of this run.
        """
        found = (
            talk
            for talk in _after(self._world.talks, before, lambda talk: talk.row.id)
            if direction in (None, talk.row.direction)
            and to in (None, talk.row.user)
            and run in (None, talk.row.run)
        )
        return [showing.message_view(self._world, talk) for talk in islice(found, limit)]

    def message(self, message_id: str) -> MessageView | None:
        """The message of this id."""
        talk = self._world.talks.find(message_id)
        return None if talk is None else showing.message_view(self._world, talk)

    def deliveries(
        self,
        *,
        message: str | None = None,
        kind: str | None = None,
        role: str | None = None,
        state: str | None = None,
        outcome: str | None = None,
        run: str | None = None,
        limit: int,
        before: int | None = None,
    ) -> list[DeliveryView]:
        """Deliveries, the newest first.

        Args:
            message: About the message of this id.
            kind: Of this event kind.
            role: To the endpoint of this role.
            state: That stand so.
            outcome: Whose last attempt ended so.
            run: Of this run.
            limit: At most so many.
            before: Only those of lower numbers.
        """
        world = self._world
        among = world.tracks if message is None else reversed(world.tracks.of(message))
        found = (
            track
            for track in among
            if (before is None or track.row.seq < before)
            and kind in (None, track.row.kind)
            and role in (None, track.row.role)
            and run in (None, track.row.run)
            and state in (None, track.state)
            and (outcome is None or (track.last is not None and track.last.outcome == outcome))
        )
        return [showing.delivery_view(world, track) for track in islice(found, limit)]

    def delivery(self, seq: int) -> DeliveryDetail | None:
        """The delivery of this number, with all that is known of it."""
        track = self._world.tracks.find(seq)
        if track is None:
            return None
        endpoint = self._endpoints.get(track.row.role)
        return showing.delivery_detail(
            self._world,
            track,
            url="" if endpoint is None else masked(endpoint.url),
            scrub=self._secrets.scrub,
            sent=lambda _track, _number: (),
        )

    def report(self, run: str | None = None) -> Report:
        """What all attempts say, or those of a run.

        Raises:
            UnknownError: There is no such run.
        """
        raise NotImplementedError

    # What is done by hand

    async def redeliver(self, seq: int) -> DeliveryView:
        """Send a delivery once more, now.

        Raises:
            UnknownError: There is none of this number.
        """
        track = self._world.redeliver(seq, self._clock.now())
        await self._changed()
        return showing.delivery_view(self._world, track)

    async def emit(self, event: EventRequest) -> list[DeliveryView]:
        """Let an event happen now; gives the deliveries that tell of it.

        Raises:
            InputError: There is no such kind, a field is wrong, or no endpoint takes it.
        """
        raise NotImplementedError

    async def start_run(self, request: RunRequest) -> RunView:
        """Start a scenario.

        Raises:
            InputError: There is no such scenario, it is wrong, or an endpoint has no URL.
        """
        raise NotImplementedError

    def runs(self) -> list[RunView]:
        """The runs, the newest first."""
        return [showing.run_view(self._world, run) for run in reversed(self._world.runs.values())]

    def run(self, run_id: str) -> RunView | None:
        """The run of this id."""
        run = self._world.runs.get(run_id)
        return None if run is None else showing.run_view(self._world, run)

    async def cancel_run(self, run_id: str) -> RunView:
        """Draw nothing more for a run, and call off what is pending of it.

        Raises:
            UnknownError: There is none of this id.
        """
        raise NotImplementedError

    async def wait(
        self,
        until: Literal["quiet", "acknowledged"],
        timeout: float,  # noqa: ASYNC109 -- the caller's word
        *,
        run: str | None = None,
        message: str | None = None,
    ) -> WaitResult:
        """Wait until nothing is pending, or, moreover, every callback is acknowledged.

        Args:
            until: For what.
            timeout: Real seconds.
            run: Of this run only.
            message: About this message only.

        Raises:
            UnknownError: There is no such run or message.
            ConflictError: Too many wait already.
        """
        self._world.scope(run, message)
        return await self._waiters.wait(lambda: self._world, Scope(run, message), until, timeout)

    def faults(self) -> tuple[dict[str, Any], ...]:
        """The faults that are on, in a scenario's words."""
        return self._world.troubles.told

    async def set_faults(self, faults: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        """Switch these faults on, and all others off.

        They change deliveries that are planned from now on, and exchanges at once.

        Raises:
            ScenarioError: They are not what a scenario could hold.
        """
        specs = parse_keys({"faults": list(faults)}, name="faults").faults
        self._world.set_faults(specs, faults, self._clock.now())
        await self._changed()
        return self.faults()

    def clock(self) -> ClockView:
        """Its time."""
        clock = self._clock
        now_ms = self._world.at_ms(clock.now())
        return ClockView(now_ms=now_ms, speed=clock.speed, paused=clock.paused)

    async def advance(self, seconds: float) -> ClockView:
        """Let so much time pass in no time: what is due meanwhile is sent, each at its own time.

        Raises:
            InputError: Time does not go back.
            ConflictError: It is being advanced already.
        """
        if not 0 <= seconds < math.inf:
            raise InputError(f"time cannot be advanced by {seconds} seconds")
        if self._clock.virtual:
            raise ConflictError("the clock is being advanced already")
        arrived = self._clock.advance(seconds)
        self._stop.bell.set()
        await arrived
        return await self._clocked()

    async def set_speed(self, speed: float) -> ClockView:
        """Divide waits by this from now on.

        Raises:
            InputError: No clock can go at this speed.
        """
        if not 0 < speed < math.inf:
            raise InputError(f"a clock cannot go at speed {speed} (0.001 to 1000000 will do)")
        self._clock.set_speed(speed)
        self._world.agenda.speed = speed
        return await self._clocked()

    async def pause(self) -> ClockView:
        """Stop time: nothing more is sent."""
        self._clock.pause()
        return await self._clocked()

    async def resume(self) -> ClockView:
        """Let time go on."""
        self._clock.resume()
        return await self._clocked()

    async def reset(self, seed: int | None = None) -> None:
        """Forget everything: messages, deliveries, runs, faults and uploads.

        Args:
            seed: Another one; the same as before when None, and then the same again.
        """
        raise NotImplementedError

    def scenarios(self) -> list[ScenarioView]:
        """The scenarios that can be started by name."""
        raise NotImplementedError

    async def upload(self, name: str, yaml: str) -> ScenarioView:
        """Keep a scenario; one of the same name that was uploaded before is replaced.

        Raises:
            InputError: The name cannot be used, or the scenario is wrong.
        """
        raise NotImplementedError

    def changes(self, since: int) -> AsyncIterator[Change]:
        """What changes after the entry `since`, for ever; negative: from now on."""
        return self._feed.changes(since)

    # What the driver asks and says

    def take(self, now: float) -> Sequence[tuple[Exchange, ...]]:
        """What is due; nothing while time stands still."""
        halted = self._clock.paused and not self._clock.virtual
        groups = () if halted else self._world.take(now)
        self._flush()
        return groups

    def next_due(self, until: float) -> float | None:
        """When there is more."""
        due = self._world.next_due(until)
        self._awaited = math.inf if due is None else due
        return due

    def ended(self, exchange: Exchange, answer: Answer, sent_at: float) -> Attempt:
        """An exchange is over."""
        return self._world.ended(exchange, answer, sent_at)

    # How changes get around

    async def _changed(self) -> None:
        """Wake the driver where it has something to do earlier, and wait for the store."""
        due = self._world.next_due()
        if due is not None and due < self._awaited:
            self._stop.bell.set()
        kept = self._flush()
        if kept is not None:
            await asyncio.shield(kept)

    def _flush(self) -> asyncio.Future[None] | None:
        """Hand what has changed to the store, the feed and those who wait."""
        changes = self._world.changes
        told = changes.told()
        self._feed.tell(told)
        if told:
            self._waiters.wake(self._world, told)
        rows = changes.rows()
        return self._store.keep(rows) if rows else None

    async def _clocked(self) -> ClockView:
        self._world.changes.tell("clock")
        self._stop.bell.set()
        await self._changed()
        return self.clock()

    def _new_world(self, seed: int) -> World:
        settings = self.settings
        setup = Setup(
            standin=settings.standin,
            scenario=settings.scenario,
            retry=settings.retry,
            roles=frozenset(self._endpoints),
            limits={role: each.max_in_flight for role, each in self._endpoints.items()},
            retention=Retention(
                settings.keep_messages, settings.keep_deliveries, settings.keep_age
            ),
            media_base_url=settings.public_url,
        )
        return World(setup, seed, self._clock.epoch_ms)


def _unheeded(_attempt: Attempt) -> None:
    """Nothing to do: the world has recorded it."""


def _after(items: Iterable[Any], before: str | None, key: Any) -> Iterable[Any]:
    if before is None:
        return items
    found = iter(items)
    for item in found:
        if key(item) == before:
            break
    return found
