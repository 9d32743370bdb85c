"""The demo's receivers behind a real port, for a first run over HTTP; not for anything else."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

from mockatell.rooms.demo.receivers import respond

if TYPE_CHECKING:
    from mockatell.rooms.demo.receivers import Naive

MOST_BYTES = 32 * 1024 * 1024


def serve(receiver: Naive, host: str, port: int) -> ThreadingHTTPServer:
    """A server that is bound and not yet running; port 0 takes any that is free."""

    class Handler(_Handler):
        target = receiver
        lock = Lock()

    return _Server((host, port), Handler)


class _Server(ThreadingHTTPServer):
    # The library's own queue is of 5: Linux answers a few of the connections that a load opens at
    # once with a reset, which a load test would count against the receiver.
    request_queue_size = 4096

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up, which the library would tell with a traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    target: ClassVar[Naive]
    lock: ClassVar[Lock]

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            self._answer(413 if length.isdigit() else 411, b"{}")
            return
        self._respond("POST", self.rfile.read(int(length)))

    def do_GET(self) -> None:
        self._respond("GET", b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name
        """Say nothing: mockatell tells the story."""

    def _respond(self, method: str, body: bytes) -> None:
        with self.lock:
            status, answer = respond(self.target, method, self.path.partition("?")[0], body)
        self._answer(status, answer)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
