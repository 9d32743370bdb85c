"""An endpoint that counts, and loads as they came out."""

import json
from collections import Counter
from threading import Event

import pytest

from mockatell.core.load.result import (
    Ends,
    LoadResult,
    Offer,
    Outage,
    Resilience,
    Second,
    Stage,
    Timings,
    Totals,
    Traffic,
    Validity,
)
from mockatell.core.load.spread import Counts
from mockatell.model import RunStarted


class Endpoint:
    """A customer's endpoint: answers with `status`, counts bodies, and gives accounts of them."""

    def __init__(self):
        self.status = 200
        self.takes = 0.0
        self.knows = 200
        self.forgets = 0
        self.bodies = Counter()
        self.account = lambda: sum(self.bodies.values())

    def handle(self, method, _path, _headers, body):
        if method == "GET":
            if self.forgets:
                self.forgets -= 1
                return 404, [], b""
            return self.knows, [], json.dumps(self.account()).encode()
        self.bodies[body] += 1
        Event().wait(self.takes)
        return self.status, [], b""


@pytest.fixture
def endpoint(listening):
    served = Endpoint()
    with listening(served.handle) as served.server:
        served.url = f"{served.server.url}/cb"
        yield served


@pytest.fixture
def scenario(tmp_path):
    """Messages with lives and replies, duplicates and lost acknowledgements, over in a second."""
    path = tmp_path / "quick.yaml"
    path.write_text("""
name: quick
seed: 11
endpoints: {status: "http://localhost:1/s", reply: "http://localhost:1/r"}
retry: {schedule: [100ms, 100ms, 100ms], attempts: 4}
messages:
  - count: 60
    over: 800ms
    steps: [{status: SENT_TO_SUPPLIER, after: 0s}, {status: DEVICE_ACK, after: 100ms}]
  - {count: 20, over: 800ms, reply: moText}
faults:
  - duplicate: {probability: 0.3, within: 100ms}
  - lose_ack: {probability: 0.1}
""")
    return path


def spread(*seconds):
    counts = Counts()
    counts.add(seconds)
    return counts.spread()


def second(at, **changes):
    fields = {
        "offered": 100, "sent": 100, "completed": 100, "acknowledged": 100, "errors": 0,
        "in_flight": 1, "backlog": 0, "retries_pending": 0, "waiting": 0,
        "p50": 0.01, "p99": 0.05, "lag": 0.0005, "busy": 0.1,
    }  # fmt: skip
    return Second(at, **fields | changes)


@pytest.fixture
def measured():
    """A load of 20 seconds that went well; with changes, one that did not."""

    def make(**changes):
        times = Timings(
            latency=spread(*[0.01] * 98, 0.2, 0.4),
            service=spread(*[0.009] * 98, 0.1, 0.2),
            lag=spread(*[0.0001] * 100),
        )
        fields = {
            "started": RunStarted(
                "1.0", "mix", 7, 1_767_225_600_000,
                endpoints={"status": "http://app:8000/cb?key=***"}, replay="mockatell load mix",
            ),
            "offer": Offer(
                "open", 20.0, start=100.0, stages=(Stage(20.0, 100.0),), max_in_flight=50
            ),
            "took": 20.1,
            "interrupted": False,
            "totals": Totals(1900, 2000, 2200, 1980, 5, 5, 10, 200, 100, 0, 0, 0),
            "offered": 100.0,
            "achieved": 109.5,
            "goodput": 98.5,
            "answered_for": 20.1,
            "timings": times,
            "kinds": {"messageStatusUpdate": times, "moText": Timings()},
            "status_codes": {"200": 1980, "302": 5, "503": 150},
            "outcomes": {"acknowledged": 1980, "redirected": 5, "rejected": 150, "timed_out": 65},
            "troubles": {"timeout": 65},
            "details": {"timeout": "no answer in 5s"},
            "traffic": Traffic(700_000, 300_000, 12, 1988),
            "seconds": tuple(second(at) for at in range(20)),
            "validity": Validity(True, (), 0.0001, 0.2),
            "resilience": Resilience(1.1, 30, 4, (Outage(3, 6, 30, 4, 2.0),)),
            "peak_memory": 50_000_000,
        }  # fmt: skip
        fields |= changes
        came_to = (fields[name] for name in ("outcomes", "status_codes", "troubles"))
        of_role = {"ends": {"status": Ends(*came_to)}, "roles": {"status": fields["timings"]}}
        return LoadResult(**of_role | fields)

    return make


@pytest.fixture
def seconds():
    """So many seconds, each as the function of its number says."""
    return lambda number, of: tuple(second(at, **of(at)) for at in range(number))


@pytest.fixture
def invalid():
    return Validity(False, ("the generator was late",), 0.05, 0.99)
