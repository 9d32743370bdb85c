"""`mockatell explore` and `mockatell replay`, over real HTTP."""

import json
import signal
import subprocess
import sys

import pytest

SCENARIO = """
endpoints: {{status: "{base}/status?key=s3cret-key", reply: "{base}/reply"}}
messages:
  - channel: whatsapp
    steps: [{{status: DEVICE_ACK}}, {{status: READ, after: 1s}}, {{reply: moText, after: 1s}}]
expect:
  - probe: {{get: "{base}/messages/{{messageId}}?token=t0ken-value"}}
"""
RANK = {"DEVICE_ACK": 1, "READ": 2}


class Server:
    """A customer's server: keeps the last status, or the furthest."""

    def __init__(self):
        self.last_wins = True
        self.status = 200
        self.state = {}
        self.send = lambda _event: None

    def handle(self, method, path, _headers, body):
        if method == "GET":
            known = self.state.get(path.rpartition("/")[2].partition("?")[0])
            return 200 if known else 404, [], json.dumps({"status": known}).encode()
        for [event] in json.loads(body)["event"].values():
            self.take(event)
        return self.status, [], b"{}"

    def take(self, event):
        if "content" in event:
            self.send(event)
            return
        known = self.state.get(event.get("messageId"))
        if self.last_wins or RANK[event["status"]] > RANK.get(known, 0):
            self.state[event["messageId"]] = event["status"]


@pytest.fixture
def server(listening):
    served = Server()
    with listening(served.handle) as served.http:
        served.base = served.http.url
        yield served


@pytest.fixture
def cli(cli, server, tmp_path):
    (tmp_path / "mine.yaml").write_text(SCENARIO.format(base=server.base))
    return cli


@pytest.fixture
def found(cli):
    """The folder of findings of an exploration that found something."""
    ran = cli("explore", "mine.yaml", "--seed", 3, "--most", 60)
    assert ran.returncode == 1, ran.stderr
    return ran


def test_a_finding_is_shown_from_what_is_sent_to_its_scenario(found, server):
    host = server.base
    lines = found.stderr.splitlines()
    assert lines[0] == f"1 conversation, seed 3, to {host}/reply, {host}/status?key=***"
    assert "finding 1: it ends otherwise than in order and once each" in lines
    assert "  /messages/m1?token=***.status" in lines
    assert "  - 'READ'  in order and once each" in lines
    assert "  + 'DEVICE_ACK'  this way" in lines
    assert "          - {status: DEVICE_ACK, delivery: {late: 2s}}" in lines
    assert any(line.startswith("1 finding in 60 schedules of 1 conversation") for line in lines)
    assert "pairs tried: order " in found.stderr


def test_no_secret_is_shown_or_written(found, tmp_path):
    written = "".join(path.read_text() for path in (tmp_path / "findings").iterdir())
    assert written.count("***") >= 4
    for secret in ("s3cret-key", "t0ken-value"):
        assert secret not in found.stderr + written


def test_its_scenario_is_one_that_run_plays(found, cli, server):
    assert found
    ran = cli("run", "findings/finding-1.yaml")
    assert ran.returncode == 1
    assert "status is 'DEVICE_ACK', expected 'READ'" in " ".join(ran.stderr.split())
    server.last_wins = False
    assert cli("run", "findings/finding-1.yaml").returncode == 0


def test_its_test_fails_until_the_endpoint_is_mended(found, server, tmp_path):
    def pytest_exit():
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "findings"]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout

    assert found
    code, said = pytest_exit()
    assert code == 1, said
    assert "expected 'READ', got 'DEVICE_ACK'" in said
    server.last_wins = False
    code, said = pytest_exit()
    assert code == 0, said


def test_replay_says_what_has_changed(found, cli, server):
    assert found
    for last_wins, expect, verdict, code in (
        (True, "fail", "still failing: it failed in 20 of 20 runs", 1),
        (True, "pass", "regressed: it failed in 20 of 20 runs", 1),
        (False, "fail", "fixed: it failed in 0 of 20 runs", 0),
        (False, "pass", "still passing: it failed in 0 of 20 runs", 0),
    ):
        server.last_wins = last_wins
        ran = cli("replay", "findings/finding-1.yaml", "--expect", expect)
        assert (ran.stderr.splitlines()[0], ran.returncode) == (verdict, code)


def test_a_journal_is_replayed(cli, server):
    ran = cli("run", "mine.yaml", "--bodies", "--journal", "j.jsonl", "-q", "--speed", "1000")
    assert ran.returncode == 0, ran.stderr
    to = ("--target", f"{server.base}/cb")
    again = cli("replay", "j.jsonl", *to)
    assert (again.stderr, again.returncode) == ("still passing: it failed in 0 of 1 run\n", 0)
    server.status = 503
    again = cli("replay", "j.jsonl", *to)
    assert again.returncode == 1
    assert again.stderr.startswith("regressed: it failed in 1 of 1 run\n  messageStatusUpdate of ")


def test_a_journal_without_bodies(cli):
    cli("run", "mine.yaml", "--journal", "j.jsonl", "-q", "--speed", "1000")
    ran = cli("replay", "j.jsonl", "--target", "http://127.0.0.1:9")
    assert (ran.returncode, "record it with --bodies" in ran.stderr) == (2, True)


def test_nothing_is_found_where_nothing_is(cli, server, tmp_path):
    server.last_wins = False
    ran = cli("explore", "mine.yaml", "--most", 200, "--lanes", 3)
    assert ran.returncode == 0
    assert "nothing found in 200 schedules of 1 conversation" in ran.stderr
    assert not (tmp_path / "findings").exists()


@pytest.mark.parametrize("command", [("explore", "mine.yaml"), ("replay", "late.yaml")])
def test_an_endpoint_that_is_down(cli, command, tmp_path, free_port):
    late = (tmp_path / "mine.yaml").read_text().replace("ACK}", "ACK, delivery: {late: 3s}}")
    (tmp_path / "late.yaml").write_text(late)
    port = free_port()
    down = [f"--{role}-url=http://127.0.0.1:{port}/" for role in ("status", "reply")]
    ran = cli(*command, *down)
    assert ran.returncode == 3
    assert "the endpoint cannot be reached: refused" in ran.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--set", "expect=[]"), "there is nothing to see"),
        (("--probe", "nonsense"), "--probe"),
        (("--budget", "soon"), "is not a duration"),
        (("--budget", "0s"), "leaves no time"),
        (("--ignore", "[[["), "is no path"),
        (("--stand-in", "nowhere"), "write HOST:PORT"),
        (("--stand-in", "127.0.0.1:99999"), "99999"),
    ],
)
def test_what_is_wrong_is_said(cli, more, words):
    ran = cli("explore", "mine.yaml", *more)
    assert (ran.returncode, words in ran.stderr) == (2, True), ran.stderr


def test_what_the_app_sends_is_seen_with_no_probe(cli, server, tmp_path, free_port):
    port = free_port()

    def send(event):
        import httpx

        told = {"channel": "sms", "to": event["from"], "content": "Thanks"}
        url = f"http://127.0.0.1:{port}/v1/message"
        httpx.post(url, json={"messages": [told]}, headers={"Authorization": "key"})

    server.send = send
    server.last_wins = False
    (tmp_path / "mine.yaml").write_text(SCENARIO.format(base=server.base).partition("expect")[0])
    ran = cli("explore", "mine.yaml", "--stand-in", f"127.0.0.1:{port}", "--most", 40)
    assert ran.returncode == 1, ran.stderr
    assert "  2. moText to message m1, again" in ran.stderr
    assert "  sent through /v1/message[1]" in ran.stderr
    flags = ("--stand-in", f"127.0.0.1:{port}")
    assert f"  again: mockatell replay findings/finding-1.yaml {' '.join(flags)}" in ran.stderr
    written = (tmp_path / "findings" / "finding-1.yaml").read_text()
    assert f"again: mockatell replay finding-1.yaml {' '.join(flags)}" in written
    assert "# mockatell run does not see it: it was seen by stand-in alone" in written
    again = cli("replay", "findings/finding-1.yaml", *flags)
    assert again.stderr.startswith("still failing: it failed in 20 of 20 runs")

    blind = cli("replay", "findings/finding-1.yaml")
    assert blind.returncode == 2
    assert "nothing here would see whether it fails: give --stand-in HOST:PORT" in blind.stderr


def test_findings_go_on_from_what_is_there(found, cli, tmp_path):
    assert found
    folder = tmp_path / "findings"
    first = sorted(path.name for path in folder.iterdir())
    again = cli("explore", "mine.yaml", "--seed", 3, "--most", 60)
    assert "finding 2: it ends otherwise" in again.stderr
    names = {path.name for path in folder.iterdir()}
    assert names > set(first)
    assert "finding-2.yaml" in names
    assert len({name.partition(".")[0] for name in names if name.endswith(".py")}) == 2


def test_an_out_folder_that_cannot_be_is_refused_at_once(cli, server, tmp_path):
    (tmp_path / "file").write_text("")
    ran = cli("explore", "mine.yaml", "--out", "file/findings")
    assert (ran.returncode, "--out file/findings" in ran.stderr) == (2, True)
    assert server.state == {}


def test_the_endpoint_goes_away_meanwhile(cli, server):
    """What was found until then is kept, and what it was sent is said."""
    seen = []
    take = server.take

    def dying(event):
        seen.append(event)
        if len(seen) == 700:
            server.http.socket.close()
        take(event)

    server.take = dying
    ran = cli("explore", "mine.yaml", "--seed", 3, "--budget", "20s")
    assert ran.returncode == 3, ran.stderr
    assert "cannot be reached any more" in ran.stderr
    assert "1 finding; in flight when it went:\n  1. " in ran.stderr
    assert "kept: findings/finding-1.yaml" in ran.stderr


def test_tls_to_a_plain_port_is_no_finding(cli, server):
    to = f"{server.base}/".replace("http:", "https:")
    ran = cli("explore", "mine.yaml", "--target", to)
    assert (ran.returncode, "the endpoint cannot be reached: tls" in ran.stderr) == (3, True), (
        ran.stderr
    )


def test_a_plain_scenario_is_not_replayed(cli):
    ran = cli("replay", "mine.yaml")
    assert (ran.returncode, "in order and once each" in ran.stderr) == (2, True)


def test_probes_go_with_the_target(found, cli, server, tmp_path, listening):
    """The server is another one now: what is looked at is its state, not the old one's."""
    assert found
    server.last_wins = False
    with listening(Server().handle) as other:
        told = ("--target", f"{other.url}/cb")
        again = cli("replay", "findings/finding-1.yaml", *told)
        assert again.stderr.startswith("still failing: it failed in 20 of 20 runs")
        written = tmp_path / "findings" / "finding-1.yaml"
        elsewhere = written.read_text().replace("get: http://127.0.0.1", "get: http://localhost")
        written.write_text(elsewhere)
        again = cli("replay", "findings/finding-1.yaml", *told)
        assert "the target was moved, and this probe was not: http://localhost:" in again.stderr


@pytest.fixture
def hearing():
    """A shell's background jobs ignore Ctrl-C, and so do their children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hearing")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_keeps_what_was_found(cli, started, tmp_path, number):
    assert cli
    process = started("explore", "mine.yaml", "--budget", "60s")
    for line in process.stderr:
        if line.startswith("  again:"):
            break
    process.send_signal(number)
    said = process.stderr.read()
    assert process.wait(20) == 130, said
    assert "interrupted: 1 finding in " in said
    assert (tmp_path / "findings" / "finding-1.yaml").exists()
