"""Counting deliveries by how they ended, as they end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mockatell.core.sidecar.rows import Tally
from mockatell.model import RunEnded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.core.sidecar.tracks import Track
    from mockatell.model import Expectation, Outcome


class Tallies:
    """Counts of some deliveries; those that were dropped stay counted.

    Args:
        gone: What was dropped in an earlier life.
    """

    def __init__(self, gone: Tally = Tally()) -> None:  # noqa: B008 -- frozen
        self.deliveries = gone.deliveries
        self.attempts = gone.attempts
        self.ends = Counter({state: getattr(gone, state) for state in _ENDS})
        self.outcomes: Counter[Outcome] = Counter()

    @property
    def pending(self) -> int:
        """Deliveries that are not over."""
        return self.deliveries - self.ends.total()

    def tried(self, outcome: Outcome) -> None:
        """An attempt has ended."""
        self.attempts += 1
        self.outcomes[outcome] += 1

    def run_ended(
        self, expectations: Sequence[Expectation] = (), *, interrupted: bool = False
    ) -> RunEnded:
        """The counts as a journal's last line; a cancelled delivery is one that stayed pending."""
        return RunEnded(
            deliveries=self.deliveries,
            attempts=self.attempts,
            acknowledged=self.ends["acknowledged"],
            redirected=self.ends["redirected"],
            exhausted=self.ends["exhausted"],
            pending=self.pending + self.ends["cancelled"],
            interrupted=interrupted,
            expectations=tuple(expectations),
        )


_ENDS = ("acknowledged", "redirected", "exhausted", "cancelled")


def with_gone(tally: Tally, track: Track) -> Tally:
    """A tally of what was dropped, with one delivery more."""
    ends = {name: getattr(tally, name) + (track.state == name) for name in _ENDS}
    return Tally(
        deliveries=tally.deliveries + 1, attempts=tally.attempts + len(track.attempts), **ends
    )
