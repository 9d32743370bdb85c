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

GRACE: Final = 5.0  # seconds for a shutdown in a loop that is about to close
_VERSION: Final = {"version": "3.0", "spec_version": "2.0"}
_SHUTDOWN: Final = "shutdown"


@asynccontextmanager
async def lifespan(app: AsgiApp) -> AsyncIterator[dict[str, Any]]:
    """Start an app, and shut it down at the end; one that knows no lifespan is left alone.

    Yields:
        What the startup left for the requests: `AsgiTransport`'s `state`.

    Raises:
        ConfigurationError: The app's startup or shutdown failed.
    """
    life = Life(app)
    state = await life.start()
    try:
        yield state
    finally:
        await life.stop()


class Life:
    """An app's own task, from startup to shutdown, and the messages to and fro.

    It belongs to the running loop. Where nobody stops it, that loop's end does: a loop cancels its
    tasks before it closes, and waits for them, which an app that waits to be told something is
    told of as its shutdown. So an app can live in a loop that somebody else ends.

    Args:
        app: What knows a lifespan, or does not.
        grace: Seconds for a shutdown that comes of the loop's end.
    """

    def __init__(self, app: AsgiApp, grace: float = GRACE) -> None:
        self._state: dict[str, Any] = {}
        self._knows_it = False
        self._is_told_all = False
        self._is_out_of_time = False
        self._grace = grace
        self._orders: asyncio.Queue[Message] = asyncio.Queue()
        self._failure: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(app))
        self._task.add_done_callback(self._ended)

    async def start(self) -> dict[str, Any]:
        """Start the app.

        Returns:
            What that left for the requests.

        Raises:
            ConfigurationError: It failed; nothing is left to stop.
        """
        try:
            await self._pass_on("startup")
        except BaseException:
            await self._end()
            raise
        return self._state

    async def stop(self) -> None:
        """Shut the app down, and leave no task behind.

        Raises:
            ConfigurationError: It failed.
        """
        self._is_told_all = True
        try:
            await self._pass_on(_SHUTDOWN)
        finally:
            await self._end()

    def check(self, phase: str = _SHUTDOWN) -> None:
        """See whether the app did as it was last told.

        Raises:
            ConfigurationError: It failed.
        """
        failure = self._failure.result() if self._failure.done() else None
        if failure is not None:
            raise ConfigurationError(f"the app's {phase} failed: {failure}")

    async def _pass_on(self, phase: str) -> None:
        """Tell the app, and wait until it has done as told."""
        if self._task.done():
            return
        self._failure = asyncio.get_running_loop().create_future()
        self._orders.put_nowait({"type": f"lifespan.{phase}"})
        await self._failure
        self.check(phase)

    async def _end(self) -> None:
        self._is_told_all = True
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self, app: AsgiApp) -> None:
        scope = {"type": "lifespan", "asgi": _VERSION, "state": self._state}
        await app(scope, self._listen, self._hear)

    async def _listen(self) -> Message:
        try:
            return await self._orders.get()
        except asyncio.CancelledError:
            if self._is_told_all or asyncio.current_task() is not self._task:
                raise
            return self._last_order()

    def _last_order(self) -> Message:
        """The loop is about to close: there is still time for a shutdown, but not for ever."""
        self._is_told_all = True
        self._task.uncancel()
        loop = asyncio.get_running_loop()
        self._failure = loop.create_future()
        loop.call_later(self._grace, self._run_out_of_time)
        return {"type": f"lifespan.{_SHUTDOWN}"}

    def _run_out_of_time(self) -> None:
        self._is_out_of_time = self._task.cancel()

    async def _hear(self, message: Message) -> None:
        self._knows_it = True
        failed = message["type"].endswith(".failed")
        self._conclude(_last_line(message.get("message", "")) if failed else None)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._is_out_of_time:
            self._conclude(f"it took longer than {self._grace:g}s")
            return
        error = None if task.cancelled() else task.exception()
        # An app that raises at the first message knows no lifespan: servers run it all the same.
        self._conclude(words.raised(error).words if error and self._knows_it else None)

    def _conclude(self, failure: str | None) -> None:
        if not self._failure.done():
            self._failure.set_result(failure)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
