"""The sentences and the cleaning of foreign text that several renderings share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from mockatell.core.report import Verdict

if TYPE_CHECKING:
    from mockatell.core.report import Report, Totals
    from mockatell.model import RunStarted

TITLES: Final = {
    Verdict.HELD: "PASSED",
    Verdict.UNJUDGED: "NOT JUDGED",
    Verdict.BROKEN: "FAILED",
    Verdict.MISSING_EVIDENCE: "EVIDENCE MISSING",
    Verdict.UNREACHABLE: "UNREACHABLE",
    Verdict.INTERRUPTED: "INTERRUPTED",
    Verdict.PENDING: "STILL RUNNING",
}
STATES: Final = {True: "held", False: "failed", None: "not judged"}
"""How an expectation ended, in words."""

_LAST_DATE: Final = 253_402_300_799.0  # seconds; the last one of the year 9999


def printable(text: str) -> str:
    """Foreign text without what could steer a terminal or turn its direction."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 delivery`, `2 deliveries`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def headline(report: Report) -> str:
    """The verdict in one sentence."""
    match report.verdict:
        case Verdict.UNREACHABLE:
            reasons = ", ".join(f"{name} {times:,}" for name, times in report.troubles.items())
            return f"Not one connection to the endpoint came about ({reasons})."
        case Verdict.INTERRUPTED | Verdict.PENDING:
            return _open(report)
        case Verdict.UNJUDGED:
            return "The scenario expects nothing, so nothing was judged."
        case Verdict.HELD:
            return f"{_clauses(report, held=True)} held."
        case Verdict.BROKEN:
            return f"{_clauses(report, held=False)} failed.{_unjudged(report)}"
        case Verdict.MISSING_EVIDENCE:
            return _missing(report)


def unseen(report: Report) -> str:
    """What acknowledgements alone do not say; "" where a probe looked, or nothing held."""
    looked = any(each.clause.startswith("probe: ") for each in report.expectations)
    if looked or report.verdict is not Verdict.HELD:
        return ""
    return "What your endpoint did with the callbacks was not looked at: a probe would."


def deliveries(totals: Totals) -> str:
    """What became of the deliveries, in one sentence."""
    ends = {
        "acknowledged": totals.acknowledged,
        "lost to a redirect": totals.redirected,
        "given up": totals.exhausted,
        "pending": totals.pending,
    }
    seen = ", ".join(f"{number:,} {end}" for end, number in ends.items() if number)
    all_of_them = count(totals.deliveries, "delivery", "deliveries")
    return f"{all_of_them} in {count(totals.attempts, 'attempt')}" + (f": {seen}." if seen else ".")


def replay(started: RunStarted) -> str:
    """The command, or the call, that does it all again."""
    return started.replay or f"mockatell.run(scenario, seed={started.seed})"


def began(started: RunStarted, offset: float = 0.0) -> str:
    """A time of the run as ISO 8601 in UTC, to the millisecond; none is before 1970 or after 9999.

    Args:
        started: The run.
        offset: Seconds since its epoch.
    """
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    began_at = started.epoch_ms / 1000
    dated = min(max(offset, -began_at), _LAST_DATE - began_at)
    moment = epoch + timedelta(milliseconds=started.epoch_ms) + timedelta(seconds=dated)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clauses(report: Report, *, held: bool) -> str:
    total = len(report.expectations)
    these = sum(1 for expectation in report.expectations if expectation.held is held)
    if these == total:
        return "The expectation" if total == 1 else f"All {total} expectations"
    return f"{these} of {count(total, 'expectation')}"


def _unjudged(report: Report) -> str:
    unjudged = sum(1 for expectation in report.expectations if expectation.held is None)
    return f" {count(unjudged, 'other')} could not be judged." if unjudged else ""


def _open(report: Report) -> str:
    if report.verdict is Verdict.PENDING:
        still = report.to_come or f"{report.totals.pending:,} pending"
        return f"Still running: {still}, so nothing is judged yet."
    pending = count(report.totals.pending, "delivery", "deliveries")
    return f"The run was stopped with {pending} still pending."


def _missing(report: Report) -> str:
    unjudged = sum(1 for expectation in report.expectations if expectation.held is None)
    if unjudged:
        return f"{count(unjudged, 'expectation')} could not be judged; that is not a pass."
    return "The journal is incomplete, so nothing can be called a pass."
