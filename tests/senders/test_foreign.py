"""Transports that are not ours, and mocking libraries that must not reach ours."""

import asyncio
import ssl
import time

import httpx
import pytest
import respx
import trustme

from mockatell.errors import ConfigurationError
from mockatell.model import Role, Trouble
from mockatell.shell.senders.sync import SyncTransportSender
from mockatell.shell.senders.transport import TransportSender

TIMER = time.monotonic


@pytest.fixture
def ask(run, endpoint, exchange):
    """The answer over a transport of httpx's kind."""

    def start(transport, url="http://127.0.0.1:1/", *, body=b"{}", virtual=False, **settings):
        async def main():
            endpoints = {Role.STATUS: endpoint(url, **settings)}
            sender = TransportSender(endpoints, transport, timer=TIMER, virtual=virtual)
            answer = await sender.send(exchange(body))
            await sender.aclose()
            return answer

        return run(main())

    return start


@pytest.fixture
def ask_sync(endpoint, exchange):
    def start(transport, url="http://127.0.0.1:1/", **settings):
        endpoints = {Role.STATUS: endpoint(url, **settings)}
        sender = SyncTransportSender(endpoints, transport, timer=TIMER)
        answer = sender.send(exchange())
        sender.close()
        return answer

    return start


def test_httpx_s_own_transport_sends_the_same_bytes(run, serve, endpoint, exchange, always):
    async def main():
        async with serve(always()) as server:
            url = f"{server.url}a/../b?key=a%2Fb+c|d"
            endpoints = {Role.STATUS: endpoint(url, headers=(("X-Env", "test"),))}
            sender = TransportSender(endpoints, httpx.AsyncHTTPTransport(), timer=TIMER)
            answer = await sender.send(exchange())
            assert (answer.status_code, answer.detail) == (200, "ok")
            assert 0 < answer.waited < answer.waited + answer.took < 0.15
            assert server.requests == [
                f"POST /a/../b?key=a%2Fb+c|d HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                "Content-Type: application/json\r\nAccept: */*\r\nContent-Length: 7\r\n"
                'X-Env: test\r\n\r\n{"a":1}'.encode()
            ]
            await sender.aclose()

    run(main())


async def _mute(talk):
    await talk.request()
    await talk.reader.read()


async def _dripping(talk):
    await talk.request()
    await talk.say(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(100):
        await talk.say(b"x")
        await asyncio.sleep(0.01)


def test_httpx_s_own_transport_in_trouble(run, serve, endpoint, exchange, once):
    async def outcome(script):
        async with serve(script) as server:
            endpoints = {Role.STATUS: endpoint(server.url, timeout=0.08)}
            sender = TransportSender(endpoints, httpx.AsyncHTTPTransport(), timer=TIMER)
            answer = await sender.send(exchange())
            await sender.aclose()
            return answer.trouble

    scripts = {
        once(b"SSH-2.0\r\n\r\n"): Trouble.NOT_HTTP,
        once(b""): Trouble.CLOSED,
        once(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"): Trouble.CLOSED,
        once(b"", reset=True): Trouble.RESET,
        _mute: Trouble.TIMEOUT,
        _dripping: Trouble.TIMEOUT,
    }
    for script, trouble in scripts.items():
        assert run(outcome(script)) is trouble


def test_httpx_s_own_transport_without_a_connection(ask, ask_sync):
    for url, trouble in [
        ("http://127.0.0.1:1/", Trouble.REFUSED),
        ("http://nonexistent.invalid/", Trouble.DNS),
    ]:
        assert ask(httpx.AsyncHTTPTransport(), url).trouble is trouble
        assert ask_sync(httpx.HTTPTransport(), url).trouble is trouble


def test_httpx_s_own_transport_without_trust(run, serve, endpoint, exchange, always):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def main():
        async with serve(always(), tls=context) as server:
            endpoints = {Role.STATUS: endpoint(server.url)}
            sender = TransportSender(endpoints, httpx.AsyncHTTPTransport(), timer=TIMER)
            answer = await sender.send(exchange())
            await sender.aclose()
        assert answer.trouble is Trouble.TLS
        assert answer.detail == "unable to get local issuer certificate"

    run(main())


def raising(error):
    def handler(_request):
        raise error

    return httpx.MockTransport(handler)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (httpx.ConnectTimeout("slow"), Trouble.CONNECT),
        (httpx.PoolTimeout("busy"), Trouble.CONNECT),
        (httpx.WriteTimeout(""), Trouble.TIMEOUT),
        (httpx.ConnectError("no"), Trouble.REFUSED),
        (httpx.ReadError("gone"), Trouble.RESET),
        (httpx.RemoteProtocolError("illegal"), Trouble.NOT_HTTP),
        (httpx.RemoteProtocolError("Server disconnected without sending"), Trouble.CLOSED),
        (httpx.ProxyError("407"), Trouble.CONNECT),
    ],
)
def test_httpx_s_exceptions(ask, ask_sync, error, trouble):
    for answer in (ask(raising(error)), ask_sync(raising(error))):
        assert answer.trouble is trouble
        assert answer.detail == str(error) or type(error).__name__


def test_a_transport_that_answers(ask, ask_sync):
    transport = httpx.MockTransport(lambda request: httpx.Response(202, content=request.content))
    assert ask(transport).detail == "{}"
    assert ask_sync(transport).detail == '{"a":1}'


def test_a_transport_that_tells_when_it_sends(ask):
    """The time to connect is not the exchange's, however long."""

    async def handler(request):
        await request.extensions["trace"]("connection.connect_tcp.started", {})
        await asyncio.sleep(0.1)
        await request.extensions["trace"]("http2.send_request_headers.started", {})
        await asyncio.sleep(0.03)
        return httpx.Response(200)

    answer = ask(httpx.MockTransport(handler), timeout=0.08)
    assert answer.status_code == 200
    assert answer.waited > 0.09 > answer.took > 0.025


def test_a_transport_that_hangs_is_cut_off(ask):
    async def handler(_request):
        await asyncio.get_running_loop().create_future()

    answer = ask(httpx.MockTransport(handler), timeout=0.05)
    assert (answer.trouble, answer.detail) == (Trouble.TIMEOUT, "no whole answer within 0.05 s")
    assert answer.took >= 0.05
    virtual = ask(httpx.MockTransport(handler), timeout=0.05, virtual=True)
    assert (virtual.trouble, virtual.took, virtual.waited) == (Trouble.TIMEOUT, 0.05, 0.0)


def test_an_app_behind_httpx_s_transport_may_raise(ask):
    async def app(_scope, _receive, _send):
        return 1 / 0

    answer = ask(httpx.ASGITransport(app))
    assert answer.status_code == 500
    assert answer.detail.startswith("ZeroDivisionError: division by zero at test_foreign.py:")


def test_our_own_errors_are_not_swallowed(ask, ask_sync):
    for error in (ConfigurationError("ours"), httpx.LocalProtocolError("ours")):
        for start in (ask, ask_sync):
            with pytest.raises(ConfigurationError, match="ours"):
                start(raising(error))


def test_what_httpx_s_own_transport_cannot_send(run, serve, endpoint, exchange, always):
    async def main():
        async with serve(always()) as server:
            endpoints = {Role.STATUS: endpoint(f"{server.url}?x=é")}
            sender = TransportSender(endpoints, httpx.AsyncHTTPTransport(), timer=TIMER)
            with pytest.raises(ConfigurationError, match="target"):
                await sender.send(exchange())
            await sender.aclose()

    run(main())


def test_a_body_is_read_to_the_limit(ask, ask_sync):
    class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self):
            while True:
                yield b"x" * 10_000

        async def __aiter__(self):
            for part in self:
                yield part

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Endless()))
    for answer in (ask(transport), ask_sync(transport)):
        assert (answer.status_code, answer.detail) == (200, "x" * 200)


def test_a_race_over_any_transport_sends_all_at_once(run, endpoint, exchange):
    arrived = 0
    everyone = asyncio.Event()

    async def handler(_request):
        nonlocal arrived
        arrived += 1
        if arrived == 3:
            everyone.set()
        await everyone.wait()
        return httpx.Response(200)

    async def main():
        endpoints = {Role.STATUS: endpoint("http://h.invalid/")}
        sender = TransportSender(endpoints, httpx.MockTransport(handler), timer=TIMER)
        finishes = await sender.race([exchange() for _ in range(3)])
        assert [(offset, answer.status_code) for offset, answer in finishes] == [(0.0, 200)] * 3

    run(main())


def test_a_sync_race_is_one_after_the_other(endpoint, exchange):
    ticks = iter(range(100))
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    endpoints = {Role.STATUS: endpoint("http://h.invalid/", timeout=9.0)}
    sender = SyncTransportSender(endpoints, transport, timer=lambda: float(next(ticks)))
    finishes = sender.race([exchange() for _ in range(3)])
    offsets = [offset for offset, _ in finishes]
    assert offsets[0] == 0.0 < offsets[1] < offsets[2]
    assert {answer.status_code for _, answer in finishes} == {200}


# Mocking libraries in the user's own test


def test_respx_does_not_reach_our_lanes(run, serve, sending, exchange, always):
    for using in ("httpcore", "httpx"):
        with respx.mock(using=using, assert_all_called=False) as router:
            route = router.route().respond(418)

            async def main(route=route):
                async with serve(always()) as server, sending(server.url) as sender:
                    assert (await sender.send(exchange())).status_code == 200
                    async with httpx.AsyncClient() as client:
                        assert (await client.get(server.url)).status_code == 418
                    assert route.call_count == 1

            run(main())


def test_pytest_httpx_does_not_reach_our_lanes(run, serve, sending, exchange, always, httpx_mock):
    httpx_mock.add_response(status_code=418)

    async def main():
        async with serve(always()) as server, sending(server.url) as sender:
            assert (await sender.send(exchange())).status_code == 200
            async with httpx.AsyncClient() as client:
                assert (await client.get(server.url)).status_code == 418

    run(main())
