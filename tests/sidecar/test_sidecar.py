"""The sidecar as its doors know it, next to a real endpoint, on a clock that is advanced."""

import asyncio
import json
import socket

import pytest

from mockatell.clickatell.standin import StandinSettings
from mockatell.core.sidecar.views import EventRequest, RunRequest
from mockatell.errors import (
    ConfigurationError,
    ConflictError,
    InputError,
    MockatellError,
    StoreError,
    UnknownError,
)
from mockatell.model import Answer
from mockatell.rooms.sidecar import Sidecar, SidecarSettings
from mockatell.shell.clock import AdjustableClock
from mockatell.shell.store import SqliteStore

DAY = 86_400.0


def test_statuses_come_back_with_the_id_that_was_handed_out(run, house):
    async def main():
        async with house() as h:
            message_id = await h.message(clientMessageId="mine")
            await h.sidecar.advance(60)
            events = [event["messageStatusUpdate"][0] for event in h.endpoint.events]
            assert [each["status"] for each in events] == ["SENT_TO_SUPPLIER", "DEVICE_ACK"]
            assert {(e["messageId"], e["clientMessageId"]) for e in events} == {
                (message_id, "mine")
            }
            view = h.sidecar.message(message_id)
            assert (view.status, view.settled, view.acknowledged) == ("DEVICE_ACK", True, 2)

    run(main())


def test_in_real_time_a_wait_returns_when_all_is_acknowledged(run, house):
    async def main():
        async with house(clock=AdjustableClock(), standin=StandinSettings(pace=0.01)) as h:
            message_id = await h.message()
            result = await h.sidecar.wait("acknowledged", 10, message=message_id)
            assert (result.reached, result.pending) == (True, 0)
            assert len(h.endpoint.requests) == 2

    run(main())


def test_a_wait_that_cannot_be_reached_ends_with_what_is_known(run, house):
    async def main():
        async with house(retry="none") as h:
            h.endpoint.status = 500
            await h.message()
            assert (await h.sidecar.wait("quiet", 0.01)).reached is False
            waiting = asyncio.ensure_future(h.sidecar.wait("acknowledged", 60))
            quiet = asyncio.ensure_future(h.sidecar.wait("quiet", 60))
            await h.sidecar.advance(60)
            assert (await quiet).reached is True
            result = await waiting
            assert (result.reached, result.pending) == (False, 0)

    run(main())


def test_a_thousand_may_wait_and_all_are_woken(run, house):
    async def main():
        async with house() as h:
            ids = [await h.message() for _ in range(10)]
            waits = [h.sidecar.wait("quiet", 60, message=ids[n % 10]) for n in range(1000)]
            waiting = asyncio.gather(*waits)
            await h.sidecar.advance(60)
            assert all(result.reached for result in await waiting)

    run(main())


def test_what_is_unknown_is_said_to_be(run, house):
    async def main():
        async with house() as h:
            side = h.sidecar
            assert (side.message("x"), side.delivery(5), side.run("r1")) == (None, None, None)
            for call in (
                side.redeliver(5),
                side.cancel_run("r1"),
                side.wait("quiet", 1, run="r1"),
                side.wait("quiet", 1, message="x"),
            ):
                with pytest.raises(UnknownError):
                    await call
            with pytest.raises(UnknownError):
                side.report("r1")

    run(main())


def test_a_delivery_shows_what_was_sent_and_answered_without_secrets(run, house):
    async def main():
        async with house() as first:
            url = f"{first.endpoint.url}?key=sekrit-key"
            async with house(
                endpoint=None, status_url=url.replace("http://", "http://user:passw0rd@")
            ) as h:
                first.endpoint.status = 500
                await h.message()
                await h.sidecar.advance(1)
                detail = h.sidecar.delivery(1)
        assert detail.body["event"]["messageStatusUpdate"][0]["status"] == "SENT_TO_SUPPLIER"
        [attempt] = detail.tries
        sent, came = dict(attempt.request_headers), dict(attempt.response_headers)
        assert (attempt.outcome, attempt.status_code) == ("rejected", 500)
        assert (sent["Content-Type"], came["Content-Length"]) == ("application/json", "2")
        assert attempt.response_body == "ok"
        assert sent["Authorization"] == "Basic ***"
        assert "sekrit" not in repr(detail)
        assert "passw0rd" not in repr(detail)
        assert first.endpoint.requests[0][0][0].startswith("POST /callback?key=sekrit-key ")

    run(main())


def test_lists_are_newest_first_filtered_and_paged(run, house):
    async def main():
        async with house() as h:
            ids = [await h.message(to) for to in ("27999000001", "27999000002", "27999999701")]
            await h.sidecar.advance(60)
            side = h.sidecar
            received, *sent = side.messages(limit=9)
            assert [view.id for view in sent] == ids[::-1]
            assert received.direction == "received"
            assert [v.id for v in side.messages(limit=1, before=ids[2])] == [ids[1]]
            assert [v.id for v in side.messages(limit=9, to="27999000002")] == [ids[1]]
            assert side.messages(limit=9, direction="received") == [received]
            assert [v.seq for v in side.deliveries(limit=2)] == [7, 6]
            assert [v.seq for v in side.deliveries(limit=2, before=6)] == [5, 4]
            assert [v.seq for v in side.deliveries(limit=9, message=ids[1])] == [4, 3]
            assert [v.seq for v in side.deliveries(limit=9, role="reply")] == [7]
            assert [v.kind for v in side.deliveries(limit=9, message=received.id)] == ["moText"]
            assert side.deliveries(limit=9, state="pending") == []
            assert len(side.deliveries(limit=9, outcome="acknowledged")) == 7
            assert side.deliveries(limit=9, run="r1") == []

    run(main())


def test_redelivering_and_emitting_send_at_once(run, house):
    async def main():
        async with house(clock=AdjustableClock()) as h:
            [view] = await h.sidecar.emit(EventRequest(kind="moText", fields={"content": "hello"}))
            await h.sidecar.wait("quiet", 10)
            again = await h.sidecar.redeliver(view.seq)
            await h.sidecar.wait("quiet", 10)
            assert (again.cause, again.origin) == ("redelivery", view.seq)
            first, second = h.endpoint.requests
            assert first[1] == second[1]

    run(main())


def test_halted_nothing_is_sent_and_then_it_is(run, house):
    async def main():
        async with house() as h:
            await h.sidecar.emit(EventRequest(kind="moText"))
            assert (await h.sidecar.wait("quiet", 0.05)).reached is False
            assert h.endpoint.requests == []
            clock = await h.sidecar.resume()
            assert clock.paused is False
            assert (await h.sidecar.wait("quiet", 10)).reached
            assert len(h.endpoint.requests) == 1
            assert (await h.sidecar.pause()).paused
            assert (await h.sidecar.set_speed(60)).speed == 60

    run(main())


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e300])
def test_time_cannot_be_advanced_by_just_anything(run, house, seconds):
    async def main():
        async with house() as h:
            with pytest.raises(InputError):
                await h.sidecar.advance(seconds)
            with pytest.raises(InputError):
                await h.sidecar.set_speed(seconds)

    run(main())


def test_time_is_advanced_by_one_at_a_time_and_only_while_it_is_driven(run, house):
    async def main():
        async with house() as h:
            await h.message()
            first = asyncio.ensure_future(h.sidecar.advance(60))
            await asyncio.wait({first}, timeout=0)
            with pytest.raises(ConflictError, match="already"):
                await h.sidecar.advance(60)
            await first
            await h.sidecar.drain(5)
            with pytest.raises(ConflictError, match="nothing is being sent"):
                await h.sidecar.advance(60)

    run(main())


def test_an_endpoint_that_was_down_for_an_hour_is_told_of_everything(run, house):
    async def main():
        async with house(retry="central-status") as h:
            h.endpoint.status = 503
            for _ in range(50):
                await h.message()
            await h.sidecar.advance(3600)
            assert h.sidecar.overview().pending == 100
            h.endpoint.status = 200
            before = len(h.endpoint.requests)
            await h.sidecar.advance(4 * DAY)
            assert (await h.sidecar.wait("acknowledged", 1)).reached
            assert len(h.endpoint.requests) == before + 100

    run(main())


def test_a_reset_forgets_everything_and_the_same_comes_again(run, house):
    async def main():
        async with house() as h:
            await h.sidecar.set_faults([{"lose_ack": {}}])
            await h.sidecar.upload("mine", "messages: [{lifecycle: sent}]")
            first = await h.message()
            await h.sidecar.advance(5)
            await h.sidecar.reset()
            overview = h.sidecar.overview()
            assert (overview.messages, overview.deliveries, overview.faults) == (0, 0, ())
            assert "mine" not in [view.name for view in h.sidecar.scenarios()]
            assert await h.message() == first
            await h.sidecar.advance(60)
            assert (await h.sidecar.wait("acknowledged", 1)).reached
            await h.sidecar.reset(seed=99)
            assert await h.message() != first

    run(main())


def test_those_who_wait_are_let_go_by_a_reset(run, house):
    async def main():
        async with house() as h:
            message_id = await h.message()
            waiting = asyncio.ensure_future(h.sidecar.wait("quiet", 60, message=message_id))
            everything = asyncio.ensure_future(h.sidecar.wait("quiet", 60))
            await asyncio.wait({waiting, everything}, timeout=0)
            await h.sidecar.reset()
            with pytest.raises(UnknownError):
                await waiting
            assert (await everything).reached

    run(main())


def test_the_feed_tells_what_changes_and_tells_a_late_reader_to_look_anew(run, house):
    async def main():
        async with house() as h:
            feed = h.sidecar.changes(-1)
            first = asyncio.ensure_future(anext(feed))
            await asyncio.wait({first}, timeout=0)
            message_id = await h.message()
            change = await first
            assert (change.type, change.about) == ("message", message_id)
            then = await anext(feed)
            assert (then.type, then.about, then.id) == ("delivery", "1", change.id + 1)
            late = await anext(h.sidecar.changes(1))
            assert late.type == "reset"
            resumed = await anext(h.sidecar.changes(change.id))
            assert resumed == then

    run(main())


def test_the_feed_names_only_messages_that_can_be_looked_at(run, house):
    async def main():
        async with house() as h:
            since = (await anext(h.sidecar.changes(0))).id
            foreign = EventRequest(kind="messageStatusUpdate", message_id="of-nobody")
            await h.sidecar.emit(foreign)
            await h.sidecar.start_run(RunRequest(yaml="messages: [{lifecycle: sent}]"))
            message_id = await h.message()
            await h.sidecar.advance(600)
            waited = await h.sidecar.wait("acknowledged", 10, message="of-nobody")
            assert waited.reached
            feed = h.sidecar.changes(since)
            told = []
            while (change := await anext(feed)).type != "clock":
                told.append(change)
            assert {each.about for each in told if each.type == "message"} == {message_id}
            assert len({each.about for each in told if each.type == "delivery"}) == 4

    run(main())


def test_a_scenario_may_not_send_out_into_the_world(run, house, monkeypatch):
    there = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("192.0.2.1", 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [there])

    async def main():  # what a name leads to is known once it is looked up
        scenario = """
endpoints: {status: "http://app.example/callback"}
retry: none
messages: [{lifecycle: sent}]
"""
        async with house(status_url=None, reply_url=None) as h:
            run_view = await h.sidecar.start_run(RunRequest(yaml=scenario))
            await h.sidecar.advance(60)
            await h.sidecar.wait("quiet", 5, run=run_view.id)
            [delivery] = h.sidecar.deliveries(limit=5)
            [attempt] = h.sidecar.delivery(delivery.seq).tries
            assert "app.example is not a host that may be sent to" in attempt.detail

    run(main())


@pytest.mark.parametrize(
    "settings",
    [
        {"status_url": "ftp://x"},
        {"allow_hosts": ("http://x",)},
        {"retry": "whenever"},
        {"scenarios": "/nowhere/at/all"},
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_at_once(run, house, settings):
    async def main():
        async with house(**settings):
            pass

    with pytest.raises(ConfigurationError):
        run(main())


def test_what_was_accepted_before_a_restart_is_sent_after_it(run, house, tmp_path):
    path = str(tmp_path / "sidecar.db")

    async def main():
        async with house(store=SqliteStore(path)) as h:
            message_id = await h.message("27999999702")
            await h.sidecar.set_faults([{"duplicate": {}}])
            await h.sidecar.upload("mine", "messages: [{lifecycle: sent}]")
            now = h.sidecar.clock().now_ms
            endpoint = h.endpoint
        assert endpoint.requests == []
        async with house(store=SqliteStore(path), endpoint=endpoint) as h:
            assert h.sidecar.clock().now_ms == now
            assert h.sidecar.faults() == ({"duplicate": {}},)
            assert "mine" in [view.name for view in h.sidecar.scenarios()]
            await h.sidecar.advance(60)
            assert (await h.sidecar.wait("acknowledged", 5)).reached
            assert h.sidecar.message(message_id).status == "DEVICE_ACK"
            assert len(endpoint.requests) == 3
        async with house(store=SqliteStore(path), endpoint=endpoint) as h:
            [told] = await h.send({"to": "27999999702", "content": "again?"})
            assert told["error"]["code"] == 26
            await h.sidecar.reset()
        async with house(store=SqliteStore(path), endpoint=endpoint) as h:
            assert h.sidecar.overview().messages == 0
            assert h.sidecar.faults() == ()

    run(main())


def test_a_store_goes_on_with_its_seed_and_with_no_other(run, house, tmp_path):
    path = str(tmp_path / "sidecar.db")

    async def main():
        async with house(store=SqliteStore(path)):
            pass
        async with house(store=SqliteStore(path), seed=None) as h:
            assert h.sidecar.overview().seed == 1
        store = SqliteStore(path)
        with pytest.raises(ConfigurationError, match="begun with seed 1"):
            async with house(store=store, seed=2):
                pass
        await store.aclose()

    run(main())


def test_a_store_that_fails_stops_the_sidecar_and_says_why(run, house, tmp_path):
    async def main():
        store = SqliteStore(str(tmp_path / "sidecar.db"))
        async with house(store=store) as h:
            await h.message()
            store._database.execute("DROP TABLE messages")
            with pytest.raises(StoreError):
                await h.message()
            with pytest.raises(StoreError):
                await h.message()
            with pytest.raises((StoreError, ConflictError)):
                await h.sidecar.advance(60)
            assert "cannot be written" in h.sidecar.failure

    run(main())


def test_draining_lets_what_is_under_way_end_and_begins_nothing(run, tmp_path):
    gate = asyncio.Event()

    class Slow:
        def __init__(self):
            self.begun = 0

        async def send(self, _exchange):
            self.begun += 1
            await gate.wait()
            return Answer(200)

        async def aclose(self):
            pass

    async def main():
        path = str(tmp_path / "sidecar.db")
        slow = Slow()
        settings = SidecarSettings(status_url="http://app/", reply_url="http://app/", seed=1)
        sidecar = await Sidecar.open(
            settings, store=SqliteStore(path), clock=AdjustableClock(), sender=slow
        )
        await sidecar.start()
        await sidecar.emit(EventRequest(kind="moText"))
        while not slow.begun:
            await asyncio.wait({asyncio.ensure_future(gate.wait())}, timeout=0.01)
        draining = asyncio.ensure_future(sidecar.drain(10))
        await asyncio.wait({draining}, timeout=0.01)
        await sidecar.emit(EventRequest(kind="moText"))
        gate.set()
        await draining
        assert [view.state for view in sidecar.deliveries(limit=5)] == ["pending", "acknowledged"]
        await sidecar.aclose()
        assert slow.begun == 1
        again = SqliteStore(path)
        assert len([row for row in again.load() if type(row).__name__ == "AttemptRow"]) == 1
        await again.aclose()

    run(main())


def test_the_report_covers_everything_that_was_sent(run, house):
    async def main():
        async with house(retry="none") as h:
            await h.message()
            await h.sidecar.advance(60)
            assert h.sidecar.report().verdict == "held"
            h.endpoint.status = 500
            await h.message()
            await h.sidecar.advance(60)
            report = h.sidecar.report()
            assert (report.verdict, report.exit_code) == ("broken", 1)
            assert (report.totals.acknowledged, report.totals.exhausted) == (2, 2)
            assert json.dumps(report.outcomes)

    run(main())


@pytest.mark.parametrize("what", ["sender", "store"])
def test_what_fails_of_ours_ends_all_that_waits_and_is_logged(run, tmp_path, caplog, what):
    class Broken:
        async def send(self, _exchange):
            raise KeyError("of ours")

        async def aclose(self):
            pass

    async def main():
        store = SqliteStore(str(tmp_path / "sidecar.db"))
        settings = SidecarSettings(status_url="http://app/", reply_url="http://app/", seed=1)
        sender = Broken() if what == "sender" else Endless()
        sidecar = await Sidecar.open(settings, store=store, clock=AdjustableClock(), sender=sender)
        await sidecar.start()
        await sidecar.emit(EventRequest(kind="moText"))
        late = asyncio.ensure_future(sidecar.wait("quiet", 60))
        if what == "store":
            store._database.execute("DROP TABLE deliveries")
            await asyncio.gather(sidecar.emit(EventRequest(kind="moText")), return_exceptions=True)
        await asyncio.wait_for(sidecar.broken(), 10)
        for call in (late, sidecar.wait("quiet", 60), sidecar.emit(EventRequest(kind="moText")),
                     sidecar.advance(60), sidecar.drain(5)):  # fmt: skip
            with pytest.raises(MockatellError):
                await asyncio.wait_for(call, 10)
        await sidecar.aclose()
        return sidecar.failure

    class Endless(Broken):
        async def send(self, _exchange):
            await asyncio.Event().wait()

    failure = run(main())
    assert failure in caplog.text
    assert "Traceback" in caplog.text


def test_what_has_no_endpoint_after_a_restart_is_kept_until_it_has(run, house, tmp_path):
    path = str(tmp_path / "sidecar.db")

    async def main():
        async with house(store=SqliteStore(path)) as h:
            endpoint = h.endpoint
            await h.sidecar.emit(EventRequest(kind="moText"))
        async with house(store=SqliteStore(path), endpoint=endpoint, reply_url=None) as h:
            assert h.sidecar.stranded() == {"reply": 1}
            with pytest.raises(ConflictError, match="no reply endpoint"):
                await h.sidecar.redeliver(1)
            message_id = await h.message()
            await h.sidecar.advance(60)
            assert (await h.sidecar.wait("acknowledged", 5, message=message_id)).reached
            assert h.sidecar.overview().pending == 1
            assert h.sidecar.failure is None
        async with house(store=SqliteStore(path), endpoint=endpoint) as h:
            assert h.sidecar.stranded() == {}
            await h.sidecar.advance(60)
            assert (await h.sidecar.wait("acknowledged", 5)).reached
            assert len(endpoint.requests) == 3

    run(main())
