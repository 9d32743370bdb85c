"""A raw TCP server that does as a test tells it, and senders that leave nothing behind."""

import asyncio
import gc
import socket
import struct
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mockatell.model import Callback, Cause, Conduct, Delivery, Endpoint, Exchange, Role
from mockatell.shell.senders.transport import socket_sender

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Talk:
    """The server's end of one connection."""

    def __init__(self, server, reader, writer):
        self.server = server
        self.reader = reader
        self.writer = writer

    async def request(self):
        """The next request's bytes; b"" when there is none."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            body = await self.reader.readexactly(int(fields.get(b"content-length", 0)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        self.server.requests.append(head + body)
        self.server.arrivals.append(time.perf_counter())
        return head + body

    async def say(self, data):
        self.writer.write(data)
        await self.writer.drain()

    def close(self):
        """With unread data in the kernel this is a reset, as everywhere."""
        self.writer.close()

    def reset(self):
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Served:
    """What a test server has seen, and where it is."""

    def __init__(self, script):
        self.script = script
        self.requests = []
        self.arrivals = []
        self.connections = 0
        self.talks = set()

    async def serve(self, reader, writer):
        self.connections += 1
        task = asyncio.current_task()
        self.talks.add(task)
        talk = Talk(self, reader, writer)
        try:
            await self.script(talk)
        except ConnectionError:
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self.talks.discard(task)
            writer.close()

    async def stop(self, listener):
        listener.close()
        if accepting := [task for task in asyncio.all_tasks() if "accept" in repr(task)]:
            await asyncio.wait(accepting)
        for task in list(self.talks):
            task.cancel()
        await asyncio.gather(*self.talks, return_exceptions=True)
        await listener.wait_closed()


@pytest.fixture
def always():
    """A script that gives every request the same bytes."""

    def make(data=OK):
        async def script(talk):
            while await talk.request():
                await talk.say(data)

        return script

    return make


@pytest.fixture
def once():
    """A script that reads one request, says these bytes and hangs up."""

    def make(data, *, reset=False):
        async def script(talk):
            await talk.request()
            await talk.say(data)
            if reset:
                talk.reset()

        return script

    return make


@pytest.fixture
def serve():
    """`async with serve(script) as server`: a server on a free port of 127.0.0.1, or of `host`."""

    @asynccontextmanager
    async def start(script, *, host="127.0.0.1", tls=None):
        server = Served(script)
        listener = await asyncio.start_server(server.serve, host, 0, ssl=tls, backlog=256)
        port = listener.sockets[0].getsockname()[1]
        server.port = port
        name = f"[{host}]" if ":" in host else host
        server.url = f"{'http' if tls is None else 'https'}://{name}:{port}/"
        try:
            yield server
        finally:
            await server.stop(listener)

    return start


@pytest.fixture
def endpoint():
    """An endpoint with timeouts that suit a test."""

    def make(url="", role=Role.STATUS, **settings):
        return Endpoint(role, url, **{"timeout": 0.15, "connect_timeout": 1.0, **settings})

    return make


@pytest.fixture
def exchange():
    """One attempt with this body."""

    def make(body=b'{"a":1}', role=Role.STATUS, conduct=Conduct.PLAIN):
        callback = Callback(role, "messageStatusUpdate", "m1", body)
        return Exchange(Delivery(1, 0.0, Cause.ORIGINAL, callback, origin=0), 1, 0.0, conduct)

    return make


@pytest.fixture
def sending(endpoint):
    """`async with sending(url, timeout=…) as sender`: over real sockets; closed at the end."""

    @asynccontextmanager
    async def start(url, *, manner=None, **settings):
        both = {role: endpoint(url, role, **settings) for role in Role}
        sender = socket_sender(both, timer=time.monotonic, **(manner or {}))
        try:
            yield sender
        finally:
            await sender.aclose()

    return start


@pytest.fixture
def run():
    """Runs a test's coroutine and finds what it left: tasks, files, sockets."""

    def descriptors():
        return {_target(link) for link in Path("/proc/self/fd").iterdir()}

    async def watched(main):
        result = await main
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left
        return result

    def start(main, loop_factory=None):
        before = descriptors()
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            result = runner.run(watched(main))
        gc.collect()
        assert descriptors() <= before | {None}
        return result

    return start


def _target(link):
    try:
        return link.readlink()
    except OSError:
        return None
