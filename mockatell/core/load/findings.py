"""What is wrong with a load whatever was asked of it, in the words of a run's findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.findings import NOTHING_ACCEPTED, WHY_NOTHING, Finding
from mockatell.core.load.result import Ends
from mockatell.model import Outcome

if TYPE_CHECKING:
    from mockatell.core.load.result import LoadResult, Timings

_MOST: Final = 3  # different answers that are told


def findings_of(result: LoadResult) -> tuple[Finding, ...]:
    """`nothing-accepted` where an endpoint was reached, and acknowledged not one attempt.

    What a fault threw away may have been an acknowledgement: where that is most, nothing is said.
    """
    whole = Ends(result.outcomes, result.status_codes, result.troubles)
    if _accepted_nothing(whole, result.timings):
        return (_finding(whole, ""),)
    return tuple(
        _finding(ends, f" at the {role} endpoint")
        for role, ends in result.ends.items()
        if role in result.roles and _accepted_nothing(ends, result.roles[role])
    )


def _accepted_nothing(ends: Ends, timings: Timings) -> bool:
    lost = ends.outcomes.get(Outcome.ACK_LOST, 0)
    return not ends.outcomes.get(Outcome.ACKNOWLEDGED) and timings.latency.count > 2 * lost


def _finding(ends: Ends, where: str) -> Finding:
    told = _told(ends)
    title = f"Nothing was accepted{where}: {', '.join(told)}"
    explanation = f"Not one attempt{where} was answered 2xx. {WHY_NOTHING}"
    refused = sum(ends.outcomes.values()) - ends.outcomes.get(Outcome.ACK_LOST, 0)
    return Finding(NOTHING_ACCEPTED, title, explanation, told, refused, ())


def _told(ends: Ends) -> tuple[str, ...]:
    """What came back instead, the most frequent first."""
    answers = {**ends.status_codes, **ends.troubles}
    often = sorted(answers, key=lambda answer: -answers[answer])[:_MOST]
    return tuple(f"{answer.replace('_', ' ')} ({answers[answer]:,} times)" for answer in often)
