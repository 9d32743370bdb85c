"""The plugin in runs of its own."""

import subprocess
import sys

import fastapi
import flask
import pytest

from mockatell.rooms.fixture import reporting, setup

# The runs are in this process, and forget what they import: PyYAML's C half would then not know
# its own classes again, so what matters is imported before them.
IMPORTED = (fastapi, setup, flask, reporting)

APP = """
import pytest
from flask import Flask, request
from mockatell import conversation, moText

class State:
    def __init__(self):
        self.statuses, self.replies, self.failures, self.raising = {}, [], 0, False

@pytest.fixture
def state():
    return State()

@pytest.fixture
def mockatell_target(state):
    app = Flask("app")
    app.testing = True

    @app.post("/callback")
    def callback():
        if state.raising:
            raise LookupError("no such order")
        if state.failures:
            state.failures -= 1
            return {}, 503
        event = request.json["event"]
        for status in event.get("messageStatusUpdate", []):
            state.statuses[status["messageId"]] = status["status"]
        state.replies += [reply["content"] for reply in event.get("moText", [])]
        return {}

    @app.get("/messages/<message_id>")
    def show(message_id):
        return {"status": state.statuses.get(message_id)}

    return app

@pytest.fixture
def mockatell_config():
    return {"endpoints": {"status": "/callback", "reply": "/callback"}}
"""
FASTAPI = """
@pytest.fixture
def mockatell_target(state):
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse
    app = FastAPI()

    @app.post("/callback")
    async def callback(request: Request):
        if state.failures:
            state.failures -= 1
            return JSONResponse({}, 503)
        event = (await request.json())["event"]
        for status in event.get("messageStatusUpdate", []):
            state.statuses[status["messageId"]] = status["status"]
        state.replies += [reply["content"] for reply in event.get("moText", [])]
        return {}

    return app
"""
KINDS = {"wsgi": APP, "asgi": APP + FASTAPI}


@pytest.fixture(autouse=True)
def quiet(pytester):
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = -p no:asyncio\n")


@pytest.fixture
def passes(pytester):
    """Run tests against an app and expect them all to pass."""

    def run(tests, *args, app=APP):
        pytester.makepyfile(app + tests)
        result = pytester.runpytest(*args)
        assert result.ret == 0
        return result

    return run


@pytest.fixture
def fails(pytester):
    def run(tests, *args, app=APP):
        pytester.makepyfile(app + tests)
        result = pytester.runpytest(*args)
        assert result.ret != 0
        return result

    return run


VERBS = """
def test_send(mockatell, state):
    mockatell.send(moText("STOP"))
    assert state.replies == ["STOP"]
    mockatell.assert_all_acknowledged()

def test_status_and_retries(mockatell, state):
    state.failures = 2
    attempts = mockatell.status("m1", "READ", channel="whatsapp")
    assert state.statuses == {"m1": "READ"}
    assert [a.due for a in attempts] == [0.0, 120.0, 360.0]
    mockatell.assert_retried("m1", times=2)

def test_order_and_duplicates(mockatell, state):
    told = conversation(message_id="m1", client_message_id="order-17", reply="Yes")
    attempts = mockatell.deliver(*told, order=(2, 0, 1, 3), duplicates={3: 1})
    assert state.statuses == {"m1": "DEVICE_ACK"}
    assert state.replies == ["Yes", "Yes"]
    assert [a.cause for a in attempts] == ["original"] * 4 + ["duplicate"]
    assert attempts[3].body == attempts[4].body

def test_an_acknowledgement_that_is_lost_is_retried(mockatell, state):
    attempts = mockatell.deliver(moText("a"), moText("b"), duplicates={0: 1}, lost_acks={0: 2})
    assert [(a.delivery, a.outcome) for a in attempts] == [
        (1, "ack_lost"), (2, "acknowledged"), (3, "acknowledged"),
        (1, "ack_lost"), (1, "acknowledged"),
    ]
    assert state.replies == ["a", "b", "a", "a", "a"]
    mockatell.assert_all_acknowledged()

def test_timestamps_tell_the_true_order(mockatell):
    attempts = mockatell.deliver(*conversation(message_id="m1"), order=(2, 1, 0))
    stamps = [b["event"]["messageStatusUpdate"][0]["timestamp"] for b in attempts.bodies]
    assert stamps == sorted(stamps, reverse=True)
    assert len(set(stamps)) == 3

def test_time_stands_still_until_it_is_moved(mockatell, state):
    state.failures = 1
    mockatell.pause()
    mockatell.send(moText("hello"))
    assert len(mockatell.journal) == 0
    mockatell.clock.advance("1s")
    assert [a.status_code for a in mockatell.journal] == [503]
    mockatell.clock.advance("1m")
    assert len(mockatell.journal) == 1
    mockatell.clock.advance(60)
    assert state.replies == ["hello"]
    assert mockatell.clock.now() == 121.0
    mockatell.resume()
    mockatell.assert_all_acknowledged()

def test_until_acknowledged(mockatell, state):
    state.failures = 1
    mockatell.pause()
    mockatell.send(moText("one", message_id="r1"), moText("two", message_id="r2"))
    mockatell.run_until_acknowledged("r2")
    assert state.replies == ["two"]
    mockatell.run_until_quiet()
    assert state.replies == ["two", "one"]

def test_a_scenario_and_verbs_share_clock_and_journal(mockatell, state):
    journal = mockatell.run("conversation")
    assert journal.ended.acknowledged == journal.ended.deliveries
    later = mockatell.send(moText("later"))
    assert len(mockatell.journal) == len(journal) + 1
    assert later[0].delivery == journal.ended.deliveries + 1
    again = mockatell.run("conversation")
    assert min(a.due for a in again) >= max(a.ended_at for a in journal)
    assert min(a.delivery for a in again) == later[0].delivery + 1
    mockatell.assert_all_acknowledged()
"""


@pytest.mark.parametrize("kind", KINDS)
def test_verbs(passes, kind):
    passes(VERBS, app=KINDS[kind]).assert_outcomes(passed=8)


ASYNC = """
import asyncio

def test_async(mockatell, state):
    async def main():
        await mockatell.aio.send(moText("STOP"))
        assert state.replies == ["STOP"]
        state.failures = 1
        mockatell.pause()
        await mockatell.aio.status("m1", "READ", channel="whatsapp")
        assert state.statuses == {}
        await mockatell.aio.advance("1s")
        await mockatell.aio.advance("2m")
        assert state.statuses == {"m1": "READ"}
        journal = await mockatell.arun("conversation")
        assert journal.ended.acknowledged == journal.ended.deliveries
        with pytest.raises(Exception, match="inside a running event loop"):
            mockatell.run_until_quiet()
        with pytest.raises(Exception, match="await mockatell.arun"):
            mockatell.run("conversation")
    asyncio.run(main())
"""


def test_coroutines_await_the_same_verbs(passes):
    passes(ASYNC, app=KINDS["asgi"])


def test_a_failure_explains_and_says_how_to_replay(fails):
    result = fails(
        """
def test_raises(mockatell, state):
    state.raising = True
    mockatell.send(moText("STOP", message_id="r1"))
    mockatell.assert_all_acknowledged()
""",
        "--mockatell-seed=5",
    )
    result.stdout.fnmatch_lines(
        [
            "mockatell: seed 5 *",
            "*AssertionError: not acknowledged: 1 of 1 deliveries",
            "*#1 moText of message r1 to the reply endpoint",
            "*attempt 1 at 0s: rejected with 500: LookupError: no such order at *.py:* in callback",
            "*replay: pytest *::test_raises* --mockatell-seed 5",
            "*raised in delivery #1, attempt 1*",
            "LookupError: no such order",
        ]
    )
    assert result.stdout.str().count("Traceback (most recent call last)") == 1
    assert result.stdout.str().count("not acknowledged: 1 of 1") == 1


@pytest.mark.parametrize("testing", [True, False])
def test_what_flask_answers_for_is_explained_too(fails, testing):
    result = fails(
        f"""
def test_raises(mockatell, mockatell_target, state):
    mockatell_target.testing = {testing}
    state.raising = True
    mockatell.send(moText("STOP"))
    mockatell.assert_all_acknowledged()
"""
    )
    result.stdout.fnmatch_lines(
        [
            "*rejected with 500: *LookupError: no such order at *.py:* in callback",
            "*raised in delivery #1, attempt 1*",
            "LookupError: no such order",
        ]
    )


def test_what_is_raised_outside_of_one_s_code_is_said_to_be(fails):
    result = fails(
        """
@pytest.fixture
def mockatell_target():
    app = Flask("app")
    app.testing = True
    app.post("/callback")(lambda: None)
    return app

def test_returns_nothing(mockatell):
    mockatell.send(moText("STOP"))
    mockatell.assert_all_acknowledged()
"""
    )
    result.stdout.fnmatch_lines(["*rejected with 500: *"])
    out = " ".join(result.stdout.str().split())
    assert " at flask/app.py:" in out
    assert " in make_response (outside your code)" in out


def test_a_failure_of_one_s_own_shows_what_was_not_acknowledged(fails):
    result = fails(
        """
def test_mine(mockatell, state):
    state.failures = 99
    mockatell.send(moText("STOP"))
    assert state.replies
"""
    )
    result.stdout.fnmatch_lines(["*mockatell: not acknowledged*", "*rejected with 503*"])


def test_a_failure_of_one_s_own_shows_what_was_sent(fails):
    result = fails(
        """
def test_mine(mockatell, state):
    told = conversation(message_id="m1", channel="whatsapp")
    mockatell.deliver(*told, order=(0, 2, 1), lost_acks={1: 1})
    assert state.statuses == {"m1": "READ"}
"""
    )
    result.stdout.fnmatch_lines(
        [
            "*mockatell: what was sent*",
            "acknowledged: 3 of 3 deliveries",
            "  #3 messageStatusUpdate DEVICE_ACK of message m1 to the status endpoint",
            "    attempt 1 at *: ack lost: its 200 was thrown away (fault)",
            "    attempt 2 at *: acknowledged with 200",
            "replay: pytest *::test_mine --mockatell-seed *",
        ]
    )


def test_what_an_assertion_of_ours_tells_is_not_told_again(fails):
    result = fails(
        """
def test_retried(mockatell, state):
    mockatell.send(moText("STOP", message_id="r1"))
    mockatell.status("m1", "DEVICE_ACK")
    mockatell.assert_retried("m1", times=2)
"""
    )
    result.stdout.fnmatch_lines(["*message m1 was retried 0 times, not 2 times: 1 of 2 *"])
    out = result.stdout.str()
    assert out.count("DEVICE_ACK of message m1") == 1
    assert "what was sent" not in out


@pytest.mark.parametrize(
    "tests",
    [
        """
@pytest.fixture
def opted_out(mockatell, state):
    state.raising = True
    mockatell.send(moText("STOP", message_id="r1"))
    assert state.replies

def test_it(opted_out):
    pass
""",
        """
@pytest.fixture
def opted_out(mockatell, state):
    yield
    state.raising = True
    mockatell.send(moText("STOP", message_id="r1"))
    assert state.replies

def test_it(opted_out):
    pass
""",
        """
@pytest.fixture
def opted_out(mockatell, state):
    state.raising = True
    mockatell.send(moText("STOP", message_id="r1"))

def test_it(opted_out, state):
    assert state.replies
""",
    ],
    ids=["setup", "teardown", "a fixture's fixture"],
)
def test_what_was_sent_is_shown_wherever_it_fails(fails, tests):
    result = fails(tests)
    result.stdout.fnmatch_lines(
        [
            "*mockatell: not acknowledged*",
            "*#1 moText of message r1 to the reply endpoint",
            "*raised in delivery #1, attempt 1*",
            "LookupError: no such order",
        ]
    )


def test_a_body_of_one_s_own_may_be_anything(fails):
    result = fails(
        """
from mockatell.model import Callback, Role

def test_mine(mockatell):
    mockatell.send(*(Callback(Role.STATUS, "odd", "m1", body) for body in (b"[]", b"{")))
    assert False
"""
    )
    result.stdout.fnmatch_lines(["  #1 odd of message m1 to the status endpoint*"])


def test_the_seed_replays_and_is_shared(passes):
    source = """
def test_ids(mockatell):
    mockatell.send(moText())
    print("id", mockatell.journal[0].message_id)
"""

    def ids(*args):
        out = passes(source, "-s", *args).stdout.str()
        return [line.partition("id ")[2] for line in out.splitlines() if "id " in line][-1]

    assert ids("--mockatell-seed=9") == ids("--mockatell-seed=9") != ids("--mockatell-seed=10")


def test_the_configuration_holds_in_runs_too(passes):
    passes(
        """
@pytest.fixture
def mockatell_config():
    endpoints = {"status": "/callback", "reply": "/callback"}
    return {"endpoints": endpoints, "integration": {"id": "mine"}}

def test_mine(mockatell):
    journal = mockatell.run("conversation")
    assert all(b'"integrationId":"mine"' in bytes(a.body) for a in journal)
"""
    )


def test_the_configuration_s_settings_hold_without_a_path(passes):
    passes(
        """
@pytest.fixture
def mockatell_target(state):
    app = Flask("app")

    @app.post("/")
    def callback():
        state.replies.append(request.headers["X-Env"])
        return {}

    return app

@pytest.fixture
def mockatell_config():
    return {"endpoints": {"headers": {"X-Env": "test"}}}

def test_sent(mockatell, state):
    mockatell.send(moText("a"))
    assert state.replies == ["test"]
"""
    )


def test_what_is_raised_in_a_run_is_shown_too(fails):
    result = fails(
        """
def test_raises(mockatell, state):
    state.raising = True
    mockatell.run("conversation", retry="none")
    mockatell.assert_all_acknowledged()
"""
    )
    result.stdout.fnmatch_lines(
        ["*raised in delivery #1, attempt 1*", "LookupError: no such order"]
    )


PROBING = """
import mockatell as m

MINE = m.parse('''
messages: [{count: 5, channel: whatsapp, steps: [{status: DEVICE_ACK}, {status: READ, after: 1s}]}]
faults: [{reorder: {probability: %s, within: 5s}}]
expect: [{probe: {get: "http://app/messages/{messageId}", json: {status: "{status}"}}}]
''')

def test_probed(mockatell):
    mockatell.run(MINE)
    mockatell.assert_all_acknowledged()
    mockatell.assert_expectations_held()
"""


def test_probes_are_judged(passes, fails):
    passes(PROBING % "0%")
    result = fails(PROBING % "100%")
    result.stdout.fnmatch_lines(
        ["*did not hold:", "*probe: GET http://app/messages/{messageId}", "*5 of 5 looks were not*"]
    )


def test_time_does_not_go_back_and_nothing_is_sent_less_than_never(passes):
    passes(
        """
@pytest.mark.parametrize("by", [-5, "500d", float("nan"), float("inf")])
def test_clock(mockatell, by):
    with pytest.raises(Exception, match="366d"):
        mockatell.clock.advance(by)

def test_counts(mockatell):
    with pytest.raises(Exception, match="duplicates cannot be less than 0"):
        mockatell.deliver(moText("a"), duplicates=-1)
    assert not mockatell.journal and mockatell.rehearsal.agenda.next_due() is None

def test_nothing(mockatell):
    with pytest.raises(AssertionError, match="nothing was sent"):
        mockatell.assert_all_acknowledged()

def test_copies_share_an_origin(mockatell):
    first, again = mockatell.deliver(moText("a"), duplicates=1)
    assert first.origin == again.origin
"""
    )


def test_the_marker_chooses_scenario_seed_and_faults(passes):
    passes(
        """
@pytest.mark.mockatell(scenario="conversation", seed=3, faults=[{"duplicate": {"copies": 1}}])
def test_marked(mockatell):
    journal = mockatell.run()
    assert journal.started.seed == 3
    assert sum(a.cause == "duplicate" for a in journal) >= 10
"""
    )


def test_the_ini_file_sets_seed_and_reports(pytester, passes):
    pytester.makeini(
        "[pytest]\naddopts = -p no:asyncio\nmockatell_seed = 21\nmockatell_report_dir = told\n"
    )
    result = passes(
        """
def test_told(mockatell):
    mockatell.send(moText("STOP"))
"""
    )
    result.stdout.fnmatch_lines(["mockatell: seed 21 *"])
    [html] = pytester.path.glob("told/*.html")
    [journal] = pytester.path.glob("told/*.jsonl")
    assert "test_told" in html.name
    assert journal.read_text().count("\n") == 3


TOLD = """
import pytest
from mockatell import moText

@pytest.mark.parametrize("name", ["a/b", "a b", "m" + "n" * 300, "n" * 300])
def test_told(mockatell, name):
    mockatell.send(moText(name))
"""


def test_every_report_has_a_name_of_its_own_in_every_run(pytester):
    grouped = TOLD.replace("@pytest", "@pytest.mark.xdist_group('g')\n@pytest")
    pytester.makeconftest(APP)
    pytester.makepyfile(**{"one/test_it": TOLD, "two/test_it": grouped, "one_/test_it": TOLD})
    args = ("--import-mode=importlib", "--mockatell-report-dir=told", "-p", "no:cacheprovider")
    for workers in ((), ("-n2", "--dist=loadgroup")):
        pytester.runpytest_subprocess(*workers, *args).assert_outcomes(passed=12)
        names = {path.name for path in (pytester.path / "told").iterdir()}
        assert len(names) == 2 * 12
    ids = [
        f"{d}/test_it.py::test_told[{n}]" for d in ("one", "two", "one_") for n in ("a/b", "a b")
    ]
    assert {f"{reporting.file_name(test)}.html" for test in ids} <= names


def test_a_report_that_cannot_be_written_is_said(pytester, fails):
    pytester.makefile(".txt", taken="")
    result = fails(
        "def test_it(mockatell): mockatell.send(moText())", "--mockatell-report-dir=taken.txt"
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["mockatell: cannot write a report to taken.txt: File exists"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("seed", ["-1", "99999999999999999999"])
def test_a_seed_out_of_range_is_a_usage_error(pytester, seed):
    result = pytester.runpytest(f"--mockatell-seed={seed}")
    assert result.ret == 4
    assert "a seed is a whole number from 0" in result.stderr.str()


def test_unused_it_imports_nothing(pytester, monkeypatch):
    pytester.makepyfile(
        """
import sys
def test_light():
    ours = {m for m in sys.modules if m.startswith("mockatell.")}
    assert ours == {"mockatell.pytest_plugin", "mockatell._version"}
    assert not {"msgspec", "tenacity", "yaml", "click", "faker", "rich"} & set(sys.modules)
"""
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others import what they like
    result = pytester.runpytest_subprocess("-p", "mockatell.pytest_plugin", "-o", "addopts=")
    assert result.ret == 0


def test_nothing_stays_behind(passes):
    passes(
        """
import asyncio, threading, warnings

BEFORE = set(threading.enumerate())

def test_one(mockatell):
    mockatell.send(moText("STOP"))

def test_after():
    assert set(threading.enumerate()) <= BEFORE
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
""",
        app=KINDS["asgi"],
    )


def test_respx_may_be_active(passes):
    passes(
        """
import respx

@respx.mock
def test_with_respx(mockatell, state):
    mockatell.send(moText("STOP"))
    assert state.replies == ["STOP"]
""",
        app=KINDS["asgi"],
    )


def test_pytest_httpx_may_be_active(passes):
    passes(
        """
def test_with_pytest_httpx(mockatell, httpx_mock, state):
    mockatell.send(moText("STOP"))
    assert state.replies == ["STOP"]
""",
        app=KINDS["asgi"],
    )


def test_a_url_is_a_target_too(passes, live):
    passes(
        live
        + """
def test_url(mockatell):
    told = mockatell.deliver(*conversation(message_id="m1"), order=(2, 0, 1))
    assert [a.status_code for a in told] == [200, 200, 200]
    mockatell.assert_all_acknowledged()
"""
    )


def test_starting_up_imports_next_to_nothing():
    code = (
        "import sys, pytest; before = set(sys.modules); import mockatell.pytest_plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = ["mockatell", "mockatell._version", "mockatell.pytest_plugin"]
    assert ran.stdout.split() == ours
