"""Scenarios that play in the sidecar."""

import asyncio
import json
import re

import pytest

from mockatell.core.sidecar.effort import GLANCE, SLICE
from mockatell.core.sidecar.rows import RunRow
from mockatell.core.sidecar.runs import AHEAD, MOST_AHEAD, Run
from mockatell.core.sidecar.views import RunRequest
from mockatell.errors import ConfigurationError, ConflictError, InputError, UnknownError
from mockatell.model import Answer
from mockatell.shell.store import SqliteStore

REPLIED = "messages: [{count: 10, over: 20s, lifecycle: replied, channel: whatsapp}]"
SENT = "messages: [{lifecycle: sent}]"


def begun(played, text, seed=3):
    number = len(played.world.runs) + 1
    row = RunRow(f"r{number}", number, "run", json.dumps(text), (), False, seed, played.now)
    run = played._run(row, None, played.world)
    played.world.start(run)
    played.flush()
    return run


def test_a_run_plays_to_its_verdict(run, house):
    async def main():
        async with house() as h:
            started = await h.sidecar.start_run(RunRequest(yaml=REPLIED, seed=5))
            assert (started.id, started.seed, started.state) == ("r1", 5, "running")
            await h.sidecar.advance(600)
            assert (await h.sidecar.wait("acknowledged", 10, run="r1")).reached
            view = h.sidecar.run("r1")
            assert (view.state, view.verdict, view.exit_code) == ("finished", "held", 0)
            assert (view.deliveries, view.acknowledged, view.pending) == (50, 50, 0)
            assert len(h.sidecar.deliveries(limit=99, run="r1")) == 50
            assert len(h.sidecar.messages(limit=99, run="r1", direction="received")) == 10
            report = h.sidecar.report("r1")
            assert (report.started.seed, report.totals.acknowledged) == (5, 50)
            assert h.sidecar.runs() == [view]

    run(main())


def test_the_same_seed_plays_the_same_and_none_draws_one_that_replays(run, house):
    async def main():
        async def bodies(**asked):
            async with house() as h:
                await h.sidecar.start_run(RunRequest(yaml=REPLIED, **asked))
                await h.sidecar.advance(600)
                views = h.sidecar.deliveries(limit=99)
                return {v.message_id for v in views}, h.sidecar.run("r1").seed

        first, second = await bodies(), await bodies()
        assert first == second
        assert await bodies(seed=first[1]) == first
        assert (await bodies(seed=99))[0] != first[0]

    run(main())


def test_a_probe_looks_at_the_customer_s_state_and_may_break_the_run(run, house):
    async def main():
        async with house() as h:
            probe = {"get": h.endpoint.url, "status": 200, "within": "50ms"}
            text = {
                "messages": [{"lifecycle": "sent"}],
                "expect": [{"acknowledged": "all"}, {"probe": probe}],
            }
            await h.sidecar.start_run(RunRequest(yaml=json.dumps(text)))
            await h.sidecar.advance(60)
            await h.sidecar.wait("quiet", 10, run="r1")
            clauses = h.sidecar.report("r1").expectations
            assert clauses[0].held is True
            assert clauses[1].clause.startswith("probe: GET")
            assert clauses[1].held is True
            h.endpoint.status = 202
            await h.sidecar.start_run(RunRequest(yaml=json.dumps(text)))
            await h.sidecar.advance(60)
            await h.sidecar.wait("quiet", 10, run="r2")
            assert (h.sidecar.run("r2").verdict, h.sidecar.run("r2").exit_code) == ("broken", 1)

    run(main())


def test_a_cancelled_run_sends_nothing_more(run, house):
    async def main():
        async with house() as h:
            h.endpoint.status = 500
            await h.sidecar.start_run(RunRequest(yaml=REPLIED))
            await h.sidecar.advance(10)
            sent = len(h.endpoint.requests)
            view = await h.sidecar.cancel_run("r1")
            assert (view.state, view.verdict, view.exit_code) == ("cancelled", "interrupted", 130)
            await h.sidecar.advance(600)
            assert len(h.endpoint.requests) == sent
            assert {v.state for v in h.sidecar.deliveries(limit=99)} == {"cancelled"}
            assert h.sidecar.overview().pending == 0
            with pytest.raises(ConflictError, match="is over"):
                await h.sidecar.cancel_run("r1")

    run(main())


@pytest.mark.parametrize(
    ("answer", "state"), [(Answer(200), "acknowledged"), (Answer(500), "cancelled")]
)
def test_what_is_under_way_when_its_run_is_cancelled_ends_as_it_ends(played, answer, state):
    run = begun(played, {"messages": [{"lifecycle": "sent"}]})
    played.now = played.world.next_due()
    [[exchange]] = played.world.take(played.now)
    played.world.cancel(run, played.now)
    assert played.world.pending() == 1
    played.world.ended(exchange, answer, played.now)
    assert played.states() == [state]
    assert (played.world.pending(), played.world.next_due()) == (0, None)
    played.flush()
    played.crash()
    assert played.states() == [state]
    assert played.world.next_due() is None


def test_a_scenario_s_own_endpoints_are_used_where_the_sidecar_has_none(run, house):
    async def main():
        async with house() as other, house(status_url=None, reply_url=None) as h:
            with pytest.raises(ConfigurationError, match="no URL for the status endpoint"):
                await h.sidecar.start_run(RunRequest(yaml=SENT))
            text = f"endpoints: {{status: '{other.endpoint.url}?token=sekrit'}}\n{SENT}"
            await h.sidecar.start_run(RunRequest(yaml=text))
            await h.sidecar.advance(60)
            assert len(other.endpoint.requests) == 1
            [view] = h.sidecar.deliveries(limit=5)
            detail = h.sidecar.delivery(view.seq)
            assert detail.url == f"{other.endpoint.url}?token=***"
            assert detail.tries[0].request_headers[0][0] == "Host"
            await h.sidecar.redeliver(view.seq)
            await h.sidecar.advance(60)
            assert len(other.endpoint.requests) == 2

    run(main())


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (RunRequest(), "`scenario`, a name, or with `yaml`"),
        (RunRequest(scenario="receipts", yaml=SENT), "`scenario`, a name, or with `yaml`"),
        (RunRequest(scenario="nothing like it"), "there is no scenario"),
        (RunRequest(scenario="../../etc/passwd"), "there is no scenario"),
        (RunRequest(yaml="messages: ["), "run:2: is not YAML"),
        (RunRequest(yaml="messages: [{lifecycle: '${HOME}'}]"), "HOME"),
        (RunRequest(yaml=SENT, set={"messages.7.count": 5}), "messages"),
        (RunRequest(yaml="a" * 2**21), "run"),
    ],
)
def test_a_run_that_cannot_be_is_refused(run, house, request_, error, monkeypatch):
    monkeypatch.setenv("HOME", "/root")

    async def main():
        async with house(environment={"HOME": "read"}) as h:
            with pytest.raises(InputError, match=error):
                await h.sidecar.start_run(request_)
            assert h.sidecar.runs() == []

    run(main())


def test_scenarios_are_shipped_in_a_folder_or_uploaded(run, house, tmp_path):
    (tmp_path / "own.yaml").write_text("# finds nothing\nname: ${NAME}\n" + SENT)
    (tmp_path / "notes.txt").write_text("no scenario")

    async def main():
        async with house(scenarios=str(tmp_path), environment={"NAME": "named"}) as h:
            side = h.sidecar
            known = {view.name: view for view in side.scenarios()}
            assert known["receipts"].source == "shipped"
            assert (known["own"].source, known["own"].summary) == ("directory", "finds nothing")
            assert "notes" not in known
            assert (await side.start_run(RunRequest(scenario="own"))).scenario == "named"
            uploaded = await side.upload("own", "# mine\n" + SENT)
            assert (uploaded.source, uploaded.summary) == ("uploaded", "mine")
            assert side.scenario("own") == uploaded
            view = await side.start_run(RunRequest(scenario="own", set={"messages[0].count": 3}))
            assert view.deliveries == 3
            for name, text in (("a/b", SENT), ("", SENT), ("x" * 101, SENT), ("ok", "nonsense: 1")):
                with pytest.raises(InputError):
                    await side.upload(name, text)
            with pytest.raises(UnknownError):
                side.scenario("never")

    run(main())


def test_a_run_that_was_cut_off_goes_on_and_ends_as_it_would_have(make_played):
    def play(*crashes):
        played = make_played(retry="central-status")
        begun(played, {"messages": [{"count": 20, "over": "60s", "lifecycle": "delivered"}],
                       "faults": [{"duplicate": {"probability": 0.3}}]})  # fmt: skip
        for seconds in crashes:
            played.play(seconds)
            played.crash()
        played.play(86400)
        run = played.world.runs["r1"]
        return [c.body for c in played.received], run.tallies.run_ended(), run.played

    whole = play()
    assert whole[2]
    assert play(1.0, 7.0, 20.0) == whole


def test_what_an_earlier_life_has_drawn_is_passed_over_in_slices(make_played):
    played = make_played(retry="central-status")
    begun(played, {"messages": [{"rate": "1000/s", "for": "10s", "lifecycle": "delivered"}]})
    played.play(6)
    drawn = played.world.runs["r1"].progress.drawn
    assert drawn > 10 * SLICE
    played.crash()
    run, passed = played.world.runs["r1"], []
    while run.behind:
        assert not run.played
        assert played.world.next_due() <= played.now
        before = run.behind
        played.turn()
        passed.append(before - run.behind)
    assert max(passed) <= GLANCE + 1
    assert run.progress.drawn == drawn
    played.play(60)
    assert run.tallies.ends["acknowledged"] == 20_000
    assert run.played


def test_a_run_that_is_cancelled_before_it_has_caught_up_is_over(make_played):
    played = make_played(retry="central-status")
    begun(played, {"messages": [{"rate": "1000/s", "for": "10s", "lifecycle": "delivered"}]})
    played.play(6)
    played.crash()
    run = played.world.runs["r1"]
    assert run.behind
    played.world.cancel(run, played.now)
    played.play(600)
    assert (run.progress.state, played.world.pending(), run.behind) == ("cancelled", 0, 0)
    assert played.world.next_due() is None


def test_a_run_that_was_cut_off_before_it_was_judged_is_judged(played):
    begun(played, {"messages": [{"lifecycle": "sent"}]})
    played.play(60)
    played.crash()
    assert played.world.runs["r1"].played
    assert ("run", "r1") in played.world.changes.told()


def test_a_long_plan_is_drawn_only_a_little_ahead(make_played):
    played = make_played(retry="central-status")
    played.answer = Answer(500)
    run = begun(played, {"messages": [{"rate": "1000/s", "for": "5s", "lifecycle": "sent"}]})
    assert len(played.world.tracks) <= MOST_AHEAD
    assert max(track.row.due for track in played.world.tracks) <= AHEAD + 2.0
    played.play(2.0)
    assert run.tallies.pending == MOST_AHEAD
    played.answer = Answer(200)
    played.play(600.0)
    assert run.tallies.ends["acknowledged"] > MOST_AHEAD


def test_counts_of_a_run_survive_retention_and_restart(make_played):
    from mockatell.core.sidecar.retention import Retention

    played = make_played(retention=Retention(messages=5, deliveries=5))
    begun(played, {"messages": [{"count": 50, "over": "5s", "lifecycle": "sent"}]})
    played.play(60)
    assert len(played.world.tracks) == 5
    played.flush()
    played.crash()
    ended = played.world.runs["r1"].tallies.run_ended()
    assert (ended.deliveries, ended.attempts, ended.acknowledged) == (50, 50, 50)


def test_a_run_whose_scenario_cannot_be_read_any_more_fails_and_nothing_else_does(
    run, house, tmp_path
):
    path = str(tmp_path / "sidecar.db")
    (tmp_path / "own.yaml").write_text("messages: [{lifecycle: '${LIFE}'}]")

    async def main():
        given = {"scenarios": str(tmp_path)}
        async with house(store=SqliteStore(path), environment={"LIFE": "sent"}, **given) as h:
            await h.sidecar.start_run(RunRequest(scenario="own"))
            endpoint = h.endpoint
        async with house(store=SqliteStore(path), endpoint=endpoint, **given) as h:
            view = h.sidecar.run("r1")
            assert view.state == "failed"
            assert "cannot be read any more" in view.error
            await h.message()
            await h.sidecar.advance(60)
            assert (await h.sidecar.wait("acknowledged", 5)).reached

    run(main())


def test_faults_that_are_switched_on_hit_a_run_s_exchanges_too(run, house):
    async def main():
        async with house() as h:
            await h.sidecar.set_faults([{"outage": {"at": "0s", "for": "1m"}}])
            await h.sidecar.start_run(RunRequest(yaml=SENT))
            await h.sidecar.advance(30)
            assert h.endpoint.requests == []
            await h.sidecar.advance(600)
            assert len(h.endpoint.requests) == 1

    run(main())


def test_a_run_is_woken_for_by_its_verdict(run, house):
    async def main():
        async with house() as h:
            await h.sidecar.start_run(RunRequest(yaml=REPLIED))
            waiting = asyncio.ensure_future(h.sidecar.wait("quiet", 60, run="r1"))
            await h.sidecar.advance(600)
            assert (await waiting).reached
            assert h.sidecar.run("r1").state == "finished"

    run(main())


AT_ONCE = "messages: [{{count: {count}, channel: sms}}]"


@pytest.mark.parametrize(
    "text",
    [
        AT_ONCE.format(count=100_000_000),
        "messages: [{rate: 1000000/s, for: 10m, lifecycle: delivered}]",
        "{messages: [{count: 1000000, over: 1h}], faults: [{reorder: {within: 1h}}]}",
    ],
)
def test_a_run_of_too_much_at_one_time_is_refused_at_once(run, house, text):
    async def main():
        async with house() as h:
            with pytest.raises(InputError, match=r"too much happens at one time.*`over`"):
                await h.sidecar.start_run(RunRequest(yaml=text))
            assert (h.sidecar.runs(), h.sidecar.overview().pending) == ([], 0)

    run(main())


def test_a_run_of_too_much_at_one_time_later_on_fails_then(played):
    later = {"count": 1_000_000, "lifecycle": "sent", "at": "60s"}
    run = begun(played, {"messages": [{"lifecycle": "sent"}, later]})
    played.play(600)
    assert run.progress.state == "failed"
    assert "too much happens at one time" in run.progress.error
    assert (played.world.pending(), played.world.next_due()) == (0, None)


def test_a_burst_is_drawn_in_slices_and_all_of_it_comes(make_played):
    played = make_played(retry="central-status")
    run = begun(played, {"messages": [{"count": 3000, "lifecycle": "sent"}]})
    most = 0
    while (due := played.world.next_due()) is not None:
        played.now = max(played.now, due)
        before = run.progress.drawn
        played.turn()
        most = max(most, run.progress.drawn - before)
        assert run.tallies.pending <= MOST_AHEAD
    assert run.tallies.ends["acknowledged"] == 3000
    assert most <= SLICE + 1


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://8.8.8.8/", "8.8.8.8"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254"),
        ("http://[fd00:ec2::254]/", "fd00:ec2::254"),
        ("http://[::ffff:8.8.8.8]/", "::ffff:8.8.8.8"),
        ("http://100.100.100.200/", "100.100.100.200"),
        ("http://8.8.8.8./", "8.8.8.8."),
        ("http://3221225985/", "3221225985"),
        ("http://0300.0.0.1/", "0300.0.0.1"),
        ("http://0xA9.0376.43518/", "0xa9.0376.43518"),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "{{endpoints: {{status: '{url}'}}, messages: [{{lifecycle: sent}}]}}",
        "{{endpoints: {{reply: {{url: '{url}'}}}}, messages: [{{lifecycle: sent}}]}}",
        "{{messages: [{{lifecycle: sent}}], expect: [{{probe: {{get: '{url}'}}}}]}}",
    ],
)
def test_an_address_that_may_not_be_sent_to_is_refused_at_once(run, house, text, url, host):
    async def main():
        async with house() as h:
            with pytest.raises(ConfigurationError, match=re.escape(f"{host} is not a host that")):
                await h.sidecar.start_run(RunRequest(yaml=text.format(url=url)))
            assert h.sidecar.runs() == []
        async with house(allow_hosts=(host,)) as h:
            await h.sidecar.start_run(RunRequest(yaml=text.format(url=url)))

    run(main())


def test_a_run_says_which_of_its_endpoints_are_not_used(run, house):
    async def main():
        async with house() as other, house(reply_url=None) as h:
            text = f"endpoints: {{status: '{other.endpoint.url}?token=sekrit'}}\n{SENT}"
            await h.sidecar.start_run(RunRequest(yaml=text))
            await h.sidecar.advance(60)
            assert (other.endpoint.requests, len(h.endpoint.requests)) == ([], 1)
            view = h.sidecar.run("r1")
            assert view.endpoints == {"status": h.endpoint.url}
            [note] = view.notes
            assert note.startswith("The scenario's endpoints.status is not used")
            await h.sidecar.start_run(RunRequest(yaml=SENT))
            assert h.sidecar.run("r2").notes == ()

    run(main())


def test_a_run_that_has_another_one_s_id_goes_to_endpoints_of_its_own(run, house):
    async def main():
        async with house() as one, house() as two, house(status_url=None, reply_url=None) as h:
            for each in (one, two):
                text = f"endpoints: {{status: '{each.endpoint.url}'}}\n{SENT}"
                assert (await h.sidecar.start_run(RunRequest(yaml=text))).id == "r1"
                await h.sidecar.advance(60)
                assert len(each.endpoint.requests) == 1
                await h.sidecar.reset()

    run(main())


def test_what_still_goes_on_is_not_judged(run, house):
    async def main():
        async with house() as h:
            await h.message()
            await h.sidecar.start_run(RunRequest(yaml=REPLIED))
            await h.sidecar.advance(1)
            for report in (h.sidecar.report(), h.sidecar.report("r1")):
                assert (report.verdict, report.exit_code) == ("pending", 2)
                assert report.totals.pending > 0
                assert (report.expectations, report.notes) == ((), ())
                assert f"Still running: {report.totals.pending} pending" in str(report)
            await h.sidecar.advance(600)
            await h.sidecar.wait("quiet", 10)
            assert {h.sidecar.report(r).verdict for r in (None, "r1")} == {"held"}

    run(main())


def test_a_run_is_drawn_no_further_while_too_much_is_pending(make_played):
    played = make_played(most_pending=5)
    played.answer = Answer(500)
    run = begun(played, {"messages": [{"count": 20, "channel": "sms", "lifecycle": "sent"}]})
    played.play(10)
    assert (played.world.pending(), run.progress.drawn) == (5, 5)
    played.crash()
    played.answer = Answer(200)
    played.play(86_400)
    assert played.world.run("r1").tallies.ends["acknowledged"] == 20


def test_no_run_is_started_while_too_much_is_pending(run, house):
    async def main():
        async with house(most_pending=2) as h:
            await h.message()
            with pytest.raises(InputError, match="2 deliveries are pending"):
                await h.sidecar.start_run(RunRequest(yaml=SENT))
            await h.sidecar.advance(60)
            assert await h.sidecar.start_run(RunRequest(yaml=SENT))

    run(main())


@pytest.mark.parametrize("restarted", [False, True])
def test_a_run_that_is_over_is_asked_for_nothing_more(played, monkeypatch, restarted):
    cancelled, finished = (begun(played, {"messages": [{"lifecycle": "sent"}]}) for _ in "ab")
    played.world.cancel(cancelled, played.now)
    played.play(60)
    played.world.finish(finished, (), played.now)
    played.flush()
    if restarted:
        played.crash()
    monkeypatch.setattr(Run, "draw", lambda *_: pytest.fail("it is over"))
    played.play(60)
    assert len(played.world.runs) == 2
    assert not played.world.busy()
