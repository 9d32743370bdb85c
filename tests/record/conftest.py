"""Recordings made in memory, and a proxy on a real port in a thread of its own."""

import asyncio
import json
import threading

import pytest

from mockatell.clickatell.hearing import hear
from mockatell.core.recording.recorder import Recorder
from mockatell.core.recording.writing import as_scenario
from mockatell.rooms.record import Proxy, RecordWishes
from mockatell.shell.clock import RealClock, monotonic
from mockatell.shell.drivers.asynchronous import Stop
from mockatell.shell.filing import WholeFile
from mockatell.shell.listening import bind, url_of

EPOCH_MS = 1_767_225_600_000


@pytest.fixture(scope="session")
def envelope():
    """A body with events in it."""

    def make(kind, *events, **more):
        whole = {"integrationId": "i", "integrationName": "n", "event": {kind: list(events)}}
        return json.dumps(whole | more).encode()

    return make


@pytest.fixture(scope="session")
def status(envelope):
    """A status of a message, `at` seconds after the epoch."""

    def make(name, code, at=0.0, message_id="m1", channel="whatsapp", **more):
        event = {
            "channel": channel,
            "timestamp": EPOCH_MS + round(at * 1000),
            "statusCode": code,
            "status": name,
            "messageId": message_id,
            "clientMessageId": None,
        }
        return envelope("messageStatusUpdate", event | more)

    return make


@pytest.fixture(scope="session")
def text(envelope):
    """What somebody writes."""

    def make(content, at=0.0, user="447700900123", related=None, channel="sms", **more):
        event = {
            "channel": channel,
            "messageId": f"reply to {related}",
            "relatedMessageId": related,
            "relatedClientMessageId": None,
            "from": user,
            "to": "447700900999",
            "timestamp": EPOCH_MS + round(at * 1000),
            "content": content,
            "charset": "UTF-8",
        }
        return envelope("moText", event | more)

    return make


@pytest.fixture(scope="session")
def written():
    """The YAML of bodies, each with the time at which it came."""

    def write(arrivals, *, key=1, keep=(), ids=False, answer=200):
        recorder = Recorder(key, keep=keep, ids=ids)
        for at, body in arrivals:
            recorder.take(body, at)
            recorder.answered(body, answer)
        return as_scenario(recorder.recording(), name="recorded", ids=ids)

    return write


@pytest.fixture(scope="session")
def heard():
    """What a body of one event tells, and what is odd."""

    def listen(body):
        letter = hear(body)
        return letter.events[0] if letter.events else None, list(letter.odd)

    return listen


class Running:
    """A proxy that goes on until it is ended."""

    def __init__(self, path, wishes):
        self.path = path
        self.passed = []
        self.warnings = []
        self.arrived = threading.Condition()
        self.recording = None
        self.error = None
        self._listener = bind("127.0.0.1", 0)
        self.url = url_of(self._listener)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(wishes),))
        self._thread.start()
        self._ready.wait()

    async def _run(self, wishes):
        self._loop, self._stop = asyncio.get_running_loop(), Stop()
        file = WholeFile(str(self.path), overwrite=True)
        proxy = Proxy(
            wishes, file, RealClock(), monotonic, tell=self._tell, warn=self.warnings.append
        )
        self._ready.set()
        try:
            self.recording = await proxy.record(self._listener, self._stop)
        except Exception as error:  # noqa: BLE001 -- told to the test
            self.error = error

    def _tell(self, passed):
        with self.arrived:
            self.passed.append(passed)
            self.arrived.notify_all()

    def wait_for(self, number):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.passed) >= number, timeout=20)

    def join(self):
        self._thread.join(20)
        assert not self._thread.is_alive()

    def end(self):
        """Stop it; what it wrote."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop)
        self.join()
        return self.path.read_text(encoding="utf-8") if self.path.exists() else None


@pytest.fixture
def proxy(tmp_path):
    """Start a proxy that writes to a file."""
    running = []

    def start(name="recorded.yaml", **wishes):
        running.append(Running(tmp_path / name, RecordWishes(**wishes)))
        return running[-1]

    yield start
    for each in running:
        each.end()
