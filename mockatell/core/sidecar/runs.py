"""A scenario that plays in the sidecar: its plan is drawn into the world a little ahead of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from mockatell._version import __version__
from mockatell.clickatell.ledger import assumptions
from mockatell.core import faults
from mockatell.core.lives import kinds_of
from mockatell.core.plan import later, plan, plan_without_faults, platform_of
from mockatell.core.report import Fold
from mockatell.core.retry import policies
from mockatell.core.scenario.spec import Scenario
from mockatell.core.sidecar.effort import GLANCE, SLICE, Effort
from mockatell.core.sidecar.kin import Kin
from mockatell.core.sidecar.rows import ProgressRow, Tally
from mockatell.core.sidecar.tallies import Tallies, with_gone
from mockatell.model import RunStarted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockatell.core.report import Report
    from mockatell.core.sidecar.rows import RunRow
    from mockatell.core.sidecar.tracks import Track
    from mockatell.model import Conduct, Delivery, Expectation, Role

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
        endpoints: Where its callbacks go, masked; it sends none to a role that is not named.
        epoch_ms: Unix time in milliseconds of the world's time 0.
        media_base_url: Where `downloadUrl` points.
        progress: How far it had come in an earlier life.
        notes: What whoever started it should know, in sentences.

    Attributes:
        behind: Deliveries that an earlier life has drawn and this one has yet to pass over.

    Raises:
        ScenarioError: Too much happens before its first delivery, or at one time later on.
    """

    def __init__(
        self,
        row: RunRow,
        scenario: Scenario,
        endpoints: Mapping[Role, str],
        *,
        epoch_ms: int,
        media_base_url: str,
        progress: ProgressRow | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.row = row
        self.scenario = scenario
        self.notes = notes
        self.roles = frozenset(endpoints)
        self.progress = progress or ProgressRow(row.id, 0, Tally())
        self.policies = None if scenario.retry == _UNSAID else policies(scenario.retry)
        self.fold = Fold()
        self.tallies = Tallies(self.progress.gone)
        self.kin = Kin()
        self.judging = False
        self.endpoints = {role.value: url for role, url in endpoints.items()}
        self._begins_ms = epoch_ms + int(row.start * 1000)
        self._conduct = faults.conductor(scenario.faults, row.seed)
        platform = platform_of(scenario, media_base_url)
        self._effort = Effort(row.name)
        own = plan(
            scenario,
            seed=row.seed,
            epoch_ms=self._begins_ms,
            platform=platform,
            spend=self._effort.spend,
        )
        self._plan = self._eased(later(own, row.start, 0))
        self.behind = self.progress.drawn if self.running else 0
        self._head = next(self._plan, None) if self.running and not self.behind else None

    @property
    def running(self) -> bool:
        """Whether more may come of it."""
        return self.progress.state == "running"

    @property
    def undrawn(self) -> bool:
        """Whether more of its plan is to come."""
        return self.running and (self._head is not None or self.behind > 0)

    @property
    def played(self) -> bool:
        """Whether its plan is drawn and every delivery over: it is time to judge."""
        return self.running and not self.undrawn and not self.tallies.pending

    @property
    def next_draw(self) -> float | None:
        """When the next delivery is to be drawn; None: none is, or too many are pending.

        At once, while it has not caught up with an earlier life.
        """
        if self.behind:
            return self.row.start
        if self._head is None or self.tallies.pending >= MOST_AHEAD:
            return None
        return self._head.due - AHEAD

    def draw(self, now: float, room: int) -> Iterator[Delivery]:
        """Deliveries to be drawn by now, numbered as in the plan; the rest is for the next turn.

        Args:
            now: The time.
            room: At most so many.

        Raises:
            ScenarioError: Too much happens at one time.
        """
        if self.behind:
            self._catch_up()
            return
        most = self._effort.spent + SLICE
        while (
            room > 0
            and self._effort.spent <= most
            and (at := self.next_draw) is not None
            and at <= now
        ):
            assert self._head is not None
            drawn = self._head
            self.progress = replace(self.progress, drawn=self.progress.drawn + 1)
            if drawn.callback.role in self.roles:
                room -= 1
                yield drawn
            self._head = next(self._plan, None)

    def _catch_up(self) -> None:
        """Pass over what an earlier life has drawn; the plan's chance depends on all of it."""
        most = self._effort.spent + GLANCE
        while self.behind and self._effort.spent <= most:
            next(self._plan, None)
            self.behind -= 1
            if not self.behind:
                self._head = next(self._plan, None)

    def conduct(self, delivery: Delivery, number: int, due: float) -> Conduct:
        """Which of the scenario's faults an exchange is under."""
        return self._conduct(delivery, number, due - self.row.start)

    def truth(self) -> Iterator[Delivery]:
        """What it tells, every event once and in order of time."""
        return plan_without_faults(self.scenario, seed=self.row.seed, epoch_ms=self._begins_ms)

    def dropped(self, track: Track) -> ProgressRow:
        """One of its deliveries is held no longer."""
        self.progress = replace(self.progress, gone=with_gone(self.progress.gone, track))
        return self.progress

    def fail(self, error: str) -> ProgressRow:
        """It could not go on."""
        self.behind = 0
        self.progress = replace(self.progress, state="failed", error=error)
        return self.progress

    def cancel(self, now: float) -> ProgressRow:
        """Nothing more is drawn."""
        return self._over(state="cancelled", ended=now)

    def finish(self, expectations: Sequence[Expectation], now: float) -> ProgressRow:
        """It was judged."""
        return self._over(state="finished", ended=now, expectations=tuple(expectations))

    def report(self) -> Report:
        """What its attempts say so far, and, once it is over, whether all held."""
        state = self.progress.state
        stopped = state in ("cancelled", "failed")
        ended = self.tallies.run_ended(self.progress.expectations, interrupted=stopped)
        return self.fold.report(self._started(), ended, pending=self.running)

    def _eased(self, deliveries: Iterator[Delivery]) -> Iterator[Delivery]:
        for delivery in deliveries:
            self._effort.rest()
            yield delivery

    def _started(self) -> RunStarted:
        return RunStarted(
            version=__version__,
            scenario=self.scenario.name,
            seed=self.row.seed,
            epoch_ms=self._begins_ms,
            assumed=assumptions(self.scenario, kinds_of(self.scenario)),
            endpoints=self.endpoints,
        )

    def _over(self, **changed: Any) -> ProgressRow:
        self._head, self.behind = None, 0
        self.progress = replace(self.progress, **changed)
        report = self.report()
        self.progress = replace(
            self.progress, verdict=str(report.verdict), exit_code=report.exit_code
        )
        return self.progress
