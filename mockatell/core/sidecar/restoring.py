"""A world as an earlier life left it: made again from the rows that were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from mockatell.clickatell.standin.uploads import Upload
from mockatell.core.scenario.load import parse_keys
from mockatell.core.sidecar.counters import Counters
from mockatell.core.sidecar.rows import (
    AttemptRow,
    CountersRow,
    DeliveryRow,
    MessageRow,
    NoteRow,
    PersonRow,
    ProgressRow,
    RunRow,
    ScenarioRow,
    UploadRow,
)
from mockatell.core.sidecar.tracks import Track
from mockatell.core.sidecar.troubles import Troubles
from mockatell.core.sidecar.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockatell.core.sidecar.rows import Row
    from mockatell.core.sidecar.runs import Run
    from mockatell.core.sidecar.setup import Setup

    RunOf = Callable[[RunRow, ProgressRow | None, World], Run]

R = TypeVar("R")


class Kept:
    """Rows by their sort, in the order in which they were kept."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._of: dict[type, list[Any]] = {}
        for row in rows:
            self._of.setdefault(type(row), []).append(row)

    def all(self, sort: type[R]) -> list[R]:
        """The rows of a sort."""
        return self._of.get(sort, [])

    def note(self, name: str) -> Any:
        """The value of a note, or None."""
        notes = (row for row in self.all(NoteRow) if row.name == name)
        return next((msgspec.json.decode(row.value) for row in notes), None)

    @property
    def scenarios(self) -> dict[str, str]:
        """The scenarios that were uploaded."""
        return {row.name: row.text for row in self.all(ScenarioRow)}


def restored(setup: Setup, seed: int, epoch_ms: int, kept: Kept, run_of: RunOf) -> World:
    """A world with all that was kept; nothing has happened in it since.

    Args:
        setup: What it is like.
        seed: As it was.
        epoch_ms: As it was.
        kept: The rows.
        run_of: Makes a run again.
    """
    counters = Counters(next(iter(kept.all(CountersRow)), None))
    world = World(setup, seed, epoch_ms, counters)
    if (base_url := kept.note("base_url")) is not None and setup.guessed:
        world.link_to(base_url)
    _faults(world, kept)
    _send_side(world, kept)
    progress = {row.id: row for row in kept.all(ProgressRow)}
    for row in kept.all(RunRow):
        world.know(run_of(row, progress.get(row.id), world))
    _deliveries(world, kept)
    _messages(world, kept)
    return world


def _faults(world: World, kept: Kept) -> None:
    if (noted := kept.note("faults")) is not None:
        since, told = noted
        specs = parse_keys({"faults": told}, name="faults").faults
        world.troubles = Troubles(specs, world.seed, since, tuple(told))


def _send_side(world: World, kept: Kept) -> None:
    for person in kept.all(PersonRow):
        world.standin.received(person.number, person.heard_ms)
        if person.opted_out:
            world.standin.opt_out(person.number)
    world.trim_people()
    for row in kept.all(UploadRow):
        world.standin.keep(Upload(*msgspec.structs.astuple(row)))
        world.files.put(row.file_id, len(row.body))


def _deliveries(world: World, kept: Kept) -> None:
    for row in kept.all(DeliveryRow):
        world.hold(Track(row, row.delivery))
        if row.run is not None:
            world.runs[row.run].kin.twin(row.origin, row.seq)
    for attempt in kept.all(AttemptRow):
        track = world.track(attempt.seq)
        track.attempts.append(attempt)
        world.learn(track, track.attempt(attempt))
    tracks = sorted(world.tracks, key=lambda track: (track.ended, track.row.seq))
    for track in tracks:
        if track.over:
            world.close(track)
        elif world.reachable(track):  # else it is kept for a life that has its endpoint again
            _resume(world, track)


def _resume(world: World, track: Track) -> None:
    last = track.last
    if last is None:
        world.agenda.add(track.delivery)
    else:
        assert last.next_due is not None, "else it would be over"
        first = track.attempts[0].sent_at
        world.agenda.resume(track.delivery, last.number + 1, last.next_due, first)


def _messages(world: World, kept: Kept) -> None:
    for row in kept.all(MessageRow):
        world.talks.add(row)
        if row.initial:
            at_ms = world.at_ms(row.at)
            world.standin.remember(row.id, row.channel, row.initial, at_ms)
    for row in kept.all(MessageRow):
        world.talks.touch(row.id, row.at)
