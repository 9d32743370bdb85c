"""A check from its first clause to its last: what is asked of whoever carries it out, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockatell._version import __version__
from mockatell.core.check.bench import Bench, Memory
from mockatell.core.check.clauses import FAMILY_OF
from mockatell.core.check.judging import not_exercised
from mockatell.core.check.report import CheckReport, Result, Sent, exit_code, whole
from mockatell.core.check.words import Verdict
from mockatell.core.histogram import Histogram
from mockatell.core.scenario.units import format_seconds
from mockatell.core.scenario.urls import masked

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from mockatell.core.check.bench import Terms
    from mockatell.core.check.words import Clause, Ruling, Seen, Step
    from mockatell.model import Role

INTERRUPTED: Final = "the check was interrupted"


class Tally:
    """What was sent so far.

    Attributes:
        requests: How many.
        sent_bytes: Their bodies', in all.
        most_at_once: The most that were released together.
        waited: Seconds that answers and connections took, and pauses.
        service: How the time that answers took is spread.
        there: Whether one of the latest requests to an endpoint found it there.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.sent_bytes = 0
        self.most_at_once = 0
        self.waited = 0.0
        self.service = Histogram()
        self.there: dict[Role, bool] = {}

    def add(self, step: Step, seen: Sequence[Seen]) -> None:
        """Count what was carried out of a step; what went beside it is counted by `add_beside`."""
        self.most_at_once = max(self.most_at_once, len(seen) if step.at_once else 1)
        times = [each.answer.took + each.answer.waited for each in seen]
        self.waited += step.pause + (max(times, default=0.0) if step.at_once else sum(times))
        self._count(seen)

    def add_beside(self, seen: Sequence[Seen], at_once: int) -> None:
        """Count what was sent meanwhile."""
        self.most_at_once = max(self.most_at_once, at_once + 1 if seen else 0)
        self._count(seen)

    def _count(self, seen: Sequence[Seen]) -> None:
        self.requests += len(seen)
        self.sent_bytes += sum(len(each.sending.callback.body) for each in seen)
        # One connection that a burst is refused does not mean that nothing is there.
        for role in {each.sending.callback.role for each in seen}:
            self.there[role] = any(
                each.connected for each in seen if each.sending.callback.role is role
            )
        for each in seen:
            if each.connected and each.sending.hang_up_after is None:
                self.service.add(each.answer.took)


class Examination:
    """Plays clauses, one after the other; without I/O.

    Args:
        clauses: In an order in which each comes after those that it needs.
        terms: What holds for all of them.
        settings: The integration and its quirks, as arguments of `Platform`.
        budget: Seconds of waiting after which no clause is begun any more.

    Attributes:
        results: Of the clauses so far.
        now: The clause that is being played.
        tally: What was sent.
    """

    def __init__(
        self,
        clauses: Sequence[Clause],
        terms: Terms,
        settings: Mapping[str, Any],
        budget: float,
    ) -> None:
        self.clauses = clauses
        self.terms = terms
        self.results: list[Result] = []
        self.tally = Tally()
        self.now: Clause | None = None
        self._settings = settings
        self._budget = budget
        self._time_was_up = f"the time was up: {format_seconds(budget)} (--budget)"
        self._memory = Memory()
        self._before = 0, 0.0

    def play(self) -> Generator[Step, tuple[Seen, ...], None]:
        """Ask for steps until every clause is ruled; closed early, the rest is not exercised."""
        try:
            for clause in self.clauses:
                self._begin(clause)
                obstacle = self._obstacle(clause)
                if obstacle is None:
                    self._rule(clause, (yield from self._play(clause)))
                else:
                    self._rule(clause, not_exercised(obstacle))
        finally:
            for clause in self.clauses[len(self.results) :]:
                self._begin(clause)
                self._rule(clause, not_exercised(INTERRUPTED))

    def report(self, replay: str = "") -> CheckReport:
        """What was found out.

        Args:
            replay: What does it again.
        """
        tally, terms, results = self.tally, self.terms, tuple(self.results)
        reasons = {each.reason for each in results}
        verdict = whole(
            results,
            there=all(tally.there.values()),
            interrupted=INTERRUPTED in reasons,
            timed_out=self._time_was_up in reasons,
        )
        return CheckReport(
            version=__version__,
            seed=terms.seed,
            epoch_ms=terms.epoch_ms,
            endpoints={str(role): masked(each.url) for role, each in terms.endpoints.items()},
            verdict=verdict,
            exit_code=exit_code(verdict),
            clauses=results,
            sent=Sent(tally.requests, tally.sent_bytes, tally.most_at_once),
            service=tally.service.timing(),
            replay=replay,
        )

    def _play(self, clause: Clause) -> Generator[Step, tuple[Seen, ...], Ruling]:
        script = clause.play(Bench(clause, self.terms, self._memory, self._settings))
        seen: tuple[Seen, ...] | None = None
        while True:
            try:
                step = script.send(seen)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as over:
                ruling: Ruling = over.value
                return ruling
            seen = yield step
            self.tally.add(step, seen)

    def _begin(self, clause: Clause) -> None:
        self.now = clause
        self._before = self.tally.requests, self.tally.waited

    def _rule(self, clause: Clause, ruling: Ruling) -> None:
        self._memory.rulings[clause.id] = ruling
        requests, waited = self._before
        spent = self.tally.requests - requests, self.tally.waited - waited
        self.results.append(Result.of(clause, FAMILY_OF[clause.id], ruling, *spent))

    def _obstacle(self, clause: Clause) -> str | None:
        """Why a clause cannot be played; None when it can."""
        terms = self.terms
        for role in clause.roles:
            if role not in terms.endpoints:
                return f"no URL of the {role} endpoint was given"
        if clause.limit and not terms.limits:
            return "limits are not looked for (--no-limits)"
        if clause.crowd and terms.one_by_one:
            return "a WSGI app in process takes one request at a time: check it over its URL"
        if self.tally.waited > self._budget:
            return self._time_was_up
        return self._unmet(clause)

    def _unmet(self, clause: Clause) -> str | None:
        for need in clause.needs:
            ruling = self._memory.rulings.get(need)
            if ruling is None:
                return f"needs {need}, which was left out"
            if ruling.verdict is Verdict.BROKEN:
                return f"needs {need}"
            if ruling.verdict is Verdict.NOT_EXERCISED:
                return ruling.reason
        return None
