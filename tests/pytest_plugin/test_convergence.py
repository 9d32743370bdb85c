"""`mockatell.converges` and the strategies, against apps whose flaws are known."""

import json
import sys

import fastapi
import flask
import hypothesis
import jmespath
import pytest

import mockatell
from mockatell.rooms.explore import searching
from mockatell.rooms.fixture import convergence, setup

IMPORTED = (fastapi, setup, flask, hypothesis, jmespath)  # see test_plugin.py

ALONE = ("-p", "no:asyncio", "-p", "no:django")
STORE = """
import pytest
from mockatell import Schedule, conversation, messageStatusUpdate, moText

RANK = ("SENT_TO_SUPPLIER", "DEVICE_ACK", "READ")

class Store:
    def __init__(self):
        self.statuses, self.counts, self.replies = {}, {}, {}
        self.seen, self.tally = set(), {}

    def take(self, flaw, envelope):
        for kind, events in envelope["event"].items():
            for event in events:
                getattr(self, flaw)(kind, event)

    def naive(self, kind, event):
        if kind == "messageStatusUpdate":
            self.statuses[event["messageId"]] = event["status"]

    def counts_duplicates(self, kind, event):
        self.guarded(kind, event)
        key = event.get("messageId")
        self.counts[key] = self.counts.get(key, 0) + 1

    def message_id_alone(self, kind, event):
        if kind == "messageStatusUpdate":
            self.statuses.setdefault(event["messageId"], event["status"])

    def crashes(self, kind, event):
        if event.get("status") == "READ" and event["messageId"] not in self.statuses:
            raise LookupError("no such message")
        self.guarded(kind, event)

    def refuses_duplicates(self, kind, event):
        key = (event.get("messageId"), event.get("status"))
        if key in self.seen:
            raise Refused
        self.seen.add(key)
        self.guarded(kind, event)

    def twice_doubled(self, kind, event):
        # Hidden deep: only a READ that comes three times is counted.
        if event.get("status") == "READ":
            key = event["messageId"]
            self.tally[key] = self.tally.get(key, 0) + 1
            if self.tally[key] == 3:
                self.statuses[key] = "BROKEN"
                return
        if self.statuses.get(event.get("messageId")) != "BROKEN":
            self.guarded(kind, event)

    def guarded(self, kind, event):
        if kind == "messageStatusUpdate":
            known = self.statuses.get(event["messageId"])
            if known is None or RANK.index(known) < RANK.index(event["status"]):
                self.statuses[event["messageId"]] = event["status"]
        elif kind == "moText":
            self.replies[event["relatedMessageId"]] = event["content"]

    def show(self, key):
        return {
            "id": key,
            "status": self.statuses.get(key),
            "count": self.counts.get(key, 0),
            "reply": self.replies.get(key),
        }

class Refused(Exception):
    pass

@pytest.fixture
def store():
    return Store()

@pytest.fixture
def mockatell_config():
    return {"endpoints": {"status": "/callback", "reply": "/callback"}}

TOLD = conversation(message_id="m1", reply="Yes")
FLAW = "guarded"
"""
FLASK = (
    STORE
    + """
from flask import Flask, request

@pytest.fixture
def mockatell_target(store):
    app = Flask("app")
    app.logger.disabled = True

    @app.post("/callback")
    def callback():
        try:
            store.take(FLAW, request.json)
        except Refused:
            return {}, 409
        return {}

    @app.get("/messages/<message_id>")
    def show(message_id):
        return store.show(message_id)

    return app
"""
)
FASTAPI = (
    STORE
    + """
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

@pytest.fixture
def mockatell_target(store):
    app = FastAPI()

    @app.post("/callback")
    async def callback(request: Request):
        try:
            store.take(FLAW, await request.json())
        except Refused:
            return JSONResponse({}, 409)
        return {}

    @app.get("/messages/{message_id}")
    async def show(message_id: str):
        return store.show(message_id)

    return app
"""
)
APPS = {"flask": FLASK, "fastapi": FASTAPI}

FOUND = """
FLAW = {flaw!r}

def test_found(mockatell):
    with pytest.raises(AssertionError) as raised:
        mockatell.converges(TOLD, state="/messages/{{messageId}}")
    finding = raised.value.finding
    assert finding.schedule == {least}
    assert finding.confirmed
    assert {words!r} in str(raised.value)
    with open("finding.yaml", "w") as scenario, open("test_finding.py", "w") as test:
        scenario.write(finding.scenario)
        test.write(finding.test)
"""
FLAWS = {
    "naive": ("Schedule((1, 0))", "status: expected 'DEVICE_ACK', got 'SENT_TO_SUPPLIER'"),
    "counts_duplicates": ("Schedule((0, 0))", "count: expected 1, got 2"),
    "message_id_alone": (
        "Schedule((1, 0))",
        "status: expected 'SENT_TO_SUPPLIER', got 'DEVICE_ACK'",
    ),
    "crashes": (
        "Schedule((2, 0))",
        "READ of message m1 was answered 500: LookupError: no such message at test_",
    ),
    "refuses_duplicates": (
        "Schedule((0, 0))",
        "SENT_TO_SUPPLIER of message m1 was never acknowledged",
    ),
    "twice_doubled": ("Schedule((2, 2, 2))", "status: expected 'READ', got 'BROKEN'"),
}


@pytest.fixture(autouse=True)
def quiet(pytester):
    pytester.makeini("[pytest]\nfilterwarnings = error\n")


@pytest.fixture
def run(pytester):
    """Run tests in a pytest of their own."""

    def run(source, *args, app=FLASK, **files):
        pytester.makepyfile(app + source, **files)
        return pytester.runpytest(*ALONE, *args)

    return run


@pytest.mark.parametrize("flaw", FLAWS)
@pytest.mark.parametrize("app", APPS)
def test_every_flaw_is_found_and_shrunk_to_its_minimum(run, app, flaw):
    least, words = FLAWS[flaw]
    run(FOUND.format(flaw=flaw, least=least, words=words), app=APPS[app]).assert_outcomes(passed=1)


def test_a_finding_comes_with_a_scenario_and_a_test_that_show_it(run, pytester):
    least, words = FLAWS["naive"]
    run(FOUND.format(flaw="naive", least=least, words=words)).assert_outcomes(passed=1)
    pytester.makeconftest(FLASK)
    pytester.runpytest(*ALONE, "test_finding.py").assert_outcomes(passed=1)
    pytester.makeconftest(FLASK + 'FLAW = "naive"')
    failed = pytester.runpytest(*ALONE, "test_finding.py")
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["*status: expected 'DEVICE_ACK', got 'SENT_TO_SUPPLIER'"])
    run(
        """
FLAW = "naive"

def test_the_scenario(mockatell, store):
    mockatell.run("finding.yaml")
    assert store.statuses == {"m1": "SENT_TO_SUPPLIER"}
""",
        "-k",
        "test_the_scenario",
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize("app", APPS)
def test_nothing_is_found_in_a_correct_handler(run, app):
    run(
        """
def test_guarded(mockatell, store):
    found = mockatell.converges(
        TOLD, state=lambda message: store.show(message["messageId"]), most=1500, budget="60s"
    )
    assert found.tried >= 1000 and found.exhaustive and found.searched
    assert found.finding is None
    assert len(store.statuses) > 1000
""",
        app=APPS[app],
    ).assert_outcomes(passed=1)


def test_a_failure_says_what_is_sent_what_differs_and_how_to_replay(run):
    result = run(
        """
FLAW = "naive"

def test_shown(mockatell):
    mockatell.converges(TOLD, state="/messages/{messageId}")
""",
        "--mockatell-seed=5",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*the endpoint does not converge*",
            "*Of * schedules tried, this is the smallest that shows it (events have numbers *):",
            "*  1. DEVICE_ACK of message m1 (event 2)",
            "*  2. SENT_TO_SUPPLIER of message m1 (event 1)",
            "*  status: expected 'DEVICE_ACK', got 'SENT_TO_SUPPLIER'",
            "*To see it again, as a scenario:",
            "*- {status: SENT_TO_SUPPLIER, delivery: {late: 2s}}",
            "*replay: pytest *::test_shown* --mockatell-seed 5",
        ]
    )


def test_the_same_seed_finds_the_same(run):
    source = """
FLAW = "twice_doubled"

def test_again(mockatell):
    told = []
    for _ in range(2):
        with pytest.raises(AssertionError) as raised:
            mockatell.converges(TOLD, state="/messages/{messageId}")
        told.append(str(raised.value))
    assert told[0] == told[1]
"""
    run(source).assert_outcomes(passed=1)


STATES = """
def test_reset_keeps_the_ids(mockatell, store):
    def reset():
        store.__init__()
        store.statuses["m1"] = "SENT_TO_SUPPLIER"

    found = mockatell.converges(TOLD[1:3], state=lambda _: store.statuses, reset=reset, most=50)
    assert found.tried and set(store.statuses) == {"m1"}

def test_a_jmespath_picks(mockatell, store):
    ticks = iter(range(10**6))
    state = lambda m: store.show(m["messageId"]) | {"at": next(ticks)}
    mockatell.converges(TOLD[:2], state=state, normalise="{status: status, id: id}", most=20)
    mockatell.converges(TOLD[:2], state=state, most=20, normalise=lambda seen: seen["status"])

def test_what_is_new_every_time_is_no_finding(mockatell, store):
    ticks = iter(range(10**6))
    with pytest.raises(Exception, match=r"not do the same twice.*: at: expected 0, got 1 "):
        mockatell.converges(TOLD, state=lambda _: {"at": next(ticks), "on": True})

def test_messages_and_replies_are_asked_about_each(mockatell, store):
    asked = set()
    told = (*TOLD, *conversation(message_id="m2"), moText("STOP", message_id="r9"))
    state = lambda message: asked.add(frozenset(message)) or store.show(message.get("messageId"))
    mockatell.converges(told, state=state, most=5)
    assert {len(keys) for keys in asked} == {3, 4, 7}

@pytest.mark.parametrize("flaw", ["guarded", "naive"])
def test_an_app_may_be_at_work_after_its_answer(mockatell, store, flaw):
    import time
    waiting = []
    store.guarded, take = lambda *told: waiting.append((time.monotonic(), told)), store.guarded
    if flaw == "naive":
        take = store.naive

    def state(message):
        while waiting and waiting[0][0] < time.monotonic() - 0.05:
            take(*waiting.pop(0)[1])
        return store.statuses.get(message["messageId"])

    def ask(**given):
        return mockatell.converges(TOLD[:2], state=state, most=8, **given)

    with pytest.raises(Exception, match="is the same before|not do the same twice"):
        ask()
    if flaw == "guarded":
        assert ask(within="200ms").tried == 8
    else:
        with pytest.raises(AssertionError, match="expected 'DEVICE_ACK', got 'SENT_TO_SUPPLIER'"):
            ask(within="200ms")

def test_a_part_that_cannot_be_seen_proves_nothing(mockatell, store):
    mockatell.converges(TOLD, state=lambda m: store.statuses[m["messageId"]], most=50)

def test_by_default_it_ends_soon(mockatell, store):
    found = mockatell.converges(TOLD, state=lambda m: store.statuses.get(m["messageId"]))
    assert 0 < found.tried <= 300

def test_parts_of_the_search(mockatell, store):
    state = lambda m: store.statuses.get(m["messageId"])
    few = mockatell.converges(TOLD, state=state, most=10)
    assert few.tried == 10 and not few.exhaustive and few.searched
    for nothing in ({"budget": 0}, {"most": 0}):
        with pytest.raises(Exception, match="a budget longer than 0s|most=1 or more"):
            mockatell.converges(TOLD, state=state, **nothing)
    one = mockatell.converges(TOLD, state=state, only=[Schedule((2, 1, 2))])
    assert one.tried == 1

def test_the_test_s_own_journal_is_left_alone(mockatell, store):
    mockatell.send(moText("one"))
    mockatell.converges(TOLD, state=lambda m: store.statuses.get(m["messageId"]), most=10)
    mockatell.send(moText("two"))
    assert [attempt.delivery for attempt in mockatell.journal] == [1, 2]

def test_a_schedule_can_be_followed(mockatell, store):
    told = mockatell.follow(TOLD, Schedule((2, 0, 2), lost=(2,), refused=(2,)))
    ends = ["unreachable", "acknowledged", "acknowledged", "ack_lost", "acknowledged"]
    assert [a.outcome for a in told] == ends
    assert [a.cause for a in told].count("duplicate") == 1
    mockatell.assert_all_acknowledged()
"""


@pytest.mark.parametrize("app", APPS)
def test_states(run, app):
    run(STATES, app=APPS[app]).assert_outcomes(passed=11)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("converges([], state='/x')", "there is nothing to send: give moText(...)"),
        ("converges(['READ'], state='/x')", "a str is no event: give moText(...)"),
        ("converges([HAPPENED], state='/x')", "takes events that have not happened yet"),
        ("converges(TOLD, most='all', state='/x')", "needs most=1 or more, not 'all'"),
        ("converges(TOLD, budget=None, state='/x')", "is a length of time from 0s to 366d"),
        ("converges(TOLD, only=Schedule((1, 0)), state='/x')", "only= takes a sequence"),
        ("converges(TOLD, only=[(1, 0)], state='/x')", "Schedule((1, 0)), and not a tuple"),
        ("converges(TOLD, reset=5, state='/x')", "reset is a function without arguments; not 5"),
        ("converges(TOLD, normalise=5, state='/x')", "normalise is a JMESPath expression, or a"),
        ("converges(TOLD, state='/x/{message_id}')", "{message_id} (did you mean 'messageId'?)"),
        ("converges(TOLD, state=7)", "['messageId']); not 7"),
        ("converges(TOLD, state=lambda: 7)", "as in state=lambda ids: *this one takes ()"),
        ("converges(TOLD, state=lambda a, b: 7)", "one argument, *this one takes (a, b)"),
        ("converges(TOLD, state=awaited)", "as in state=lambda ids: *not a coroutine"),
        ("converges(TOLD, state='/nowhere/{messageId}')", "/nowhere/{messageId} was answered 404"),
        ("converges(TOLD, state='/messages/same')", "is the same before the conversation"),
        ("converges([moText()], state='/messages/{messageId}')", "needs messageId"),
        ("converges(TOLD, state=lambda m: 1 / 0)", "state raised ZeroDivisionError"),
        ("converges(TOLD, state='/x', normalise='][')", "normalise is no JMESPath expression"),
        ("converges(TOLD, state='/x', budget='soon')", "'soon' is not a duration"),
        (
            "converges(TOLD, state='/x', only=[Schedule((9,))])",
            "is no schedule of 4 events",
        ),
    ],
)
def test_what_is_wrong_is_said(run, call, words):
    result = run(
        f"""
from mockatell import Role
from mockatell.model import Callback

HAPPENED = Callback(Role.STATUS, "odd", "m1", b"")

async def awaited(ids):
    return ids

def test_wrong(mockatell):
    mockatell.{call}
"""
    )
    result.assert_outcomes(failed=1)
    out = " ".join(result.stdout.str().split())
    assert all(part in out for part in words.split("*"))


def test_an_endpoint_that_fails_in_order_is_said_to(run):
    result = run(
        """
@pytest.fixture
def mockatell_config():
    return {"endpoints": {"status": "/callback", "reply": "/nowhere"}}

def test_down(mockatell):
    mockatell.converges(TOLD, state="/messages/{messageId}")
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*does not take the conversation in order and once each:",
            "*moText to message m1 was never*",
        ]
    )


KNOWN = """
def test_known(mockatell, store):
    store.statuses["m1"] = "SENT_TO_SUPPLIER"

    def known(kind, event, take=store.guarded):
        if event["messageId"] not in store.statuses:
            raise LookupError(f"no message {event['messageId']}")
        take(kind, event)

    store.guarded = known
    mockatell.converges(TOLD[1:3], state=lambda ids: store.statuses.get(ids["messageId"])%s)
"""


def test_an_app_that_must_know_the_ids_is_told_of_reset(run):
    result = run(KNOWN % "")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*in order and once each:",
            "E*DEVICE_ACK of message m1 was answered 500*: LookupError: no message m1 at *",
            "E*Every schedule has the conversation under message ids of its own: * give reset=*",
            "*mockatell: raised by the app (1)*",
            "LookupError: no message m1",
        ]
    )
    assert "mockatell/rooms" not in result.stdout.str()
    reset = ', reset=lambda: store.statuses.update(m1="SENT_TO_SUPPLIER"), most=20'
    run(KNOWN % reset).assert_outcomes(passed=1)


def test_what_the_app_raised_in_the_schedule_that_is_shown_is_shown(run):
    result = run(
        """
FLAW = "crashes"

def test_crashes(mockatell):
    mockatell.converges(TOLD, state="/messages/{messageId}")
"""
    )
    result.stdout.fnmatch_lines(["*mockatell: raised by the app (1)*", "LookupError: no such *"])
    assert "mockatell/rooms" not in result.stdout.str()


@pytest.mark.parametrize(
    ("retry", "retries"),
    [
        ("one-api", (2, 2)),
        ("none", (0, 0)),
        ("{schedule: [1s]}", (1, 1)),
        ("{status: none, reply: fast}", (0, 2)),
    ],
)
def test_no_more_attempts_fail_than_are_retried(retry, retries):
    config = mockatell.parse(f"{{messages: [{{lifecycle: sent}}], retry: {retry}}}")
    told = (mockatell.messageStatusUpdate(message_id="m1"), mockatell.moText("Yes"))
    assert convergence._leeway(config, told, races=False).retries == retries


def test_what_happens_only_once_is_labelled(run):
    result = run(
        """
def test_once(mockatell, store):
    def state(message):
        key = message["messageId"]
        if store.seen and "moText" not in store.seen:
            store.seen.add("moText")
            return "odd"
        return store.statuses.get(key)

    def upset(kind, event, take=store.guarded):
        old = store.statuses.get(event.get("messageId"))
        take(kind, event)
        if old == "READ" and event.get("status") == "SENT_TO_SUPPLIER":
            store.seen.add("READ")

    store.guarded = upset
    with pytest.raises(AssertionError, match="not the second time") as raised:
        mockatell.converges(TOLD, state=state)
    assert not raised.value.finding.confirmed
    assert "expected 'READ', got 'odd'" in str(raised.value)
"""
    )
    result.assert_outcomes(passed=1)


RACING = """
import asyncio

@pytest.fixture
def mockatell_target(store):
    app = FastAPI()

    @app.post("/callback")
    async def callback(request: Request):
        [[kind, [event]]] = (await request.json())["event"].items()
        known = store.statuses.get(event["messageId"])
        await asyncio.sleep(0)  # as a database would: what was read may be stale
        if known is None or RANK.index(known) < RANK.index(event["status"]):
            store.statuses[event["messageId"]] = event["status"]

    return app

def test_raced(mockatell, store):
    def state(ids):
        return store.statuses.get(ids["messageId"])

    with pytest.raises(AssertionError, match="2. at the same moment: ") as raised:
        mockatell.converges(TOLD[:3], state=state)
    schedule = raised.value.finding.schedule
    assert schedule == Schedule((1, 0), races=(1,))
    with pytest.raises(AssertionError):
        mockatell.converges(TOLD[:3], state=state, only=[schedule])
    first, second = mockatell.follow(TOLD, schedule)
    assert (first.due, first.sent_at) == (second.due, second.sent_at)
"""


def test_two_at_one_moment_are_tried_where_the_target_can_take_them(run):
    run(RACING, app=FASTAPI).assert_outcomes(passed=1)


def test_a_coroutine_is_told_to_be_a_function(run):
    run(
        """
import asyncio

def test_inside(mockatell):
    async def main():
        with pytest.raises(Exception, match="use `await mockatell.aio.converges"):
            mockatell.converges(TOLD, state="/messages/{messageId}")
    asyncio.run(main())
""",
        app=FASTAPI,
    ).assert_outcomes(passed=1)


def test_without_hypothesis_the_simple_schedules_are_still_tried(run, monkeypatch):
    monkeypatch.setattr(searching, "is_there", lambda: False)
    monkeypatch.delitem(sys.modules, "mockatell.strategies", raising=False)
    run(
        """
def test_simple(mockatell, store):
    found = mockatell.converges(TOLD[:3], state=lambda m: store.statuses.get(m["messageId"]))
    assert found.exhaustive and not found.searched

def test_strategies():
    from mockatell import ConfigurationError
    with pytest.raises(ConfigurationError, match=r"pip install 'mockatell\\[explore\\]'"):
        import mockatell.strategies
"""
    ).assert_outcomes(passed=2)


def test_a_url_is_a_target_too(run, live):
    run(
        live
        + """
def test_url(mockatell):
    found = mockatell.converges(TOLD[:3], state="/messages/{messageId}", most=60)
    assert found.tried == 60
"""
    ).assert_outcomes(passed=1)


class TestStrategies:
    def test_callbacks_are_of_every_kind(self):
        from mockatell.strategies import callbacks

        kinds = set()

        @hypothesis.settings(max_examples=200, database=None, derandomize=True)
        @hypothesis.given(callbacks())
        def see(callback):
            [kind] = json.loads(callback.body)["event"]
            assert kind == callback.kind
            kinds.add(kind)

        see()
        assert len(kinds) == 10

    def test_a_kind_can_be_chosen(self):
        from mockatell.strategies import callbacks

        callback = hypothesis.find(callbacks("moText"), lambda _: True)
        assert json.loads(callback.body)["event"]["moText"][0]["content"] == ""

    def test_conversations(self):
        from mockatell.strategies import conversations

        @hypothesis.settings(max_examples=50, database=None)
        @hypothesis.given(conversations())
        def see(events):
            statuses = [event.status for event in events if event.status]
            assert statuses == ["SENT_TO_SUPPLIER", "DEVICE_ACK", "READ"][: len(statuses)]
            assert 1 <= len(statuses) <= len(events) <= len(statuses) + 1
            assert len({event.message_id for event in events}) == 1

        see()

    @pytest.mark.parametrize(
        ("breaks", "least"),
        [
            (lambda s: {1, 2} <= set(s.order) and s.order.index(2) < s.order.index(1), (2, 1)),
            (lambda s: s.order.count(0) == 2, (0, 0)),
            (lambda s: len(s.order) == 3 and len(set(s.order)) == 3, (0, 1, 2)),
        ],
    )
    def test_schedules_shrink_to_the_least(self, breaks, least):
        from mockatell import conversation
        from mockatell.strategies import schedules

        quietly = hypothesis.settings(database=None, max_examples=1000)
        told = conversation(message_id="m1")
        found = hypothesis.find(schedules(told), breaks, settings=quietly)
        assert (found.order, found.lost, found.refused) == (least, (), ())

    def test_a_whole_conversation_leaves_nothing_out(self):
        from mockatell import conversation
        from mockatell.strategies import schedules

        told = schedules(conversation(message_id="m1"), whole=True)
        seen = set()

        @hypothesis.settings(max_examples=300, database=None, derandomize=True)
        @hypothesis.given(told)
        def see(schedule):
            assert schedule.events == (0, 1, 2)
            seen.add(schedule.order)

        see()
        assert {(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)} <= seen
        assert hypothesis.find(told, lambda _: True).order == (0, 1, 2)

    def test_lost_acknowledgements_and_refusals_are_drawn(self):
        from mockatell import Schedule, conversation
        from mockatell.strategies import schedules

        told = schedules(conversation(message_id="m1"))
        for wanted, least in (
            (lambda s: s.lost, Schedule((0,), lost=(0,))),
            (lambda s: len(s.refused) == 2, Schedule((0,), refused=(0, 0))),
        ):
            assert hypothesis.find(told, wanted) == least
