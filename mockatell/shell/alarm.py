"""A timer finer than an event loop's own, which counts whole milliseconds."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_MONOTONIC: Final = 1  # CLOCK_MONOTONIC
_FLAGS: Final = os.O_NONBLOCK | os.O_CLOEXEC  # TFD_NONBLOCK and TFD_CLOEXEC are the same numbers
_NS: Final = 1_000_000_000


class _Spec(ctypes.Structure):
    """C's `struct itimerspec`: never again, and the first time."""

    _fields_ = (
        ("every_s", ctypes.c_long),
        ("every_ns", ctypes.c_long),
        ("first_s", ctypes.c_long),
        ("first_ns", ctypes.c_long),
    )


class Alarm:
    """Rings on an event loop, within some microseconds of its time, by Linux' timerfd.

    Elsewhere it is the loop's own timer, and up to a millisecond late.

    Args:
        loop: Where it rings.
        ring: What to call.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None
        self._fd = -1
        libc = ctypes.CDLL(None, use_errno=True)
        if hasattr(libc, "timerfd_create"):
            self._settime = libc.timerfd_settime
            self._spec = _Spec()
            self._at = ctypes.byref(self._spec)
            self._fd = libc.timerfd_create(_MONOTONIC, _FLAGS)
        if self._fd >= 0:
            loop.add_reader(self._fd, self._rung)

    def set(self, delay: float) -> None:
        """Ring so many seconds from now, and not when it was set to before."""
        if self._fd < 0:
            self._cancel()
            self._handle = self._loop.call_later(delay, self._ring)
            return
        ns = max(int(delay * _NS), 1)  # 0 would be never
        self._spec.first_s, self._spec.first_ns = divmod(ns, _NS)
        self._settime(self._fd, 0, self._at, None)

    def close(self) -> None:
        """Ring no more."""
        self._cancel()
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _rung(self) -> None:
        os.read(self._fd, 8)  # or it would go on ringing
        self._ring()
