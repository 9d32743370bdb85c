"""`mockatell load` and `mockatell report`, as whoever runs them meets them."""

import json
import os
import pty
import re
import resource
import subprocess
import urllib.request
from functools import partial
from pathlib import Path

import pytest

QUICK = ("--rate", "200/s", "--duration", "500ms", "--seed", "5", "-q")


@pytest.fixture
def load(cli, endpoint, scenario):
    """Run a short load against the endpoint."""
    return lambda *more: cli("load", scenario, "--target", endpoint.url, *QUICK, *more)


def test_thresholds_that_hold_are_exit_0_or_2_where_this_machine_was_late(load):
    ran = load("--threshold", "rejected == 0", "--threshold", "p(99) < 1h", "--output", "json")
    report = json.loads(ran.stdout)
    assert [each["held"] for each in report["thresholds"]] == [True, True]
    assert ran.returncode == report["exit_code"] == (0 if report["validity"]["valid"] else 2)
    assert report["totals"]["attempts"] > 90


def test_a_threshold_that_fails_is_exit_1(load):
    ran = load("--threshold", "p(50) < 0ms")
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.startswith("FAILED")
    assert "p(50) < 0ms (was" in ran.stdout


@pytest.mark.parametrize("clause", ["p99 < 1s", "nonsense < 1", "p(99)", ""])
def test_a_threshold_that_cannot_be_read_is_exit_2_before_anything_is_sent(load, endpoint, clause):
    ran = load("--threshold", clause)
    assert ran.returncode == 2
    assert "known are p(99)" in ran.stderr
    assert not endpoint.bodies


def test_the_target_is_resolved_and_shown(load):
    assert re.search(r"http://127\.0\.0\.1:\d+/cb is 127\.0\.0\.1 \(loopback\)", load().stderr)


def test_a_public_target_needs_permission(cli, scenario):
    ran = cli("load", scenario, "--target", "http://192.0.2.1/cb?key=s3cret", *QUICK)
    assert ran.returncode == 2
    assert "http://192.0.2.1/cb?key=*** is 192.0.2.1 (public)" in ran.stderr
    assert "--i-own-this-endpoint says that it is yours" in ran.stderr
    assert "s3cret" not in ran.stderr


@pytest.mark.parametrize("more", [("--rate", "60000/s"), ("--duration", "2h")])
def test_too_much_needs_permission(cli, endpoint, scenario, more):
    ran = cli("load", scenario, "--target", endpoint.url, "--rate", "1/s", *more)
    assert ran.returncode == 2
    assert "--i-own-this-endpoint" in ran.stderr


@pytest.mark.parametrize("messages", ["{rate: 90000/s, for: 2s, reply: moText}",
                                      "{rate: 1/s, for: 3h, reply: moText}"])  # fmt: skip
def test_too_much_of_a_scenario_s_own_times_needs_permission(cli, endpoint, tmp_path, messages):
    path = tmp_path / "much.yaml"
    path.write_text(f"name: much\nendpoints: {{reply: '{endpoint.url}'}}\nmessages: [{messages}]\n")
    ran = cli("load", path, "-q")
    assert ran.returncode == 2
    assert "scenario much: " in ran.stderr
    assert "--i-own-this-endpoint" in ran.stderr
    assert not endpoint.bodies


@pytest.fixture
def few_files():
    """What gives a program so few open files."""
    return lambda number: {
        "preexec_fn": partial(resource.setrlimit, resource.RLIMIT_NOFILE, (number, number))
    }


@pytest.mark.parametrize("more", [(), ("--find-limit",), ("--max-in-flight", "100")])
def test_too_few_descriptors_are_said_and_nothing_is_sent(cli, endpoint, scenario, few_files, more):
    ran = cli("load", scenario, "--target", endpoint.url, "--rate", "50/s", *more, **few_files(64))
    needed = 164 if "--max-in-flight" in more else 80
    assert ran.returncode == 2
    assert f"may have 64: raise the limit (ulimit -n {needed})\n" in ran.stderr
    assert not endpoint.bodies


def test_a_limit_of_descriptors_is_told_and_blamed(cli, endpoint, scenario, few_files):
    endpoint.takes = 0.4
    ran = cli("load", scenario, "--target", endpoint.url, *QUICK, **few_files(90))
    words = " ".join(ran.stdout.split())
    assert "26 at most: ulimit -n leaves no room for more" in words
    assert "26 exchanges were in flight at times, all that this machine's limit" in words
    assert "did not keep up" not in words


def test_nothing_there_is_exit_3(cli, scenario, free_port):
    ran = cli("load", scenario, "--target", f"http://127.0.0.1:{free_port()}/cb", *QUICK,
              "--threshold", "p(99) < 1s")  # fmt: skip
    assert ran.returncode == 3
    assert ran.stdout.startswith("UNREACHABLE")
    assert "generator" not in ran.stdout


@pytest.mark.parametrize("more", [(), ("--find-limit",)])
def test_a_host_without_an_address_is_exit_3_at_once(cli, scenario, more):
    ran = cli("load", scenario, "--target", "http://no.such.host.invalid/cb", *QUICK, *more)
    assert ran.returncode == 3
    assert "http://no.such.host.invalid/cb has no address" in ran.stderr
    assert ran.stdout == ""


def test_one_of_two_endpoints_that_is_not_there_is_named(load, free_port):
    ran = load("--reply-url", f"http://127.0.0.1:{free_port()}/reply", "--threshold", "p(99) < 1h")
    assert ran.returncode == 1
    assert ran.stdout.startswith("FAILED")
    assert "Nothing was accepted at the reply endpoint: refused" in ran.stdout


@pytest.mark.parametrize("status", [404, 500])
def test_an_endpoint_that_accepts_nothing_is_exit_1_without_a_threshold(load, endpoint, status):
    endpoint.status = status
    ran = load()
    assert ran.returncode == 1
    assert f"Nothing was accepted: {status}" in ran.stdout


def test_reports_in_every_format_and_from_the_saved_result(load, cli, tmp_path):
    files = [f"r{ending}" for ending in (".html", ".json", ".csv", ".xml", ".txt")]
    wanted = [word for file in files for word in ("--report", file)]
    ran = load(*wanted, "--save", "saved.json", "--threshold", "p(99) < 1h")
    assert all((tmp_path / file).stat().st_size for file in files)
    again = cli("report", "saved.json")
    assert (again.returncode, again.stdout) == (ran.returncode, ran.stdout)
    for file, format_ in zip(files, ("html", "json", "csv", "junit", "text"), strict=True):
        told = cli("report", "saved.json", "--format", format_)
        assert told.stdout == (tmp_path / file).read_text()
    assert ran.stdout == (tmp_path / "r.txt").read_text()  # off a terminal, in no other width
    assert load(*wanted, "--save", "saved.json", "--set", "name=again").stdout != ran.stdout
    assert all("again" in (tmp_path / file).read_text() for file in (*files[:2], *files[3:]))


def test_a_report_that_has_no_such_format_is_refused_before_the_load(load, endpoint):
    ran = load("--report", "x.har")
    assert ran.returncode == 2
    assert ".html (html)" in ran.stderr
    assert not endpoint.bodies


@pytest.mark.parametrize("flag", ["--save", "--report"])
@pytest.mark.parametrize(
    ("name", "holds", "said"),
    [
        ("mine.json", '{"mine": 1}', "is there and is no json of a load: it is not overwritten"),
        ("nowhere/x.json", None, "there is no folder nowhere"),
        ("folder.json/", None, "is a folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_load(
    load, endpoint, tmp_path, flag, name, holds, said
):
    (tmp_path / "folder.json").mkdir()
    if holds:
        (tmp_path / name).write_text(holds)
    ran = load(flag, name)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert not endpoint.bodies
    assert not holds or (tmp_path / name).read_text() == holds


@pytest.mark.parametrize("ending", [".html", ".csv", ".xml", ".txt"])
def test_a_file_of_somebody_else_s_is_no_report(load, endpoint, tmp_path, ending):
    theirs = tmp_path / f"theirs{ending}"
    theirs.write_text("<!doctype html><title>theirs</title> mockatell\n")
    ran = load("--report", theirs.name)
    assert ran.returncode == 2
    assert "it is not overwritten" in ran.stderr
    assert not endpoint.bodies


def test_the_scenario_is_not_overwritten_by_its_result(load, scenario):
    before = scenario.read_text()
    assert load("--save", scenario).returncode == 2
    assert scenario.read_text() == before


def test_a_result_that_is_not_there_is_said(load, cli):
    load("--save", "a.json")
    ran = cli("report", "a.json", "--against", "nofile.json")
    assert ran.returncode == 2
    assert "--against nofile.json: there is no such file" in ran.stderr


def test_a_load_is_no_har_and_a_journal_no_csv(load, cli, tmp_path):
    load("--save", "saved.json")
    assert "a load test is not told as har" in cli("report", "saved.json", "--format", "har").stderr
    (tmp_path / "j.jsonl").write_text("{}")
    assert "a journal is not told as csv" in cli("report", "j.jsonl", "--format", "csv").stderr


def test_two_loads_are_compared(load, cli):
    load("--save", "a.json")
    ran = cli("report", "a.json", "--against", "a.json")
    assert ran.returncode == 2
    assert "less than 10 seconds, so nothing can be said" in ran.stdout
    told = cli("report", "a.json", "--against", "a.json", "--format", "json")
    assert json.loads(told.stdout)["verdict"] == "missing_evidence"


def test_a_load_is_compared_with_a_load(load, cli, tmp_path):
    load("--save", "a.json")
    (tmp_path / "j.jsonl").write_text("{}")
    assert "not the result" in cli("report", "a.json", "--against", "j.jsonl").stderr
    assert "--against compares" in cli("report", "j.jsonl", "--against", "a.json").stderr


def test_a_damaged_result_is_said(load, cli, tmp_path):
    load("--save", "a.json")
    whole = (tmp_path / "a.json").read_text()
    (tmp_path / "a.json").write_text(whole[: len(whole) // 2])
    ran = cli("report", "a.json")
    assert ran.returncode == 2
    assert "a.json: not the result of a load test" in ran.stderr


def test_the_receiver_s_own_count_agrees(load, endpoint):
    endpoint.account = lambda: len(endpoint.bodies)
    ran = load("--receiver-count", endpoint.url, "--output", "json", "--set", "retry=none")
    found = json.loads(ran.stdout)["verification"]
    assert found["lost"] == found["doubled"] == 0
    assert found["counted"] == len(endpoint.bodies) >= found["acknowledged"] > 0


def test_lost_and_doubled_effects_are_named(load, endpoint):
    endpoint.account = lambda: max(len(endpoint.bodies) - 50, 0)
    ran = load("--receiver-count", endpoint.url, "--settle", "0s")
    assert ran.returncode == 1
    assert "lost: acknowledged, and without effect" in ran.stdout
    ran = load("--receiver-count", endpoint.url, "--settle", "0s", "--seed", "6")
    endpoint.account = lambda: {"count": 3 * sum(endpoint.bodies.values())}
    ran = load("--receiver-count", endpoint.url, "--settle", "0s", "--seed", "7")
    assert ran.returncode == 1
    assert "doubled: more effects than callbacks" in ran.stdout


def test_effects_that_come_late_are_waited_for(load, endpoint):
    behind = iter((0, 50, 50))
    endpoint.account = lambda: len(endpoint.bodies) - next(behind, 0)
    ran = load("--receiver-count", endpoint.url, "--output", "json", "--set", "retry=none")
    found = json.loads(ran.stdout)["verification"]
    assert found["lost"] == 0
    assert found["right_after"] >= 0.5


def test_acknowledged_messages_are_asked_for(load, endpoint):
    probe = ("--probe", f"{endpoint.url}/{{messageId}}", "--settle", "0s")
    report = json.loads(load(*probe, "--output", "json").stdout)
    found = report["verification"]
    assert found["lost"] == 0
    assert found["looked_at"] > 10
    assert found["right_after"] is not None
    assert report["exit_code"] != 1
    assert f"--probe '{endpoint.url}/{{messageId}}'" in report["started"]["replay"]


def test_how_long_is_waited_is_replayed(load):
    more = ("--grace", "1500ms", "--settle", "0s", "--output", "json")
    assert "--grace 1.5s --settle 0s" in json.loads(load(*more).stdout)["started"]["replay"]
    usual = json.loads(load("--output", "json").stdout)["started"]["replay"]
    assert "--grace" not in usual
    assert "--settle" not in usual


def test_a_message_that_is_not_known_is_lost(load, endpoint):
    endpoint.forgets = 1
    probe = ("--probe", f"{endpoint.url}/{{messageId}}", "--settle", "0s")
    ran = load(*probe, "--output", "json")
    found = json.loads(ran.stdout)["verification"]
    assert (ran.returncode, found["lost"], found["right_after"]) == (1, 1, None)


def test_a_probe_that_finds_nothing_at_all_is_missing_evidence(load, endpoint):
    endpoint.knows = 404
    probe = ("--probe", f"{endpoint.url}/{{messageId}}?key=s3cret", "--settle", "0s")
    ran = load(*probe, "--output", "json")
    assert ran.returncode == 2
    missing = json.loads(ran.stdout)["verification"]["missing"]
    assert "every look was answered 404: is the URL right?" in missing
    assert "s3cret" not in ran.stdout


@pytest.mark.parametrize(("flag", "path"), [("--probe", "/{messageId}"), ("--receiver-count", "")])
def test_where_the_receiver_is_asked_is_shown_and_guarded(load, endpoint, flag, path):
    asked = f"{endpoint.server.url}/account{path}"
    assert f"{asked} is 127.0.0.1 (loopback)" in load(flag, asked).stderr
    endpoint.bodies.clear()
    ran = load(flag, f"http://192.0.2.1/account{path}")
    assert ran.returncode == 2
    assert "192.0.2.1, which is neither loopback nor private" in ran.stderr
    assert not endpoint.bodies


def test_a_probe_that_fails_is_missing_evidence(load, endpoint):
    endpoint.knows = 500
    ran = load("--probe", f"{endpoint.url}/{{messageId}}", "--output", "json")
    assert ran.returncode == 2
    assert "answered 500" in json.loads(ran.stdout)["verification"]["missing"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--probe", "http://x/"), "has no {messageId}"),
        (("--probe", "x/{messageId}"), "has no scheme"),
        (("--probe", "http://{messageId}.x/"), "has {messageId} in its host"),
        (("--probe", "http://x/{messageId}", "--receiver-count", "http://x"), "exclude each other"),
        (("--find-limit", "--receiver-count", "http://x"), "verify one at the rate"),
    ],
)
def test_how_to_look_is_refused_before_the_load(load, endpoint, more, said):
    ran = load(*more)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert not endpoint.bodies


def test_a_receiver_that_cannot_be_asked_is_said_before_the_load(load, endpoint):
    endpoint.account = lambda: "many"
    ran = load("--receiver-count", endpoint.url)
    assert ran.returncode == 2
    assert f"{endpoint.url}: not an account of effects: " in ran.stderr
    assert '{"count": 17}' in ran.stderr
    assert not endpoint.bodies


def test_the_limit_is_searched_for(cli, endpoint, scenario):
    ran = cli("load", scenario, "--target", endpoint.url, "--find-limit", "--duration", "500ms",
              "--rate", "40/s", "--threshold", "attempts < 60", "--output", "json")  # fmt: skip
    report = json.loads(ran.stdout)
    assert [step["end"] for step in report["steps"]][:1] == ["met"], ran.stderr
    best = max(step["rate"] for step in report["steps"] if step["end"] == "met")
    assert 40 <= best < 120
    assert report["offer"]["start"] == best
    assert "80/s" in ran.stderr


def test_a_search_has_a_rate(cli, endpoint, scenario):
    ran = cli("load", scenario, "--target", endpoint.url, "--find-limit", "--concurrency", "2")
    assert ran.returncode == 2
    assert "--find-limit chooses the rate" in ran.stderr


def test_on_a_terminal_it_is_live(endpoint, scenario, command_line):
    ours, theirs = pty.openpty()
    live = command_line("load", scenario, "--target", endpoint.url, "--rate", "50/s",
                        "--duration", "3s", env={"TERM": "xterm", "COLUMNS": "60"})  # fmt: skip
    with subprocess.Popen(**live, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                seen += os.read(ours, 4096)
            except OSError:
                break
        process.wait(timeout=30)
    os.close(ours)
    assert b"1s of 3s" in seen
    assert b"in flight" in seen


def test_off_a_terminal_a_line_says_how_it_stands_and_prometheus_is_told(
    started, endpoint, scenario, free_port
):
    port = free_port()
    process = started("load", scenario, "--target", endpoint.url,
                      "--rate", "50/s", "--duration", "6s", "--prometheus", port)  # fmt: skip
    said = next(line for line in process.stderr if line.startswith("    5s"))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    process.communicate(timeout=30)
    assert re.match(r"    5s  \d+/s, [\d,]+ acknowledged, \d+ in flight", said)
    assert "\x1b" not in said
    assert re.search(r"^mockatell_load_acknowledged_total [1-9]", metrics, re.MULTILINE)
    assert 'mockatell_load_latency_seconds{quantile="0.99"}' in metrics


def test_a_port_that_is_taken_is_said(load, endpoint):
    ran = load("--prometheus", endpoint.server.server_port)
    assert ran.returncode == 2
    assert "--prometheus" in ran.stderr


def test_the_locustfile_is_where_it_says(cli):
    ran = cli("load", "--locustfile")
    assert Path(ran.stdout.strip()).name == "locustfile.py"
    assert "MockatellUser" in Path(ran.stdout.strip()).read_text()
