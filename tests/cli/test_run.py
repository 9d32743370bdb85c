import fcntl
import json
import signal
import threading
import time
from collections import Counter

import pytest

from mockatell.rooms.demo.receivers import Naive
from mockatell.rooms.demo.server import serve

ATTEMPT_KEYS = [
    "type", "delivery", "cause", "role", "kind", "message_id", "number", "due", "sent_at",
    "ended_at", "outcome", "status_code", "detail", "next_due",
]  # fmt: skip
END_KEYS = [
    "type", "deliveries", "attempts", "acknowledged", "redirected", "exhausted", "pending",
]  # fmt: skip

QUICK = """
name: quick
retry: {schedule: [20ms, 40ms]}
messages:
  - {count: 3, channel: whatsapp, steps: [{status: SENT_TO_SUPPLIER}, {status: READ, after: 50ms}]}
  - {channel: sms, reply: moText, content: Yes please}
"""


@pytest.fixture
def quick(scenario):
    return scenario(QUICK)


def test_every_callback_arrives_and_the_journal_says_so(cli, endpoint, quick):
    ran = cli("run", quick, "--target", endpoint.url, "--seed", 7, "--journal", "-", "--bodies")
    assert ran.code == 0, ran.err
    first, *attempts, last = ran.lines
    assert list(first)[:6] == ["type", "version", "scenario", "seed", "epoch_ms", "assumed"]
    assert (first["type"], first["scenario"], first["seed"]) == ("run", "quick", 7)
    assert all(list(attempt)[:14] == ATTEMPT_KEYS for attempt in attempts)
    assert list(last)[:7] == END_KEYS
    assert [last[key] for key in END_KEYS[1:]] == [7, 7, 7, 0, 0, 0]
    assert Counter(a["outcome"] for a in attempts) == {"acknowledged": 7}
    journalled = [json.dumps(a["body"]["event"]) for a in attempts]
    assert sorted(journalled) == sorted(map(json.dumps, endpoint.events))
    assert "PASSED" in ran.err


def test_the_journal_goes_to_a_file_and_report_reads_it(cli, endpoint, quick, tmp_path):
    cli("run", quick, "--target", endpoint.url, "--journal", "j.jsonl", "--quiet")
    told = cli("report", "j.jsonl")
    assert told.code == 0
    assert "7 deliveries in 7 attempts: 7 acknowledged." in told.out
    again = cli("report", "-", "--format", "json", stdin=(tmp_path / "j.jsonl").read_text())
    assert json.loads(again.out)["totals"]["acknowledged"] == 7


def test_the_same_seed_sends_the_same_ids(cli, endpoint, quick):
    def ids():
        endpoint.received.clear()
        cli("run", quick, "--target", endpoint.url, "--seed", 5, "-q")
        batches = (batch for events in endpoint.events for batch in events.values())
        return sorted(event["messageId"] for batch in batches for event in batch)

    assert ids() == ids()


def test_each_role_has_its_url_and_the_query_survives(cli, endpoint, quick):
    status, reply = f"{endpoint.url}/status", f"{endpoint.url}/reply?key=s3cr%2Ft+x|y"
    ran = cli("run", quick, "--status-url", status, "--reply-url", reply)
    paths = Counter(path for path, _, _ in endpoint.received)
    assert paths == {"/cb/status": 6, "/cb/reply?key=s3cr%2Ft+x|y": 1}
    assert "s3cr" not in ran.err


def test_what_goes_over_the_wire_is_what_the_platform_sends(cli, endpoint, quick):
    cli("run", quick, "--target", endpoint.url)
    assert {frozenset(headers) for _, headers, _ in endpoint.received} == {
        frozenset({"Host", "Content-Type", "Accept", "Content-Length"})
    }


def test_annotate_says_which_attempt_it_is(cli, endpoint, quick):
    cli("run", quick, "--target", endpoint.url, "--annotate", "--seed", 9)
    _, headers, _ = endpoint.received[0]
    assert headers["X-Mockatell-Attempt"] == "1"
    assert headers["X-Mockatell-Seed"] == "9"


def test_a_rejecting_endpoint_fails_the_run(cli, endpoint, quick):
    endpoint.answer = lambda _body: 500
    ran = cli("run", quick, "--target", endpoint.url, "--journal", "-")
    assert ran.code == 1
    last = ran.lines[-1]
    assert (last["attempts"], last["exhausted"]) == (21, 7)
    bodies = Counter(body for _, _, body in endpoint.received)
    assert set(bodies.values()) == {3}, "retries are byte-identical"
    assert "FAILED" in ran.err


def test_a_redirect_is_neither_followed_nor_retried(cli, endpoint, quick):
    endpoint.answer = lambda _body: 302
    ran = cli("run", quick, "--target", endpoint.url, "--journal", "-")
    assert ran.code == 1
    assert ran.lines[-1]["redirected"] == 7
    assert {path for path, _, _ in endpoint.received} == {"/cb"}
    assert len(endpoint.received) == 7
    assert "redirect" in ran.err


def test_an_endpoint_that_is_not_there_is_exit_3(cli, quick, free_port):
    ran = cli("run", quick, "--target", f"http://127.0.0.1:{free_port()}/", "--journal", "-")
    assert ran.code == 3
    assert {line["outcome"] for line in ran.lines[1:-1]} == {"unreachable"}
    assert all(line["detail"].startswith("refused: ") for line in ran.lines[1:-1])


def test_a_slow_endpoint_holds_up_no_other_delivery(cli, endpoint, scenario):
    first = threading.Event()

    def answer(_body):
        if not first.is_set():
            first.set()
            endpoint.released.wait(10)
        return 200

    endpoint.answer, endpoint.released = answer, threading.Event()
    slow = scenario(
        "endpoints: {timeout: 400ms}\nretry: {schedule: [10ms]}\n"
        "messages: [{count: 9, over: 90ms, steps: [{status: DEVICE_ACK}]}]"
    )
    ran = cli("run", slow, "--target", endpoint.url, "--journal", "-")
    endpoint.released.set()
    assert ran.code == 0
    attempts = ran.lines[1:-1]
    timed_out = [a for a in attempts if a["outcome"] == "timed_out"]
    assert len(timed_out) == 1
    others = [a for a in attempts if a["delivery"] != timed_out[0]["delivery"]]
    assert max(a["ended_at"] for a in others) < timed_out[0]["ended_at"]
    assert timed_out[0]["ended_at"] - timed_out[0]["sent_at"] == pytest.approx(0.4, abs=0.2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_writes_the_last_line(started, endpoint, scenario, tmp_path, number):
    forever = scenario("messages: [{rate: 20/s, for: 1h, steps: [{status: DEVICE_ACK}]}]")
    process = started("run", forever, "--target", endpoint.url, "--journal", "j.jsonl")
    assert endpoint.arrived.wait(20)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    last = json.loads((tmp_path / "j.jsonl").read_text().splitlines()[-1])
    assert last["type"] == "end"
    assert last["deliveries"] == 72_000
    assert last["pending"] == 72_000 - last["acknowledged"] > 71_000
    assert "INTERRUPTED" in err


def test_what_is_in_flight_is_let_end(started, endpoint, scenario, tmp_path):
    release = threading.Event()

    def answer(_body):
        release.wait(10)
        return 200

    endpoint.answer = answer
    one = scenario(
        "messages: [{steps: [{status: DEVICE_ACK}]}, {at: 1h, steps: [{status: EXPIRED}]}]"
    )
    process = started("run", one, "--target", endpoint.url, "--journal", "j.jsonl")
    assert endpoint.arrived.wait(20)
    process.send_signal(signal.SIGTERM)
    release.set()
    process.communicate(timeout=20)
    last = json.loads((tmp_path / "j.jsonl").read_text().splitlines()[-1])
    assert (last["acknowledged"], last["pending"]) == (1, 1)


def test_an_interrupt_of_a_huge_run_ends_soon(started, endpoint, scenario, tmp_path):
    huge = scenario("messages: [{rate: 1000/s, for: 10h, steps: [{status: DEVICE_ACK}]}]")
    process = started("run", huge, "--target", endpoint.url, "--journal", "j.jsonl", "-q")
    assert endpoint.arrived.wait(20)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    last = json.loads((tmp_path / "j.jsonl").read_text().splitlines()[-1])
    assert last["uncounted"] is True
    assert last["pending"] >= 200_000


def test_an_interrupt_ends_the_probes(started, endpoint, scenario, tmp_path):
    looking = scenario(
        "messages: [{steps: [{status: DEVICE_ACK}]}]\n"
        "expect: [{probe: {get: 'http://127.0.0.1:9/{messageId}', within: 60s}}]"
    )
    process = started("run", looking, "--target", endpoint.url, "--journal", "j.jsonl", "-q")
    assert endpoint.arrived.wait(20)
    deadline = time.monotonic() + 20
    while (tmp_path / "j.jsonl").read_bytes().count(b"\n") < 2:
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130


def test_too_few_descriptors_end_the_run_with_one_sentence(cli, endpoint, scenario):
    many = scenario(
        "messages: [{count: 300, steps: [{status: DEVICE_ACK}]}]\nendpoints: {max_in_flight: 300}"
    )
    ran = cli("run", many, "--target", endpoint.url, "--journal", "-", "-q", descriptors=40)
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1, ran.err
    assert ran.lines[-1]["type"] == "end"


def test_a_name_with_brackets_is_a_name(cli, endpoint, scenario):
    odd = scenario('name: "orders [/x]"\nmessages: [{steps: [{status: DEVICE_ACK}]}]')
    ran = cli("run", odd, "--target", endpoint.url)
    assert ran.code == 0
    assert "orders [/x], seed" in ran.err


@pytest.mark.parametrize("speed", ["nan", "inf", "0", "-1"])
def test_a_speed_that_is_none(cli, endpoint, quick, speed):
    ran = cli("run", quick, "--target", endpoint.url, "--speed", speed)
    assert ran.code == 2
    assert endpoint.received == []


def test_a_probe_on_the_command_line_sees_what_an_acknowledgement_hides(cli, naive):
    text = ("receipts", "--target", f"{naive}/callback", "--seed", 1, "--speed", 50)
    blind = cli("run", *text)
    assert blind.code == 0
    assert "What your endpoint did with the callbacks was not looked at" in blind.err
    seeing = cli("run", *text, "--probe", f"{naive}/messages/{{messageId}}")
    assert seeing.code == 1
    assert "looks were not as expected" in seeing.err
    assert "--probe" in seeing.err.splitlines()[-1], "on one line, with all else that replays it"
    assert "--seed 1" in seeing.err.splitlines()[-1]


@pytest.fixture
def naive(running):
    with running(serve(Naive(), "127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def test_an_empty_target_is_a_variable_that_is_not_set(cli, quick):
    ran = cli("run", quick, "--target", "")
    assert ran.code == 2
    assert "--target is empty: is the variable that should be there set?" in ran.err


def test_quiet_can_come_from_the_environment(cli, endpoint, quick):
    ran = cli("run", quick, "--target", endpoint.url, env={"MOCKATELL_QUIET": "1"})
    assert (ran.code, ran.err) == (0, "")


def test_a_status_of_whatsapp_alone_needs_no_channel(cli, endpoint):
    assert cli("send", "messageStatusUpdate", "status=READ", "--target", endpoint.url).code == 0
    assert endpoint.events[0]["messageStatusUpdate"][0]["channel"] == "whatsapp"


@pytest.mark.parametrize("command", [["demo"], ["plan", "receipts"], ["scenarios", "opt-out"]])
def test_a_pipe_that_does_not_know_our_characters(cli, command):
    ran = cli(*command, env={"PYTHONIOENCODING": "latin-1"})
    assert ran.code == 0, ran.err


def test_one_report_that_cannot_be_written_keeps_no_other(cli, endpoint, quick, tmp_path):
    (tmp_path / "r.html").mkdir()
    ran = cli("run", quick, "--target", endpoint.url, "--report", "r.html", "--report", "r.json")
    assert ran.code == 4
    assert "r.html: Is a directory" in ran.err
    assert "PASSED" in ran.err
    assert (tmp_path / "r.json").exists()


def test_a_full_disk_says_so(cli, endpoint, quick):
    ran = cli("run", quick, "--target", endpoint.url, "--journal", "/dev/full")
    assert ran.code == 4
    assert "/dev/full: No space left on device" in ran.err
    assert "Traceback" not in ran.err


def test_a_journal_overwrites_a_journal_and_nothing_else(cli, endpoint, quick, tmp_path):
    (tmp_path / "notes.txt").write_text("years of work")
    ran = cli("run", quick, "--target", endpoint.url, "--journal", "notes.txt")
    assert (ran.code, endpoint.received) == (4, [])
    assert "notes.txt is there and is no journal" in ran.err
    assert (tmp_path / "notes.txt").read_text() == "years of work"
    for _ in range(2):
        assert cli("run", quick, "--target", endpoint.url, "-q", "--journal", "j.jsonl").code == 0
    assert cli("report", "j.jsonl").code == 0, "the second took the first one's place"


def test_two_runs_do_not_share_a_journal(cli, endpoint, quick, tmp_path):
    with (tmp_path / "j.jsonl").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        ran = cli("run", quick, "--target", endpoint.url, "--journal", "j.jsonl")
    assert (ran.code, endpoint.received) == (4, [])
    assert "j.jsonl is being written by another run" in ran.err


def test_a_report_s_file_says_its_format(cli, endpoint, quick, tmp_path):
    cli("run", quick, "--target", endpoint.url, "-q", "--journal", "j.jsonl")
    assert cli("report", "j.jsonl", "-o", "r.html").code == 0
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    assert cli("report", "j.jsonl", "-o", "r.html", "--format", "json").code == 0
    assert json.loads((tmp_path / "r.html").read_text())["verdict"] == "held"


def test_a_journal_s_folder_that_is_not_there(cli, endpoint, quick):
    ran = cli("run", quick, "--target", endpoint.url, "--journal", "nowhere/j.jsonl")
    assert ran.code == 4
    assert "nowhere/j.jsonl: No such file or directory" in ran.err
    assert endpoint.received == [], "found out before anything was sent"


def test_reports_in_every_format(cli, endpoint, quick, tmp_path):
    files = ["r.html", "r.json", "r.xml", "r.har", "r.txt"]
    reports = [part for name in files for part in ("--report", name)]
    ran = cli("run", quick, "--target", endpoint.url, "-q", *reports)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert all((tmp_path / name).stat().st_size > 500 for name in files)


def test_a_report_of_an_unknown_ending_is_refused_before_the_run(cli, endpoint, quick):
    ran = cli("run", quick, "--target", endpoint.url, "--report", "r.docx")
    assert ran.code == 2
    assert "r.docx" in ran.err
    assert ".html" in ran.err
    assert endpoint.received == []


def test_no_url_is_said_with_the_remedy(cli, quick):
    ran = cli("run", quick)
    assert ran.code == 2
    assert "--status-url or --target" in ran.err


def test_options_come_from_the_environment_and_flags_win(cli, endpoint, quick):
    env = {"MOCKATELL_TARGET": endpoint.url, "MOCKATELL_SEED": "11"}
    ran = cli("run", quick, "--journal", "-", env=env)
    assert (ran.code, ran.lines[0]["seed"]) == (0, 11)
    ran = cli("run", quick, "--journal", "-", "--seed", 12, env=env)
    assert ran.lines[0]["seed"] == 12


def test_values_of_the_scenario_can_be_overridden(cli, endpoint, quick):
    ran = cli(
        "run", quick, "--target", endpoint.url, "--set", "messages.0.count=1", "--journal", "-"
    )
    assert ran.lines[-1]["deliveries"] == 3


def test_secrets_stay_secret(cli, endpoint, scenario):
    endpoint.answer = lambda _body: 500
    url = endpoint.url.replace("http://", "http://user:hunter2pw@") + "?token=tok3nvalue"
    secretive = scenario(
        'endpoints: {headers: {X-Api-Key: "k3yvalue"}}\nretry: none\n'
        "messages: [{steps: [{status: DEVICE_ACK}]}]"
    )
    ran = cli("run", secretive, "--target", url, "--journal", "-", "--report", "r.txt")
    said = ran.out + ran.err
    assert not any(secret in said for secret in ("hunter2pw", "tok3nvalue", "k3yvalue"))
    path, headers, _ = endpoint.received[0]
    assert path.endswith("?token=tok3nvalue")
    assert headers["Authorization"].startswith("Basic ")


def test_speed_divides_the_waits(cli, endpoint, scenario):
    long = scenario("messages: [{count: 3, over: 5m, steps: [{status: DEVICE_ACK}]}]")
    ran = cli("run", long, "--target", endpoint.url, "--speed", 1000, "--journal", "-")
    assert ran.code == 0
    assert [a["due"] for a in ran.lines[1:-1]] == [0, 100, 200]
    stamps = [event["messageStatusUpdate"][0]["timestamp"] for event in endpoint.events]
    assert [stamp - ran.lines[0]["epoch_ms"] for stamp in stamps] == [0, 100_000, 200_000]
