"""One timer for thousands of timeouts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio

    from mockatell.shell.senders.base import Timer

TICK: Final = 0.01
"""Seconds by which a timeout may come late."""


class Watched(Protocol):
    """What has a deadline.

    Attributes:
        deadline: When it is to expire, infinite for never. Whoever brings it forward, before
            `looked_at`, tells the wheel to `look`.
        looked_at: When the wheel looks at it next; the wheel's own.
    """

    deadline: float
    looked_at: float

    def expire(self) -> None:
        """The deadline is over."""
        ...


class Wheel:
    """Buckets of deadlines, one for each tick of the clock.

    What is watched stays in its bucket when its deadline is put off or lifted, and is looked at
    again when the bucket's time has come: a lane that carries a thousand requests within one
    timeout enters a bucket once.

    Args:
        loop: What the timer runs on.
        timer: What deadlines are measured by.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, timer: Timer) -> None:
        self._loop = loop
        self._timer = timer
        self._buckets: dict[int, list[Watched]] = {}
        self._handle: asyncio.TimerHandle | None = None
        self._passed = int(timer() / TICK)

    def set(self, watched: Watched, deadline: float) -> None:
        """Let it expire then."""
        watched.deadline = deadline
        if deadline < watched.looked_at:
            self.look(watched)

    def stop(self) -> None:
        """Watch nothing any more."""
        self._buckets.clear()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def look(self, watched: Watched) -> None:
        """Look at it when its deadline, now nearer than `looked_at`, is over."""
        bucket = max(math.ceil(watched.deadline / TICK), self._passed + 1)
        watched.looked_at = bucket * TICK
        self._buckets.setdefault(bucket, []).append(watched)
        if self._handle is None:
            self._handle = self._loop.call_later(TICK, self._turn)

    def _turn(self) -> None:
        self._handle = None
        now = self._timer()
        reached = int(now / TICK)
        for bucket in range(self._passed + 1, reached + 1):
            for watched in self._buckets.pop(bucket, ()):
                if watched.looked_at == bucket * TICK:  # else it was given a nearer bucket
                    self._seen(watched, now)
        self._passed = reached
        if self._buckets and self._handle is None:
            self._handle = self._loop.call_later(TICK, self._turn)

    def _seen(self, watched: Watched, now: float) -> None:
        watched.looked_at = math.inf
        if watched.deadline <= now:
            watched.deadline = math.inf
            watched.expire()
        elif watched.deadline < math.inf:
            self.look(watched)
