"""What is missing where a wait is not reached, and what a report that is not judged yet says."""

import asyncio

import pytest

from mockatell.clickatell.standin import StandinSettings
from mockatell.core.scenario.units import format_seconds
from mockatell.core.sidecar.lacking import SHOWN, lacking, to_come
from mockatell.core.sidecar.retention import Retention
from mockatell.core.sidecar.views import RunRequest
from mockatell.errors import UnknownError
from mockatell.model import Answer
from mockatell.shell.clock import AdjustableClock

SLOW = "messages: [{count: 1, channel: sms, at: 0s, lifecycle: sent}, {channel: sms, at: 5m}]"

SHORT = "messages: [{count: 1, channel: sms, lifecycle: sent}]"


def seqs(tracks):
    return [track.row.seq for track in tracks]


def test_what_is_pending_is_lacking_the_oldest_first_and_only_a_few(played):
    for _ in range(4):
        played.message()
    found = lacking(played.world, None, None, acked=False)
    assert seqs(found) == list(range(1, SHOWN + 1))
    played.play(60)
    assert lacking(played.world, None, None, acked=True) == []


def test_what_was_given_up_is_lacking_where_all_is_to_be_acknowledged(make_played):
    played = make_played(retry="none")
    played.message()
    second = played.message()
    played.answer = lambda exchange: Answer(500 if exchange.callback.message_id == second else 200)
    played.play(60)
    assert lacking(played.world, None, None, acked=False) == []
    missed = lacking(played.world, None, None, acked=True)
    assert [track.row.about for track in missed] == [second, second]
    assert lacking(played.world, None, second, acked=True) == missed
    played.answer = Answer(200)
    played.world.redeliver(missed[0].row.seq, played.now)
    played.play(60)
    assert lacking(played.world, None, None, acked=True) == missed[1:]
    assert lacking(played.world, None, second, acked=True) == missed[1:]


def test_what_is_to_come_says_when(played):
    assert to_come(played.world, played.now) == ""
    message = played.message()
    due = played.world.agenda.next_due()
    expected = f"2 pending, the next is due in {format_seconds(round(due - played.now, 1))}"
    assert to_come(played.world, played.now) == expected
    assert to_come(played.world, played.now, message=message) == expected
    assert to_come(played.world, due + 1).endswith("the next is due in 0s")


def test_a_wait_says_what_is_missing(run, house):
    async def main():
        async with house() as h:
            message_id = await h.message()
            told = await h.sidecar.wait("acknowledged", 0.01, message=message_id)
            assert not told.reached
            assert [(d.kind, d.message_id, d.attempts, d.last_outcome) for d in told.missing] == [
                ("messageStatusUpdate", message_id, 0, None)
            ] * 2
            assert all(each.next_due_ms is not None for each in told.missing)
            assert told.detail.startswith("2 pending, the next is due in ")
            h.endpoint.status = 302
            await h.sidecar.advance(60)
            told = await h.sidecar.wait("acknowledged", 0.01)
            assert told.detail == "nothing is pending any more, and not all was acknowledged"
            assert [each.last_outcome for each in told.missing] == ["redirected"] * 2
            assert (told.waited, told.pending) == (0.0, 0)
            assert (await h.sidecar.wait("quiet", 0.01)).missing == ()

    run(main())


def test_a_wait_without_an_endpoint_says_that_more_is_to_happen(run, house):
    async def main():
        async with house(status_url=None, reply_url=None) as h:
            await h.message()
            told = await h.sidecar.wait("quiet", 0.01)
            assert told.detail == "no delivery is pending, but more is to happen"

    run(main())


@pytest.mark.parametrize("by", ["id", "client id"])
def test_a_message_can_be_waited_for_by_both_its_names(run, house, by):
    async def main():
        async with house(clock=AdjustableClock(), standin=StandinSettings(pace=0)) as h:
            message_id = await h.message(clientMessageId="order-1")
            name = message_id if by == "id" else "order-1"
            assert (await h.sidecar.wait("acknowledged", 10, message=name)).reached
            assert len(h.endpoint.events) == 2

    run(main())


def test_a_message_that_is_not_known_yet_is_waited_for(run, house):
    async def main():
        async with house(clock=AdjustableClock(), standin=StandinSettings(pace=0)) as h:
            wait = h.sidecar.wait("acknowledged", 60, message="order-1")
            waiting = asyncio.ensure_future(wait)
            await h.message(clientMessageId="other")
            assert (await h.sidecar.wait("acknowledged", 10, message="other")).reached
            assert not waiting.done()
            await h.message(clientMessageId="order-1")
            assert (await asyncio.wait_for(waiting, 10)).reached
            assert len(h.endpoint.events) == 4

    run(main())


def test_one_that_never_comes_is_told_when_the_time_is_over(run, house):
    async def main():
        async with house() as h:
            with pytest.raises(UnknownError, match="no message 'order-1'"):
                await h.sidecar.wait("quiet", 0.01, message="order-1")

    run(main())


def test_two_of_one_client_id_are_both_waited_for(played):
    played.message(clientMessageId="order-1")
    played.play(60)
    played.message(clientMessageId="order-1")
    assert played.world.busy(message="order-1")
    assert len(played.world.scope(message="order-1")) == 4
    played.play(60)
    assert played.world.acknowledged(message="order-1")


def test_a_client_id_is_forgotten_with_its_messages(make_played):
    played = make_played(retention=Retention(messages=1, deliveries=2))
    first = played.message(clientMessageId="order-1")
    second = played.message(clientMessageId="order-1")
    played.play(60)
    assert played.world.talks.called("order-1") == [second]
    played.message(clientMessageId="order-2")
    played.play(60)
    assert not played.world.knows("order-1")
    assert not played.world.knows(first)
    played.crash()
    assert played.world.knows("order-2")
    assert not played.world.knows("order-1")


def test_a_run_whose_plan_goes_on_says_so(run, house):
    async def main():
        async with house() as h:
            started = await h.sidecar.start_run(RunRequest(yaml=SLOW))
            drawn = await h.sidecar.start_run(RunRequest(yaml=SHORT))
            told = await h.sidecar.wait("acknowledged", 0.01, run=drawn.id)
            assert told.detail.startswith("1 pending, the next is due in ")
            assert "more of the plan" not in told.detail
            await h.sidecar.advance(60)
            told = await h.sidecar.wait("acknowledged", 0.01, run=started.id)
            assert (told.reached, told.pending) == (False, 0)
            assert told.detail == "1 delivered, more of the plan is to come"
            headline = str(h.sidecar.report(started.id))
            assert f"Still running: {told.detail}, so nothing is judged yet." in headline
            told = await h.sidecar.wait("quiet", 0.01)
            assert told.detail == "1 delivered of run r1, more of the plan is to come"
            await h.sidecar.advance(600)
            assert h.sidecar.report(started.id).to_come == ""

    run(main())


def test_a_report_says_when_the_next_that_is_pending_is_due(run, house):
    async def main():
        async with house() as h:
            await h.message(scheduledDeliveryTime="2099-01-01T00:00:00Z")
            report = h.sidecar.report()
            assert report.to_come.startswith("2 pending, the next is due in ")
            assert report.to_come in str(report)
            assert "d " in report.to_come

    run(main())
