"""Time as an argument: real, hurried or virtual; nothing else in the project reads the time.

`now()` counts seconds since the run's epoch. Waits are divided by `speed` or, on the virtual clock,
jumped; exchanges are never hurried, and neither are the timestamps inside events.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

# 2026-01-01T00:00:00Z: the epoch of dry runs and of virtual time, so that they replay to the byte.
FIXED_EPOCH_MS = 1_767_225_600_000


class Clock(Protocol):
    """What a driver asks of time."""

    epoch_ms: int
    virtual: bool
    speed: float

    def now(self) -> float:
        """Seconds since the epoch of the run."""
        ...

    def wait(self, until: float) -> None:
        """Return at `until`, at once if it is past."""
        ...

    async def wait_for(self, bell: asyncio.Event, until: float | None) -> None:
        """Return when the bell rings or at `until`, whichever is first (None: only the bell)."""
        ...


def monotonic() -> float:
    """Real seconds from no particular start, for measuring exchanges."""
    return time.perf_counter()


class RealClock:
    """The time on the wall, its waits divided by `speed`.

    Args:
        speed: 60 makes an hour of waiting a minute; 1 changes nothing.
        epoch_ms: Unix time in milliseconds that counts as the run's time 0; by default, now.
    """

    virtual = False

    def __init__(self, speed: float = 1.0, epoch_ms: int | None = None) -> None:
        self.speed = speed
        self.epoch_ms = time.time_ns() // 1_000_000 if epoch_ms is None else epoch_ms
        self._zero = time.perf_counter()

    def now(self) -> float:
        """Seconds since the clock was made, times `speed`."""
        return (time.perf_counter() - self._zero) * self.speed

    def wait(self, until: float) -> None:
        """Sleep until then."""
        time.sleep(max(0.0, until - self.now()) / self.speed)

    async def wait_for(self, bell: asyncio.Event, until: float | None) -> None:
        """Wait for the bell, at most until then."""
        left = None if until is None else max(0.0, until - self.now()) / self.speed
        try:
            async with asyncio.timeout(left):
                await bell.wait()
        except TimeoutError:
            return


class VirtualClock:
    """Time that passes only when it is waited for, in no time at all.

    Args:
        epoch_ms: Unix time in milliseconds that counts as the run's time 0.
    """

    virtual = True
    speed = 1.0

    def __init__(self, epoch_ms: int = FIXED_EPOCH_MS) -> None:
        self.epoch_ms = epoch_ms
        self._now = 0.0

    def now(self) -> float:
        """Seconds since the epoch of the run."""
        return self._now

    def wait(self, until: float) -> None:
        """Jump there; time does not go back."""
        self._now = max(self._now, until)

    async def wait_for(self, bell: asyncio.Event, until: float | None) -> None:
        """Jump to `until`; with None, let what is in flight go on until the bell rings."""
        if until is None:
            await bell.wait()
        else:
            self.wait(until)
