"""The sentences that every rendering of a check shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.check.words import Dress, Verdict, Weight
from mockatell.core.render.sentences import count, printable
from mockatell.core.report import Verdict as Outcome
from mockatell.core.scenario.units import format_seconds

if TYPE_CHECKING:
    from mockatell.core.check.report import CheckReport, Result
    from mockatell.core.check.words import Evidence

ANSWERS_ONLY: Final = (
    "Acknowledged is not processed: a check looks at answers alone. Whether each event was worked "
    "on once, and ends in the right state, shows when schedules of callbacks are played and your "
    "state is looked at: mockatell explore, and a probe in mockatell run."
)


def headline(report: CheckReport) -> str:
    """The verdict in a sentence."""
    match report.verdict:
        case Outcome.UNREACHABLE:
            return f"The endpoint cannot be reached: {_why_unreachable(report)}."
        case Outcome.INTERRUPTED:
            return f"The check was interrupted. {_counts(report)}"
        case Outcome.MISSING_EVIDENCE:
            return _why_unknown(report)
        case _:
            return _counts(report)


def sent(report: CheckReport) -> str:
    """What was sent, in a sentence."""
    there = report.sent
    once = f", {there.most_at_once:,} at once at most" if there.most_at_once > 1 else ""
    requests = count(there.requests, "request")
    return f"Sent: {requests}, {amount(there.bytes)} of callbacks{once}."


def amount(size: int) -> str:
    """Bytes for people: `312 bytes`, `1.2 kB`, `22.4 MB`."""
    for unit, name in ((1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def described(evidence: Evidence) -> str:
    """A request and its answer in one line."""
    dress = "" if evidence.dress is Dress.PLAIN else f", {evidence.dress}"
    said = f": {printable(evidence.said)}" if evidence.said else ""
    what = f"{evidence.kind} ({evidence.what}{dress}; {amount(evidence.size)})"
    return f"{what} {answered(evidence)}{said}"


def answered(evidence: Evidence) -> str:
    """How it ended: `rejected 500 after 3ms`."""
    code = f" {evidence.status_code}" if evidence.status_code is not None else ""
    outcome = evidence.outcome.replace("_", " ")
    return f"{outcome}{code} after {format_seconds(evidence.took)}"


def excerpt(evidence: Evidence) -> str:
    """The start of what was sent; shown is what is cut off."""
    body = printable(evidence.body)
    return body if len(evidence.body.encode()) >= evidence.size else f"{body}…"


def event_of(evidence: Evidence) -> str:
    """As `excerpt`, without the envelope, which is the same in all of them."""
    body = excerpt(evidence)
    _, found, event = body.partition('"event":')
    return event if found else body


def grounds(result: Result) -> str:
    """How well the vendor's rule is known, in words."""
    return {
        "documented": "documented by the vendor",
        "observed": "seen by third parties",
        "assumed": "assumed: the vendor does not say",
    }[result.basis]


def _counts(report: CheckReport) -> str:
    """What became of the clauses, in sentences."""
    contract = [each for each in report.clauses if each.weight is Weight.CONTRACT]
    exercised = [each for each in contract if each.verdict is not Verdict.NOT_EXERCISED]
    held = sum(each.verdict is Verdict.HELD for each in exercised)
    parts = [
        f"The contract: {held} of {count(len(exercised), 'clause')} held"
        + (f", {len(exercised) - held} broken." if held < len(exercised) else ".")
    ]
    if report.advice:
        parts.append(f"Advice not followed: {len(report.advice)}.")
    if left := len(report.having(Verdict.NOT_EXERCISED)):
        parts.append(f"Not exercised, so not passed: {left}.")
    return " ".join(parts)


def _why_unknown(report: CheckReport) -> str:
    if len(report.having(Verdict.NOT_EXERCISED)) == len(report.clauses):
        return "No clause could be exercised; that is not a pass."
    return f"The time was up before the last clause; that is not a pass. {_counts(report)}"


def _why_unreachable(report: CheckReport) -> str:
    said = [
        f"the {evidence.role} endpoint, {printable(evidence.said or 'no connection')}"
        for result in report.clauses
        for evidence in result.evidence
        if evidence.trouble is not None and not evidence.trouble.connected
    ]
    return "; ".join(dict.fromkeys(said)) or "no connection came about"
