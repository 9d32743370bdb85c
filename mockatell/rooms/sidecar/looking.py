"""What a sidecar shows of how it stands: to its doors, secrets masked."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from mockatell._version import __version__
from mockatell.clickatell.events import ROLE_OF
from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.scenario.near import suggestion
from mockatell.core.secrets import Secrets
from mockatell.core.sidecar import showing
from mockatell.core.sidecar.lacking import lacking, to_come
from mockatell.core.sidecar.views import ClockView, Overview
from mockatell.errors import InputError
from mockatell.rooms.sidecar.reporting import journal, reported

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from mockatell.core.journal import Journal
    from mockatell.core.report import Report
    from mockatell.core.sidecar.views import (
        Change,
        DeliveryDetail,
        DeliveryView,
        MessageView,
        RefusalView,
        RunView,
        ScenarioView,
        WaitResult,
    )
    from mockatell.core.sidecar.world import World
    from mockatell.rooms.sidecar.engine import Engine
    from mockatell.rooms.sidecar.library import Library
    from mockatell.rooms.sidecar.sending import Sending
    from mockatell.rooms.sidecar.waiting import Until


class Looking:
    """Looks at a sidecar, and changes nothing.

    Args:
        sending: Where its callbacks go.
        library: Its scenarios.
        engine: What keeps it going.
    """

    def __init__(self, sending: Sending, library: Library, engine: Engine) -> None:
        self._sending = sending
        self._library = library
        self._engine = engine

    @property
    def failure(self) -> str | None:
        """Why nothing is sent any more, in a sentence; None: all is well."""
        failure = self._engine.failure
        return None if failure is None else str(failure)

    async def broken(self) -> None:
        """Return once something of ours has failed: `failure` says what, and a log has more."""
        await self._engine.broken()

    def stranded(self) -> dict[str, int]:
        """How many pending deliveries have no endpoint to go to, by role."""
        return {role.value: count for role, count in self._world.stranded().items()}

    @property
    def _world(self) -> World:
        return self._engine.world

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

    def refusals(self) -> list[RefusalView]:
        """What the One API has refused of late, the newest first."""
        return list(self._world.refusals)

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
            message: About a message whose id or client id is this, or begins with it.
            kind: Of this event kind.
            role: To the endpoint of this role.
            state: That stand so.
            outcome: Whose last attempt ended so.
            run: Of this run.
            limit: At most so many.
            before: Only those of lower numbers.

        Raises:
            InputError: There is no such event kind, and none was sent.
        """
        world = self._world
        if kind is not None and not _is_kind(kind, world):
            raise InputError(f"there is no event kind {kind!r} ({suggestion(kind, ROLE_OF)})")
        known = world.tracks.of(message or "")
        found = (
            track
            for track in (reversed(known) if known else world.tracks)
            if (before is None or track.row.seq < before)
            and kind in (None, track.row.kind)
            and role in (None, track.row.role)
            and run in (None, track.row.run)
            and state in (None, track.state)
            and (not message or known or track.named(message))
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
        now = self._engine.now
        return reported(self._world, now, self._sending, self._library, run)

    def journal(self, report: Report, run: str | None = None) -> Journal:
        """The attempts that a report is of, as far as they are held.

        Raises:
            UnknownError: There is no such run.
        """
        return journal(self._world, report, run)

    def runs(self) -> list[RunView]:
        """The runs, the newest first."""
        return [showing.run_view(self._world, run) for run in reversed(self._world.runs.values())]

    def run(self, run_id: str) -> RunView | None:
        """The run of this id."""
        run = self._world.runs.get(run_id)
        return None if run is None else showing.run_view(self._world, run)

    def faults(self) -> tuple[dict[str, Any], ...]:
        """The faults that are on, in a scenario's words."""
        return self._world.troubles.told

    def clock(self) -> ClockView:
        """Its time."""
        clock = self._engine.clock
        now_ms = self._world.at_ms(clock.now())
        return ClockView(now_ms=now_ms, speed=clock.speed, paused=clock.paused)

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

    async def scenario_text(self, name: str) -> str:
        """The YAML of the scenario of this name, secrets masked.

        Raises:
            UnknownError: There is none.
            ScenarioError: It cannot be used.
        """
        script = self._library.script(name)
        scenario = await self._library.read(script)
        return Secrets.of(scenario, resolve_endpoints(scenario).values()).scrub(script.text)

    def _explained(
        self, result: WaitResult, until: Until, run: str | None, message: str | None
    ) -> WaitResult:
        """A wait that was not reached, and what is missing."""
        world = self._world
        tracks = lacking(world, run, message, acked=until == "acknowledged")
        detail = to_come(world, self._engine.now, run, message)
        if not detail and world.busy(run, message):
            detail = "no delivery is pending, but more is to happen"
        return replace(
            result,
            detail=detail or "nothing is pending any more, and not all was acknowledged",
            missing=tuple(showing.delivery_view(world, track) for track in tracks),
        )

    def changes(self, since: int) -> AsyncIterator[Change]:
        """What changes after the entry `since`, for ever; negative: from now on."""
        return self._engine.feed.changes(since)


def _is_kind(kind: str, world: World) -> bool:
    """Whether it is one of the platform's, or one that was sent all the same."""
    return kind in ROLE_OF or any(track.row.kind == kind for track in world.tracks)


def _after(items: Iterable[Any], before: str | None, key: Any) -> Iterable[Any]:
    if before is None:
        return items
    found = iter(items)
    for item in found:
        if key(item) == before:
            break
    return found
