"""The same scenario through Locust: one process, forked workers, a master with workers."""

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

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


def test_a_master_and_its_workers_split_the_plan(
    locust, endpoint, scenario, planned, tmp_path, free_port
):
    (tmp_path / "mine.py").write_text(
        "from mockatell.locustfile import MockatellUser\n__all__ = ['MockatellUser']\n"
    )
    port = free_port()
    common = ("-f", "mine.py", "--scenario", scenario)
    where = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port)
    load = ("--expect-workers", "2", "--host", endpoint.url, "-u8", "-r8")
    master = locust(*common, "--master", *where, *load)
    workers = [locust(*common, "--worker", "--master-port", port) for _ in range(2)]
    code, said = ended(master)
    assert code == 0, said
    assert_played(endpoint, planned, totals_of(said))
    assert [ended(worker)[0] for worker in workers] == [0, 0]


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
