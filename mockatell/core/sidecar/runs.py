"""A scenario that plays in the sidecar: its plan is drawn into the world a little ahead of time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from mockatell.core import faults
from mockatell.core.plan import later, plan
from mockatell.core.report import Fold
from mockatell.core.retry import policies
from mockatell.core.scenario.spec import Scenario
from mockatell.core.sidecar.kin import Kin
from mockatell.core.sidecar.rows import ProgressRow, Tally
from mockatell.core.sidecar.tallies import Tallies, with_gone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.report import Report
    from mockatell.core.sidecar.rows import RunRow
    from mockatell.core.sidecar.tracks import Track
    from mockatell.model import Delivery, RunEnded, RunStarted

AHEAD: Final = 5.0
"""Seconds of a plan that are drawn before they are due."""
MOST_AHEAD: Final = 1_000
"""Deliveries of one run that are pending at most: the plan waits for the endpoint."""
_UNSAID: Final = Scenario().retry


class Run:
    """One scenario on its way.

    Args:
        row: As it was started.
        scenario: Its text, read.
        epoch_ms: Unix time in milliseconds of the world's time 0.
        progress: How far it had come in an earlier life.
    """

    def __init__(
        self, row: RunRow, scenario: Scenario, epoch_ms: int, progress: ProgressRow | None = None
    ) -> None:
        self.row = row
        self.scenario = scenario
        self.progress = progress or ProgressRow(row.id, 0, Tally())
        self.policies = None if scenario.retry == _UNSAID else policies(scenario.retry)
        self.fold = Fold()
        self.tallies = Tallies(self.progress.gone)
        self.kin = Kin()
        self._conduct = faults.conductor(scenario.faults, row.seed)
        begins_ms = epoch_ms + int(row.start * 1000)
        own = later(plan(scenario, seed=row.seed, epoch_ms=begins_ms), row.start, 0)
        self._plan = islice(own, self.progress.drawn, None)
        self._head = next(self._plan, None) if self.running else None

    @property
    def running(self) -> bool:
        """Whether more may come of it."""
        return self.progress.state == "running"

    @property
    def played(self) -> bool:
        """Whether its plan is drawn and every delivery over: it is time to judge."""
        return self.running and self._head is None and not self.tallies.pending

    @property
    def next_draw(self) -> float | None:
        """When the next delivery is to be drawn; None: none is, or too many are pending."""
        if self._head is None or self.tallies.pending >= MOST_AHEAD:
            return None
        return self._head.due - AHEAD

    def draw(self, now: float) -> Iterator[Delivery]:
        """The deliveries to be drawn by now, numbered as in the plan."""
        while (at := self.next_draw) is not None and at <= now:
            assert self._head is not None
            drawn, self._head = self._head, next(self._plan, None)
            self.progress = replace(self.progress, drawn=self.progress.drawn + 1)
            yield drawn

    def conduct(self, delivery: Delivery, number: int, due: float) -> Any:
        """Which of the scenario's faults an exchange is under."""
        return self._conduct(delivery, number, due - self.row.start)

    def dropped(self, track: Track) -> ProgressRow:
        """One of its deliveries is held no longer."""
        self.progress = replace(self.progress, gone=with_gone(self.progress.gone, track))
        return self.progress

    def fail(self, error: str, now: float) -> ProgressRow:
        """It cannot go on."""
        return self._over(state="failed", ended=now, error=error)

    def cancel(self, now: float) -> ProgressRow:
        """Nothing more is drawn."""
        return self._over(state="cancelled", ended=now)

    def finish(self, report: Report, now: float) -> ProgressRow:
        """It was judged."""
        state = "finished" if self.running else self.progress.state
        ended = self.progress.ended if self.progress.ended is not None else now
        verdict, code = str(report.verdict), report.exit_code
        return self._over(state=state, ended=ended, verdict=verdict, exit_code=code)

    def report(self, started: RunStarted, ended: RunEnded | None = None) -> Report:
        """What its attempts say so far."""
        return self.fold.report(started, ended)

    def _over(self, **changed: Any) -> ProgressRow:
        self._head = None
        self.progress = replace(self.progress, **changed)
        return self.progress
