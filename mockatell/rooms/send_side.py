"""The room for the other direction: the app under test sends, the test sees what was sent.

One stand-in for the One API, reached in three ways: as an httpx transport, as respx routes, and as
a live server on loopback. Ids that it hands out are those that the statuses then carry.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import httpx

from mockatell.clickatell.standin import ApiRequest, SentMessage, Standin, StandinSettings
from mockatell.core.drafts import draft_of
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockatell.clickatell.standin import ApiResponse
    from mockatell.core.drafts import Draft

PLATFORM = "https://platform.clickatell.com"
MOST_BYTES = 32 * 1024 * 1024
POLL = 0.01  # seconds until a live stand-in notices that it is to stop


class SendSide:
    """Clickatell as the app under test sends to it.

    Args:
        seed: Draws the ids that are handed out.
        now_ms: Unix time in milliseconds, for the 24-hour window and schedules.
        settings: What the stand-in lets in, and how it answers.

    Attributes:
        sent: Every message that was accepted, in order.
        transport: For the app's own `httpx.Client` or `httpx.AsyncClient`.
    """

    def __init__(
        self, seed: int, now_ms: Callable[[], int], settings: StandinSettings | None = None
    ) -> None:
        self.sent: list[SentMessage] = []
        self.transport = StandinTransport(self)
        self._standin = Standin(settings, seed=seed)
        self._now_ms = now_ms
        self._lock = Lock()
        self._server: ThreadingHTTPServer | None = None
        self._thread: Thread | None = None

    def handle(self, request: ApiRequest) -> ApiResponse:
        """Answer one request of the app's."""
        with self._lock:
            handled = self._standin.handle(request, self._now_ms())
            self.sent += handled.accepted
        return handled.response

    def answer(self, request: httpx.Request) -> httpx.Response:
        """As `handle`, for httpx and respx."""
        response = self.handle(_incoming(request))
        return httpx.Response(
            response.status, headers=list(response.headers), content=response.body
        )

    def mock(self, router: Any, base_url: str = PLATFORM) -> Any:
        """Let a `respx` router answer for the platform; gives its route."""
        return router.route(url__startswith=base_url).mock(side_effect=self.answer)

    @property
    def url(self) -> str:
        """The base URL of a live stand-in on 127.0.0.1, started when it is first asked for."""
        server = self._server or self.listen("127.0.0.1", 0)
        return f"http://127.0.0.1:{server.server_port}"

    def listen(self, host: str, port: int) -> ThreadingHTTPServer:
        """Start a live stand-in; port 0 takes any that is free.

        Raises:
            ConfigurationError: Nothing can listen there.
        """
        try:
            self._server = _listening(self, host, port)
        except (OSError, OverflowError) as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error}") from None
        self._thread = Thread(target=self._server.serve_forever, args=(POLL,), daemon=True)
        self._thread.start()
        return self._server

    def statuses(self, *messages: SentMessage) -> tuple[Draft, ...]:
        """What will happen to these messages, or to all: events to `mockatell.deliver`."""
        return tuple(self._events(messages or tuple(self.sent)))

    def _events(self, messages: Iterable[SentMessage]) -> Iterable[Draft]:
        for message in messages:
            for stage in message.destiny:
                yield draft_of(stage, message.conversation, message.answer)

    def close(self) -> None:
        """Stop the live stand-in, if there is one."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


class StandinTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The stand-in as a transport: `httpx.Client(transport=clickatell.transport)`."""

    def __init__(self, send_side: SendSide) -> None:
        self._send_side = send_side

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a `Client`."""
        request.read()
        return self._send_side.answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an `AsyncClient`."""
        await request.aread()
        return self._send_side.answer(request)


def _incoming(request: httpx.Request) -> ApiRequest:
    return ApiRequest(
        request.method,
        request.url.path,
        request.url.query.decode("ascii"),
        tuple(request.headers.items()),
        request.content,
    )


def _listening(send_side: SendSide, host: str, port: int) -> ThreadingHTTPServer:
    class Handler(_Handler):
        side = send_side

    return ThreadingHTTPServer((host, port), Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    side: SendSide

    def do_GET(self) -> None:
        self._respond()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 -- the names http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name
        """Say nothing: the test asserts."""

    def _respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES:
            self.close_connection = True
            self.send_error(413)
            return
        path, _, query = self.path.partition("?")
        headers = tuple(self.headers.items())
        body = self.rfile.read(length)
        response = self.side.handle(ApiRequest(self.command, path, query, headers, body))
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)
