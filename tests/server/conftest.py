"""A sidecar in a process of its own, an app that it calls back, and plain sockets."""

import json
import re
import socket
import subprocess
import threading

import httpx
import pytest

from mockatell.client import Client

KEY = "a1b2c3d4e5f6g7h8i9j0kk=="


class App:
    """The customer's: keeps the callbacks that came, and answers as `status` says.

    It knows no method but POST. While `hold` is not set it answers none, and sets `holding` once
    there is one to answer.
    """

    def __init__(self):
        self.status = 200
        self.hold = threading.Event()
        self.hold.set()
        self.holding = threading.Event()
        self.bodies = []

    def handle(self, method, path, _headers, body):
        if method != "POST":
            return 501, [], b""
        event = json.loads(body)
        if not self.hold.is_set():
            self.holding.set()
            self.hold.wait(30)
        self.bodies.append((path, event))
        return self.status, [], b""

    def events(self, kind="messageStatusUpdate"):
        """Every event of a kind that came."""
        return [each for _, body in self.bodies for each in body["event"].get(kind, ())]


@pytest.fixture(scope="module")
def app(listening):
    served = App()
    with listening(served.handle) as server:
        served.url = f"{server.url}/callback"
        yield served


class Serving:
    """`mockatell serve` as it runs."""

    def __init__(self, command_line):
        self.process = subprocess.Popen(**command_line, stderr=subprocess.PIPE, text=True)
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
def serve(command_line):
    """Start a sidecar with these flags; ended at the end."""
    started = []

    def start(*args, env=None):
        serving = Serving(command_line("serve", "--port", 0, *args, env=env))
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
