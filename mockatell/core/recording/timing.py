"""When recorded events happened, and how late each came: the arrivals stay, to the millisecond.

Two clocks are at work, the platform's in the timestamps and ours in the arrivals. What came in
order and soon counts as having happened when it came. Only what came behind a later one, or long
after the rest would let expect, is told as late, by its timestamp.
"""

from __future__ import annotations

from bisect import bisect_right
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockatell.clickatell.hearing import Heard

SLACK: Final = 2.0
"""Seconds after the quickest one that a callback may come without being late."""

_SECOND_MS: Final = 1000
_ABSURDLY_EARLY: Final = 600.0
_ABSURDLY_LATE: Final = 7 * 86_400.0  # no schedule that is known retries for so long


class Arrival(NamedTuple):
    """An event that came.

    Args:
        at: When, in seconds since the recording began.
        event: What it says.
        again: When copies of it came.
    """

    at: float
    event: Heard
    again: tuple[float, ...] = ()


class Happened(NamedTuple):
    """An arrival with the time at which its event counts as having happened, in ms."""

    at_ms: int
    arrival: Arrival

    @property
    def late_ms(self) -> int:
        """How long after that it came."""
        return round(self.arrival.at * 1000) - self.at_ms

    @property
    def again_ms(self) -> list[int]:
        """How long after that its copies came."""
        return [round(at * 1000) - self.at_ms for at in self.arrival.again]


def offset(arrivals: Iterable[Arrival]) -> float:
    """Seconds from a timestamp to the arrival of the callback that came the quickest.

    One that seems to have come from far in the future has a wrong timestamp, and does not count.
    """
    known = sorted(
        a.at - a.event.timestamp / 1000 for a in arrivals if a.event.timestamp is not None
    )
    usual = known[len(known) // 2] if known else 0.0
    return next((each for each in known if each >= usual - _ABSURDLY_EARLY), 0.0)


def happened(talk: Sequence[Arrival], quickest: float) -> list[Happened]:
    """The events of one conversation in the order in which they happened.

    Args:
        talk: In order of arrival.
        quickest: See `offset`; of the whole recording.
    """
    ranked = sorted((_stamp(each, quickest), rank) for rank, each in enumerate(talk))
    soonest = _soonest(ranked)
    told: list[Happened] = []
    latest = -inf
    for stamp, rank in ranked:
        arrival = talk[rank]
        overtaken = soonest[bisect_right(ranked, (stamp, len(talk)))] < rank
        late = overtaken or arrival.at - stamp > SLACK
        latest = max(latest, stamp if late else arrival.at)
        told.append(Happened(round(latest * 1000), arrival))
    return told


def _soonest(ranked: Sequence[tuple[float, int]]) -> list[int]:
    """From each place on, the rank of what came first."""
    soonest = [len(ranked)]
    for _, rank in reversed(ranked):
        soonest.append(min(soonest[-1], rank))
    return soonest[::-1]


def _stamp(arrival: Arrival, quickest: float) -> float:
    """When an event happened by its timestamp, on our clock; never after it came.

    Replies may have whole seconds: then any moment of that second is as good.
    """
    at_ms = arrival.event.timestamp
    if at_ms is None:
        return arrival.at
    whole = arrival.event.is_reply and at_ms % _SECOND_MS == 0
    stamp = (at_ms + (_SECOND_MS - 1) * whole) / 1000 + quickest
    return arrival.at if arrival.at - stamp > _ABSURDLY_LATE else min(arrival.at, stamp)
