"""The sidecar itself: joins world, driver, sender, store and clock, and is what doors talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from mockatell.core.scenario.load import parse_keys
from mockatell.core.sidecar import showing
from mockatell.errors import ConflictError, InputError
from mockatell.rooms.sidecar.engine import Engine
from mockatell.rooms.sidecar.library import Library
from mockatell.rooms.sidecar.looking import Looking
from mockatell.rooms.sidecar.opening import Opening
from mockatell.rooms.sidecar.sending import Sending
from mockatell.rooms.sidecar.waiting import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.clickatell.standin import ApiRequest, ApiResponse
    from mockatell.core.sidecar.views import (
        ClockView,
        DeliveryView,
        EventRequest,
        RunRequest,
        RunView,
        ScenarioView,
        WaitResult,
    )
    from mockatell.model import Attempt
    from mockatell.rooms.sidecar.engine import Heard
    from mockatell.rooms.sidecar.settings import SidecarSettings
    from mockatell.shell.clock import AdjustableClock
    from mockatell.shell.senders.base import AsyncSender
    from mockatell.shell.store import Store

SLOWEST: Final = 0.001
FASTEST: Final = 1_000_000
FARTHEST: Final = 366 * 86_400
"""Seconds that time can be advanced by at once."""


def _unheeded(_attempt: Attempt, _url: str) -> None:
    """Nobody wants to know: the world has recorded it."""


class Sidecar(Looking):
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
        super().__init__(sending, library, engine)
        self.settings = settings
        self._opening = opening

    @classmethod
    async def open(
        cls,
        settings: SidecarSettings,
        *,
        store: Store,
        clock: AdjustableClock,
        sender: AsyncSender | None = None,
        heard: Heard = _unheeded,
    ) -> Sidecar:
        """A sidecar with all that its store has; it sends nothing before `start`.

        Args:
            settings: How it is set up.
            store: Where it keeps what must outlive it; closed with it.
            clock: Its time; a store's own goes before it.
            sender: What carries out its exchanges, if not the network.
            heard: Called with every attempt as it ends, and its endpoint's URL, masked.

        Raises:
            ConfigurationError: A URL, a header, a certificate or a setting cannot be used.
            StoreError: The store cannot be read.
        """
        sending = Sending(settings, sender)
        library = Library(settings.scenarios, settings.environment)
        opening = Opening(settings, sending, library, clock)
        began = clock.state
        engine = Engine(opening.world(store.load()), sending, store, clock, began, heard)
        await engine.kept()
        return cls(settings, sending, library, opening, engine)

    async def start(self) -> None:
        """Begin to send."""
        self._engine.start()

    async def drain(self, grace: float) -> None:
        """Begin nothing new; let what is under way end, for at most so many seconds.

        Raises:
            MockatellError: What has ended cannot be kept, or nothing was sent any more.
        """
        await self._engine.drain(grace)

    async def aclose(self) -> None:
        """Stop at once, and let go of network and store."""
        await self._engine.aclose()

    async def handle(self, request: ApiRequest) -> ApiResponse:
        """Answer a request of the One API; what it accepts is in the store before this returns.

        Raises:
            MockatellError: The store can keep nothing any more, or nothing is sent any more.
        """
        response = self._world.handle(request, self._engine.now)
        await self._engine.changed()
        return response

    # What is done by hand

    async def redeliver(self, seq: int) -> DeliveryView:
        """Send a delivery once more, now.

        Raises:
            UnknownError: There is none of this number.
            ConflictError: Its role has no endpoint.
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
            message: About this message only: its id, or the client id that the app gives it. One
                that is not known yet is waited for.

        Raises:
            UnknownError: There is no such run, or no such message has come.
            ConflictError: Too many wait already.
            MockatellError: Nothing is sent any more.
        """
        self._engine.require()
        scope = Scope(run, message)
        result = await self._engine.waiters.wait(lambda: self._world, scope, until, timeout)
        return result if result.reached else self._explained(result, until, run, message)

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

        How the app gets here stays known. The clock shows the real time again, and goes as it went
        at first.

        Args:
            seed: Another one; the same as before when None, and then the same ids come again.
        """
        seed = self._world.seed if seed is None else seed
        self._library.uploaded.clear()
        self._sending.seed = seed
        base_url = self._world.base_url
        await self._engine.reset(lambda: self._opening.new(seed, base_url))

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
