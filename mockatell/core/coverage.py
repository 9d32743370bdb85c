"""What of a conversation has been tried: which two of its events met in which way."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.core.schedules import Leeway, Schedule

    Pair = tuple[str, int, int]

ORDER: Final = "order"  # the later one was sent first
DUPLICATE: Final = "duplicate"  # one came again after the other
LOST_ACK: Final = "lost ack"  # one was retried after the other, although it had been taken
RETRY: Final = "retry"  # one was retried after the other, since nobody had answered
RACE: Final = "race"  # both were sent at one moment
WAYS: Final = (ORDER, DUPLICATE, LOST_ACK, RETRY, RACE)


class Coverage:
    """Which pairs of a conversation's events have been tried, by the way in which they met.

    An event pairs with itself as well, except in order.

    Args:
        leeway: How far its schedules go.
    """

    def __init__(self, leeway: Leeway) -> None:
        self._seen: set[Pair] = set()
        events = leeway.events
        retried = sum(map(bool, map(leeway.retries_of, range(events))))
        self._possible = {
            ORDER: events * (events - 1) // 2,
            DUPLICATE: events * events * bool(leeway.duplicates),
            LOST_ACK: retried * events,
            RETRY: retried * events,
            RACE: (events * (events + 1) // 2) * leeway.races,
        }

    def add(self, schedule: Schedule) -> None:
        """Take a schedule that was tried."""
        self._seen.update(pairs(schedule))

    def counts(self) -> dict[str, tuple[int, int]]:
        """By the way in which they met: how many pairs were tried, and how many there are."""
        seen = dict.fromkeys(WAYS, 0)
        for way, _, _ in self._seen:
            seen[way] += 1
        return {way: (seen[way], self._possible[way]) for way in WAYS}


def total(coverages: Iterable[Coverage]) -> dict[str, tuple[int, int]]:
    """The counts of several conversations, added up."""
    counts = [coverage.counts() for coverage in coverages]
    return {way: (sum(c[way][0] for c in counts), sum(c[way][1] for c in counts)) for way in WAYS}


def pairs(schedule: Schedule) -> Iterator[Pair]:
    """The pairs that a schedule tries."""
    order, groups = schedule.order, schedule.groups
    for (at, first), (later, second) in combinations(enumerate(order), 2):
        if groups[at] == groups[later]:
            yield RACE, min(first, second), max(first, second)
        elif first > second:
            yield ORDER, first, second
        if second in order[:later]:
            yield DUPLICATE, second, first
    for event in schedule.events:
        yield from ((LOST_ACK, lost, event) for lost in schedule.lost)
        yield from ((RETRY, refused, event) for refused in schedule.refused)
