"""The ASGI lifespan: an app's startup before the first exchange, its shutdown after the last."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from mockatell.errors import ConfigurationError
from mockatell.shell.senders import words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mockatell.shell.senders.asgi import AsgiApp, Message

_VERSION: Final = {"version": "3.0", "spec_version": "2.0"}


@asynccontextmanager
async def lifespan(app: AsgiApp) -> AsyncIterator[dict[str, Any]]:
    """Start an app, and shut it down at the end; one that knows no lifespan is left alone.

    Yields:
        What the startup left for the requests: `AsgiTransport`'s `state`.

    Raises:
        ConfigurationError: The app's startup or shutdown failed.
    """
    life = _Life(app)
    try:
        await life.pass_on("startup")
        try:
            yield life.state
        finally:
            await life.pass_on("shutdown")
    finally:
        await life.end()


class _Life:
    """An app's own task, from startup to shutdown, and the messages to and fro."""

    def __init__(self, app: AsgiApp) -> None:
        self.state: dict[str, Any] = {}
        self._knows_it = False
        self._orders: asyncio.Queue[Message] = asyncio.Queue()
        self._failure: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(app))
        self._task.add_done_callback(self._ended)

    async def pass_on(self, phase: str) -> None:
        """Tell the app, and wait until it has done as told."""
        if self._task.done():
            return
        self._failure = asyncio.get_running_loop().create_future()
        self._orders.put_nowait({"type": f"lifespan.{phase}"})
        failure = await self._failure
        if failure is not None:
            raise ConfigurationError(f"the app's {phase} failed: {failure}")

    async def end(self) -> None:
        """Leave no task behind."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self, app: AsgiApp) -> None:
        scope = {"type": "lifespan", "asgi": _VERSION, "state": self.state}
        await app(scope, self._orders.get, self._hear)

    async def _hear(self, message: Message) -> None:
        self._knows_it = True
        failed = message["type"].endswith(".failed")
        self._conclude(_last_line(message.get("message", "")) if failed else None)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        # An app that raises at the first message knows no lifespan: servers run it all the same.
        self._conclude(words.raised(error).words if error and self._knows_it else None)

    def _conclude(self, failure: str | None) -> None:
        if not self._failure.done():
            self._failure.set_result(failure)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
