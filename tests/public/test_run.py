import asyncio
import sqlite3
import threading

import pytest
import tenacity
from fastapi import FastAPI, Request
from flask import Flask, request

import mockatell
from mockatell import ConfigurationError, Outcome, RetryPolicy

SCENARIO = """
endpoints:
  status: http://ignored.example/clickatell/status?key=a%2Fb
  reply: http://ignored.example/clickatell/reply
messages:
  - {count: 5, over: 5s, channel: whatsapp, lifecycle: read}
  - {count: 2, reply: moText}
faults:
  - duplicate: {probability: 50%}
  - reorder: {probability: 50%}
expect:
  - acknowledged: all
  - probe: {get: "http://ignored.example/messages/{messageId}", json: {status: "{status}"}}
"""


@pytest.fixture
def scenario():
    return mockatell.parse(SCENARIO)


class Store:
    """The state of a correct app: the newest status wins."""

    def __init__(self):
        self.statuses = {}
        self.replies = []
        self.queries = set()

    def take(self, event):
        for status in event.get("messageStatusUpdate", []):
            known = self.statuses.get(status["messageId"])
            if known is None or known["timestamp"] < status["timestamp"]:
                self.statuses[status["messageId"]] = status
        self.replies += event.get("moText", [])


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def fastapi_app(store):
    app = FastAPI()

    @app.post("/clickatell/{role}")
    async def callback(role: str, request: Request):
        store.queries.add((role, request.url.query))
        store.take((await request.json())["event"])
        return {}

    @app.get("/messages/{message_id}")
    async def show(message_id: str):
        return store.statuses[message_id]

    return app


@pytest.fixture
def flask_app(store):
    app = Flask(__name__)

    @app.post("/clickatell/<role>")
    def callback(role):
        store.queries.add((role, request.query_string.decode()))
        store.take(request.json["event"])
        return {}

    @app.get("/messages/<message_id>")
    def show(message_id):
        return store.statuses[message_id]

    return app


@pytest.mark.parametrize("kind", ["fastapi_app", "flask_app"])
def test_an_app_in_process(kind, request, scenario, store):
    journal = mockatell.run(scenario, app=request.getfixturevalue(kind), seed=1)
    report = mockatell.report(journal)
    assert report.exit_code == 0, report
    assert [e.held for e in report.expectations] == [True, True]
    assert store.queries == {("status", "key=a%2Fb"), ("reply", "")}
    assert len(store.statuses) == 5


def test_both_kinds_of_app_see_the_same_requests(scenario, fastapi_app, flask_app):
    journals = [mockatell.run(scenario, app=app, seed=4) for app in (fastapi_app, flask_app)]
    first, second = ([(a.delivery, a.number, a.due, a.outcome) for a in j] for j in journals)
    assert first == second


def test_a_seed_replays_the_journal(scenario, fastapi_app):
    one, other = (mockatell.run(scenario, app=fastapi_app, seed=3, bodies=True) for _ in "ab")
    assert list(one) == list(other)
    assert one.started == other.started


def test_days_of_retries(scenario):
    failing = Flask("failing")
    asked = []

    @failing.post("/clickatell/<role>")
    def callback(role):
        asked.append(role)
        return {}, 503

    journal = mockatell.run(scenario, app=failing, seed=1, retry="central-status")
    assert max(a.ended_at for a in journal) > 76 * 3600
    assert {a.number for a in journal} == set(range(1, 10))
    assert len(asked) == len(journal)
    assert mockatell.report(journal).exit_code == 1


def test_an_app_that_raises_is_an_outcome(scenario):
    app = Flask("raising")
    app.testing = True  # lets exceptions out of the app

    @app.post("/clickatell/<role>")
    def callback(role):
        raise LookupError(role)

    journal = mockatell.run(scenario, app=app, seed=1, retry="none")
    assert {a.outcome for a in journal} == {Outcome.REJECTED}
    assert {a.status_code for a in journal} == {500}
    assert "LookupError: status" in journal[0].detail or "LookupError: reply" in journal[0].detail
    assert "test_run.py" in journal[0].detail


def test_a_wsgi_app_runs_on_the_test_s_own_thread(scenario):
    """So that a connection that the test made can be used by the app, and no loop is in its way."""
    database = sqlite3.connect(":memory:")  # refuses any other thread
    database.execute("create table callbacks (body)")
    threads = set()
    app = Flask("database")

    @app.post("/clickatell/<role>")
    def callback(role):  # noqa: ARG001
        threads.add(threading.current_thread())
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        database.execute("insert into callbacks values (?)", (request.get_data(),))
        return {}

    journal = mockatell.run(scenario, app=app, seed=1)
    assert threads == {threading.current_thread()}
    [(count,)] = database.execute("select count(*) from callbacks")
    assert count == len(journal)


def test_inside_a_running_loop_arun_is_awaited(scenario, fastapi_app):
    async def main():
        with pytest.raises(ConfigurationError, match=r"use `await mockatell.arun"):
            mockatell.run(scenario, app=fastapi_app)
        return await mockatell.arun(scenario, app=fastapi_app, seed=1)

    assert len(asyncio.run(main())) > 10


def test_arun_refuses_a_wsgi_app(scenario, flask_app):
    with pytest.raises(ConfigurationError, match=r"mockatell\.run\(\)"):
        asyncio.run(mockatell.arun(scenario, app=flask_app))


def test_what_is_no_app_is_refused(scenario):
    with pytest.raises(ConfigurationError, match="must be an ASGI app"):
        mockatell.run(scenario, app=object())


def test_a_policy_of_one_s_own(scenario):
    app = Flask("busy")

    @app.post("/clickatell/<role>")
    def callback(role):  # noqa: ARG001
        return {}, 429

    policy = RetryPolicy(wait=tenacity.wait_fixed(7), stop=tenacity.stop_after_attempt(3))
    journal = mockatell.run(scenario, app=app, seed=1, retry=policy)
    assert {round(a.next_due - a.ended_at, 6) for a in journal if a.next_due} == {7.0}
    assert {a.number for a in journal} == {1, 2, 3}


def test_settings_hold_in_process_without_a_url():
    seen = set()
    app = Flask("seen")

    @app.post("/")
    def callback():
        seen.add((request.headers.get("X-Env"), request.authorization.username))
        return {}

    scenario = mockatell.parse(
        "endpoints: {headers: {X-Env: test}, basic_auth: {username: me, password: s3cret}}\n"
        "messages: [{reply: moText}]"
    )
    assert mockatell.report(mockatell.run(scenario, app=app)).exit_code == 0
    assert seen == {("test", "me")}


def test_a_clock_can_be_used_again(scenario, fastapi_app):
    clock = mockatell.VirtualClock()
    for _ in range(2):
        journal = mockatell.run(scenario, app=fastapi_app, seed=1, clock=clock)
        assert {a.lag for a in journal} == {0.0}


def test_the_journal_is_written_as_well(scenario, fastapi_app, tmp_path):
    path = tmp_path / "run.jsonl"
    journal = mockatell.run(scenario, app=fastapi_app, seed=1, journal=path)
    read = mockatell.read_journal(str(path))
    assert (read.started, list(read), read.ended) == (journal.started, list(journal), journal.ended)


def test_a_shipped_scenario_by_its_name(fastapi_app, store):
    journal = mockatell.run("conversation", app=fastapi_app, seed=1)
    assert mockatell.report(journal).exit_code == 0
    assert store.queries == {("status", ""), ("reply", "")}, "the endpoints' paths apply"
