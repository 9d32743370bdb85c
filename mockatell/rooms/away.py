"""The room for blocking work beside a running loop: what looks for schedules, in a thread.

Whatever it plays and calls, it plays and calls in the loop, so an app and its test see one thread.
"""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextvars import copy_context
from functools import wraps
from inspect import isawaitable
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

    import httpx

    from mockatell.core.journal import Journal
    from mockatell.rooms.players import AsyncPlayer
    from mockatell.rooms.rehearsal import Rehearsal
    from mockatell.rooms.run import Run

T = TypeVar("T")


class AwayPlayer:
    """A player for a thread beside the loop in which it plays."""

    races = True

    def __init__(self, here: AsyncPlayer) -> None:
        self._here = here
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._is_over = False
        self._awaited: Future[Any] | None = None

    async def work(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread of its own, which ends when this is cancelled."""
        pool = ThreadPoolExecutor(1)
        working = self._loop.run_in_executor(pool, copy_context().run, work)
        try:
            return await asyncio.shield(working)
        finally:
            self._give_up()
            pool.shutdown(wait=working.done())

    def _give_up(self) -> None:
        """Let work that is not done, since nobody waits for it any more, fail at what it awaits."""
        with self._lock:
            self._is_over = True
            if self._awaited is not None:
                self._awaited.cancel()

    def calling(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that calls this one in the loop; it may be a coroutine's."""

        @wraps(function)
        def called(*args: Any) -> Any:
            return self._await(_called(function, args))

        return called

    def drive(self, rehearsal: Rehearsal, until: float = math.inf) -> None:
        """Send what the rehearsal's agenda holds, up to a time."""
        self._await(self._here.drive(rehearsal, until))

    def play(self, run: Run, rehearsal: Rehearsal | None = None) -> Journal:
        """Play a run to its end; the rehearsal keeps what the app raises."""
        return self._await(self._here.play(run, rehearsal))

    def refuse_a_loop(self, instead: str) -> None:
        """There is none in this thread."""

    def fetch(self, url: str) -> httpx.Response:
        """Look at the customer's state."""
        return self._await(self._here.fetch(url))

    def close(self) -> None:
        """The loop's own player is closed by whoever made it."""

    def _await(self, coroutine: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            if self._is_over:
                coroutine.close()
                raise CancelledError
            awaited: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
            self._awaited = awaited
        return awaited.result()


async def _called(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    result = function(*args)
    return await result if isawaitable(result) else result
