"""ASGI apps in process: one call for each exchange, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

from mockatell.shell.senders.bridge import ExchangeTransport
from mockatell.shell.senders.collected import Collected
from mockatell.shell.senders.wire import BODY_LIMIT, Reply, Request

if TYPE_CHECKING:
    from mockatell.shell.senders.base import Timer

Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]

_VERSION: Final = {"version": "3.0", "spec_version": "2.4"}
_CLIENT: Final = ("127.0.0.1", 50_000)


class AsgiTransport(ExchangeTransport):
    """Calls an ASGI app as a server would.

    Unlike `httpx.ASGITransport` it passes path and query on byte for byte, cuts a hanging app off,
    and tells an answer that was given before something was raised from one that was not. An app's
    background tasks are waited for, as long as the request's timeout allows.

    Args:
        app: The app.
        timer: Monotonic seconds.
        state: What its lifespan has left for the requests.
        body_limit: Bytes of an answer's body to keep.
    """

    def __init__(
        self,
        app: AsgiApp,
        timer: Timer,
        *,
        state: dict[str, Any] | None = None,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self._app = app
        self._timer = timer
        self._state = state
        self._body_limit = body_limit

    async def exchange(self, request: Request) -> Reply:
        """Call the app; cancelling this cancels the app."""
        answer = Collected(self._timer, self._body_limit)
        talk = _Talk(request.body, answer)
        error: BaseException | None = None
        limit = asyncio.timeout(request.timeout)
        try:
            async with limit:
                await self._app(self._scope(request), talk.receive, talk.send)
        except asyncio.CancelledError as cancelled:
            if _being_cancelled():
                raise
            error = cancelled  # the app's own doing
        except Exception as raised:  # noqa: BLE001 -- an app may raise anything
            error = raised
        if answer.took > request.timeout or (limit.expired() and not answer.whole):
            return answer.late(request.timeout)
        return answer.reply(None if limit.expired() or talk.hung_up else error)

    def _scope(self, request: Request) -> Message:
        location = request.location
        scope = {
            "type": "http",
            "asgi": _VERSION,
            "http_version": "1.1",
            "method": request.method,
            "scheme": location.scheme,
            "server": (location.host, location.port),
            "client": _CLIENT,
            "root_path": "",
            "path": unquote_to_bytes(location.path).decode(errors="replace"),
            "raw_path": location.path,
            "query_string": location.query,
            "headers": [(name.lower(), value) for name, value in request.headers],
        }
        if self._state is not None:
            scope["state"] = self._state.copy()
        return scope


class _Talk:
    """The two ends of one exchange that an app holds."""

    __slots__ = ("_answer", "_asked", "_body", "_over", "hung_up")

    def __init__(self, body: bytes, answer: Collected) -> None:
        self._body = body
        self._answer = answer
        self._asked = False
        self._over = asyncio.Event()
        self.hung_up = False

    async def receive(self) -> Message:
        """The whole body, once; afterwards that the client is gone, when it is."""
        if self._asked:
            await self._over.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Take a part of the answer.

        Raises:
            OSError: The client has read enough and hung up.
            RuntimeError: The app breaks the protocol.
        """
        answer = self._answer
        match message["type"]:
            case "http.response.start" if answer.status_code is None:
                headers = message.get("headers", ())
                answer.start(message["status"], tuple((bytes(k), bytes(v)) for k, v in headers))
            case "http.response.body" if answer.whole:
                self.hung_up = True
                raise OSError("the client has hung up")
            case "http.response.body" if answer.status_code is not None:
                self._take(message)
            case "http.response.start" | "http.response.body" as kind:
                raise RuntimeError(f"{kind} is out of place here")

    def _take(self, message: Message) -> None:
        self._answer.add(message.get("body", b""))
        if not message.get("more_body", False):
            self._answer.end()
        if self._answer.whole:
            self._over.set()


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
