"""`mockatell.explore` on apps in process: what it finds, what it does not call a finding."""

import asyncio
import json
from itertools import count

import httpx
import pytest

import mockatell
from mockatell import Schedule
from mockatell.rooms.explore import exploring, searching
from mockatell.rooms.explore.explore import Aim, Expedition
from mockatell.rooms.explore.replaying import replay_scenario
from mockatell.rooms.fixture.send_side import SendSide
from mockatell.shell.clock import VirtualClock

FEW = {"budget": "20s", "most": 60, "seed": 1}


def schedules(explored):
    return [each.finding.schedule for each in explored.discoveries]


def test_the_smallest_schedule_and_what_it_leaves(two, make, takes):
    explored = mockatell.explore(two, app=make(takes["last"]), **FEW)
    [found] = explored.discoveries
    assert found.finding.schedule == Schedule((1, 0))
    assert found.finding.expected.state == {"/messages/m1": {"status": "READ"}}
    assert found.finding.got.state == {"/messages/m1": {"status": "DEVICE_ACK"}}
    assert (found.broke, found.of, found.is_flaky) == (5, 5, False)
    assert explored.exit_code == 1


def test_nothing_is_found_in_what_is_correct(two, make):
    app = make()
    explored = mockatell.explore(two, app=app, budget="20s", seed=1, most=200)
    assert (explored.tried, explored.discoveries, explored.exit_code) == (200, (), 0)
    assert explored.exhaustive
    assert explored.searched
    assert all(seen == of for seen, of in explored.coverage.values())
    assert len(app.state) > 150, "each schedule has a message of its own"


def test_the_same_seed_does_the_same(two, make, takes):
    first, second = (mockatell.explore(two, app=make(takes["last"]), **FEW) for _ in range(2))
    assert first.discoveries == second.discoveries
    assert first.tried == second.tried


def test_a_path_is_enough_for_an_app(two, make):
    class Strict:
        def __init__(self):
            self.app, self.paths = make(), set()

        async def __call__(self, scope, receive, send):
            self.paths |= {scope["path"]} if scope.get("method") == "POST" else set()
            await self.app(scope, receive, send)

    app = Strict()
    mockatell.explore(two, app=app, to="/cb", **FEW | {"most": 3})
    assert app.paths == {"/cb"}


def test_two_explorations_of_one_app_use_other_ids(two, make, takes):
    """What the first left behind must not be what the second sees."""
    app = make(takes["furthest"])
    counts = []
    for _ in range(2):
        mockatell.explore(two, app=app, **FEW | {"most": 20})
        counts.append(len(app.state))
    assert counts[1] == 2 * counts[0]


def test_a_state_that_only_gains_a_key_is_seen_by_run(two, make):
    """`json` is contained in more, so that the scenario asks for the very keys."""

    def take(state, event):
        if "status" in event:
            known = state.setdefault(event["messageId"], {"status": ""})
            undone = known["status"] == "READ" and event["status"] == "DEVICE_ACK"
            known.update({"undone": True} if undone else {"status": event["status"]})

    app = make(take)
    explored = mockatell.explore(two, app=app, **FEW)
    finding = explored.discoveries[0].finding
    assert finding.got.state == {"/messages/m1": {"status": "READ", "undone": True}}
    journal = mockatell.run(mockatell.parse(finding.scenario), app=app)
    assert mockatell.report(journal).exit_code == 1


def test_a_list_that_only_gains_keys_is_said_not_to_be_seen_by_run(two, make):
    def take(state, event):
        if "status" in event:
            known = state.setdefault(event["messageId"], {"all": [{"status": ""}]})["all"][0]
            undone = known["status"] == "READ" and event["status"] == "DEVICE_ACK"
            known.update({"undone": True} if undone else {"status": event["status"]})

    explored = mockatell.explore(two, app=make(take), **FEW)
    assert "# mockatell run does not see it: `json`" in explored.discoveries[0].finding.scenario


def test_several_kinds_are_found_one_does_not_hide_the_other(two, make, takes):
    def take(state, event):
        takes["last"](state, event)
        if "content" in event:
            known = state.setdefault(event["relatedMessageId"], {"status": None})
            known["answers"] = known.get("answers", 0) + 1

    explored = mockatell.explore(two, app=make(take), **FEW)
    # The second: a status forgets the answers that came before it.
    assert schedules(explored)[:2] == [Schedule((1, 0)), Schedule((2, 0))]
    assert Schedule((0, 2, 2)) in schedules(explored)


def test_a_flaky_finding_is_labelled_with_its_rate(two, make, takes):
    coin = count()

    def take(state, event):
        luck = next(coin) % 3
        return takes["last" if luck else "furthest"](state, event)

    explored = mockatell.explore(two, app=make(take), **FEW)
    flaky = [each for each in explored.discoveries if each.is_flaky]
    assert flaky
    assert 0 < flaky[0].broke < flaky[0].of == 20
    assert f"flaky: it broke in {flaky[0].broke} of 20 runs" in flaky[0].finding.scenario


def test_what_happens_once_is_not_counted(two, make, takes):
    upset = []

    def take(state, event):
        known = state.get(event.get("messageId"), {}).get("status")
        if not upset and known == "READ" and event.get("status") == "DEVICE_ACK":
            upset.append(event)
            return takes["last"](state, event)
        return takes["furthest"](state, event)

    explored = mockatell.explore(two, app=make(take), **FEW)
    assert (explored.discoveries, explored.unconfirmed) == ((), 1)


class TestMissingEvidence:
    def test_a_state_that_differs_when_nothing_does(self, two, make):
        ticks = count()
        app = make()
        app.sees = lambda known: known | {"at": next(ticks), "log": [{"id": next(ticks)}]}
        with pytest.raises(mockatell.ConfigurationError) as raised:
            mockatell.explore(two, app=app, **FEW)
        said = str(raised.value)
        assert "not do the same twice" in said
        assert "--ignore 'at' --ignore 'log[*].id'" in said
        ignored = mockatell.explore(two, app=app, ignore=["at", "log[*].id"], **FEW)
        assert ignored.discoveries == ()

    def test_ignoring(self, two, make):
        with pytest.raises(mockatell.ConfigurationError, match=r"'\[\[\[' is no path"):
            mockatell.explore(two, app=make(), ignore=["[[["], **FEW)
        app = make()
        app.sees = lambda known: known | {"at": 1}
        explored = mockatell.explore(two, app=app, ignore=["at", "ta"], **FEW | {"most": 5})
        assert explored.unmatched == ("ta",)
        assert "--ignore ta: it is nowhere in the state" in explored.summary

    def test_a_budget_that_ends_before_the_reference_is_done(self, make):
        """The state goes on changing for longer than there is time."""

        async def work(state, event):
            for at in range(100):
                await asyncio.sleep(0.02)
                state[event["messageId"]] = {"at": at}

        tasks = []

        def take(state, event):
            if "status" in event:
                tasks.append(asyncio.get_running_loop().create_task(work(state, event)))

        slow = mockatell.parse(
            "messages: [{channel: whatsapp, steps: [{status: DEVICE_ACK}]}]\n"
            'expect: [{probe: {get: "http://app/messages/{messageId}", within: 5s}}]'
        )
        with pytest.raises(mockatell.ConfigurationError, match="had not settled within the budget"):
            mockatell.explore(slow, app=make(take), **FEW | {"budget": 0.6})

    def test_a_probe_that_is_wrong_is_known_before_time_is_up(self, make):
        wrong = mockatell.parse(
            "messages: [{channel: whatsapp, steps: [{status: DEVICE_ACK}]}]\n"
            'expect: [{probe: {get: "http://app/messages/{messageId}/x"}}]'
        )
        with pytest.raises(mockatell.ConfigurationError, match="is the probe's URL right"):
            mockatell.explore(wrong, app=make(), **FEW | {"budget": 0.5})

    def test_one_that_works_on_in_steps_is_waited_for(self, two, make, takes):
        """It is quiet for longer than a first look takes, and then goes on."""

        async def work(state, event):
            takes["furthest"](state, event)
            await asyncio.sleep(0.3 if len(state) <= 3 else 0)  # a cold start
            state[event["messageId"]]["billed"] = True

        tasks = []

        def take(state, event):
            if "status" in event:
                tasks.append(asyncio.get_running_loop().create_task(work(state, event)))

        explored = mockatell.explore(two, app=make(take), **FEW | {"most": 4})
        assert explored.discoveries == ()

    def test_a_state_that_cannot_be_seen(self, two, make):
        app = make()
        app.sees = lambda _: 1 / 0
        with pytest.raises(mockatell.ConfigurationError, match="/messages/m1 was answered 500"):
            mockatell.explore(two, app=app, **FEW)

    def test_a_state_that_shows_nothing(self, make):
        app = make()
        app.sees = lambda _: {}
        blank = mockatell.parse("{messages: [{reply: moText}]}")
        with pytest.raises(mockatell.ConfigurationError, match="there is nothing to see: give"):
            mockatell.explore(blank, app=app, **FEW)
        with pytest.raises(mockatell.ConfigurationError, match="same before the conversation"):
            mockatell.explore(blank, app=app, state=lambda _: 1, **FEW)

    def test_what_cannot_be_seen_is_no_finding_but_is_counted(self, two, make, takes):
        def take(state, event):
            undone = event.get("status") == "DEVICE_ACK" and event["messageId"] in state
            takes["last"](state, event)
            if undone:
                state[event["messageId"]]["undone"] = True

        app = make(take)
        app.sees = lambda known: 1 / 0 if "undone" in known else known
        explored = mockatell.explore(two, app=app, **FEW | {"most": 30})
        assert explored.discoveries == ()
        assert explored.unseen > 0

    @pytest.mark.parametrize("wrong", [{"budget": 0}, {"most": 0}, {"budget": "soon"}])
    def test_what_makes_no_sense(self, two, make, wrong):
        with pytest.raises(
            ValueError if "soon" in wrong.values() else mockatell.ConfigurationError
        ):
            mockatell.explore(two, app=make(), **FEW | wrong)

    def test_a_scenario_without_messages(self, make):
        with pytest.raises(mockatell.InputError, match="no messages"):
            mockatell.explore(mockatell.Scenario(), app=make(), **FEW)

    def test_a_running_loop(self, two, make):
        async def main():
            with pytest.raises(mockatell.ConfigurationError, match=r"asyncio\.to_thread"):
                mockatell.explore(two, app=make(), **FEW)

        asyncio.run(main())


class TestRefusedInOrder:
    def test_an_event_alone(self, two, make, takes):
        def take(state, event):
            if event.get("status") == "READ" and event["messageId"] not in state:
                return 404
            return takes["furthest"](state, event)

        explored = mockatell.explore(two, app=make(take), **FEW)
        [found] = explored.discoveries
        assert (found.in_order, found.refusal) == (True, "was rejected with 404")
        assert found.finding.schedule == Schedule((1,))
        assert explored.tried == 60, "the rest is explored all the same"

    def test_everything(self, two, make):
        explored = mockatell.explore(two, app=make(lambda *_: 401), **FEW)
        [found] = explored.discoveries
        assert (found.finding.schedule, found.refusal) == (Schedule((0,)), "was rejected with 401")
        assert explored.tried == 0

    def test_a_part_of_it(self, two, make, takes):
        def take(state, event):
            return 500 if "content" in event else takes["last"](state, event)

        explored = mockatell.explore(two, app=make(take), **FEW)
        assert [each.in_order for each in explored.discoveries] == [True, False]
        assert schedules(explored)[1] == Schedule((1, 0))


class TestSettling:
    """An app that works on after its answer is looked at when it is done."""

    LAG = 0.03

    def later(self, take):
        async def work(state, event):
            await asyncio.sleep(self.LAG)
            take(state, event)

        def begin(state, event):
            self.tasks.append(asyncio.get_running_loop().create_task(work(state, event)))

        self.tasks = []
        return begin

    def test_it_is_no_finding(self, two, make, takes):
        app = make(self.later(takes["furthest"]))
        explored = mockatell.explore(two, app=app, **FEW | {"most": 30})
        assert (explored.tried, explored.discoveries) == (30, ())

    def test_its_flaw_is_found(self, two, make, takes):
        app = make(self.later(takes["last"]))
        explored = mockatell.explore(two, app=app, **FEW | {"most": 12})
        assert schedules(explored) == [Schedule((1, 0))]


class TestEyes:
    def test_a_function(self, blind, make, takes):
        app = make(takes["last"])
        explored = mockatell.explore(
            blind, app=app, state=lambda ids: app.state.get(ids.get("messageId")), **FEW
        )
        assert schedules(explored) == [Schedule((1, 0))]
        assert "(mockatell, state)" in explored.discoveries[0].finding.test

    def test_a_function_that_needs_what_an_answer_alone_has_not(self, make, takes):
        """As with probes, a message without the id is not looked at."""
        both = mockatell.parse(
            "messages: [{reply: moText},"
            " {channel: whatsapp, steps: [{status: DEVICE_ACK}, {status: READ, after: 1s}]}]"
        )
        app = make(takes["last"])
        explored = mockatell.explore(
            both, app=app, state=lambda ids: app.state.get(ids["messageId"]), **FEW
        )
        assert schedules(explored) == [Schedule((1, 0))]
        assert explored.skipped[0].startswith("moText (the state is the same before")
        assert "not explored: moText (" in str(explored)
        assert "finding 1: it ends otherwise than in order and once each" in str(explored)

    def test_its_file_says_that_a_function_saw_it(self, blind, make, takes):
        app = make(takes["last"])
        explored = mockatell.explore(
            blind, app=app, state=lambda ids: app.state.get(ids.get("messageId")), **FEW
        )
        finding = explored.discoveries[0].finding
        assert "again: mockatell replay finding-1.yaml --probe URL" in finding.scenario
        assert "a fixture `state`" in finding.test
        replayed = Expedition(Aim(mockatell.parse(finding.scenario), app=app, is_blind=True))
        with replayed, pytest.raises(mockatell.ConfigurationError, match="give --probe URL"):
            replay_scenario(replayed)

    def test_a_reset_keeps_the_ids(self, blind, make, takes):
        app = make(takes["last"])
        seen = set()

        def state(_):
            seen.update(app.state)
            return app.state

        explored = mockatell.explore(blind, app=app, state=state, reset=app.state.clear, **FEW)
        assert schedules(explored) == [Schedule((1, 0))]
        assert len(seen) == 1

    def test_what_the_app_sends(self, blind, make):
        """One moText, two replies sent: seen with no probe at all."""
        side = SendSide(1, VirtualClock)
        client = httpx.AsyncClient(
            transport=side.transport, base_url="https://x", headers={"Authorization": "key"}
        )

        async def take(_state, event):
            if "content" in event:
                told = {"channel": "sms", "to": event["from"], "content": "Thanks"}
                sent = await client.post("/v1/message", json={"messages": [told]})
                assert sent.json()["messages"][0]["accepted"]

        explored = mockatell.explore(blind, app=make(take), sent=side.sent, **FEW)
        [found] = explored.discoveries
        assert found.finding.schedule == Schedule((2, 2))
        thanks = {"to": "the user", "channel": "sms", "content": "Thanks"}
        assert list(found.finding.expected.state.values()) == [[thanks]]
        assert list(found.finding.got.state.values()) == [[thanks, thanks]]
        assert "def state(clickatell):" in found.finding.test
        compile(found.finding.test, "test_finding.py", "exec")


def test_a_wsgi_app_is_explored_without_races(two, takes):
    state = {}

    def app(environ, start_response):
        status, answer = "200 OK", {}
        if environ["REQUEST_METHOD"] == "GET":
            known = state.get(environ["PATH_INFO"].rpartition("/")[2])
            status, answer = ("404 Not Found", {}) if known is None else (status, known)
        else:
            for [event] in json.loads(environ["wsgi.input"].read())["event"].values():
                takes["last"](state, event)
        start_response(status, [])
        return [json.dumps(answer).encode()]

    explored = mockatell.explore(two, app=app, **FEW)
    assert schedules(explored) == [Schedule((1, 0))]
    assert explored.coverage["race"] == (0, 0)


def test_interrupted_it_keeps_what_was_found(two, make, takes, monkeypatch):
    """Even what was not made small yet."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(exploring, "simpler", interrupted)
    explored = mockatell.explore(two, app=make(takes["last"]), **FEW)
    assert (explored.interrupted, explored.exit_code) == (True, 130)
    assert schedules(explored) == [Schedule((1, 0))]
    assert explored.discoveries[0].finding.scenario.startswith("# Found by")


def test_without_hypothesis_the_simple_schedules_are_tried(two, make, monkeypatch):
    monkeypatch.setattr(searching, "is_there", lambda: False)
    explored = mockatell.explore(two, app=make(), budget="20s", seed=1)
    assert explored.exhaustive
    assert not explored.searched


def test_a_hundred_messages_of_one_sort_are_one_conversation(make):
    many = mockatell.parse(
        "messages: [{count: 100, channel: whatsapp, lifecycle: {read: 50%, delivered: 50%}}]\n"
        'expect: [{probe: {get: "http://app/messages/{messageId}"}}]'
    )
    ranks = {"SENT_TO_SUPPLIER": 1, "DEVICE_ACK": 2, "READ": 3}

    def take(state, event):
        known = state.setdefault(event["messageId"], {"status": 0})
        known["status"] = max(known["status"], ranks[event["status"]])

    explored = mockatell.explore(many, app=make(take), **FEW)
    assert explored.conversations == 2
    assert explored.discoveries == ()
