"""The same over real connections: what only these can show, and the command line."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import threading
from xml.etree import ElementTree as ET

import pytest
import trustme

import mockatell
from mockatell.core.check.words import Verdict
from mockatell.core.scenario.load import parse
from mockatell.rooms.check.check import Check, Wishes, carry_out
from mockatell.shell.clock import RealClock

KEY = "s3cret-key"
QUICK = ("--only", "status-answers", "--only", "reply-answers")


@pytest.fixture
def cli(cli):
    """Run `mockatell check` to its end."""

    def run(*args, env=None, columns=100):
        return cli("check", *args, env={"COLUMNS": str(columns)} | (env or {}))

    return run


@pytest.fixture
def nowhere(free_port):
    """A URL where nothing listens."""
    return f"http://127.0.0.1:{free_port()}/callback"


def test_a_correct_receiver_holds_everything_with_limits(make_receiver, serve):
    report = mockatell.check(to=f"{serve(make_receiver())}/reply?key={KEY}", seed=7)
    left = {each.id for each in report.having(Verdict.NOT_EXERCISED)}
    assert left == {"tls-certificate", "https"}, str(report)
    assert (report.exit_code, report.broken, report.advice) == (0, (), ()), str(report)
    assert report.sent.most_at_once == 200
    assert report["reply-beside-status"].numbers["busy_p50_s"] > 0
    assert report.replay.endswith("seed=7)")
    assert KEY not in str(report)


def test_an_exchange_that_we_break_off_has_reached_the_receiver(make_receiver, serve):
    raws = []
    app = make_receiver(lambda call, _memory: raws.append(call.raw))
    report = mockatell.check(to=f"{serve(app)}/reply?key={KEY}", only=("reply-retry",), seed=7)
    assert report["reply-retry"].verdict is Verdict.HELD
    assert raws[-1] == raws[-2]


class TestTheCertificate:
    @pytest.fixture
    def secure(self, make_receiver, serve, tmp_path):
        """A receiver over https, and its authority's file."""
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1")
        key, chain, ca = (tmp_path / name for name in ("key.pem", "chain.pem", "ca.pem"))
        issued.private_key_pem.write_to_path(key)
        chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        authority.cert_pem.write_to_path(ca)
        url = serve(make_receiver(), ssl_keyfile=str(key), ssl_certfile=str(chain))
        return f"{url}/reply?key={KEY}", ca

    def check(self, url, *overrides):
        text = '{"messages": [{"lifecycle": "sent"}]}'
        scenario = parse(text, env={}, overrides=overrides)
        wishes = Wishes(target=url, only=("tls-certificate", "https", "reply-answers"), seed=7)
        return carry_out(Check(scenario, wishes, RealClock()))

    def test_one_that_nobody_vouches_for_is_broken(self, secure):
        report = self.check(secure[0])
        assert [each.id for each in report.broken] == ["tls-certificate"]
        assert "certificate" in report["tls-certificate"].reason
        assert report["reply-answers"].reason == "no trusted TLS session: see tls-certificate"
        assert report.exit_code == 1

    def test_that_it_is_let_pass_changes_nothing(self, secure):
        report = self.check(secure[0], "endpoints.tls.insecure=true")
        assert [each.id for each in report.broken] == ["tls-certificate"]
        assert report["reply-answers"].verdict is Verdict.HELD

    def test_one_of_a_given_authority_holds(self, secure):
        report = self.check(secure[0], f"endpoints.tls.ca={secure[1]}")
        assert report["tls-certificate"].verdict is Verdict.HELD
        assert str(secure[1]) in report["tls-certificate"].reason
        assert report["https"].verdict is Verdict.HELD
        assert report.exit_code == 0


class TestTheCommand:
    def test_a_table_and_a_code(self, cli, make_receiver, serve):
        url = f"{serve(make_receiver())}/reply?key={KEY}"
        ran = cli(url, "--seed", 7, "--no-limits")
        assert ran.returncode == 0, ran.stdout
        assert ran.stdout.startswith("PASSED  contract · seed 7")
        assert "✓ kind-moText" in ran.stdout
        assert "· largest-body" in ran.stdout
        assert "Acknowledged is not processed" in ran.stdout
        assert f"mockatell check '{url.partition('?')[0]}?key=***' --no-limits --seed 7" in (
            ran.stdout
        )
        assert KEY not in ran.stdout + ran.stderr

    @pytest.mark.parametrize("columns", [60, 80, 200])
    def test_no_line_is_too_long_but_those_to_be_copied(self, columns, cli, make_receiver, serve):
        flaw = {"moLocation": 500}
        app = make_receiver(lambda call, _memory: flaw.get(call.kind))
        url = f"{serve(app)}/reply?key={KEY}"
        ran = cli(url, "--only", "location-latitude", "--only", "reply-batch", columns=columns)
        assert ran.returncode == 1
        lines = [line for line in ran.stdout.splitlines() if "://" not in line]
        assert max(map(len, lines)) <= columns
        assert "✗ kind-moLocation" in ran.stdout
        assert "rejected 500" in ran.stdout

    def test_an_endpoint_that_is_down(self, cli, nowhere):
        ran = cli(nowhere)
        assert ran.returncode == 3
        assert ran.stdout.startswith("UNREACHABLE")
        assert "The endpoint cannot be reached: the status endpoint" in ran.stdout
        assert "Connection refused" in ran.stdout
        assert ran.stdout.count("not one connection came about") == 1
        assert re.search(r"None of the \d{2} others was exercised", ran.stdout)

    def test_a_budget_of_no_time_is_no_check(self, cli, make_receiver, serve):
        ran = cli(f"{serve(make_receiver())}/reply?key={KEY}", "--budget", "0s")
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "a --budget of 0s leaves a check no time" in ran.stderr

    def test_one_endpoint_of_two_that_is_down(self, cli, make_receiver, serve, nowhere):
        url = f"{serve(make_receiver())}/status?key={KEY}"
        ran = cli("--status-url", url, "--reply-url", nowhere, "--no-limits", "--format", "json")
        told = json.loads(ran.stdout)
        assert (ran.returncode, told["verdict"]) == (3, "unreachable")
        assert "the reply endpoint" in told["headline"]
        verdicts = {each["id"]: each["verdict"] for each in told["clauses"]}
        assert verdicts["kind-messageStatusUpdate"] == "held"
        assert verdicts["kind-moText"] == "not exercised"

    def test_one_url_of_two(self, cli, make_receiver, serve):
        url = f"{serve(make_receiver())}/status?key={KEY}"
        ran = cli("--status-url", url, "--no-limits", "--format", "json")
        clauses = {each["id"]: each for each in json.loads(ran.stdout)["clauses"]}
        assert ran.returncode == 0
        assert clauses["status-duplicate"]["verdict"] == "held"
        assert clauses["reply-duplicate"]["reason"] == "no URL of the reply endpoint was given"

    def test_nothing_that_was_exercised_is_no_pass(self, cli, make_receiver, serve):
        ran = cli(f"{serve(make_receiver())}/reply?key={KEY}", "--only", "tls-certificate")
        assert ran.returncode == 2
        assert "that is not a pass" in ran.stdout

    def test_a_file_and_its_ending(self, cli, make_receiver, serve, tmp_path):
        url = f"{serve(make_receiver())}/reply?key={KEY}"
        for name in ("check.html", "check.xml", "check.sarif", "check.json", "check.txt"):
            ran = cli(url, *QUICK, "-o", name, "--quiet")
            assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
        assert (tmp_path / "check.html").read_text().startswith("<!doctype html>")
        assert ET.parse(tmp_path / "check.xml").getroot().tag == "testsuites"
        assert json.loads((tmp_path / "check.sarif").read_text())["version"] == "2.1.0"
        assert json.loads((tmp_path / "check.json").read_text())["format"] == 1
        assert (tmp_path / "check.txt").read_text().startswith("PASSED")

    def test_headers_and_credentials_are_sent_and_never_shown(self, cli, make_receiver, serve):
        def flaw(call, _memory):
            seen = call.headers.get("authorization"), call.headers.get("x-token")
            return 204 if seen == ("Basic dTpwYXNzdzByZA==", "t0ken-of-mine") else 401

        place = serve(make_receiver(flaw)).removeprefix("http://")
        ran = cli(
            f"http://u:passw0rd@{place}/reply",
            *("--header", "X-Token: t0ken-of-mine"),
            *("--only", "reply-refuses-strangers", "--format", "json"),
        )
        told = json.loads(ran.stdout)
        assert ran.returncode == 0, ran.stdout
        assert told["clauses"][-1]["verdict"] == "held"
        assert "passw0rd" not in ran.stdout
        assert "t0ken" not in ran.stdout
        assert "--header 'X-Token: ***'" in told["replay"]

    def test_the_environment_speaks_too(self, cli, make_receiver, serve):
        url = f"{serve(make_receiver())}/reply?key={KEY}"
        told = {"MOCKATELL_TARGET": url, "MOCKATELL_ONLY": "reply-answers", "MOCKATELL_SEED": "9"}
        ran = cli(env=told | {"MOCKATELL_HEADER": "X-A: 1\nX-B: two words"})
        assert ran.returncode == 0, ran.stderr
        assert "seed 9" in ran.stdout
        assert "--header 'X-A: ***' --header 'X-B: ***'" in ran.stdout

    def test_the_list(self, cli):
        ran = cli("--list", "--only", "reply-batch")
        assert ran.returncode == 0
        assert "kind-moText" in ran.stdout
        assert "status-batch" not in ran.stdout

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            ((), "no URL to check"),
            (("localhost:1",), "has no scheme"),
            (("http://localhost:1", "--only", "nothing"), "there is no clause 'nothing'"),
            (("http://localhost:1", "--timeout", "5"), "--timeout"),
            (("http://localhost:1", "--header", "X-Token"), "a header is 'Name: value'"),
            (("http://localhost:1", "--header", "A B: c"), "cannot be the name of a header"),
            (("http://localhost:1", "-o", "no/such/check.html"), "there is no folder"),
            (("https://localhost:1", "--set", "endpoints.tls.ca=/none"), "tls"),
            (("http://localhost:1", "--set", "endpoints.time=3s"), "endpoints"),
            (("http://localhost:1", "--format", "pdf"), "--format"),
        ],
    )
    def test_what_cannot_be_is_refused_with_two(self, args, words, cli):
        ran = cli(*args)
        assert ran.returncode == 2, ran.stderr
        assert words in ran.stderr
        assert ran.stdout == ""

    def test_ctrl_c_tells_what_was_found(self, make_receiver, serve, command_line):
        arrived, released = threading.Event(), threading.Event()

        async def flaw(call, _memory):
            if call.kind == "moMedia":
                arrived.set()
                await asyncio.to_thread(released.wait, 20)

        url = f"{serve(make_receiver(flaw))}/reply?key={KEY}"
        checking = command_line("check", url, "--timeout", "30s")
        with subprocess.Popen(**checking, stdout=subprocess.PIPE) as process:
            assert arrived.wait(20)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=20)
        released.set()
        assert process.returncode == 130
        assert b"INTERRUPTED" in out
        assert "✓ kind-moText".encode() in out
        assert "· reply-batch".encode() in out

    def test_progress_on_a_terminal(self, make_receiver, serve, command_line):
        url = f"{serve(make_receiver())}/reply?key={KEY}"
        ours, theirs = pty.openpty()
        checking = command_line("check", url, "--no-limits", env={"TERM": "xterm"})
        with subprocess.Popen(**checking, stdout=subprocess.DEVNULL, stderr=theirs) as process:
            os.close(theirs)
            told = b""
            try:
                while data := os.read(ours, 4096):
                    told += data
            except OSError:
                pass
        os.close(ours)
        assert process.returncode == 0
        assert b" clauses" in told
        assert b" requests" in told
