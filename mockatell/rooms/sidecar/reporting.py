"""What a sidecar reports: what its attempts say, what is to come, and how to have it all again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from mockatell.core.journal import Journal
from mockatell.core.report import Verdict
from mockatell.core.scenario.endpoints import IN_PROCESS, resolve_endpoints
from mockatell.core.secrets import Secrets
from mockatell.core.sidecar.lacking import to_come

if TYPE_CHECKING:
    from mockatell.core.report import Report
    from mockatell.core.sidecar.rows import RunRow
    from mockatell.core.sidecar.world import World
    from mockatell.rooms.sidecar.library import Library
    from mockatell.rooms.sidecar.sending import Sending


def reported(
    world: World, now: float, sending: Sending, library: Library, run_id: str | None
) -> Report:
    """The report on everything that was sent, or on a run.

    Raises:
        UnknownError: There is no such run.
    """
    if run_id is None:
        report = world.report(sending.masked(None))
        again = _curl("reset", _json({"seed": world.seed})) + "  # and send the same again"
    else:
        run = world.run(run_id)
        report = run.report()
        own = resolve_endpoints(run.scenario, fallback=IN_PROCESS)  # though others go before them
        secrets = Secrets.of(run.scenario, own.values())
        again = _curl("runs", secrets.scrub(_json(_asked(run.row, library))))
    return replace(
        report,
        started=replace(report.started, replay=again),
        to_come=to_come(world, now, run_id) if report.verdict is Verdict.PENDING else "",
    )


def journal(world: World, report: Report, run_id: str | None) -> Journal:
    """The attempts that a report is of, as far as they are held, as they ended."""
    attempts = (each for track in world.scope(run_id) for each in track.told())
    return Journal(report.started, sorted(attempts, key=lambda each: each.ended_at))


def _asked(row: RunRow, library: Library) -> dict[str, Any]:
    """What to ask for to have a run again."""
    named = row.trusted or library.uploaded.get(row.name) == row.text
    what = {"scenario": row.name} if named else {"yaml": "(the same text)"}
    pairs = (each.partition("=")[::2] for each in row.overrides)
    overrides = {path: msgspec.json.decode(value) for path, value in pairs}
    return {**what, "seed": row.seed, **({"set": overrides} if overrides else {})}


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _curl(resource: str, body: str) -> str:
    """A request as the documentation writes it: `$api` is where the control API is."""
    return f'curl "$api/{resource}" -d {shlex.quote(body)}'
