"""The sidecar as one ASGI app: which door a path leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.clickatell.standin.handled import refused_send
from mockatell.clickatell.standin.refusals import refuse
from mockatell.errors import MockatellError
from mockatell.server import page_files
from mockatell.server.answers import Answer, send_answer, text_answer
from mockatell.server.bodies import Room
from mockatell.server.control import control_app
from mockatell.server.control.feed import Readers
from mockatell.server.ending import Ending
from mockatell.server.gate import PREFIX as CONTROL
from mockatell.server.gate import Gate
from mockatell.server.lines import LOG, Lines
from mockatell.server.metrics import CONTENT_TYPE, Metrics
from mockatell.server.oneapi import OneApi
from mockatell.server.page_files import PageFiles
from mockatell.server.problems import problem
from mockatell.shell.clock import monotonic

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from mockatell.rooms.sidecar import Sidecar
    from mockatell.server.access import Access

_OURS: Final = "/mockatell"
_OPERATIONS: Final = ("/livez", "/readyz", "/metrics")


class App:
    """What a server serves.

    Args:
        sidecar: What all doors lead to; open for as long as the app is served.
        access: Who is let in to what is ours. The One API has keys of its own.
    """

    def __init__(self, sidecar: Sidecar, access: Access) -> None:
        self.ready = False
        self.ending = Ending()
        self._sidecar = sidecar
        self._access = access
        readers = Readers(self.ending)
        self._metrics = Metrics(sidecar.overview, lambda: readers.reading)
        self._lines = Lines()
        self._page = PageFiles()
        room = Room()
        self._one_api = OneApi(sidecar.handle, room, self._lines)
        self._control = Gate(control_app(sidecar, access, readers, self.ending), access, room)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; lifespan and WebSockets are not spoken."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        door = _door(scope["path"])
        answering = _Answering(send, monotonic())
        try:
            await self._lead(door, scope, receive, answering)
        except MockatellError as error:
            LOG.error("%s %s failed: %s", scope["method"], scope["path"], error)
            await send_answer(answering, _failure(door))
        except Exception:
            LOG.exception("%s %s failed: a bug of mockatell's", scope["method"], scope["path"])
            if answering.status is not None:
                raise
            await send_answer(answering, _failure(door))
        if answering.status is not None:
            self._tell(door, scope, answering.status, answering.took)

    async def _lead(self, door: str, scope: Scope, receive: Receive, send: Send) -> None:
        if door == "one_api":
            await self._one_api(scope, receive, send)
        elif door == "control":
            await self._control(scope, receive, send)
        else:
            await send_answer(send, self._small(door, scope))

    def _small(self, door: str, scope: Scope) -> Answer:
        """The answer where there is nothing to read first."""
        method, path = scope["method"], scope["path"]
        if door == "page":
            return self._page.answer(method, path)
        if door == "none":
            return problem(404, f"there is nothing at {path}")
        if method not in ("GET", "HEAD"):
            return problem(405, f"{path} is only read", {"Allow": "GET, HEAD"})
        return self._operation(path, dict(scope["headers"]))

    def _operation(self, path: str, headers: dict[bytes, bytes]) -> Answer:
        if path != "/metrics" and self._sidecar.failure is not None:
            return text_answer(503, f"broken: {self._sidecar.failure}\n")
        if path == "/livez":
            return text_answer(200, "alive\n")
        if path == "/readyz":
            return text_answer(200, "ready\n") if self.ready else text_answer(503, "not ready\n")
        exposed = Answer(200, ((b"content-type", CONTENT_TYPE),), self._metrics.exposed())
        return self._access.refusal("GET", headers) or exposed

    def _tell(self, door: str, scope: Scope, status: int, took: float) -> None:
        method = scope["method"]
        self._metrics.answered(door, method, status, took)
        self._lines.write(monotonic(), door, method, scope["path"], status, took)


class _Answering:
    """A `send` that notes what was answered, and when."""

    def __init__(self, send: Send, started: float) -> None:
        self.status: int | None = None
        self.took = 0.0
        self._send = send
        self._started = started

    async def __call__(self, message: Message) -> None:
        if self.status is None and message["type"] == "http.response.start":
            self.status = message["status"]
            self.took = monotonic() - self._started
        await self._send(message)


def _door(path: str) -> str:
    if path in _OPERATIONS:
        return "operations"
    if path == "/" or path.startswith(page_files.PREFIX):
        return "page"
    if path == CONTROL or path.startswith(f"{CONTROL}/"):
        return "control"
    return "none" if path == _OURS or path.startswith(f"{_OURS}/") else "one_api"


def _failure(door: str) -> Answer:
    """What is answered where something of ours has failed."""
    if door != "one_api":
        return problem(500, "a bug of mockatell's; its log says more")
    response = refused_send(refuse(18)).response
    return Answer(response.status, ((b"content-type", b"application/json"),), response.body)
