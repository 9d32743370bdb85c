"""Waiting until nothing is pending, or all is acknowledged: answered when it comes, no polling."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from mockatell.core.sidecar.views import WaitResult
from mockatell.errors import ConflictError, UnknownError
from mockatell.shell.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mockatell.core.sidecar.world import World
    from mockatell.errors import MockatellError

Until = Literal["quiet", "acknowledged"]

MOST: Final = 10_000
"""Who may wait at once."""


class Scope(NamedTuple):
    """What is waited for: everything, a run, or a message."""

    run: str | None = None
    message: str | None = None


class Standing(NamedTuple):
    """How a scope stands at one moment."""

    quiet: bool
    acknowledged: bool
    pending: int

    @classmethod
    def of(cls, world: World, scope: Scope) -> Standing:
        """How it stands now.

        Raises:
            UnknownError: There is no such run or message.
        """
        quiet = not world.busy(*scope)
        return cls(quiet, quiet and world.acknowledged(*scope), world.pending(*scope))


class Waiters:
    """Those who wait, by what they wait for.

    What they are told is how things stood when it came: by the time that a task has its turn, the
    app may have sent more.
    """

    def __init__(self) -> None:
        self._waiting: dict[Scope, set[asyncio.Future[Standing]]] = {}
        self._count = 0

    async def wait(
        self, world: Callable[[], World], scope: Scope, until: Until, seconds: float
    ) -> WaitResult:
        """Return when nothing in the scope is pending, or after so many real seconds.

        Raises:
            UnknownError: There is no such run; or no such message, and none has come meanwhile.
            ConflictError: Too many wait already.
            MockatellError: Nothing will come any more.
        """
        began = monotonic()
        if world().busy(*scope):
            standing = await self._pause(scope, seconds) or Standing.of(world(), scope)
        else:
            standing = Standing.of(world(), scope)
        reached = standing.quiet if until == "quiet" else standing.acknowledged
        waited = round(monotonic() - began, 3)
        return WaitResult(reached=reached, pending=standing.pending, waited=waited)

    def wake(self, world: World, told: Iterable[tuple[str, str]]) -> None:
        """This has changed: wake those who now have what they wait for."""
        if not self._waiting:
            return
        touched = {scope for kind, about in told for scope in _touched(world, kind, about)}
        for scope in touched & self._waiting.keys():
            if not world.busy(*scope):
                self._answer(scope, Standing.of(world, scope))

    def wake_all(self, world: World) -> None:
        """Everything was forgotten, or is over: tell all how things stand."""
        for scope in list(self._waiting):
            try:
                self._answer(scope, Standing.of(world, scope))
            except UnknownError as error:
                self._disappoint(scope, error)

    def fail(self, error: MockatellError) -> None:
        """What they wait for will not come."""
        for scope in list(self._waiting):
            self._disappoint(scope, error)

    def _answer(self, scope: Scope, standing: Standing) -> None:
        for future in self._waiting.pop(scope):
            if not future.done():
                future.set_result(standing)

    def _disappoint(self, scope: Scope, error: MockatellError) -> None:
        for future in self._waiting.pop(scope):
            if not future.done():
                future.set_exception(error)

    async def _pause(self, scope: Scope, seconds: float) -> Standing | None:
        """How it stood when it came; None: it has not."""
        if self._count >= MOST:
            raise ConflictError(f"{MOST:,} wait already")
        future: asyncio.Future[Standing] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(scope, set()).add(future)
        self._count += 1
        try:
            await asyncio.wait({future}, timeout=seconds)
            return future.result() if future.done() else None
        finally:  # whoever asked may have left, too
            self._count -= 1
            self._leave(scope, future)

    def _leave(self, scope: Scope, future: asyncio.Future[Standing]) -> None:
        waiting = self._waiting.get(scope, set())
        waiting.discard(future)
        if not waiting:
            self._waiting.pop(scope, None)


def _touched(world: World, kind: str, about: str) -> Iterator[Scope]:
    """What a change may be waited for as."""
    yield Scope()
    if kind == "run":
        yield Scope(run=about)
    elif kind == "message":
        yield from (Scope(message=name) for name in world.talks.names(about))
