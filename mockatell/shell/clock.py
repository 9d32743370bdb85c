"""Time as an argument: real, hurried or virtual; nothing else in the project reads the time.

`now()` counts seconds since the run's epoch. Waits are divided by `speed` or, on the virtual clock,
jumped; exchanges are never hurried, and neither are the timestamps inside events.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import Protocol

import msgspec

# 2026-01-01T00:00:00Z: the epoch of dry runs and of virtual time, so that they replay to the byte.
FIXED_EPOCH_MS = 1_767_225_600_000


class Clock(Protocol):
    """What a driver asks of time."""

    epoch_ms: int
    speed: float

    @property
    def virtual(self) -> bool:
        """Whether it jumps over what it waits for."""
        ...

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


def computed() -> float:
    """Seconds of a core that this process has used; only differences count."""
    return time.process_time()


class RealClock:
    """The time on the wall, its waits divided by `speed`.

    Args:
        speed: 60 makes an hour of waiting a minute; 1 changes nothing.
        epoch_ms: Unix time in milliseconds that counts as the run's time 0; by default, now.
    """

    def __init__(self, speed: float = 1.0, epoch_ms: int | None = None) -> None:
        self.speed = speed
        self.epoch_ms = time.time_ns() // 1_000_000 if epoch_ms is None else epoch_ms
        self._zero = time.perf_counter()

    @property
    def virtual(self) -> bool:
        """It never jumps."""
        return False

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


class ClockState(msgspec.Struct, frozen=True):
    """How an adjustable clock stands, for whoever is to go on with it after a restart.

    Args:
        now: Seconds since its epoch.
        wall_ms: When that was, Unix time in milliseconds on the wall.
        speed: By how much waits are divided.
        paused: Whether it stands still.
    """

    now: float
    wall_ms: int
    speed: float
    paused: bool


class AdjustableClock(RealClock):
    """Real time that can be hurried, halted and advanced; it never goes back.

    While it is advanced it is virtual: it stands at the time of what is due until that has been
    sent and answered, then jumps to what is due next.

    Args:
        speed: 60 makes an hour of waiting a minute.
        epoch_ms: Unix time in milliseconds of its time 0; by default, now.
        paused: Whether it stands still until it is resumed or advanced.
    """

    def __init__(
        self, speed: float = 1.0, epoch_ms: int | None = None, *, paused: bool = False
    ) -> None:
        super().__init__(speed, epoch_ms)
        self._base = max(0.0, (time.time_ns() / 1e6 - self.epoch_ms) / 1000)
        self.paused = paused
        self._target: float | None = None
        self._arrived: asyncio.Future[None] | None = None

    @property
    def virtual(self) -> bool:
        """Whether it is being advanced."""
        return self._target is not None

    @property
    def state(self) -> ClockState:
        """How it stands."""
        return ClockState(self.now(), time.time_ns() // 1_000_000, self.speed, self.paused)

    def restore(self, epoch_ms: int, state: ClockState | None) -> None:
        """Go on where an earlier one stood: time has passed since, unless it was halted.

        Args:
            epoch_ms: The earlier one's time 0.
            state: How it stood; None: as the wall has it.
        """
        wall_ms = time.time_ns() / 1e6
        self.epoch_ms = epoch_ms
        if state is None:
            self._rebase(max(0.0, (wall_ms - epoch_ms) / 1000))
            return
        self.speed, self.paused = state.speed, state.paused
        passed = max(0.0, (wall_ms - state.wall_ms) / 1000) * state.speed
        self._rebase(state.now if state.paused else state.now + passed)

    def now(self) -> float:
        """Seconds since its epoch."""
        if self.paused or self.virtual:
            return self._base
        return self._base + (time.perf_counter() - self._zero) * self.speed

    def set_speed(self, speed: float) -> None:
        """Hurry waits from now on."""
        self._rebase(self.now())
        self.speed = speed

    def pause(self) -> None:
        """Stand still."""
        self._rebase(self.now())
        self.paused = True

    def resume(self) -> None:
        """Go on."""
        self._rebase(self.now())
        self.paused = False

    def advance(self, seconds: float) -> asyncio.Future[None]:
        """Jump ahead, from one thing that is due to the next; done when it has arrived.

        Whoever waits with `wait_for` carries it there; one advance at a time.
        """
        self._rebase(self.now())
        self._target = self._base + seconds
        self._arrived = asyncio.get_running_loop().create_future()
        return self._arrived

    async def wait_for(self, bell: asyncio.Event, until: float | None) -> None:
        """Wait for the bell, at most until then; None is only for the bell."""
        if until is None or (self.paused and not self.virtual):
            await bell.wait()
        elif self._target is None:
            await super().wait_for(bell, None if until == math.inf else until)
        elif until <= self._target:
            self._base = max(self._base, until)
            await asyncio.sleep(0)  # others have their turn, however much is due
        else:
            self._base = self._target
            self.arrive()

    def arrive(self) -> None:
        """Be advanced no further."""
        self._target = None
        self._rebase(self._base if self._arrived else self.now())
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)
        self._arrived = None

    def _rebase(self, now: float) -> None:
        self._base = now
        self._zero = time.perf_counter()
