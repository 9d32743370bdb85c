"""What is wrong with a load whatever was asked of it, in the words of a run's findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.findings import NOTHING_ACCEPTED, Finding
from mockatell.core.load.remedies import of_status, of_trouble
from mockatell.core.load.result import Ends
from mockatell.core.load.validity import unreached
from mockatell.model import Outcome, Trouble

if TYPE_CHECKING:
    from mockatell.core.load.result import LoadResult, Timings

_MOST: Final = 3  # different answers that are told
_NOT_ITS_OWN: Final = frozenset({Trouble.OUTAGE, Trouble.NO_SOCKET})


def findings_of(result: LoadResult) -> tuple[Finding, ...]:
    """`nothing-accepted` where an endpoint acknowledged not one attempt, or was never reached.

    What a fault threw away may have been an acknowledgement: where that is most, nothing is said.
    Nor where nothing at all was reached, for then the verdict says so.
    """
    if unreached(result):
        return ()
    whole = Ends(result.outcomes, result.status_codes, result.troubles)
    alike = len({frozenset(_answers(ends)) for ends in result.ends.values()}) <= 1
    if alike and _accepted_nothing(whole, result.timings):
        return (_finding(whole, ""),)
    return tuple(
        _finding(ends, f" at the {role} endpoint")
        for role, ends in result.ends.items()
        if _accepted_nothing(ends, result.roles.get(role, result.timings))
    )


def _accepted_nothing(ends: Ends, timings: Timings) -> bool:
    lost = ends.outcomes.get(Outcome.ACK_LOST, 0)
    if ends.outcomes.get(Outcome.ACKNOWLEDGED):
        return False
    missed = sum(n for name, n in ends.troubles.items() if name not in _NOT_ITS_OWN)
    return max(timings.latency.count, missed) > 2 * lost


def _finding(ends: Ends, where: str) -> Finding:
    answers = _answers(ends)
    often = sorted(answers, key=lambda answer: -answers[answer])[:_MOST]
    told = tuple(f"{answer.replace('_', ' ')} ({answers[answer]:,} times)" for answer in often)
    title = f"Nothing was accepted{where}: {', '.join(told)}"
    meanings = "; ".join(dict.fromkeys(filter(None, map(_meaning, often))))
    explanation = f"Not one attempt{where} was answered 2xx: {meanings}."
    refused = sum(ends.outcomes.values()) - ends.outcomes.get(Outcome.ACK_LOST, 0)
    return Finding(NOTHING_ACCEPTED, title, explanation, told, refused, ())


def _answers(ends: Ends) -> dict[str, int]:
    """What came back, or why nothing did."""
    return {**ends.status_codes, **ends.troubles}


def _meaning(answer: str) -> str:
    return of_status(answer) if answer.isdecimal() else of_trouble(answer)
