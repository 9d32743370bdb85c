"""Issue's delivery rules over real sockets: what each answer, and each lack of one, becomes."""

import asyncio
from unittest.mock import ANY

import pytest

from mockatell.model import Answer, Conduct, Trouble

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def status(code, *, more=b"", body=b"hi"):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%b\r\n%b" % (code, len(body), more, body)


@pytest.fixture
def ask(run, serve, sending, exchange):
    """The answer to one exchange with a server that follows a script."""

    def start(script, body=b'{"a":1}', **settings):
        async def main():
            async with serve(script) as server, sending(server.url, **settings) as sender:
                return await sender.send(exchange(body))

        return run(main())

    return start


@pytest.mark.parametrize("code", [200, 201, 202, 226, 299, 400, 401, 404, 410, 429, 500, 503, 599])
def test_a_status_is_brought_back_with_the_start_of_its_body(ask, always, code):
    answer = ask(always(status(code)))
    assert (answer.status_code, answer.trouble, answer.detail) == (code, None, "hi")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(run, serve, sending, exchange, always, code):
    async def main():
        async with serve(always()) as there:
            elsewhere = b"Location: %b\r\n" % there.url.encode()
            script = always(status(code, more=elsewhere, body=b""))
            async with serve(script) as here, sending(here.url) as sender:
                answer = await sender.send(exchange())
            assert (answer.status_code, answer.detail) == (code, f"Location: {there.url}")
            assert there.connections == 0
            assert len(here.requests) == 1

    run(main())


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_an_answer_without_a_body_ends_with_its_head(ask, always, data):
    answer = ask(always(data))
    assert answer.trouble is None
    assert answer.detail is None


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n", "abcde"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", "old"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"ok", "ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 50 + HEAD + b"ok", "ok"),
        (HEAD + b"ok, and more than was promised", "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nraw", "raw"),
        (b"HTTP/1.1 200 OK\r\nX: %b\r\n\r\nbig head" % (b"x" * 60_000), "big head"),
    ],
    ids=["chunked", "until close", "1.0", "100", "103s", "too long", "not decompressed", "head"],
)
def test_whole_answers(ask, once, data, detail):
    assert ask(once(data)) == Answer(200, detail=detail, waited=ANY, took=ANY)


@pytest.mark.parametrize(
    ("data", "trouble", "detail"),
    [
        (b"", Trouble.CLOSED, "closed before an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", Trouble.CLOSED, "closed in the middle of the head"),
        (HEAD, Trouble.CLOSED, "closed in the middle of the body, after status 200"),
        (HEAD + b"o", Trouble.CLOSED, "closed in the middle of the body, after status 200"),
        (
            CHUNKED + b"5\r\nab",
            Trouble.CLOSED,
            "closed in the middle of the body, after status 200",
        ),
        (b"HTTP/1.1 103 Early\r\n\r\n", Trouble.CLOSED, "closed in the middle of the head"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Trouble.NOT_HTTP, "the answer does not begin with HTTP/"),
        (b"\x15\x03\x01\x00\x02\x02", Trouble.NOT_HTTP, "the answer does not begin with HTTP/"),
        (b"HTTP/1.1 abc\r\n\r\n", Trouble.NOT_HTTP, ANY),
        (b"HTTP/1.1 099 X\r\n\r\n", Trouble.NOT_HTTP, ANY),
        (b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", Trouble.NOT_HTTP, ANY),
        (b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n", Trouble.NOT_HTTP, ANY),
        (CHUNKED + b"xyz\r\n", Trouble.NOT_HTTP, ANY),
        (b"HTTP/1.1 200 OK\r\nX: %b\r\n\r\n" % (b"x" * 70_000), Trouble.NOT_HTTP, ANY),
    ],
)
def test_what_is_not_an_answer(ask, once, data, trouble, detail):
    answer = ask(once(data))
    assert (answer.status_code, answer.trouble, answer.detail) == (None, trouble, detail)


def test_a_connection_that_is_reset(ask, once):
    before = ask(once(b"", reset=True))
    amid = ask(once(HEAD + b"o", reset=True))
    assert before.trouble is Trouble.RESET
    assert before.detail == "[Errno 104] Connection reset by peer"
    assert amid.trouble is Trouble.RESET


async def _never(talk):
    await talk.request()
    await talk.reader.read()


async def _head_only(talk):
    await talk.request()
    await talk.say(HEAD)
    await talk.reader.read()


def _dripping(data):
    async def script(talk):
        await talk.request()
        for byte in data:
            await talk.say(bytes([byte]))
            await asyncio.sleep(0.01)

    return script


async def _informing_for_ever(talk):
    await talk.request()
    while True:
        await talk.say(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        (_never, "no answer within 0.05 s"),
        (_head_only, "status 200, but not all of its body within 0.05 s"),
        (_dripping(HEAD + b"ok"), "no answer within 0.05 s"),
        (_informing_for_ever, "no answer within 0.05 s"),
    ],
)
def test_one_timer_covers_the_whole_exchange(ask, script, detail):
    answer = ask(script, timeout=0.05)
    assert (answer.status_code, answer.trouble, answer.detail) == (None, Trouble.TIMEOUT, detail)
    assert 0.045 < answer.took < 0.5


def test_a_slow_answer_within_the_timeout_counts(ask):
    async def script(talk):
        await talk.request()
        await asyncio.sleep(0.03)
        await talk.say(HEAD)
        await asyncio.sleep(0.03)
        await talk.say(b"ok")

    answer = ask(script)
    assert answer.status_code == 200
    assert 0.055 < answer.took < 0.15


def test_connecting_is_not_part_of_the_exchange(run, sending, exchange, monkeypatch):
    async def slowly(*_args):
        await asyncio.sleep(0.1)
        raise OSError(111, "refused")

    async def main():
        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", slowly)
        async with sending("http://127.0.0.1:1/", timeout=0.05) as patient:
            answer = await patient.send(exchange())
        assert answer.trouble is Trouble.REFUSED
        assert (answer.waited > 0.09, answer.took) == (True, 0.0)
        async with sending("http://127.0.0.1:1/", connect_timeout=0.02) as hasty:
            answer = await hasty.send(exchange())
        assert answer.trouble is Trouble.CONNECT
        assert answer.detail == "no connection within 0.02 s"

    run(main())


def test_an_endless_body_is_read_to_the_limit_and_its_status_stands(ask):
    sent = 0

    async def script(talk):
        nonlocal sent
        await talk.request()
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            await talk.say(b"x" * 65_536)
            sent += 65_536

    answer = ask(script, timeout=1.0)
    assert (answer.status_code, answer.trouble, answer.detail) == (200, None, "x" * 200)
    assert sent < 100_000_000


@pytest.mark.parametrize("polite", [True, False])
def test_an_early_answer_to_a_large_request_counts(ask, polite):
    """A server may answer on the head alone; if it then hangs up, what it said still stands."""

    async def script(talk):
        await talk.reader.readuntil(b"\r\n\r\n")
        await talk.say(status(413))
        if polite:
            await talk.reader.read()

    answer = ask(script, body=b"x" * 16_000_000, timeout=1.0)
    assert (answer.status_code, answer.detail) == (413, "hi")


def test_a_lane_with_half_a_request_on_it_is_not_used_again(run, serve, sending, exchange):
    async def script(talk):
        await talk.reader.readuntil(b"\r\n\r\n")
        await talk.say(status(413))
        await talk.reader.read()

    async def main():
        async with serve(script) as server, sending(server.url, timeout=1.0) as sender:
            for body in (b"x" * 16_000_000, b"x"):
                assert (await sender.send(exchange(body))).status_code == 413
            assert server.connections == 2

    run(main())


def test_a_large_request_arrives_whole(run, serve, sending, exchange, always):
    body = bytes(range(256)) * 16_384

    async def main():
        async with serve(always()) as server, sending(server.url, timeout=1.0) as sender:
            assert (await sender.send(exchange(body))).status_code == 200
            assert server.requests[0].endswith(body)

    run(main())


def test_a_lost_acknowledgement_is_a_whole_exchange_on_a_dropped_connection(
    run, serve, sending, exchange, always
):
    async def main():
        async with serve(always()) as server, sending(server.url) as sender:
            lost = await sender.send(exchange(conduct=Conduct.LOSE_ACK))
            again = await sender.send(exchange())
            assert (lost.status_code, again.status_code) == (200, 200)
            assert (len(server.requests), server.connections) == (2, 2)

    run(main())


def test_a_failing_exchange_holds_up_no_other(run, serve, sending, exchange):
    async def script(talk):
        while request := await talk.request():
            if b"hang" in request:
                await talk.reader.read()
            await talk.say(HEAD + b"ok")

    async def main():
        async with serve(script) as server, sending(server.url, timeout=0.6) as sender:
            hanging = asyncio.create_task(sender.send(exchange(b"hang")))
            answers = await asyncio.gather(*(sender.send(exchange()) for _ in range(100)))
            assert {answer.status_code for answer in answers} == {200}
            assert not hanging.done()
            assert (await hanging).trouble is Trouble.TIMEOUT

    run(main())


def test_excerpts_are_scrubbed_and_harmless(ask, always):
    body = "\x1b[2J\r\nkey=s3cret \u202eé".encode() + b"\xff" + b"x" * 300
    answer = ask(
        always(status(500, body=body)),
        manner={"scrub": lambda text: text.replace("s3cret", "***")},
    )
    assert answer.detail.startswith("�[2J key=*** �é�xxx")
    assert len(answer.detail) == 200
