"""A fold over a run's attempts: what happened, what it proves, and whether all held."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.clickatell.ledger import LEDGER
from mockatell.core.findings import Finding, Investigation
from mockatell.core.histogram import Histogram, Timing
from mockatell.core.races import RaceClock, Races
from mockatell.model import Cause, Expectation, Frozen, Outcome, RunEnded, RunStarted, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockatell.core.journal import Journal
    from mockatell.model import Attempt


class Verdict(StrEnum):
    """How a run ended, in one word."""

    HELD = "held"  # every expectation held
    UNJUDGED = "unjudged"  # the scenario expects nothing
    BROKEN = "broken"  # an expectation failed
    MISSING_EVIDENCE = "missing_evidence"  # none failed, but not all could be judged
    UNREACHABLE = "unreachable"  # not one connection to the endpoint ever came about
    INTERRUPTED = "interrupted"  # stopped before its end
    PENDING = "pending"  # a sidecar's that still goes on: not judged yet


EXIT_CODES: Final = {
    Verdict.HELD: 0,
    Verdict.UNJUDGED: 0,
    Verdict.BROKEN: 1,
    Verdict.MISSING_EVIDENCE: 2,
    Verdict.UNREACHABLE: 3,
    Verdict.INTERRUPTED: 130,
    Verdict.PENDING: 2,
}


class Totals(Frozen, frozen=True):
    """Deliveries by how they ended, and the number of attempts.

    `deliveries = acknowledged + redirected + exhausted + pending`. Without the run's last line,
    `deliveries` and `pending` know only those that were attempted.
    """

    deliveries: int
    attempts: int
    acknowledged: int
    redirected: int
    exhausted: int
    pending: int


class Assumption(Frozen, frozen=True):
    """A row of the fidelity ledger that the vendor does not document and the run rests on.

    Args:
        id: The row's.
        behaviour: What is assumed.
        default: What mockatell does unless told otherwise.
        setting: Where to tell it otherwise.
    """

    id: str
    behaviour: str
    default: str
    setting: str


class Report(Frozen, frozen=True):
    """What a journal says. All counts but those in `totals` and `tries` count attempts.

    Args:
        verdict: In one word.
        exit_code: What `mockatell run` and `mockatell report` exit with.
        started: The run: scenario, seed, version, endpoints (masked), assumptions by id.
        totals: Deliveries by how they ended.
        expectations: The clauses of the scenario's `expect`, judged.
        findings: What the attempts prove, the gravest first.
        notes: What is wrong with the journal itself, in sentences.
        roles: Attempts by role and outcome.
        kinds: Attempts by event kind and outcome.
        outcomes: Attempts by outcome.
        troubles: Attempts without a usable answer, by the reason.
        status_codes: Answers by HTTP status.
        tries: Ended deliveries by the number of attempts that they took.
        duplicates: Deliveries made by a fault that were sent.
        lag: From due to sent, over all attempts: how late mockatell was.
        service: From sent to answered, over attempts that reached the endpoint.
        latency: From due to answered, over the same attempts.
        races: Copies released together.
        assumptions: The rows of the fidelity ledger that the run rests on.
        to_come: What of a sidecar's is still to come, in words; empty once it is judged.
    """

    verdict: Verdict
    exit_code: int
    started: RunStarted
    totals: Totals
    expectations: tuple[Expectation, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    roles: dict[str, dict[str, int]]
    kinds: dict[str, dict[str, int]]
    outcomes: dict[str, int]
    troubles: dict[str, int]
    status_codes: dict[str, int]
    tries: dict[str, int]
    duplicates: int
    lag: Timing
    service: Timing
    latency: Timing
    races: Races
    assumptions: tuple[Assumption, ...]
    to_come: str = ""

    def __str__(self) -> str:
        """The report as text: `assert report.exit_code == 0, str(report)`."""
        from mockatell.core.render.text import plain

        return plain(self)


class Fold:
    """Takes attempts one at a time, during a run or from a file, and reports at any moment.

    What it keeps grows with the deliveries that are open at once, not with the attempts.
    """

    def __init__(self) -> None:
        self._investigation = Investigation()
        self._open: set[int] = set()
        self._ended: Counter[Outcome] = Counter()
        self._tries: Counter[int] = Counter()
        self._by_role: dict[str, Counter[Outcome]] = {}
        self._by_kind: dict[str, Counter[Outcome]] = {}
        self._outcomes: Counter[Outcome] = Counter()
        self._troubles: Counter[Trouble] = Counter()
        self._status_codes: Counter[int] = Counter()
        self._connected = 0
        self._duplicates = 0
        self._lag, self._service, self._latency = Histogram(), Histogram(), Histogram()
        self._races = RaceClock()

    def add(self, attempt: Attempt) -> None:
        """Take one attempt; those of one delivery in their order."""
        self._count(attempt)
        self._time(attempt)
        self._settle(attempt)
        self._investigation.add(attempt)
        self._races.add(attempt)

    @property
    def kinds(self) -> frozenset[str]:
        """The event kinds that were attempted."""
        return frozenset(self._by_kind)

    def totals(self, ended: RunEnded | None = None) -> Totals:
        """Deliveries by how they ended: as the run counted when it has ended, else as seen."""
        if ended is not None:
            return msgspec.convert(ended, Totals, from_attributes=True)
        acknowledged = self._ended[Outcome.ACKNOWLEDGED]
        redirected = self._ended[Outcome.REDIRECTED]
        settled = self._ended.total()
        return Totals(
            deliveries=settled + len(self._open),
            attempts=self._outcomes.total(),
            acknowledged=acknowledged,
            redirected=redirected,
            exhausted=settled - acknowledged - redirected,
            pending=len(self._open),
        )

    def report(
        self, started: RunStarted, ended: RunEnded | None = None, *, pending: bool = False
    ) -> Report:
        """What is known so far.

        Args:
            started: The journal's first line.
            ended: Its last; None while the run goes on, or when its writer was killed.
            pending: Whether more is still to come, so that `ended` is only how it stands.
        """
        notes = tuple(self._notes(ended))
        expectations = ended.expectations if ended else ()
        judged = self._verdict(ended, complete=not notes)
        verdict = Verdict.PENDING if pending else judged
        return Report(
            verdict=verdict,
            exit_code=EXIT_CODES[verdict],
            started=started,
            totals=self.totals(ended),
            expectations=expectations,
            findings=self._investigation.findings(),
            notes=notes,
            roles={role: _named(counts) for role, counts in sorted(self._by_role.items())},
            kinds={kind: _named(counts) for kind, counts in sorted(self._by_kind.items())},
            outcomes=_named(self._outcomes),
            troubles=_named(self._troubles),
            status_codes=_named(self._status_codes),
            tries=_named(self._tries),
            duplicates=self._duplicates,
            lag=self._lag.timing(),
            service=self._service.timing(),
            latency=self._latency.timing(),
            races=self._races.races(),
            assumptions=tuple(_assumptions(started.assumed)),
        )

    def _count(self, attempt: Attempt) -> None:
        outcome = attempt.outcome
        self._outcomes[outcome] += 1
        self._by_role.setdefault(attempt.role, Counter())[outcome] += 1
        self._by_kind.setdefault(attempt.kind, Counter())[outcome] += 1
        if attempt.status_code is not None:
            self._status_codes[attempt.status_code] += 1
        if attempt.trouble is not None:
            self._troubles[attempt.trouble] += 1
        if attempt.number == 1 and attempt.cause is Cause.DUPLICATE:
            self._duplicates += 1

    def _time(self, attempt: Attempt) -> None:
        self._lag.add(attempt.lag)
        if attempt.trouble is None or attempt.trouble.connected:
            self._connected += 1
            self._service.add(attempt.service)
            self._latency.add(attempt.latency)

    def _settle(self, attempt: Attempt) -> None:
        if attempt.next_due is not None:
            self._open.add(attempt.delivery)
            return
        self._open.discard(attempt.delivery)
        self._ended[attempt.outcome] += 1
        self._tries[attempt.number] += 1

    def _verdict(self, ended: RunEnded | None, *, complete: bool) -> Verdict:
        if ended is not None and ended.interrupted:
            return Verdict.INTERRUPTED
        if self._never_connected():
            return Verdict.UNREACHABLE
        held = [expectation.held for expectation in ended.expectations] if ended else []
        if False in held:
            return Verdict.BROKEN
        if None in held or not complete:
            return Verdict.MISSING_EVIDENCE
        return Verdict.HELD if held else Verdict.UNJUDGED

    def _never_connected(self) -> bool:
        """An outage is ours: where nothing else was met, the endpoint is not known to be away."""
        tried = self._troubles.total() - self._troubles[Trouble.OUTAGE]
        return not self._connected and tried > 0

    def _notes(self, ended: RunEnded | None) -> Iterator[str]:
        if ended is None:
            yield (
                "The journal has no last line: the run goes on, or its writer was killed. "
                "Deliveries that were never attempted are not counted."
            )
        elif ended.attempts != (seen := self._outcomes.total()):
            yield f"The journal's last line counts {ended.attempts} attempts, but {seen} are there."


def _named(counts: Mapping[Any, int]) -> dict[str, int]:
    """Counts in an order that does not depend on which came first."""
    return {str(key): counts[key] for key in sorted(counts)}


def _assumptions(ids: Iterable[str]) -> Iterator[Assumption]:
    """The rows of these ids; a journal may come from a version with other rows."""
    rows = {row.id: row for row in LEDGER}
    for assumed in ids:
        if (row := rows.get(assumed)) is None:
            yield Assumption(assumed, "(not in this version's ledger)", "", "")
        else:
            yield Assumption(row.id, row.behaviour, row.default, row.setting)


def report(journal: Journal) -> Report:
    """The report of a whole journal."""
    fold = Fold()
    for attempt in journal:
        fold.add(attempt)
    return fold.report(journal.started, journal.ended)
