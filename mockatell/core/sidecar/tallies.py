"""Counting deliveries by how they ended, as they end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mockatell.core.sidecar.rows import Tally
from mockatell.model import RunEnded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        self._held: Counter[int] = Counter()
        self._acknowledged: set[int] = set()

    @property
    def pending(self) -> int:
        """Deliveries that are not over."""
        return self.deliveries - self.ends.total()

    @property
    def unacknowledged(self) -> int:
        """Callbacks of which no delivery was acknowledged, among those that are held."""
        return len(self._held) - len(self._acknowledged)

    def lacking(self) -> Iterator[int]:
        """Those callbacks, the oldest first: the `seq` of the original of each."""
        return (family for family in self._held if family not in self._acknowledged)

    def began(self, track: Track) -> None:
        """One more delivery is there."""
        self.deliveries += 1
        self._held[track.family] += 1

    def ended(self, track: Track) -> None:
        """A delivery is over."""
        self.ends[track.state] += 1
        if track.state == "acknowledged":
            self._acknowledged.add(track.family)

    def dropped(self, track: Track) -> None:
        """A delivery is held no longer; what its callback came to is known while a copy is."""
        self._held[track.family] -= 1
        if not self._held[track.family]:
            del self._held[track.family]
            self._acknowledged.discard(track.family)

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
