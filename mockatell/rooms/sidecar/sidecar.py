"""The sidecar itself: joins world, driver, sender, store and clock, and is what doors talk to."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from mockatell._version import __version__
from mockatell.core.scenario.load import parse_keys
from mockatell.core.sidecar import showing
from mockatell.core.sidecar.views import ClockView, Overview
from mockatell.errors import ConflictError, InputError
from mockatell.rooms.sidecar.engine import Engine
from mockatell.rooms.sidecar.library import Library
from mockatell.rooms.sidecar.opening import Opening
from mockatell.rooms.sidecar.sending import Sending
from mockatell.rooms.sidecar.waiting import Scope

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
    from mockatell.core.sidecar.world import World
    from mockatell.rooms.sidecar.settings import SidecarSettings
    from mockatell.shell.clock import AdjustableClock
    from mockatell.shell.senders.base import AsyncSender
    from mockatell.shell.store import Store

SLOWEST: Final = 0.001
FASTEST: Final = 1_000_000
FARTHEST: Final = 366 * 86_400
"""Seconds that time can be advanced by at once."""


class Sidecar:
    """Clickatell next to an app: it takes messages, sends callbacks, and tells how it stands.

    Made by `open`; all methods are for the thread of its event loop.
    """

    def __init__(
        self,
        settings: SidecarSettings,
        sending: Sending,
        library: Library,
        opening: Opening,
        engine: Engine,
    ) -> None:
        self.settings = settings
        self._sending = sending
        self._library = library
        self._opening = opening
        self._engine = engine

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
        sending = Sending(settings, sender)
        library = Library(settings.scenarios, settings.environment)
        opening = Opening(settings, sending, library, clock)
        began = clock.state
        engine = Engine(opening.world(store.load()), sending, store, clock, began)
        await engine.kept()
        return cls(settings, sending, library, opening, engine)

    async def start(self) -> None:
        """Begin to send."""
        self._engine.start()

    async def drain(self, grace: float) -> None:
        """Begin nothing new; let what is under way end, for at most so many seconds.

        Raises:
            StoreError: What has ended cannot be kept.
        """
        await self._engine.drain(grace)

    async def aclose(self) -> None:
        """Stop at once, and let go of network and store."""
        await self._engine.aclose()

    @property
    def failure(self) -> str | None:
        """Why nothing is sent any more, in a sentence; None: all is well."""
        failure = self._engine.failure
        return None if failure is None else str(failure)

    async def handle(self, request: ApiRequest) -> ApiResponse:
        """Answer a request of the One API; what it accepts is in the store before this returns.

        Raises:
            StoreError: The store can keep nothing any more.
        """
        response = self._world.handle(request, self._engine.now)
        await self._engine.changed()
        return response

    @property
    def _world(self) -> World:
        return self._engine.world

    # How it stands

    def overview(self) -> Overview:
        """How it stands as a whole."""
        world = self._world
        return Overview(
            version=__version__,
            seed=world.seed,
            clock=self.clock(),
            endpoints={role.value: url for role, url in self._sending.masked(None).items()},
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
        run = track.row.run
        return showing.delivery_detail(
            self._world,
            track,
            url=self._sending.masked(run).get(track.row.role, ""),
            scrub=self._sending.secrets(run).scrub_excerpt,
            sent=self._sending.headers,
        )

    def report(self, run: str | None = None) -> Report:
        """What all attempts say, or those of a run.

        Raises:
            UnknownError: There is no such run.
        """
        if run is not None:
            return self._world.run(run).report()
        return self._world.report(self._sending.masked(None))

    # What is done by hand

    async def redeliver(self, seq: int) -> DeliveryView:
        """Send a delivery once more, now.

        Raises:
            UnknownError: There is none of this number.
        """
        track = self._world.redeliver(seq, self._engine.now)
        await self._engine.changed()
        return showing.delivery_view(self._world, track)

    async def emit(self, event: EventRequest) -> list[DeliveryView]:
        """Let an event happen now; gives the deliveries that tell of it.

        Raises:
            InputError: There is no such kind, a field is wrong, or no endpoint takes it.
        """
        tracks = self._world.emit(event, self._engine.now)
        await self._engine.changed()
        return [showing.delivery_view(self._world, track) for track in tracks]

    async def start_run(self, request: RunRequest) -> RunView:
        """Start a scenario.

        Raises:
            InputError: There is no such scenario, it is wrong, or an endpoint has no URL.
            ConflictError: Too many runs are known.
        """
        script = self._library.asked(request)
        scenario = await self._library.read(script)
        world = self._world
        run = self._opening.begun(script, scenario, world, request.seed, self._engine.now)
        world.start(run)
        await self._engine.changed()
        return showing.run_view(world, run)

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
            ConflictError: It is over.
        """
        world = self._world
        run = world.run(run_id)
        if not run.running:
            raise ConflictError(f"run {run_id} is over: it was {run.progress.state}")
        world.cancel(run, self._engine.now)
        await self._engine.changed()
        return showing.run_view(world, run)

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
        scope = Scope(run, message)
        return await self._engine.waiters.wait(lambda: self._world, scope, until, timeout)

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
        self._world.set_faults(specs, faults, self._engine.now)
        await self._engine.changed()
        return self.faults()

    def clock(self) -> ClockView:
        """Its time."""
        clock = self._engine.clock
        now_ms = self._world.at_ms(clock.now())
        return ClockView(now_ms=now_ms, speed=clock.speed, paused=clock.paused)

    async def advance(self, seconds: float) -> ClockView:
        """Let so much time pass in no time: what is due meanwhile is sent, each at its own time.

        Raises:
            InputError: Time does not go back, nor for ever.
            ConflictError: It is being advanced already, or nothing is being sent.
        """
        if not 0 <= seconds <= FARTHEST:
            raise InputError(f"time cannot be advanced by {seconds:g} seconds")
        await self._engine.advance(seconds)
        return self.clock()

    async def set_speed(self, speed: float) -> ClockView:
        """Divide waits by this from now on.

        Raises:
            InputError: No clock can go at this speed.
        """
        if not SLOWEST <= speed <= FASTEST:
            raise InputError(f"a clock cannot go at speed {speed:g} ({SLOWEST} to {FASTEST:,} can)")
        self._engine.clock.set_speed(speed)
        await self._engine.clocked()
        return self.clock()

    async def pause(self) -> ClockView:
        """Stop time: nothing more is sent."""
        self._engine.clock.pause()
        await self._engine.clocked()
        return self.clock()

    async def resume(self) -> ClockView:
        """Let time go on."""
        self._engine.clock.resume()
        await self._engine.clocked()
        return self.clock()

    async def reset(self, seed: int | None = None) -> None:
        """Forget everything: messages, deliveries, runs, faults and uploads.

        Args:
            seed: Another one; the same as before when None, and then the same ids come again.
        """
        seed = self._world.seed if seed is None else seed
        self._library.uploaded.clear()
        self._sending.seed = seed
        await self._engine.reset(self._opening.new(seed))

    def scenarios(self) -> list[ScenarioView]:
        """The scenarios that can be started by name."""
        return self._library.views()

    def scenario(self, name: str) -> ScenarioView:
        """The scenario of this name.

        Raises:
            UnknownError: There is none.
        """
        self._library.script(name)
        return next(view for view in self._library.views() if view.name == name)

    async def upload(self, name: str, yaml: str) -> ScenarioView:
        """Keep a scenario; one of the same name that was uploaded before is replaced.

        Raises:
            InputError: The name cannot be used, or the scenario is wrong.
            ConflictError: There are too many.
        """
        view = await self._library.upload(name, yaml)
        self._engine.keep_scenario(name, yaml)
        await self._engine.changed()
        return view

    def changes(self, since: int) -> AsyncIterator[Change]:
        """What changes after the entry `since`, for ever; negative: from now on."""
        return self._engine.feed.changes(since)


def _after(items: Iterable[Any], before: str | None, key: Any) -> Iterable[Any]:
    if before is None:
        return items
    found = iter(items)
    for item in found:
        if key(item) == before:
            break
    return found
