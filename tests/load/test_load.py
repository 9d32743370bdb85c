"""Load tests over real sockets: what was offered, what came of it, and what was left behind."""

import asyncio
import gc
from pathlib import Path

import msgspec
import pytest
import uvloop

from mockatell import parse
from mockatell.errors import ConfigurationError, InputError
from mockatell.rooms.load.load import Load, LoadSettings, new_loop, offered
from mockatell.shell import machine
from mockatell.shell.drivers.asynchronous import Stop

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DOWN = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
MANY = "messages: [{count: 1000, channel: whatsapp, lifecycle: read}]\n"
FAULTS = """
faults:
  - duplicate: {probability: 50%, within: 50ms}
  - lose_ack: {probability: 20%}
  - race: {probability: 10%, copies: 3}
"""
QUICK = "retry: {schedule: [50ms, 100ms, 200ms]}\n"


class Endpoint:
    """Answers each request as `answer(number, body)` says: bytes, None to be silent, or a reset."""

    def __init__(self, answer):
        self.answer = answer
        self.bodies = []
        self.connections = set()
        self.most = 0

    def accept(self):
        return Connection(self)


class Connection(asyncio.Protocol):
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.data = b""

    def connection_made(self, transport):
        self.transport = transport
        self.endpoint.connections.add(self)
        self.endpoint.most = max(self.endpoint.most, len(self.endpoint.connections))

    def connection_lost(self, _exc):
        self.endpoint.connections.discard(self)

    def data_received(self, data):
        self.data += data
        head, blank, body = self.data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if blank and len(body) >= length:
            self.data = b""
            self.endpoint.bodies.append(body)
            answer = self.endpoint.answer(len(self.endpoint.bodies), body)
            if answer == b"RESET":
                self.transport.abort()
            elif answer is not None:
                self.transport.write(answer)


@pytest.fixture(scope="module", autouse=True)
def _warmed():
    """The first loop of uvloop's leaves a pipe to the process."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop()


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def play():
    """The result of a load against an endpoint, and the endpoint; no descriptor stays behind."""

    def start(scenario=MANY, answer=lambda _number, _body: OK, stop=None, during=None, **more):
        endpoint = Endpoint(answer)

        async def main():
            loop = asyncio.get_running_loop()
            server = await loop.create_server(endpoint.accept, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            url = f"http://127.0.0.1:{port}/callback"
            try:
                load = Load(parse(scenario), LoadSettings(**{"target": url, "seed": 1, **more}))
                if during is not None:
                    during(load, endpoint, stop)
                return await load.play(stop)
            finally:
                server.close()
                for connection in list(endpoint.connections):
                    connection.transport.abort()
                await server.wait_closed()

        before = descriptors()
        with asyncio.Runner(loop_factory=new_loop) as runner:
            result = runner.run(main())
        gc.collect()
        assert descriptors() <= before
        return result, endpoint

    return start


def sums_up(result):
    totals = result.totals
    ends = totals.acknowledged + totals.redirected + totals.exhausted + totals.pending
    assert totals.deliveries == ends
    assert totals.attempts == sum(result.outcomes.values())
    assert totals.attempts + totals.cut == sum(second.sent for second in result.seconds)
    assert msgspec.json.decode(msgspec.json.encode(result), type=type(result)) == result


def test_a_rate(play):
    result, endpoint = play(rate=500.0, duration=0.6)
    sums_up(result)
    assert result.totals.acknowledged == result.totals.callbacks == len(endpoint.bodies) == 300
    assert len(set(endpoint.bodies)) == 300
    assert result.timings.lag.count == result.timings.latency.count == 300
    assert result.traffic.opened + result.traffic.reused == 300
    assert result.offered == pytest.approx(500, rel=0.02)


def test_stages(play):
    result, _ = play(stages=((0.5, 400.0), (0.5, 0.0)), arrivals="constant")
    sums_up(result)
    assert result.totals.callbacks == 200


def test_random_arrivals_replay(play):
    first, again = (play(rate=500.0, duration=0.5, arrivals="poisson") for _ in range(2))
    assert first[0].totals.callbacks == again[0].totals.callbacks
    assert 180 < first[0].totals.callbacks < 330


def test_a_scenario_s_own_times(play):
    result, endpoint = play("messages: [{rate: 100/s, for: 300ms, reply: moText}]")
    sums_up(result)
    assert result.offer.mode == "scenario"
    assert len(endpoint.bodies) == result.totals.acknowledged == 30


def test_its_duration_bounds_it_whatever_the_scenario_holds(play):
    result, _ = play(MANY, duration=0.2)
    sums_up(result)
    assert result.took < 5
    assert result.totals.deliveries < 1_000


def test_as_fast_as_it_goes(play):
    result, endpoint = play(concurrency=4, duration=0.5)
    sums_up(result)
    assert result.totals.acknowledged == result.totals.attempts == len(endpoint.bodies)
    assert endpoint.most == result.traffic.opened == 4
    assert len(set(endpoint.bodies)) == len(endpoint.bodies)
    assert result.timings.latency.p50 < 0.05


def test_a_slow_endpoint_does_not_slow_a_schedule(play):
    """With no coordinated omission, silence of a third of the time is seen by a third of all."""

    def later(number, _body):
        return None if number <= 20 else OK

    scenario = "endpoints: {timeout: 300ms}\nretry: none\n" + MANY
    result, endpoint = play(scenario, later, rate=100.0, duration=0.6)
    sums_up(result)
    assert len(endpoint.bodies) == 60
    assert result.outcomes == {"acknowledged": 40, "timed_out": 20}
    assert result.timings.latency.max == pytest.approx(0.3, abs=0.1)


def test_what_is_held_back_is_counted_and_waits(play):
    scenario = "endpoints: {timeout: 200ms}\nretry: none\n" + MANY
    result, endpoint = play(
        scenario, lambda *_: None, rate=200.0, duration=0.5, max_in_flight=10, grace=0.0
    )
    sums_up(result)
    totals = result.totals
    assert endpoint.most == 10
    assert totals.held > 0
    assert totals.deliveries == 100
    assert totals.pending == 100 - totals.exhausted
    assert result.seconds[0].backlog > 50
    assert result.timings.lag.count == 10  # only those that were not held back


def test_retries_that_are_due_in_time_are_made(play):
    result, endpoint = play(
        QUICK + MANY, lambda number, _: DOWN if number <= 50 else OK, rate=500.0, duration=0.6
    )
    sums_up(result)
    assert result.totals.acknowledged == result.totals.callbacks == 300
    assert result.totals.retries == 50
    assert len(set(endpoint.bodies)) == 300
    assert result.status_codes == {"200": 300, "503": 50}
    assert result.resilience.amplification == pytest.approx(350 / 300)


def test_retries_that_are_due_later_stay_pending(play):
    result, _ = play(MANY, lambda *_: DOWN, rate=100.0, duration=0.3)
    sums_up(result)
    assert result.totals.pending == 30
    assert result.took < 3


def test_faults_are_made(play):
    result, endpoint = play(QUICK + MANY + FAULTS, rate=300.0, duration=1.0)
    sums_up(result)
    assert result.totals.duplicates > 100
    assert result.outcomes["ack_lost"] > 20
    assert len(set(endpoint.bodies)) == result.totals.callbacks


@pytest.mark.parametrize("how", [{"rate": 300.0}, {"concurrency": 3}])
def test_an_outage(play, how):
    scenario = QUICK + MANY + "faults: [{outage: {at: 1s, for: 1s}}]"
    result, endpoint = play(scenario, duration=3.0, **how)
    sums_up(result)
    (outage,) = result.resilience.outages
    assert (outage.began, outage.ended) == (1, 2)
    assert result.troubles == {"outage": result.outcomes["unreachable"]}
    assert len(endpoint.bodies) == result.totals.attempts - result.troubles["outage"]


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (b"RESET", "closed"),
        (b"SSH-2.0\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "timeout"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "not_http"),
        (None, "timeout"),
    ],
)
def test_whatever_an_endpoint_does_is_counted(play, answer, trouble):
    scenario = "endpoints: {timeout: 100ms}\nretry: none\n" + MANY
    result, _ = play(scenario, lambda *_: answer, rate=100.0, duration=0.5)
    sums_up(result)
    assert result.troubles == {trouble: 50}
    assert result.totals.exhausted == 50


def test_an_endpoint_that_dies(play):
    def die(_load, endpoint, _stop):
        def close():
            for connection in list(endpoint.connections):
                connection.transport.abort()

        for tenth in range(1, 6):
            asyncio.get_running_loop().call_later(tenth / 10, close)

    result, _ = play(QUICK + MANY, rate=300.0, duration=0.7, during=die)
    sums_up(result)
    assert result.totals.acknowledged == result.totals.callbacks == 210
    assert result.traffic.opened >= 2  # two closings may fall together where the machine is busy


def test_nothing_listens(play):
    result, _ = play("retry: none\n" + MANY, target="http://127.0.0.1:1/", rate=100.0, duration=0.3)
    sums_up(result)
    assert result.troubles == {"refused": 30}
    assert "refused" in result.details["refused"]


@pytest.mark.parametrize("times", [1, 2])
def test_stopped_it_tells_what_was_done(play, times):
    stop = Stop()

    def later(_load, _endpoint, stop):
        for time in range(times):
            asyncio.get_running_loop().call_later(0.2 + time / 100, stop)

    silent = "endpoints: {timeout: 500ms}\n" + MANY
    result, _ = play(silent, lambda *_: None, stop, later, rate=100.0, duration=60.0, grace=60.0)
    sums_up(result)
    assert result.interrupted
    assert result.took < 5
    assert 0 < result.totals.deliveries < 60
    assert (result.totals.cut > 0) is (times == 2)


def test_it_tells_how_it_stands(play):
    loads, seen = [], []

    def answer(number, _body):
        if number == 30:
            seen.append(loads[0].now())
        return OK

    play(MANY, answer, rate=100.0, duration=0.5, during=lambda load, *_: loads.append(load))
    (now,) = seen
    assert 0.29 <= now.at < 5
    assert 0 < now.acknowledged < 30 <= now.sent
    assert now.in_flight == now.sent - now.completed


def test_secrets_are_not_told(play):
    result, _ = play(
        "retry: none\n" + MANY,
        target="http://127.0.0.1:1/?key=s3cret-thing",
        rate=50.0,
        duration=0.1,
        replay="mockatell load x --target http://127.0.0.1:1/?key=s3cret-thing --seed {seed}",
    )
    assert b"s3cret" not in msgspec.json.encode(result)
    assert result.started.replay.endswith("--seed 1")


def test_what_goes_wrong_on_our_side_is_raised(play, monkeypatch):
    def full(*_args, **_settings):
        raise InputError("no more")

    monkeypatch.setattr("mockatell.core.agenda.Agenda.ended", full)
    with pytest.raises(InputError, match="no more"):
        play(rate=100.0, duration=5.0)


# What is asked for


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"rate": 1.0, "concurrency": 1}, "rate and concurrency exclude each other"),
        ({"rate": 1.0, "stages": ((1.0, 1.0),)}, "rate and stages exclude"),
        ({"stages": ((1.0, 1.0),), "duration": 1.0}, "leave the duration out"),
        ({"rate": 0.01, "duration": 1.0}, "no callback in the whole time"),
        ({"stages": ((1.0, 0.0),)}, "no callback in the whole time"),
        ({"rate": 5.0, "duration": 0.0}, "a duration of 0 leaves no time"),
        ({"arrivals": "poisson"}, "arrivals are poisson at a rate: give rate or stages"),
        ({"arrivals": "poisson", "concurrency": 3}, "arrivals are poisson at a rate"),
    ],
)
def test_what_does_not_fit_together(settings, match):
    with pytest.raises(ConfigurationError, match=match):
        offered(LoadSettings(**settings))


@pytest.mark.parametrize("settings", [{"concurrency": 10_000}, {"max_in_flight": 10_000}])
def test_too_few_descriptors_are_said_before_the_start(settings, monkeypatch):
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _what: (256, 1_024))
    monkeypatch.setattr(machine.resource, "setrlimit", lambda *_: None)
    with pytest.raises(ConfigurationError, match=r"10000 connections need 10064 .* at most 960"):
        Load(parse(MANY), LoadSettings(target="http://127.0.0.1:1/", **settings))


def test_by_default_as_many_as_there_is_room_for(monkeypatch):
    limits = []
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _what: (256, 1_024))
    monkeypatch.setattr(machine.resource, "setrlimit", lambda _what, pair: limits.append(pair))
    offer = offered(LoadSettings(rate=10.0))
    assert (offer.max_in_flight, offer.lowered) == (960, True)
    assert limits == [(1_024, 1_024)]


@pytest.mark.parametrize("files", [0, 64, 79])
def test_room_for_next_to_nothing_is_refused(files, monkeypatch):
    monkeypatch.setattr(machine.resource, "getrlimit", lambda _what: (files, files))
    monkeypatch.setattr(machine.resource, "setrlimit", lambda *_: None)
    with pytest.raises(ConfigurationError, match=f"may have {files}: .*ulimit -n 80"):
        offered(LoadSettings(rate=10.0))


def test_without_a_url():
    with pytest.raises(ConfigurationError, match="no URL for the status endpoint"):
        Load(parse(MANY), LoadSettings(rate=1.0))
