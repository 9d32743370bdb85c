"""Hypothesis tests of a user's own: `rehearse` plays each example, and tells what broke it."""

import asyncio

import fastapi
import flask
import hypothesis
import pytest

import mockatell
from mockatell.rooms.fixture import setup
from mockatell.rooms.fixture.alone import rehearse
from mockatell.strategies import callbacks

IMPORTED = (fastapi, setup, flask, hypothesis)  # see test_plugin.py

TESTS = """
from flask import Flask, request
from hypothesis import given, settings
from mockatell import conversation
from mockatell.strategies import conversations, rehearse, schedules

RANKS = ("SENT_TO_SUPPLIER", "DEVICE_ACK", "READ")
TOLD = conversation(message_id="m1", client_message_id="order-17")

def made(states):
    app = Flask("app")

    @app.post("/callback")
    def callback():
        for status in request.json["event"]["messageStatusUpdate"]:
            known = states.get(status["messageId"], RANKS[0])
            if not {guarded} or RANKS.index(known) <= RANKS.index(status["status"]):
                states[status["messageId"]] = status["status"]
        return {{}}

    return app

CONFIG = {{"endpoints": {{"status": "/callback"}}, "integration": {{"id": "mine"}}}}

@settings(database=None, max_examples=200, derandomize=True)
@given(schedules(TOLD))
def test_a_late_status_changes_nothing(schedule):
    states = {{}}
    with rehearse(made(states), CONFIG) as mockatell:
        mockatell.follow(TOLD, schedule)
        mockatell.assert_all_acknowledged()
        assert RANKS.index(states["m1"]) == max(schedule.order)
"""


@pytest.fixture
def run(pytester):
    def run(guarded):
        pytester.makeini("[pytest]\nfilterwarnings = error\n")
        pytester.makepyfile(TESTS.format(guarded=guarded))
        return pytester.runpytest("-p", "no:asyncio", "-p", "no:django")

    return run


def test_a_guarded_handler_survives_every_example(run):
    run(guarded=True).assert_outcomes(passed=1)


def test_a_failure_tells_the_smallest_example_alone(run):
    result = run(guarded=False)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*mockatell: what was sent: acknowledged: 2 of 2 deliveries",
            "*#1 messageStatusUpdate DEVICE_ACK of message m1 to the status endpoint",
            "*#2 messageStatusUpdate SENT_TO_SUPPLIER of message m1 to the status endpoint",
            "*replay: pytest *::test_a_late_status_changes_nothing",
            "*as a scenario:",
            "*integration: {id: mine}",
            "*message_id: m1",
            "*- {status: SENT_TO_SUPPLIER, delivery: {late: 2s}}",
            "*- {status: DEVICE_ACK, after: 1s}",
        ]
    )
    assert result.stdout.str().count("attempt 1 at") == 2


@pytest.fixture
def app():
    app = flask.Flask("app")
    app.post("/")(dict)
    return app


def test_what_is_raised_is_told_what_was_sent(app):
    def fail():
        with rehearse(app) as clickatell:
            clickatell.send(mockatell.moText("YES", message_id="r1"))
            raise KeyError("mine")

    with pytest.raises(KeyError) as raised:
        fail()
    [note] = raised.value.__notes__
    assert "#1 moText of message r1 to the reply endpoint" in note


def test_rehearsals_know_nothing_of_each_other(app):
    seen = []
    for seed in (3, 3, 4):
        with rehearse(app, seed=seed) as clickatell:
            seen.append(clickatell.send(mockatell.moText()).bodies[0])
            assert (clickatell.clock.now(), len(clickatell.journal)) == (0.0, 1)
    assert seen[0] == seen[1] != seen[2]


def test_an_asgi_app_lives_for_one_rehearsal():
    events = []

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                events.append(phase)
                await send({"type": f"lifespan.{phase}.complete"})
        else:
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body"})

    with rehearse(app) as clickatell:
        clickatell.send(mockatell.moText())
        assert events == ["startup"]
    assert events == ["startup", "shutdown"]

    async def main():
        with rehearse(app) as clickatell:
            await clickatell.aio.send(mockatell.moText())

    asyncio.run(main())
    assert events == ["startup", "shutdown"] * 2


@pytest.mark.parametrize(
    ("target", "config", "words"),
    [
        (None, None, "there is no target"),
        (object(), None, "app must be an ASGI app"),
        ("http://127.0.0.1:1/", {"retyr": "none"}, "unknown key 'retyr'"),
    ],
)
def test_what_is_wrong_is_said(target, config, words):
    with pytest.raises(mockatell.InputError, match=words), rehearse(target, config):
        pass


@pytest.mark.parametrize(
    ("order", "lost"), [((3,), ()), ((-1,), ()), ((), ()), ((0,), (1,)), ((0,), (0,) * 2000)]
)
def test_a_schedule_of_other_events_is_refused(app, order, lost):
    told = mockatell.conversation(message_id="m1")
    with (
        pytest.raises(mockatell.ConfigurationError, match="is no schedule of 3 events"),
        rehearse(app) as clickatell,
    ):
        clickatell.follow(told, mockatell.Schedule(order, lost))


def test_no_callback_says_what_only_a_query_is_answered():
    def unknown(callback):
        return b'"statusCode":1,' in callback.body

    thorough = hypothesis.settings(database=None, derandomize=True, max_examples=1000)
    with pytest.raises(hypothesis.errors.NoSuchExample):
        hypothesis.find(callbacks("messageStatusUpdate"), unknown, settings=thorough)
