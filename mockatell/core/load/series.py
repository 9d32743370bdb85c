"""A load second by second: counted where things happen, summed up when they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.load.result import Second
from mockatell.core.load.spread import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Count:
    """What happened in one second."""

    __slots__ = (
        "acknowledged",
        "busy",
        "completed",
        "due",
        "errors",
        "failed",
        "lag",
        "offered",
        "p50",
        "p99",
        "retried",
        "sent",
        "settled",
    )

    def __init__(self) -> None:
        self.offered = 0  # deliveries that came due first
        self.due = 0  # attempts that came due
        self.sent = 0  # attempts begun
        self.retried = 0  # of these, not a delivery's first
        self.completed = 0  # attempts that ended
        self.acknowledged = 0
        self.errors = 0
        self.failed = 0  # attempts that ended and are to be made again
        self.settled = 0  # deliveries that are over
        self.p50 = 0.0
        self.p99 = 0.0
        self.lag = 0.0
        self.busy = 0.0


class Series:
    """The seconds of a load, from the first to the latest that something happened in."""

    def __init__(self) -> None:
        self._counts: list[Count] = [Count()]
        self._second, self._count = 0, self._counts[0]  # asked for last: mostly it is again
        self._latencies = Counts()
        self._closed = 0

    def at(self, when: float) -> Count:
        """The second that a time is in."""
        second = int(when)
        if second != self._second:
            self._second, self._count = second, self._found(max(second, 0))
        return self._count

    def _found(self, second: int) -> Count:
        while len(self._counts) <= second:
            self._counts.append(Count())
        return self._counts[second]

    def latencies(self, buckets: Iterable[int]) -> None:
        """Latencies of what has ended since the second before was closed."""
        self._latencies.update(buckets)

    def close(self, upto: float, busy: float) -> None:
        """Every second before this time is over; `busy` is our share of a core meanwhile."""
        p50, p99 = self._latencies.quantiles(0.5, 0.99)
        for second in range(self._closed, int(upto)):
            count = self.at(second)
            count.p50, count.p99, count.busy = p50, p99, busy
        self._latencies = Counts()
        self._closed = int(upto)

    def seconds(self) -> Iterator[Second]:
        """What was counted, each second with how things stood at its end."""
        offered = due = sent = retried = completed = failed = settled = 0
        for at, count in enumerate(self._counts):
            offered += count.offered
            due += count.due
            sent += count.sent
            retried += count.retried
            completed += count.completed
            failed += count.failed
            settled += count.settled
            yield Second(
                at=at,
                offered=count.offered,
                sent=count.sent,
                completed=count.completed,
                acknowledged=count.acknowledged,
                errors=count.errors,
                in_flight=sent - completed,
                backlog=due - sent,
                retries_pending=failed - retried,
                waiting=offered - settled - (sent - completed),
                p50=count.p50,
                p99=count.p99,
                lag=count.lag,
                busy=count.busy,
            )
