"""A command line's end as its tests look at it, and an endpoint that keeps what came."""

import json
import resource
import threading

import pytest


class Result:
    def __init__(self, ran):
        self.code = ran.returncode
        self.out = ran.stdout
        self.err = ran.stderr

    @property
    def lines(self):
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def cli(cli):
    """Run `mockatell` to its end, with so many file descriptors."""

    def run(*args, stdin=None, descriptors=None, **how):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        return Result(cli(*args, input=stdin, preexec_fn=limit if descriptors else None, **how))

    return run


class Endpoint:
    """A customer's endpoint: answers as `answer(body)` says, and keeps what came."""

    def __init__(self):
        self.received = []
        self.answer = lambda _body: 200
        self.arrived = threading.Event()

    def handle(self, _method, path, headers, body):
        self.received.append((path, dict(headers.items()), body))
        self.arrived.set()
        status = self.answer(body)
        return status, [("Location", "/elsewhere")] if 300 <= status < 400 else [], b""

    @property
    def events(self):
        return [json.loads(body)["event"] for _, _, body in self.received]


@pytest.fixture
def endpoint(listening):
    served = Endpoint()
    with listening(served.handle) as server:
        served.url = f"{server.url}/cb"
        yield served


@pytest.fixture
def scenario(tmp_path):
    """Write a scenario and give its path."""

    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write
