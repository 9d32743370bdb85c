"""Connections: made, kept, met closed, refused, cancelled, raced; and nothing left of them."""

import asyncio
import socket
import time
import tracemalloc

import httpx
import pytest

from mockatell.errors import ConfigurationError
from mockatell.model import Conduct, Role, Trouble
from mockatell.shell.senders.connect import Unconnected, reach
from mockatell.shell.senders.connection import IDLE_LIMIT, Lane
from mockatell.shell.senders.lane import LaneTransport
from mockatell.shell.senders.transport import TransportSender, socket_sender

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("data", "connections"),
    [
        (OK, 1),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 1),
        (b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", 1),
        (OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), 3),
        (OK.replace(b"1.1", b"1.0"), 3),
        (OK + b"and more", 3),
    ],
)
def test_a_lane_is_kept_while_its_answers_end_cleanly(
    run, serve, sending, exchange, always, data, connections
):
    async def main():
        async with serve(always(data)) as server, sending(server.url) as sender:
            for _ in range(3):
                assert (await sender.send(exchange())).trouble is None
            assert (len(server.requests), server.connections) == (3, connections)

    run(main())


def test_the_two_roles_share_lanes_but_not_with_another_host(
    run, serve, endpoint, exchange, always
):
    async def main():
        async with serve(always()) as server:
            urls = {Role.STATUS: f"{server.url}status", Role.REPLY: f"{server.url}reply"}
            sender = socket_sender(
                {role: endpoint(url, role) for role, url in urls.items()}, timer=time.monotonic
            )
            for role in Role:
                await sender.send(exchange(role=role))
            assert server.connections == 1
            assert [r.split()[1] for r in server.requests] == [b"/status", b"/reply"]
            await sender.aclose()

    run(main())


def test_each_exchange_under_way_has_a_lane_of_its_own(run, serve, sending, exchange, always):
    async def main():
        async with serve(always()) as server, sending(server.url, timeout=1.0) as sender:
            for _ in range(2):
                answers = await asyncio.gather(*(sender.send(exchange()) for _ in range(100)))
                assert {answer.status_code for answer in answers} == {200}
            assert server.connections == 100

    run(main())


def test_the_lane_used_last_is_used_first(run, serve, sending, exchange):
    used = []

    async def script(talk):
        while await talk.request():
            used.append(talk)
            await talk.say(OK)

    async def main():
        async with serve(script) as server, sending(server.url) as sender:
            await asyncio.gather(*(sender.send(exchange()) for _ in range(3)))
            del used[:]
            for _ in range(3):
                await sender.send(exchange())
            assert (len(used), len(set(used)), server.connections) == (3, 1, 3)

    run(main())


async def every_second(talk):
    """Answers a connection's first request; reads its second, whole, and dies."""
    await talk.request()
    await talk.say(OK)
    await talk.request()


def test_a_request_is_sent_once_whatever_comes_of_it(run, serve, sending, exchange):
    async def main():
        async with serve(every_second) as server, sending(server.url) as sender:
            troubles = [(await sender.send(exchange())).trouble for _ in range(10)]
            assert troubles == [None, Trouble.CLOSED] * 5
            assert len(server.requests) == 10

    run(main())


def test_so_is_a_racer_s(run, serve, sending, exchange):
    async def main():
        async with serve(every_second) as server, sending(server.url) as sender:
            await sender.send(exchange())
            finishes = await sender.race([exchange(), exchange()])
            assert [answer.trouble for _, answer in finishes] == [Trouble.CLOSED, None]
            assert len(server.requests) == 3

    run(main())


@pytest.mark.parametrize(("idle", "connections"), [(IDLE_LIMIT, 1), (IDLE_LIMIT + 0.01, 4)])
def test_a_lane_that_has_idled_for_long_is_not_used_again(
    run, serve, endpoint, exchange, always, idle, connections
):
    now = 0.0

    async def main():
        nonlocal now
        async with serve(always()) as server:
            transport = LaneTransport(lambda: now)
            sender = sender_over(transport, endpoint(server.url))
            for _ in range(4):
                assert (await sender.send(exchange())).status_code == 200
                now += idle
            assert server.connections == connections
            await sender.aclose()

    run(main())


@pytest.mark.parametrize("last", ["end", "reset", "words"])
def test_a_lane_is_not_used_once_its_end_is_in_the_kernel(run, sending, exchange, last):
    """The endpoint acts after the event loop last looked, and before the next request."""

    async def answer(listener):
        loop = asyncio.get_running_loop()
        connection, _ = await loop.sock_accept(listener)
        assert await loop.sock_recv(connection, 4096)
        await loop.sock_sendall(connection, OK)
        return connection

    async def main():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            async with sending(f"http://127.0.0.1:{listener.getsockname()[1]}/") as sender:
                first, _ = await asyncio.gather(answer(listener), sender.send(exchange()))
                if last == "words":
                    first.send(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
                elif last == "reset":
                    first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    first.close()
                else:
                    first.close()
                again = sender.send(exchange())
                second = asyncio.create_task(answer(listener))
                assert (await again).status_code == 200
                (await second).close()
                first.close()

    run(main())


def sender_over(transport, endpoint):
    return TransportSender({endpoint.role: endpoint}, {endpoint.role: transport})


def test_an_idle_lane_that_speaks_or_closes_is_given_up(run, serve, sending, exchange):
    heard = asyncio.Event()

    async def script(talk):
        await talk.request()
        await talk.say(OK)
        await heard.wait()
        await talk.say(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        assert await talk.reader.read() == b""
        talk.server.given_up.set()

    async def main():
        async with serve(script) as server, sending(server.url) as sender:
            server.given_up = asyncio.Event()
            await sender.send(exchange())
            heard.set()
            await asyncio.wait_for(server.given_up.wait(), 1.0)
            assert (await sender.send(exchange())).status_code == 200
            assert server.connections == 2

    run(main())


def test_nobody_listens(run, sending, exchange, free_port):
    async def main():
        async with sending(f"http://127.0.0.1:{free_port()}/?key=s3cret") as sender:
            answer = await sender.send(exchange())
        assert answer.trouble is Trouble.REFUSED
        assert answer.detail == "[Errno 111] Connection refused"
        assert answer.took == 0.0

    run(main())


@pytest.mark.parametrize("host", ["nonexistent.invalid", "a" * 70 + ".invalid"])
def test_a_name_without_an_address(run, sending, exchange, host):
    async def main():
        async with sending(f"http://{host}/") as sender:
            answer = await sender.send(exchange())
        assert answer.trouble is Trouble.DNS
        assert answer.detail
        assert not answer.trouble.connected

    run(main())


def test_an_ipv6_address(run, serve, sending, exchange, always):
    async def main():
        async with serve(always(), host="::1") as server, sending(server.url) as sender:
            assert (await sender.send(exchange())).status_code == 200
            assert b"\r\nHost: [::1]:%d\r\n" % server.port in server.requests[0]

    run(main())


def test_a_name_s_addresses_are_tried_in_turn(run, serve, sending, exchange, always, monkeypatch):
    """As where `localhost` is `::1` first, and the server listens on 127.0.0.1 only."""

    async def main():
        async with serve(always()) as server:
            found = [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", server.port, 0, 0)),
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
            ]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_args: found)
            async with sending(f"http://localhost:{server.port}/") as sender:
                assert (await sender.send(exchange())).status_code == 200

    run(main())


def test_our_own_limits_are_not_the_endpoint_s_failure(run, sending, exchange, monkeypatch):
    def exhausted(*_args):
        raise OSError(24, "Too many open files")

    async def main():
        async with sending("http://127.0.0.1:1/") as sender:
            monkeypatch.setattr("mockatell.shell.senders.connect.socket.socket", exhausted)
            with pytest.raises(ConfigurationError, match="ulimit"):
                await sender.send(exchange())
            with pytest.raises(ConfigurationError, match="ulimit"):
                await sender.race([exchange(), exchange()])
            monkeypatch.undo()

    run(main())


@pytest.mark.parametrize(
    "said",
    [OSError(16, "Device or resource busy"), socket.gaierror(-2, "Name or service not known")],
    ids=["busy", "no name"],
)
def test_a_resolver_that_may_open_no_file_is_no_dns_trouble(
    run, sending, exchange, monkeypatch, said
):
    def exhausted(*_args):
        raise OSError(24, "Too many open files")

    def look_up(*_args):
        raise said

    async def main():
        async with sending("http://localhost:1/") as sender:
            monkeypatch.setattr(socket, "getaddrinfo", look_up)
            monkeypatch.setattr("mockatell.shell.senders.connect.socket.socket", exhausted)
            with pytest.raises(ConfigurationError) as caught:
                await sender.send(exchange())
            monkeypatch.undo()
        assert str(caught.value) == (
            "too many open files: raise the limit (ulimit -n) or lower max_in_flight"
        )

    run(main())


def test_a_cancelled_exchange_closes_its_lane(run, serve, sending, exchange):
    async def script(talk):
        await talk.request()
        talk.server.asked.set()
        await talk.reader.read()
        talk.server.closed.set()

    async def main():
        async with serve(script) as server, sending(server.url, timeout=9.0) as sender:
            server.asked, server.closed = asyncio.Event(), asyncio.Event()
            task = asyncio.create_task(sender.send(exchange()))
            await server.asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(server.closed.wait(), 1.0)

    run(main())


def test_a_cancelled_connection_attempt_leaves_nothing(run, serve, sending, exchange, always):
    async def main():
        async with serve(always()) as server, sending(server.url) as sender:
            for turns in range(6):
                task = asyncio.create_task(sender.send(exchange()))
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                assert [await asyncio.gather(task, return_exceptions=True)]

    run(main())


def test_closing_ends_what_is_under_way(run, serve, sending, exchange):
    async def script(talk):
        await talk.request()
        talk.server.asked.set()
        await talk.reader.read()

    async def main():
        async with serve(script) as server, sending(server.url, timeout=9.0) as sender:
            server.asked = asyncio.Event()
            task = asyncio.create_task(sender.send(exchange()))
            await server.asked.wait()
            assert sender._transports[Role.STATUS]._lanes
            await sender.aclose()
            assert not sender._transports[Role.STATUS]._lanes
            assert (await task).trouble is Trouble.CLOSED

    run(main())


def test_many_exchanges_leave_no_memory_behind(run, serve, sending, exchange, always):
    async def main():
        async with serve(always()) as server, sending(server.url) as sender:
            for _ in range(50):
                await sender.send(exchange())
            tracemalloc.start()
            for _ in range(50):
                await sender.send(exchange())
            first, _ = tracemalloc.get_traced_memory()
            for _ in range(200):
                await sender.send(exchange())
                server.requests.clear()
                server.arrivals.clear()
            last, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert last - first < 50_000

    run(main())


def test_httpx_can_use_the_lanes_too(run, serve, once, always, free_port):
    async def main():
        async with serve(always()) as server, serve(once(b"SSH-2.0\r\n")) as other:
            client = httpx.AsyncClient(transport=LaneTransport(time.monotonic))
            response = await client.post(f"{server.url}a?b=c%2Fd", content=b"xyz")
            assert (response.status_code, response.text) == (200, "ok")
            assert server.requests[0].startswith(b"POST /a?b=c%2Fd HTTP/1.1\r\n")
            assert server.requests[0].endswith(b"\r\n\r\nxyz")
            await client.get(server.url, extensions={"target": b"/x/../y"})
            assert server.requests[1].startswith(b"GET /x/../y HTTP/1.1\r\n")
            with pytest.raises(httpx.RemoteProtocolError, match="does not begin with HTTP"):
                await client.get(other.url)
            with pytest.raises(httpx.ConnectError, match="refused"):
                await client.get(f"http://127.0.0.1:{free_port()}")
            await client.aclose()

    run(main())


# One lane, told by hand what asyncio tells it


class Wire(asyncio.Transport):
    """A transport that sends nothing; its socket holds what the endpoint has said."""

    def __init__(self, said):
        super().__init__()
        self.aborted = False
        self.here, self.there = socket.socketpair()
        self.here.setblocking(False)
        self.there.send(said)

    def get_extra_info(self, name, default=None):
        return self.here if name == "socket" else default

    def set_write_buffer_limits(self, high=None, low=None): ...

    def write(self, data): ...

    def abort(self):
        self.aborted = True

    def close(self):
        self.here.close()
        self.there.close()


@pytest.fixture
def lose(run):
    """What becomes of an exchange whose connection is lost with these bytes unread."""

    def start(error, said=b" "):
        async def main():
            wire = Wire(said)
            lane = Lane(time.monotonic, 100, lambda _lane: None)
            lane.connection_made(wire)
            reply = lane.begin(b"request")
            lane.connection_lost(error)
            wire.close()
            return await reply

        return run(main())

    return start


def test_an_answer_that_the_kernel_holds_when_a_write_fails_counts(lose):
    broken = BrokenPipeError(32, "Broken pipe")
    assert lose(broken, OK).status_code == 200
    cut = lose(broken, OK[:-1])
    assert (cut.trouble, cut.words) == (Trouble.RESET, "[Errno 32] Broken pipe")


def test_an_error_of_ours_is_not_the_endpoint_s(lose):
    with pytest.raises(ZeroDivisionError):
        lose(ZeroDivisionError())


def test_a_lane_that_is_cancelled_as_it_comes_about_is_closed_at_once(
    run, serve, sending, exchange, always, monkeypatch
):
    """asyncio alone would end TLS politely: half a minute, if the other end does not answer."""

    async def come_about(factory, *, sock, **_settings):
        sock.close()
        factory().connection_made(wire)
        raise asyncio.CancelledError

    wire = Wire(b" ")

    async def main():
        async with serve(always()) as server, sending(server.url) as sender:
            monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", come_about)
            with pytest.raises(asyncio.CancelledError):
                await sender.send(exchange())
            assert wire.aborted

    run(main())
    wire.close()


def test_nothing_delays_a_last_byte(run, serve, sending, exchange, always):
    """Nagle's algorithm would hold it back until the bytes before it are acknowledged."""

    async def main():
        async with serve(always()) as server, sending(server.url) as sender:
            await sender.send(exchange())
            (lane,) = sender._transports[Role.STATUS]._lanes
            sock = lane._transport.get_extra_info("socket")
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    run(main())


# Races


def test_a_race_releases_its_copies_together(run, serve, sending, exchange, always):
    async def main():
        async with serve(always()) as server, sending(server.url) as sender:
            for _ in range(2):
                finishes = await sender.race([exchange() for _ in range(8)])
                offsets = [offset for offset, _ in finishes]
                assert {answer.status_code for _, answer in finishes} == {200}
                assert min(offsets) == 0.0
                assert max(offsets) < 0.02
            assert server.connections == 8
            assert len(set(server.requests)) == 1

    run(main())


def test_last_bytes_are_held_back_until_every_lane_is_warm(
    run, serve, sending, exchange, monkeypatch
):
    heads, wholes = [], []

    async def script(talk):
        await talk.reader.readuntil(b'"a":1')
        heads.append(time.monotonic())
        await talk.reader.readexactly(1)
        wholes.append(time.monotonic())
        await asyncio.sleep(0.05)
        await talk.say(OK)

    async def reach_slowly(location, _allows):
        if heads:
            await asyncio.sleep(0.3)
        heads.append(0.0)
        return await reach(location)

    async def main():
        monkeypatch.setattr("mockatell.shell.senders.lane.reach", reach_slowly)
        async with serve(script) as server, sending(server.url) as sender:
            finishes = await sender.race([exchange(), exchange()])
            assert min(wholes) - min(filter(None, heads)) > 0.28
            # The time on a warm lane, twice the timeout, does not count: only from the release on.
            assert {answer.status_code for _, answer in finishes} == {200}

    run(main())


def test_a_race_over_answers_troubles_and_conducts(run, serve, sending, exchange):
    async def script(talk):
        while request := await talk.request():
            if b"mute" in request:
                await talk.reader.read()
            await talk.say(OK)

    async def main():
        async with serve(script) as server, sending(server.url, timeout=0.08) as sender:
            finishes = await sender.race(
                [exchange(), exchange(b"mute"), exchange(conduct=Conduct.LOSE_ACK)]
            )
            answers = [answer for _, answer in finishes]
            assert [answer.trouble for answer in answers] == [None, Trouble.TIMEOUT, None]
            assert server.connections == 3
            await sender.send(exchange())
            await sender.send(exchange())
            assert server.connections == 3

    run(main())


def test_a_racer_without_a_connection_counts_as_released_with_the_others(
    run, serve, sending, exchange, always, monkeypatch
):
    async def reach_once(location, _allows):
        monkeypatch.setattr("mockatell.shell.senders.lane.reach", refuse)
        return await reach(location)

    async def refuse(_location, _allows):
        raise Unconnected(Trouble.REFUSED, "no")

    async def main():
        monkeypatch.setattr("mockatell.shell.senders.lane.reach", reach_once)
        async with serve(always()) as server, sending(server.url) as sender:
            (_, first), (offset, second) = await sender.race([exchange(), exchange()])
            assert (first.status_code, second.trouble) == (200, Trouble.REFUSED)
            assert (offset, second.waited) == (0.0, first.waited)

    run(main())


def test_a_race_without_connections(run, sending, exchange, free_port):
    async def main():
        async with sending(f"http://127.0.0.1:{free_port()}/") as sender:
            finishes = await sender.race([exchange(), exchange()])
        assert [(offset, answer.trouble) for offset, answer in finishes] == [
            (0.0, Trouble.REFUSED),
            (0.0, Trouble.REFUSED),
        ]

    run(main())


def test_a_large_race_is_flushed_before_it_is_released(run, serve, sending, exchange, always):
    body = b"x" * 16_000_000

    async def script(talk):
        await asyncio.sleep(0.05)
        await always()(talk)

    async def main():
        async with serve(script) as server, sending(server.url, timeout=5.0) as sender:
            finishes = await sender.race([exchange(body) for _ in range(2)])
            assert {answer.status_code for _, answer in finishes} == {200}
            assert max(offset for offset, _ in finishes) < 0.02
            assert min(answer.waited for _, answer in finishes) > 0.045
            assert all(request.endswith(body) for request in server.requests)

    run(main())


def test_a_racer_that_nobody_reads_holds_a_race_up_for_one_timeout(run, serve, sending, exchange):
    async def script(talk):
        talk.reader._transport.pause_reading()
        await talk.server.over.wait()

    async def main():
        async with serve(script) as server, sending(server.url, timeout=0.1) as sender:
            server.over = asyncio.Event()
            finishes = await sender.race([exchange(b"x" * 16_000_000) for _ in range(2)])
            server.over.set()
            for _, answer in finishes:
                assert answer.trouble is Trouble.TIMEOUT
                assert 0.09 < answer.took < 0.4
                assert 0.09 < answer.waited < 0.5

    run(main())


def test_a_race_that_is_cancelled_while_it_lines_up_closes_the_warm_lanes(
    run, serve, sending, exchange, monkeypatch
):
    async def script(talk):
        await talk.reader.readuntil(b'"a":1')
        talk.server.warm.set()
        await talk.reader.read()
        talk.server.closed.set()

    async def reach_once(location, _allows):
        monkeypatch.setattr("mockatell.shell.senders.lane.reach", hang)
        return await reach(location)

    async def hang(_location, _allows):
        await asyncio.get_running_loop().create_future()

    async def main():
        monkeypatch.setattr("mockatell.shell.senders.lane.reach", reach_once)
        async with serve(script) as server, sending(server.url, timeout=9.0) as sender:
            server.warm, server.closed = asyncio.Event(), asyncio.Event()
            race = sender.race([exchange(), exchange()])
            task = asyncio.create_task(race)
            await server.warm.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(server.closed.wait(), 1.0)

    run(main())


@pytest.mark.parametrize("turns", range(0, 14, 2))
def test_a_cancelled_race_leaves_nothing(run, serve, sending, exchange, turns):
    async def script(talk):
        await talk.request()
        await talk.reader.read()

    async def main():
        async with serve(script) as server, sending(server.url) as sender:
            race = sender.race([exchange() for _ in range(3)])
            task = asyncio.create_task(race)
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    run(main())
