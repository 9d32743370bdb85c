"""How a sidecar's world comes to be: new, or as its store has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.lives import kinds_of
from mockatell.core.scenario.spec import Scenario
from mockatell.core.sidecar.restoring import Kept, restored
from mockatell.core.sidecar.retention import Retention
from mockatell.core.sidecar.rows import NoteRow, RunRow
from mockatell.core.sidecar.runs import Run
from mockatell.core.sidecar.setup import Setup
from mockatell.core.sidecar.world import World
from mockatell.errors import ConfigurationError, ConflictError, InputError, StoreError
from mockatell.model import Role
from mockatell.rng import Purpose, Stream, chosen_seed
from mockatell.rooms.sidecar.library import Script
from mockatell.shell.clock import ClockState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.core.sidecar.rows import ProgressRow, Row
    from mockatell.rooms.sidecar.library import Library
    from mockatell.rooms.sidecar.sending import Sending
    from mockatell.rooms.sidecar.settings import SidecarSettings
    from mockatell.shell.clock import AdjustableClock

MOST_RUNS: Final = 1_000
_LINKED: Final = "moMedia"
_DEFAULT_LIMIT: Final = 64  # exchanges at once in a role that only a run has an endpoint for


class Opening:
    """Makes worlds for one sidecar.

    Args:
        settings: The sidecar's.
        sending: Where its callbacks go.
        library: Its scenarios.
        clock: Its time.
    """

    def __init__(
        self, settings: SidecarSettings, sending: Sending, library: Library, clock: AdjustableClock
    ) -> None:
        self._settings = settings
        self._sending = sending
        self._library = library
        self._clock = clock
        self._setup = _setup(settings, sending)

    def new(self, seed: int, base_url: str | None = None) -> World:
        """A world in which nothing has happened.

        Args:
            seed: What all chance in it follows from.
            base_url: What links in callbacks begin with, where that is known already.
        """
        world = World(self._setup, seed, self._clock.epoch_ms)
        if base_url is not None and base_url != world.base_url:
            world.link_to(base_url)
        world.changes.keep(NoteRow("world", msgspec.json.encode([seed, world.epoch_ms])))
        world.changes.keep(NoteRow("clock", msgspec.json.encode(self._clock.state)))
        return world

    def world(self, rows: Iterable[Row]) -> World:
        """The world that a store has, or a new one where it has none.

        Raises:
            ConfigurationError: Another seed is asked for than the store has.
            StoreError: The rows do not fit together.
        """
        kept = Kept(rows)
        wanted = self._settings.seed
        known = kept.note("world")
        if known is None:
            return self.new(chosen_seed(wanted, self._settings.scenario.seed))
        seed, epoch_ms = known
        if wanted not in (None, seed):
            raise ConfigurationError(
                f"the store was begun with seed {seed}, not {wanted}"
                " (leave the seed out, or give another store)"
            )
        self._library.uploaded.update(kept.scenarios)
        state = msgspec.convert(kept.note("clock"), ClockState | None)
        self._clock.restore(epoch_ms, state)
        self._sending.seed = seed
        try:
            world = restored(self._setup, seed, epoch_ms, kept, self._run_again)
        except (LookupError, TypeError, ValueError, InputError) as error:
            raise StoreError(f"the store's rows do not fit together: {error!r}") from error
        world.turn(self._clock.now())
        return world

    def begun(
        self, script: Script, scenario: Scenario, world: World, seed: int | None, now: float
    ) -> Run:
        """A run that begins now.

        Raises:
            ConfigurationError: A URL that it needs is missing or wrong.
            ScenarioError: Too much happens before its first delivery.
            ConflictError: Too many runs are known.
            InputError: Too much is pending.
        """
        world.require_room()
        if len(world.runs) >= MOST_RUNS:
            raise ConflictError(f"{MOST_RUNS} runs are known: a reset forgets them")
        self._sending.require(scenario)
        number = world.counters.next("runs")
        own = Stream(world.seed, Purpose.MESSAGE, number, 2).below(2**31)
        row = RunRow(
            id=f"r{number}",
            number=number,
            name=script.name,
            text=script.text,
            overrides=script.overrides,
            trusted=script.trusted,
            seed=chosen_seed(seed, scenario.seed, own),
            start=now,
            base_url=world.base_url,
        )
        return self.run(row, scenario, world)

    def run(
        self,
        row: RunRow,
        scenario: Scenario,
        world: World,
        progress: ProgressRow | None = None,
    ) -> Run:
        """A run, and where its callbacks go."""
        self._sending.add_run(row.id, scenario)
        try:
            return Run(
                row,
                scenario,
                self._sending.masked(row.id),
                epoch_ms=world.epoch_ms,
                media_base_url=row.base_url or self._settings.public_url,
                progress=progress,
                notes=(*self._sending.overruled(scenario), *_unlinked(world, scenario)),
            )
        except InputError:
            self._sending.drop_run(row.id)
            raise

    def _run_again(self, row: RunRow, progress: ProgressRow | None, world: World) -> Run:
        """A run of an earlier life; one whose scenario cannot be read any more goes no further."""
        script = Script(row.name, row.text, row.trusted, row.overrides)
        try:
            return self.run(row, self._library.read_now(script), world, progress)
        except InputError as error:
            run = self.run(row, Scenario(name=row.name), world, progress)
            run.fail(f"its scenario cannot be read any more: {error}")
            return run


def _unlinked(world: World, scenario: Scenario) -> Iterator[str]:
    """What to know of links that lead nowhere."""
    if world.unlinked and _LINKED in kinds_of(scenario):
        yield (
            f"downloadUrl begins with {world.base_url}, where only this machine gets, as your app"
            " has sent nothing yet: let it, or start the sidecar with --public-url."
        )


def _setup(settings: SidecarSettings, sending: Sending) -> Setup:
    endpoints = sending.endpoints
    limits = {role: each.max_in_flight for role, each in endpoints.items()}
    return Setup(
        standin=msgspec.structs.replace(
            settings.standin,
            keep_messages=min(settings.standin.keep_messages, settings.keep_messages),
        ),
        scenario=settings.scenario,
        retry=settings.retry,
        roles=frozenset(endpoints),
        limits=dict.fromkeys(Role, _DEFAULT_LIMIT) | limits,
        retention=Retention(settings.keep_messages, settings.keep_deliveries, settings.keep_age),
        most_pending=settings.most_pending,
        media_base_url=settings.public_url,
        guessed=settings.guessed_url,
    )
