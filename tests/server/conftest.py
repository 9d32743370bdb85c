"""A sidecar in a process of its own, an app that it calls back, and plain sockets."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from mockatell.client import Client

KEY = "a1b2c3d4e5f6g7h8i9j0kk=="


class App:
    """The customer's: keeps the callbacks that came, and answers as `status` says.

    While `hold` is not set it answers none, and sets `holding` once there is one to answer.
    """

    def __init__(self):
        self.status = 200
        self.hold = threading.Event()
        self.hold.set()
        self.holding = threading.Event()
        self.bodies = []
        app = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                if not app.hold.is_set():
                    app.holding.set()
                    app.hold.wait(30)
                app.bodies.append((self.path, body))
                self.send_response(app.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback"

    def events(self, kind="messageStatusUpdate"):
        """Every event of a kind that came."""
        return [each for _, body in self.bodies for each in body["event"].get(kind, ())]


@pytest.fixture(scope="module")
def app():
    served = App()
    thread = threading.Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.server.shutdown()
    served.server.server_close()
    thread.join()


class Serving:
    """`mockatell serve` as it runs."""

    def __init__(self, args, env):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MOCKATELL")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mockatell", "serve", "--port", "0", *map(str, args)],
            stderr=subprocess.PIPE,
            text=True,
            env=clean | {"PYTHONWARNINGS": "error"} | env,
        )
        self.lines = []
        self.url = None
        self._ready = threading.Event()
        self._more = threading.Condition()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()
        assert self._ready.wait(30)

    def _read(self):
        for line in self.process.stderr:
            with self._more:
                self.lines.append(line.rstrip("\n"))
                self._more.notify_all()
            found = re.search(r"is played at (http://[\w.:\[\]]+)", line)
            if found:
                self.url = found[1]
                self._ready.set()
        self._ready.set()

    def await_line(self, text):
        """Return once its log has a line with this in it."""
        with self._more:
            said = self._more.wait_for(lambda: any(text in line for line in self.lines), 30)
        assert said, self.lines

    def end(self):
        """Tell it to end; gives its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(30)
        self._reading.join()
        self.process.stderr.close()
        return code


@pytest.fixture(scope="module")
def serve():
    """Start a sidecar with these flags; ended at the end."""
    started = []

    def start(*args, env=None):
        serving = Serving(args, env or {})
        started.append(serving)
        return serving

    yield start
    for serving in started:
        serving.end()


@pytest.fixture(scope="module")
def serving(serve, app):
    """One that a module's tests share: fast, seeded, with a key."""
    flags = ("--target", app.url, "--api-key", KEY, "--seed", 7, "--pace", 0, "--retry", "none")
    return serve(*flags)


@pytest.fixture
def http(serving):
    """What an app talks to the One API with."""
    with httpx.Client(base_url=serving.url, headers={"Authorization": KEY}) as client:
        yield client


@pytest.fixture
def api(serving):
    """What a test talks to the control API with, where the typed client would be in the way."""
    with httpx.Client(base_url=f"{serving.url}/mockatell/api") as client:
        yield client


@pytest.fixture
def client(serving, app):
    """The typed client, of a sidecar that has forgotten what was before."""
    client = Client(serving.url)
    client.set_faults()
    client.set_speed(1)
    client.reset()
    app.bodies.clear()
    return client


@pytest.fixture
def speak(serving):
    """Send these bytes over a connection of its own; gives all that comes until it is closed."""

    def exchange(*chunks, timeout=10):
        address = serving.url.removeprefix("http://").split(":")
        with socket.create_connection(address, timeout) as connection:
            for chunk in chunks:
                connection.sendall(chunk)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    return exchange
