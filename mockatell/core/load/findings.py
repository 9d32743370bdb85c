"""What is wrong with a load whatever was asked of it, in the words of a run's findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.findings import NOTHING_ACCEPTED, WHY_NOTHING, Finding
from mockatell.model import Outcome

if TYPE_CHECKING:
    from mockatell.core.load.result import LoadResult

_MOST: Final = 3  # different answers that are told


def findings_of(result: LoadResult) -> tuple[Finding, ...]:
    """`nothing-accepted` where the endpoint was reached, and not one attempt was acknowledged.

    What a fault threw away may have been an acknowledgement: where that is most, nothing is said.
    """
    lost = result.outcomes.get(Outcome.ACK_LOST, 0)
    refused = result.timings.latency.count - lost
    if result.outcomes.get(Outcome.ACKNOWLEDGED) or refused <= lost:
        return ()
    ends = _ends(result)
    title = f"Nothing was accepted: {', '.join(ends)}"
    explanation = f"Not one attempt was answered 2xx. {WHY_NOTHING}"
    return (Finding(NOTHING_ACCEPTED, title, explanation, ends, refused, ()),)


def _ends(result: LoadResult) -> tuple[str, ...]:
    """What came back instead, the most frequent first."""
    ends = {**result.status_codes, **result.troubles}
    often = sorted(ends, key=lambda end: -ends[end])[:_MOST]
    return tuple(f"{end.replace('_', ' ')} ({ends[end]:,} times)" for end in often)
