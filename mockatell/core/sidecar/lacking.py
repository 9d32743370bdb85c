"""What is still lacking where somebody waits or judges: which deliveries, and what is to come."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from mockatell.core.scenario.units import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.core.sidecar.tracks import Track
    from mockatell.core.sidecar.world import World

SHOWN: Final = 5
"""Deliveries that are named, at most."""


def lacking(world: World, run: str | None, message: str | None, *, acked: bool) -> list[Track]:
    """The first deliveries in a scope that are not over, the oldest first; of all, only a few.

    Args:
        world: Whose they are.
        run: Of this run only.
        message: About this message only.
        acked: Whether those that are over are lacking, too, where no delivery of their callback was
            acknowledged.
    """
    ended = _unacknowledged(world, run, message) if acked else ()
    return list(islice((t for these in (_open(world, run, message), ended) for t in these), SHOWN))


def to_come(world: World, now: float, run: str | None = None, message: str | None = None) -> str:
    """What is still to come in a scope, in words; empty: nothing is that is known yet."""
    return "; ".join([*_pending(world, now, run, message), *_undrawn(world, run, message)])


def _pending(world: World, now: float, run: str | None, message: str | None) -> Iterator[str]:
    if pending := world.pending(run, message):
        due = _next_due(world, run, message)
        wait = None if due is None else format_seconds(round(max(0.0, due - now), 1))
        yield f"{pending:,} pending" + ("" if wait is None else f", the next is due in {wait}")


def _undrawn(world: World, run: str | None, message: str | None) -> Iterator[str]:
    if message is not None:
        return
    for each in world.runs.values() if run is None else (world.run(run),):
        if each.undrawn:
            delivered = each.tallies.ends["acknowledged"]
            whose = f" of run {each.row.id}" if run is None else ""
            yield f"{delivered:,} delivered{whose}, more of the plan is to come"


def _next_due(world: World, run: str | None, message: str | None) -> float | None:
    if run is message is None:
        return world.agenda.next_due()
    dues = (track.next_due for track in _open(world, run, message))
    return min((due for due in dues if due is not None), default=None)


def _open(world: World, run: str | None, message: str | None) -> Iterable[Track]:
    if message is not None:
        return (track for track in world.scope(run, message) if not track.over)
    return (track for track in world.tracks.open if run in (None, track.row.run))


def _unacknowledged(world: World, run: str | None, message: str | None) -> Iterable[Track]:
    """Those that are over, one of each callback."""
    if message is not None:
        tracks = [*world.scope(run, message)]
        fine = {track.family for track in tracks if track.state == "acknowledged"}
        return (track for track in tracks if track.over and track.family not in fine)
    tallies = world.tallies if run is None else world.run(run).tallies
    found = map(world.tracks.find, tallies.lacking())
    return (track for track in found if track is not None and track.over)
