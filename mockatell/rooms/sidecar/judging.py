"""What a run of the sidecar's is to be judged by, once all of it is over."""

from __future__ import annotations

import asyncio
from itertools import takewhile
from threading import Event
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.oracle import DEFAULT_EXPECT, clause_of, judge_acknowledged, subjects
from mockatell.model import Expectation
from mockatell.shell.probes import MOST_BYTES, probe

if TYPE_CHECKING:
    from mockatell.core.scenario.spec import ProbeSpec
    from mockatell.core.sidecar.runs import Run
    from mockatell.rooms.sidecar.sending import Sending


async def judged(run: Run, sending: Sending) -> list[Expectation]:
    """The scenario's clauses, judged; the customer's state is looked at over the network."""
    ended = run.tallies.run_ended()
    return [
        judge_acknowledged(clause.acknowledged, ended)
        if clause.acknowledged is not None
        else await _looked(run, clause.probe, sending)
        for clause in run.scenario.expect or DEFAULT_EXPECT
    ]


async def _looked(run: Run, spec: ProbeSpec | None, sending: Sending) -> Expectation:
    assert spec is not None, "a clause has one key or the other"
    if spec.sql:  # whoever may send it a scenario is not to get at any database it can reach
        return Expectation(clause_of(spec), None, ("a sidecar asks no database",))
    way = sending.probing(run.scenario, MOST_BYTES)
    over = Event()
    try:
        # A long run's truth takes its time: the loop goes on meanwhile.
        told = takewhile(lambda _: not over.is_set(), run.truth())
        about = await asyncio.to_thread(subjects, told)
        seen = await probe(spec, about, way, patient=True)
    finally:
        over.set()
        await way.aclose()
    scrub = sending.secrets(run.row.id).scrub_excerpt
    return replace(seen, evidence=tuple(map(scrub, seen.evidence)))
