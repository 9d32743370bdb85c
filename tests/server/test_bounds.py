"""Slow clients, many clients and clients that leave: bounded, and answered."""

import asyncio
import json

import pytest
from fastapi import HTTPException

from mockatell.rooms.sidecar.waiting import Scope, Waiters
from mockatell.server import serving as served
from mockatell.server.answers import send_answer, text_answer
from mockatell.server.ending import Ending
from mockatell.shell.listening import bind

CROWD = 1000
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Small:
    """As much of an app as a server needs."""

    def __init__(self):
        self.ready = False
        self.ending = Ending()

    async def __call__(self, _scope, receive, send):
        while (await receive()).get("more_body"):
            continue
        await send_answer(send, text_answer(200, "ok"))


async def with_server(talk):
    """Serve the small app on this loop for as long as `talk(port)` takes."""
    listener = bind("127.0.0.1", 0)
    server = served.Server(Small(), grace=1)
    running = asyncio.ensure_future(server.serve([listener]))
    try:
        return await talk(listener.getsockname()[1])
    finally:
        server.stop()
        await running


@pytest.mark.parametrize(
    "begun",
    [(b"",), (b"GET / HTTP/1.1\r\nHost: x\r\n",), (WHOLE, b"GET / HTTP/1.1\r\n")],
    ids=["nothing", "half a head", "half a second head"],
)
def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch, begun):
    monkeypatch.setattr(served, "HEAD_PATIENCE", 0.05)

    async def talk(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        *whole, half = begun
        async with asyncio.timeout(5):
            for request in whole:
                writer.write(request)
                await reader.readuntil(b"ok")
            writer.write(half)
            rest = await reader.read()
        writer.close()
        return rest

    assert asyncio.run(with_server(talk)) == b""


def test_a_head_that_comes_in_pieces_is_answered(monkeypatch):
    monkeypatch.setattr(served, "HEAD_PATIENCE", 5)

    async def talk(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in (b"GET / HT", b"TP/1.1\r\nHost: x\r\nConnection: close\r", b"\n\r\n"):
            writer.write(piece)
            await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer

    assert asyncio.run(with_server(talk)).endswith(b"ok")


def test_a_thousand_wait_at_once(serving, client, http):
    """All of them are let go by one callback's answer, and none is asked twice."""
    client.pause()
    message = {"to": "27999900004", "content": "Hi"}
    http.post("/v1/message", json={"messages": [message]})

    async def crowd():
        asked = b"GET /mockatell/api/wait?timeout=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        address = serving.url.removeprefix("http://").split(":")
        pairs = [await asyncio.open_connection(*address) for _ in range(CROWD)]
        for _, writer in pairs:
            writer.write(asked)
        await asyncio.to_thread(client.overview)
        await asyncio.to_thread(client.resume)
        async with asyncio.timeout(30):
            answers = [await _answer(reader) for reader, _ in pairs]
        for _, writer in pairs:
            writer.close()
        return answers

    answers = asyncio.run(crowd())
    assert {(status, told["reached"], told["pending"]) for status, told in answers} == {
        (200, True, 0)
    }


async def _answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), json.loads(await reader.readexactly(length))


class Leaving:
    """A request whose client reads nothing and leaves."""

    def __init__(self, *messages):
        self.messages = list(messages)

    async def receive(self):
        return self.messages.pop(0) if self.messages else await asyncio.Event().wait()


def test_who_leaves_waits_no_more():
    """Nothing of a wait is left when its client has gone."""

    async def leave():
        waiters = Waiters()
        waiting = waiters.wait(Busy, Scope(), "quiet", 600)
        request = Leaving({"type": "http.request"}, {"type": "http.disconnect"})
        with pytest.raises(HTTPException):
            await Ending().unless(request, waiting)
        return vars(waiters)

    assert asyncio.run(leave()) == vars(Waiters())


def test_work_that_is_done_is_what_comes_of_it():
    async def done():
        return await Ending().unless(Leaving(), asyncio.sleep(0, "done"))

    assert asyncio.run(done()) == "done"


class Busy:
    """A world in which something is always pending."""

    def busy(self, *_):
        return True

    def pending(self, *_):
        return 1


def test_a_body_that_stops_coming_holds_up_nobody(serving, http):
    async def stall():
        address = serving.url.removeprefix("http://").split(":")
        head = b"POST /v1/message HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
        pairs = [await asyncio.open_connection(*address) for _ in range(200)]
        for _, writer in pairs:
            writer.write(head)
        balance = await asyncio.to_thread(http.get, "/v1/balance")
        for _, writer in pairs:
            writer.close()
        return balance

    assert asyncio.run(stall()).status_code == 200
