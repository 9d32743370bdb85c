"""WSGI apps in process (PEP 3333): one call for each exchange, on the calling thread."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

import httpx

from mockatell.shell.senders.bridge import incoming, outgoing
from mockatell.shell.senders.collected import Collected
from mockatell.shell.senders.wire import BODY_LIMIT, Header, Reply, Request

if TYPE_CHECKING:
    from mockatell.shell.senders.base import Timer

WsgiApp: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_OWN_KEYS: Final = {"CONTENT-TYPE": "CONTENT_TYPE", "CONTENT-LENGTH": "CONTENT_LENGTH"}


class WsgiTransport(httpx.BaseTransport):
    """Calls a WSGI app as a server would.

    Unlike `httpx.WSGITransport` it passes path, query and headers on byte for byte, and tells an
    answer that was given before something was raised from one that was not.

    Args:
        app: The app.
        timer: Monotonic seconds.
        body_limit: Bytes of an answer's body to read.
    """

    def __init__(self, app: WsgiApp, timer: Timer, *, body_limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._timer = timer
        self._body_limit = body_limit

    def exchange(self, request: Request) -> Reply:
        """Call the app."""
        talk = _Talk(Collected(self._timer, self._body_limit))
        try:
            talk.run(self._app, _environ(request))
        except Exception as error:  # noqa: BLE001 -- an app may raise anything
            return talk.answer.reply(error)
        return talk.answer.reply(talk.handled)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The same for httpx."""
        return outgoing(self.exchange(incoming(request, request.read())))


def _environ(request: Request) -> dict[str, Any]:
    location = request.location
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(location.path).decode("latin-1"),
        "QUERY_STRING": location.query.decode("latin-1"),
        "SERVER_NAME": location.host,
        "SERVER_PORT": str(location.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": location.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key, text = _key(name.decode("ascii").upper()), value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _key(name: str) -> str:
    return _OWN_KEYS.get(name) or f"HTTP_{name.replace('-', '_')}"


class _Talk:
    """One call of an app.

    Attributes:
        answer: What it has answered so far; the status counts from the first part of the body on.
        handled: What it has raised and answered itself (`exc_info` of `start_response`).
    """

    def __init__(self, answer: Collected) -> None:
        self.answer = answer
        self.handled: BaseException | None = None
        self._start: tuple[int, tuple[Header, ...]] | None = None

    def run(self, app: WsgiApp, environ: dict[str, Any]) -> None:
        """Call the app and read its answer, up to the limit."""
        parts = app(environ, self._start_response)
        try:
            for part in parts:
                self._write(part)
                if self.answer.whole:
                    return
            if self._start is not None:
                self.answer.start(*self._start)
                self.answer.end()
        finally:
            if hasattr(parts, "close"):
                parts.close()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        self.handled = exc_info[1] if exc_info else None
        if self.handled is not None and self.answer.status_code is not None:
            raise self.handled
        if self.handled is None and self._start is not None:
            raise RuntimeError("start_response was called twice")
        pairs = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)
        self._start = int(status.split(maxsplit=1)[0]), pairs
        return self._write

    def _write(self, part: bytes) -> None:
        if self._start is None:
            raise RuntimeError("a body came before start_response was called")
        if part:
            self.answer.start(*self._start)
            self.answer.add(part)
