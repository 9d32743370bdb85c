"""The sender of a load over real connections: what comes of each exchange, and what is left."""

import asyncio
import errno
import os
import socket
import ssl
import time

import pytest
import trustme
import uvloop

from mockatell.model import Conduct, Role, Tls, Trouble
from mockatell.shell.senders import connect
from mockatell.shell.senders.fast.pool import Pool

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class Landings:
    """What has come of exchanges, in order."""

    def __init__(self, pool):
        self.pool = pool
        self.all = []
        self._more = asyncio.Event()
        pool.landed = self._land

    def _land(self, exchange, answer, sent_at):
        self.all.append((exchange, answer, sent_at))
        self._more.set()

    async def get(self, count):
        async with asyncio.timeout(10):
            while len(self.all) < count:
                self._more.clear()
                await self._more.wait()
        return [answer for _, answer, _ in self.all]


@pytest.fixture(scope="module", autouse=True)
def _warmed():
    """The first loop of uvloop's leaves a pipe to the process."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop()


@pytest.fixture(params=LOOPS)
def play(request, run, serve, endpoint):
    """Runs `act(pool, landings, server)` against a server with this script."""

    def start(script, act, *, secure=None, url=None, name=None, **settings):
        async def main():
            async with serve(script, tls=secure) as server:
                there = endpoint(
                    url or server.url.replace("127.0.0.1", name or "127.0.0.1"), **settings
                )
                pool = Pool(dict.fromkeys(Role, there), timer=time.perf_counter)
                try:
                    return await act(pool, Landings(pool), server)
                finally:
                    await pool.aclose()

        return run(main(), LOOPS[request.param])

    return start


@pytest.fixture
def ask(play, exchange):
    """What comes of some exchanges, one after the other."""

    def start(script, *exchanges, **settings):
        async def act(pool, landings, server):
            for count, each in enumerate(exchanges or (exchange(),), 1):
                pool.send(each)
                answers = await landings.get(count)
            return answers, pool, server

        return play(script, act, **settings)

    return start


def test_a_request_is_the_one_that_lanes_send(ask, exchange, run, serve, sending, always):
    async def by_lane():
        async with serve(always()) as server, sending(server.url) as sender:
            await sender.send(exchange())
            return server.requests[0], server.port

    expected, port = run(by_lane())
    (answer,), _, server = ask(always())
    assert server.requests[0].replace(b"%d" % server.port, b"%d" % port) == expected
    assert answer.status_code == 200
    assert 0 < answer.took < 1


def test_connections_are_kept_and_counted(ask, exchange, always):
    answers, pool, server = ask(always(), *[exchange(b"%d" % n) for n in range(5)])
    assert [answer.status_code for answer in answers] == [200] * 5
    assert server.connections == pool.opened == 1
    assert pool.reused == 4
    assert pool.bytes_in == 5 * len(OK)
    assert pool.bytes_out == sum(map(len, server.requests))


@pytest.mark.parametrize(
    ("data", "status_code", "connections"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", 200, 2),
        (b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 503, 1),
        (b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", 200, 2),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 302, 1),
    ],
)
def test_answers_of_any_form(ask, exchange, always, data, status_code, connections):
    answers, _, server = ask(always(data), exchange(), exchange())
    assert [answer.status_code for answer in answers] == [status_code] * 2
    assert server.connections == connections


@pytest.mark.parametrize(
    ("data", "trouble", "detail"),
    [
        (b"", Trouble.CLOSED, "closed before an answer"),
        (b"HTTP/1.1 200 OK\r\nConte", Trouble.CLOSED, "closed in the middle of the head"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
            Trouble.CLOSED,
            "closed in the middle of the body, after status 200",
        ),
        (b"SSH-2.0-x\r\n", Trouble.NOT_HTTP, "the answer does not begin with HTTP/"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, Trouble.NOT_HTTP, "a head of over 64 KiB"),
    ],
)
def test_troubles_are_answers(ask, once, data, trouble, detail):
    (answer,), _, _ = ask(once(data), timeout=5.0)
    assert (answer.trouble, answer.detail) == (trouble, detail)


def test_an_answer_until_the_end_of_the_connection(ask, once):
    (answer,), _, _ = ask(once(b"HTTP/1.0 200 OK\r\n\r\nuntil the end"))
    assert answer.status_code == 200


def test_a_reset_is_told(ask, once):
    (answer,), _, _ = ask(once(b"", reset=True))
    assert answer.trouble is Trouble.RESET


def test_a_body_without_end_is_not_read(ask, exchange):
    async def script(talk):
        await talk.request()
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            await talk.say(b"x" * 65_536)

    answers, pool, _ = ask(script, exchange(), timeout=5.0)
    assert answers[0].status_code == 200
    assert pool.bytes_in < 2_000_000


def test_silence_times_out(ask):
    async def script(talk):
        await talk.request()
        await talk.request()

    (answer,), _, _ = ask(script, timeout=0.1)
    assert answer.trouble is Trouble.TIMEOUT
    assert answer.detail == "no answer within 0.1 s"
    assert 0.09 <= answer.took < 1


def test_drops_time_out(ask):
    async def script(talk):
        await talk.request()
        for byte in OK[:-1]:
            await talk.say(bytes([byte]))
        await talk.request()

    (answer,), _, _ = ask(script, timeout=0.1)
    assert answer.detail == "status 200, but not all of its body within 0.1 s"


def test_an_endpoint_that_reads_nothing_times_out(ask, exchange):
    async def script(talk):
        talk.writer.transport.pause_reading()
        await asyncio.Event().wait()

    (answer,), _, _ = ask(script, exchange(b"x" * 20_000_000), timeout=0.1)
    assert answer.trouble is Trouble.TIMEOUT


def test_a_large_request_is_sent_whole(ask, exchange, always):
    body = b"x" * 20_000_000
    answers, _, server = ask(always(), exchange(body), exchange(b"small"), timeout=10.0)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert server.requests[0].endswith(body)
    assert server.requests[1].endswith(b"small")


def test_nothing_listens(ask, always):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        (answer,), _, _ = ask(always(), url=url)
    assert answer.trouble is Trouble.REFUSED


def test_a_name_without_an_address(ask, always):
    (answer,), _, _ = ask(always(), url="http://nowhere.invalid/", connect_timeout=5.0)
    assert answer.trouble in (Trouble.DNS, Trouble.CONNECT)


def test_connecting_takes_too_long(ask, always, monkeypatch):
    async def never(_location):
        await asyncio.Event().wait()

    monkeypatch.setattr("mockatell.shell.senders.fast.pool.reach", never)
    (answer,), _, _ = ask(always(), connect_timeout=0.1)
    assert (answer.trouble, answer.detail) == (Trouble.CONNECT, "no connection within 0.1 s")


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EADDRNOTAVAIL])
def test_a_machine_that_has_no_more_sockets(ask, always, monkeypatch, number):
    async def none(_address):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(connect, "_open", none)
    (answer,), _, _ = ask(always())
    assert answer.trouble is Trouble.NO_SOCKET


def test_a_host_is_looked_up_once(ask, exchange, always, monkeypatch):
    hosts = []
    reach = connect.reach

    async def noting(location, allows):
        hosts.append(location.host)
        return await reach(location, allows)

    monkeypatch.setattr("mockatell.shell.senders.fast.pool.reach", noting)
    closing = always(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    async def script(talk):
        await closing(talk)

    answers, _, _ = ask(script, exchange(), exchange(), name="localhost", timeout=5.0)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert hosts[0] == "localhost"
    assert hosts[1] in ("127.0.0.1", "::1")


# A connection that was closed while it was idle


def closing_after_one(close):
    async def script(talk):
        if await talk.request():
            await talk.say(OK)
            close(talk)

    return script


@pytest.mark.parametrize("close", ["close", "reset"])
def test_a_request_that_met_a_closed_connection_is_sent_again(play, exchange, close):
    async def script(talk):
        await talk.request()
        await talk.say(OK)
        await talk.reader.read(1)  # the next request has come: nothing of it is answered
        getattr(talk, close)()

    async def act(pool, landings, server):
        for count in (1, 2):
            pool.send(exchange(b"%d" % count))
            answers = await landings.get(count)
        return answers, pool.resent, server.connections

    answers, resent, connections = play(script, act, timeout=5.0)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (resent, connections) == (1, 2)


def test_a_lane_that_is_known_to_be_gone_is_not_used(play, exchange):
    async def act(pool, landings, server):
        pool.send(exchange())
        await landings.get(1)
        while pool._lanes:
            await asyncio.wait_for(pool._gone.wait(), 5)
            pool._gone.clear()
        pool.send(exchange())
        await landings.get(2)
        return pool.resent, server.connections

    assert play(closing_after_one(lambda talk: talk.close()), act) == (0, 2)


def test_what_is_under_way_at_the_end_is_not_sent_again(play, exchange):
    asked = asyncio.Event()

    async def script(talk):
        await talk.request()
        await talk.say(OK)
        await talk.request()
        asked.set()
        await talk.reader.read()

    async def act(pool, landings, _server):
        pool.send(exchange())
        await landings.get(1)
        pool.send(exchange())
        async with asyncio.timeout(5):
            await asked.wait()
            await pool.aclose()
        return len(landings.all), pool.resent, pool.opened

    assert play(script, act) == (1, 0, 1)


def test_a_name_that_leads_elsewhere_by_now_is_not_followed(run, serve, endpoint, exchange, always):
    async def main():
        async with serve(always()) as server:
            there = dict.fromkeys(Role, endpoint(server.url))
            pool = Pool(there, timer=time.perf_counter, allows=lambda _host, _address: False)
            landings = Landings(pool)
            pool.send(exchange())
            (answer,) = await landings.get(1)
            await pool.aclose()
            return answer, server.connections

    answer, connections = run(main())
    assert (answer.trouble, connections) == (Trouble.REFUSED, 0)
    assert "not a host that may be sent to" in answer.detail


def test_on_a_new_connection_nothing_is_sent_again(ask, once):
    (answer,), pool, server = ask(once(b""))
    assert answer.trouble is Trouble.CLOSED
    assert (pool.resent, server.connections) == (0, 1)


def test_after_a_byte_of_an_answer_nothing_is_sent_again(play, exchange):
    async def script(talk):
        await talk.request()
        await talk.say(OK)
        await talk.request()
        await talk.say(b"HTTP/1.1 2")

    async def act(pool, landings, server):
        for count in (1, 2):
            pool.send(exchange())
            answers = await landings.get(count)
        return answers, pool.resent, len(server.requests)

    answers, resent, requests = play(script, act, timeout=5.0)
    assert answers[1].trouble is Trouble.CLOSED
    assert (resent, requests) == (0, 2)


def test_a_connection_that_speaks_unasked_is_dropped(play, exchange, always):
    async def script(talk):
        await talk.request()
        await talk.say(OK)
        await talk.say(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        await always()(talk)

    async def act(pool, landings, _server):
        pool.send(exchange())
        await landings.get(1)
        while pool._lanes:
            await asyncio.wait_for(pool._gone.wait(), 5)
            pool._gone.clear()
        return len(landings.all)

    assert play(script, act) == 1


# Control of the socket


def test_a_lost_acknowledgement_is_a_half_closed_connection(play, exchange):
    ends = []

    async def script(talk):
        await talk.request()
        if not ends:
            ends.append(await talk.reader.read())
        await talk.say(OK)

    async def act(pool, landings, server):
        pool.send(exchange(conduct=Conduct.LOSE_ACK))
        answers = await landings.get(1)
        pool.send(exchange())
        await landings.get(2)
        return answers, server.connections

    (answer, *_), connections = play(script, act, timeout=5.0)
    assert ends[0] == b""  # our half was closed; the answer was still read
    assert answer.status_code == 200
    assert connections == 2


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_an_endpoint_that_leaves_with_us_was_not_waited_for(ask, exchange, leave):
    async def script(talk):
        await talk.request()
        getattr(talk, leave)()

    (answer,), _, _ = ask(script, exchange(conduct=Conduct.LOSE_ACK))
    assert (answer.status_code, answer.trouble) == (None, None)


def test_a_race_keeps_its_last_bytes_back_until_all_are_connected(play, exchange, monkeypatch):
    kept_back = asyncio.Event()
    reach, connections = connect.reach, []

    async def second_later(location, allows):
        connections.append(location)
        if len(connections) > 1:
            await kept_back.wait()
        return await reach(location, allows)

    monkeypatch.setattr("mockatell.shell.senders.fast.pool.reach", second_later)

    async def script(talk):
        await talk.reader.readuntil(b"\r\n\r\n")
        await talk.reader.readexactly(9)
        if not kept_back.is_set():
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(talk.reader.read(1), 0.05)
            kept_back.set()
        assert await talk.reader.readexactly(1) == b"!"
        await talk.say(OK)

    async def act(pool, landings, _server):
        pool.race([exchange(b"123456789!") for _ in range(2)])
        return await landings.get(2)

    answers = play(script, act, timeout=5.0)
    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_race_is_released_when_all_are_connected(play, exchange, always):
    async def act(pool, landings, server):
        pool.race([exchange() for _ in range(8)])
        answers = await landings.get(8)
        return answers, [sent_at for *_, sent_at in landings.all], server

    answers, sent, server = play(always(), act, timeout=5.0)
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len(set(server.requests)) == 1
    assert max(sent) - min(sent) < 0.01


def test_a_race_goes_on_without_those_that_fail(play, exchange):
    count = 0

    async def script(talk):
        nonlocal count
        count += 1
        if count == 1:
            talk.reset()
        while await talk.request():
            await talk.say(OK)

    async def act(pool, landings, _server):
        pool.race([exchange() for _ in range(4)])
        return await landings.get(4)

    answers = play(script, act, timeout=2.0)
    assert sorted(str(answer.status_code) for answer in answers) == ["200", "200", "200", "None"]


# TLS, and what is left


def test_over_tls(ask, exchange, always, tmp_path):
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    answers, pool, _ = ask(
        always(), exchange(), exchange(), secure=context, timeout=5.0, tls=Tls(ca=str(ca))
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert pool.opened == 1


def test_closing_tells_nobody_and_leaves_nothing(play, exchange):
    async def script(talk):
        await talk.request()
        await asyncio.Event().wait()

    async def act(pool, landings, server):
        for _ in range(20):
            pool.send(exchange())
        async with asyncio.timeout(10):
            while len(server.requests) < 20:
                await asyncio.get_running_loop().run_in_executor(None, int)
        await pool.aclose()
        return landings.all

    assert play(script, act, timeout=20.0) == []


def test_closing_at_once_waits_for_nothing(play, exchange, always):
    async def act(pool, landings, _server):
        pool.send(exchange())
        async with asyncio.timeout(5):
            await pool.aclose()
        return landings.all

    assert play(always(), act) == []


def test_answers_that_are_known_are_few(ask, exchange):
    async def script(talk):
        count = 0
        while await talk.request():
            count += 1
            await talk.say(b"HTTP/1.1 200 OK\r\nX: %d\r\nContent-Length: 0\r\n\r\n" % count)

    answers, pool, _ = ask(script, *[exchange() for _ in range(600)])
    assert {answer.status_code for answer in answers} == {200}
    assert 0 < len(pool.known) <= 256
