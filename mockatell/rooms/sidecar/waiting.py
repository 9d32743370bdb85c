"""Waiting until nothing is pending, or all is acknowledged: woken when it comes, never polling."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from mockatell.core.sidecar.views import WaitResult
from mockatell.errors import ConflictError
from mockatell.shell.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockatell.core.sidecar.world import World

Until = Literal["quiet", "acknowledged"]

MOST: Final = 10_000
"""Who may wait at once."""
_SCOPES: Final = frozenset({"run", "message"})


class Scope(NamedTuple):
    """What is waited for: everything, a run, or a message."""

    run: str | None = None
    message: str | None = None


class Waiters:
    """Those who wait, by what they wait for."""

    def __init__(self) -> None:
        self._waiting: dict[Scope, list[asyncio.Future[None]]] = {}
        self._count = 0

    async def wait(
        self, world: Callable[[], World], scope: Scope, until: Until, seconds: float
    ) -> WaitResult:
        """Return when nothing in the scope is pending, or after so many real seconds.

        Raises:
            ConflictError: Too many wait already.
        """
        began = monotonic()
        if world().busy(*scope):
            await self._pause(scope, seconds)
        now = world()
        reached = not now.busy(*scope) and (until == "quiet" or now.acknowledged(*scope))
        pending = now.pending(*scope)
        return WaitResult(reached=reached, pending=pending, waited=monotonic() - began)

    def wake(self, world: World, told: Iterable[tuple[str, str]]) -> None:
        """This has changed: wake those who now have what they wait for."""
        if not self._waiting:
            return
        touched = {Scope(), *(Scope(**{kind: about}) for kind, about in told if kind in _SCOPES)}
        for scope in touched & self._waiting.keys():
            if not world.busy(*scope):
                for future in self._waiting.pop(scope):
                    if not future.done():
                        future.set_result(None)

    def wake_all(self) -> None:
        """Everything was forgotten: there is nothing to wait for."""
        for futures in self._waiting.values():
            for future in futures:
                if not future.done():
                    future.set_result(None)
        self._waiting.clear()

    async def _pause(self, scope: Scope, seconds: float) -> None:
        if self._count >= MOST:
            raise ConflictError(f"{MOST:,} wait already")
        future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(scope, []).append(future)
        self._count += 1
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            return
        finally:  # whoever asked may have left, too
            self._count -= 1
            self._leave(scope, future)

    def _leave(self, scope: Scope, future: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(scope, [])
        if future in waiting:
            waiting.remove(future)
            if not waiting:
                del self._waiting[scope]
