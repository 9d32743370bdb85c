"""The same scenario through Locust: one process, forked workers, a master with workers."""

import itertools
import re
import signal
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
from contextlib import contextmanager
from importlib.util import find_spec

import pytest
import trustme

from mockatell.core.plan import plan
from mockatell.core.scenario.load import load

# Not imported here: Locust patches the whole process as it is imported.
pytestmark = pytest.mark.skipif(
    find_spec("locust") is None, reason="the extra locust is not installed"
)

TOTALS = re.compile(
    r"(?P<callbacks>[\d,]+) callbacks, (?P<deliveries>[\d,]+) deliveries in (?P<attempts>[\d,]+) "
    r"attempts: (?P<acknowledged>[\d,]+) acknowledged, (?P<redirected>[\d,]+) redirected, "
    r"(?P<exhausted>[\d,]+) given up, (?P<pending>[\d,]+) pending"
)


def totals_of(said):
    found = TOTALS.search(said)
    assert found, said
    return {name: int(number.replace(",", "")) for name, number in found.groupdict().items()}


@pytest.fixture
def locustfile(cli):
    return cli("load", "--locustfile").stdout.strip()


@pytest.fixture
def locust(process):
    """Start `locust`, with all that it says as its output."""
    command = (sys.executable, "-m", "locust", "--headless", "--only-summary")
    return lambda *args: process([*command, *map(str, args)], stderr=subprocess.STDOUT)


def ended(process):
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


@pytest.fixture
def planned(scenario):
    return list(plan(load(scenario, env={}), seed=11, epoch_ms=0))


def assert_played(endpoint, planned, totals):
    """The totals are the plan's, and each callback came as often as it was tried."""
    assert totals["deliveries"] == totals["acknowledged"] == len(planned)
    assert totals["callbacks"] == len({each.origin for each in planned}) == len(endpoint.bodies)
    assert totals["attempts"] == sum(endpoint.bodies.values()) > len(planned)


def test_one_process_plays_the_whole_plan(locust, locustfile, endpoint, scenario, planned):
    code, said = ended(
        locust("-f", locustfile, "--scenario", scenario, "--host", endpoint.url, "-u8", "-r8")
    )
    assert code == 0, said
    assert_played(endpoint, planned, totals_of(said))
    assert "ack_lost" in said  # in Locust's own list of errors


def test_forked_workers_split_the_plan(locust, locustfile, endpoint, scenario, planned):
    code, said = ended(
        locust("-f", locustfile, "--scenario", scenario, "--host", endpoint.url, "-u8", "-r8",
               "--processes", "2")
    )  # fmt: skip
    assert code == 0, said
    assert "share 1 of 2" in said
    assert "share 2 of 2" in said
    assert_played(endpoint, planned, totals_of(said))


@pytest.fixture
def fleet(locust, endpoint, scenario, tmp_path, free_port):
    """Start a master and two workers, who are told nothing but where their master is."""
    (tmp_path / "mine.py").write_text(
        "from mockatell.locustfile import MockatellUser\n__all__ = ['MockatellUser']\n"
    )

    def start(*args):
        port = free_port()
        where = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port)
        what = ("--scenario", scenario, "--host", endpoint.url, "-u8", "-r8", *args)
        master = locust("-f", "mine.py", "--master", *where, "--expect-workers", "2", *what)
        worker = ("-f", "mine.py", "--worker", "--master-port", port)
        return master, [locust(*worker) for _ in range(2)]

    return start


def test_a_master_and_its_workers_split_the_plan(fleet, endpoint, planned):
    master, workers = fleet()
    code, said = ended(master)
    assert code == 0, said
    assert_played(endpoint, planned, totals_of(said))
    assert [ended(worker)[0] for worker in workers] == [0, 0]


@pytest.fixture
def reached(endpoint):
    """Set once the endpoint has something."""
    came, take = threading.Event(), endpoint.server.handle

    def handle(*request):
        came.set()
        return take(*request)

    endpoint.server.handle = handle
    return came


@pytest.mark.parametrize(
    ("killed", "how"),
    [
        (1, ("--set", "messages.0.over=4s")),  # ends once the other one is done
        (2, ("--set", "messages.0.over=4s")),
        (1, ("--rate", "50/s", "-t", "3s")),
    ],
)
def test_a_worker_that_is_killed_is_exit_1(fleet, reached, killed, how):
    master, workers = fleet(*how)
    assert reached.wait(20)
    for worker in workers[:killed]:
        worker.kill()
    code, said = ended(master)
    assert f"{killed} of 2 workers lost" in said
    assert code == 1, said


def test_a_load_that_somebody_ends_has_no_worker_lost(fleet, reached):
    master, _ = fleet("--rate", "50/s")
    assert reached.wait(20)
    master.send_signal(signal.SIGINT)
    code, said = ended(master)
    assert code == 0, said
    assert totals_of(said)["acknowledged"] > 0


def test_a_rate_that_the_master_is_told_is_its_workers_too(fleet):
    code, said = ended(fleet("--rate", "100/s", "-t", "3s")[0])
    assert code == 0, said
    assert 150 < totals_of(said)["callbacks"] < 400  # the plan itself has 140


def test_what_a_user_was_sending_as_users_get_fewer_is_sent_by_another(
    locust, endpoint, scenario, planned, tmp_path
):
    (tmp_path / "fewer.py").write_text("""
from locust import LoadTestShape
from mockatell.locustfile import MockatellUser

class Fewer(LoadTestShape):
    def tick(self):
        return (6, 6) if self.get_run_time() < 2 else (1, 6)
""")
    ends, take, lock = threading.Event(), endpoint.server.handle, threading.Lock()
    waiting = []

    def handle(*request):
        with lock:
            first = len(waiting) < 6
            waiting.append(first)
        if first:
            ends.wait(20)  # every user waits for its answer as their number falls
        return take(*request)

    endpoint.server.handle = handle
    try:
        code, said = ended(
            locust("-f", "fewer.py", "--scenario", scenario, "--host", endpoint.url,
                   "--set", "endpoints.timeout=4s")
        )  # fmt: skip
    finally:
        ends.set()
    assert totals_of(said)["acknowledged"] == len(planned)
    assert code == 0, said


TWO_ROLES = """
name: two-roles
seed: 11
endpoints:
  status: {{url: "{status}", tls: {{ca: ca.pem}}, timeout: 20s}}
  reply: {{url: "{reply}", tls: {{insecure: true}}, timeout: 300ms}}
retry: none
messages:
  - {{count: 4, over: 200ms, steps: [{{status: DEVICE_ACK, after: 0s}}]}}
  - {{count: 3, over: 200ms, reply: moText}}
"""


@pytest.fixture
def secure(listening):
    """An endpoint over TLS whose certificate is of an authority of its own."""

    @contextmanager
    def serve(handle):
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        with listening(handle) as server:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            yield server.url.replace("http:", "https:"), authority

    return serve


def test_each_role_has_its_own_timeout_and_trust(locust, locustfile, secure, tmp_path):
    came, ends = [], threading.Event()

    def hang(*_):
        came.append("reply")
        ends.wait(20)
        return 200, [], b""

    def take(*_):
        came.append("status")
        return 200, [], b""

    with secure(take) as (status, authority), secure(hang) as (reply, _):
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        path = tmp_path / "roles.yaml"
        path.write_text(TWO_ROLES.format(status=status, reply=reply))
        code, said = ended(locust("-f", locustfile, "--scenario", path, "-u1", "-r1"))
        ends.set()
    assert code == 1
    totals = totals_of(said)
    assert (totals["acknowledged"], totals["exhausted"]) == (4, 3), said
    assert sorted(came) == ["reply"] * 3 + ["status"] * 4
    assert "timed_out" in said, said


def test_what_the_answer_says_is_not_decoded(locust, locustfile, listening, scenario):
    answer = (200, [("Content-Encoding", "compress")], b"not compressed")
    with listening(lambda *_: answer) as server:
        code, said = ended(
            locust("-f", locustfile, "--scenario", scenario, "--host", server.url, "-u4", "-r4")
        )
    assert code == 0, said


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Rude(socketserver.BaseRequestHandler):
    """Ends a connection each time in another way."""

    ways = (
        lambda _: None,
        lambda it: it.sendall(b"not HTTP at all"),
        lambda it: it.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
        reset,
    )

    def handle(self):
        self.request.recv(65536)
        self.ways[next(self.server.turn) % len(self.ways)](self.request)


def test_what_came_instead_of_an_answer_is_told(locust, locustfile, running, scenario):
    server = socketserver.TCPServer(("127.0.0.1", 0), Rude)
    server.turn = itertools.count()
    with running(server):
        url = f"http://127.0.0.1:{server.server_address[1]}/cb"
        _, said = ended(
            locust("-f", locustfile, "--scenario", scenario, "--host", url, "-u1", "-r1",
                   "--set", "faults=[]", "--set", "retry=none")
        )  # fmt: skip
    told = re.findall(r"POST \w+: (\w+ \w+)", said)
    assert set(told) == {"unreachable closed", "unreachable not_http", "unreachable reset"}


def test_trust_that_cannot_be_read_is_exit_2(locust, locustfile, scenario):
    code, said = ended(
        locust("-f", locustfile, "--scenario", scenario, "--host", "https://127.0.0.1:1/cb",
               "--set", "endpoints.tls.ca=nosuch.pem")
    )  # fmt: skip
    assert code == 2
    assert re.search("mockatell: tls: cannot use the CA certificates in .*nosuch.pem", said)


def test_what_is_given_up_is_exit_1(locust, locustfile, endpoint, scenario, planned):
    endpoint.status = 500
    code, said = ended(
        locust("-f", locustfile, "--scenario", scenario, "--host", endpoint.url, "-u8", "-r8")
    )
    totals = totals_of(said)
    assert code == 1
    assert totals["exhausted"] == len(planned)
    assert totals["attempts"] == 4 * len(planned)


def test_an_endpoint_that_accepts_nothing_is_exit_1_though_all_is_pending(
    locust, locustfile, endpoint, scenario
):
    endpoint.status = 404
    code, said = ended(
        locust("-f", locustfile, "--scenario", scenario, "--host", endpoint.url, "-u4", "-r4",
               "--rate", "20/s", "-t", "2s", "--set", "retry=one-api")
    )  # fmt: skip
    assert code == 1, said
    assert totals_of(said)["exhausted"] == 0
    assert "nothing was accepted" in said


def test_what_cannot_be_used_is_said(locust, locustfile):
    code, said = ended(locust("-f", locustfile, "--scenario", "nosuch", "--host", "http://x"))
    assert code == 2
    assert "nosuch" in said


def test_elsewhere_needs_permission(locust, locustfile, scenario):
    code, said = ended(
        locust("-f", locustfile, "--scenario", scenario, "--host", "http://192.0.2.1/cb", "-u1")
    )
    assert code == 2
    assert "--i-own-this-endpoint" in said


def test_much_that_a_scenario_itself_asks_for_needs_permission(locust, locustfile, scenario):
    code, said = ended(
        locust("-f", locustfile, "--scenario", scenario, "--host", "http://127.0.0.1:1/cb",
               "--set", "messages.0.over=2h")
    )  # fmt: skip
    assert code == 2
    assert "--i-own-this-endpoint" in said
