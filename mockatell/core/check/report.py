"""What a check found out: each clause with its verdict and evidence, and what was sent for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockatell.core.check.words import Evidence, Verdict, Weight
from mockatell.core.histogram import Timing  # noqa: TC001 -- a field's type
from mockatell.core.report import EXIT_CODES
from mockatell.core.report import Verdict as Outcome
from mockatell.model import Frozen, Role

if TYPE_CHECKING:
    from mockatell.core.check.words import Clause, Ruling


class Result(Frozen, frozen=True):
    """A clause and how it was ruled.

    Args:
        id: The clause's.
        family: What it is about.
        weight: The vendor's rule, or our advice.
        verdict: `held`, `broken`, or `not exercised`, which is never a pass.
        reason: Why, in a sentence without a full stop.
        rule: What is to be so.
        meaning: What it means when it is not, and how to mend it.
        basis: How well the vendor's side of it is known.
        source: A URL.
        roles: The endpoints that it is about.
        evidence: Requests and their answers, the most telling first.
        numbers: What was measured; the names end in their unit.
        requests: How many were sent for it.
        took: Seconds of waiting for answers, and of pauses.
    """

    id: str
    family: str
    weight: Weight
    verdict: Verdict
    reason: str
    rule: str
    meaning: str
    basis: str
    source: str
    roles: tuple[Role, ...]
    evidence: tuple[Evidence, ...] = ()
    numbers: dict[str, float] = msgspec.field(default_factory=dict)
    requests: int = 0
    took: float = 0.0

    @classmethod
    def of(
        cls, clause: Clause, family: str, ruling: Ruling, requests: int = 0, took: float = 0.0
    ) -> Result:
        """A clause's row and its ruling as one."""
        return cls(
            clause.id,
            family,
            clause.weight,
            ruling.verdict,
            ruling.reason,
            clause.rule,
            clause.meaning,
            clause.basis,
            clause.source,
            clause.roles,
            ruling.evidence,
            ruling.numbers,
            requests,
            took,
        )


class Sent(Frozen, frozen=True):
    """What was sent for a check; `bytes` are those of the bodies."""

    requests: int
    bytes: int
    most_at_once: int


class CheckReport(Frozen, frozen=True):
    """What a check found out.

    Args:
        version: mockatell's.
        seed: What replays it.
        epoch_ms: When it began, Unix time in milliseconds.
        endpoints: URL by role, secrets masked.
        verdict: Of the whole: broken by a clause of the contract, never by advice.
        exit_code: What `mockatell check` exits with.
        clauses: All that were chosen, in their order.
        sent: How much.
        service: How the time that answers took is spread.
        replay: The command, or the Python call, that does it again.
    """

    version: str
    seed: int
    epoch_ms: int
    endpoints: dict[str, str]
    verdict: Outcome
    exit_code: int
    clauses: tuple[Result, ...]
    sent: Sent
    service: Timing
    replay: str

    def having(self, verdict: Verdict, weight: Weight | None = None) -> tuple[Result, ...]:
        """The clauses of a verdict, and of a weight if one is named."""
        return tuple(
            each
            for each in self.clauses
            if each.verdict is verdict and weight in (None, each.weight)
        )

    @property
    def broken(self) -> tuple[Result, ...]:
        """The clauses of the contract that are broken."""
        return self.having(Verdict.BROKEN, Weight.CONTRACT)

    @property
    def advice(self) -> tuple[Result, ...]:
        """The advice that is not followed."""
        return self.having(Verdict.BROKEN, Weight.ADVICE)

    def __getitem__(self, clause: str) -> Result:
        """The result of a clause.

        Raises:
            KeyError: It was not chosen, or there is none of this id.
        """
        for each in self.clauses:
            if each.id == clause:
                return each
        raise KeyError(clause)

    def __str__(self) -> str:
        """The report as text: `assert report.exit_code == 0, str(report)`."""
        from mockatell.core.render.check.table import plain

        return plain(self)


def whole(
    results: tuple[Result, ...], *, there: bool, interrupted: bool, timed_out: bool
) -> Outcome:
    """The verdict of a check.

    Args:
        results: Of its clauses.
        there: Whether every endpoint was there at the end.
        interrupted: Whether it was stopped.
        timed_out: Whether its budget left no time for some of them.
    """
    if interrupted:
        return Outcome.INTERRUPTED
    if any(each.verdict is Verdict.BROKEN and each.weight is Weight.CONTRACT for each in results):
        return Outcome.BROKEN
    if not there:
        return Outcome.UNREACHABLE
    nothing = all(each.verdict is Verdict.NOT_EXERCISED for each in results)
    return Outcome.MISSING_EVIDENCE if nothing or timed_out else Outcome.HELD


def exit_code(verdict: Outcome) -> int:
    """What `mockatell check` exits with."""
    return EXIT_CODES[verdict]
