"""Kill `mockatell serve` with SIGKILL while an app sends to it over HTTP, over and over.

What was answered 202, the app was promised: in the next lives the message must be known, and in the
end the endpoint must have been told both its statuses, however often the server was killed.
"""

import asyncio
import json
import random
import socket
import sys
import time
from collections import Counter
from contextlib import suppress

from benchmarks.kills import Endpoint, Result

OK, ACCEPTED = 200, 202
CONNECTIONS = 8
PATIENCE = 30.0
PAUSE = 0.005  # seconds between two messages of a connection
HEADERS = "Host: localhost\r\nAuthorization: a-key\r\n"
BODY = json.dumps({"messages": [{"to": "27999000001", "content": "Your code is 1234"}]})
SEND = (
    f"POST /v1/message HTTP/1.1\r\n{HEADERS}Content-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n{BODY}"
).encode()


class Connection:
    """A keep-alive connection to a server that may be gone at any moment."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()

    async def ask(self, request):
        """Status and body; an answer that does not come whole is none (OSError, EOFError)."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        return int(head.split()[1]), await self.reader.readexactly(length)

    async def get(self, path):
        status, body = await self.ask(f"GET {path} HTTP/1.1\r\n{HEADERS}\r\n".encode())
        return status, json.loads(body)


async def kill_over_http(path, *, cycles, seconds, seed=1):
    """So many lives of up to so many seconds, each ended by SIGKILL, and a last that drains."""
    chance = random.Random(seed)
    told, promised, began = Counter(), [], time.perf_counter()
    loop = asyncio.get_running_loop()
    endpoint = await loop.create_server(lambda: Endpoint(told, chance), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{endpoint.sockets[0].getsockname()[1]}/"
    port, unknown, latest = free_port(), 0, []
    async with endpoint:
        for _ in range(cycles):
            process = await serving(port, path, url)
            unknown += await count_unknown(port, latest)
            latest = []
            senders = [asyncio.create_task(send(port, latest)) for _ in range(CONNECTIONS)]
            await asyncio.sleep(seconds * chance.random())
            process.kill()
            await asyncio.gather(process.wait(), *senders)
            promised += latest
        process = await serving(port, path, url)
        unknown += await count_unknown(port, latest)
        await come_to_rest(port)
        process.terminate()
        await process.wait()
    due = {(each, status) for each in promised for status in ("SENT_TO_SUPPLIER", "DEVICE_ACK")}
    again = sum(count - 1 for count in told.values())
    took = time.perf_counter() - began
    return Result(cycles, len(promised), unknown + len(due - told.keys()), len(told), again, took)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def serving(port, path, url):
    """A server that accepts connections already."""
    flags = ("--port", str(port), "--store", path, "--target", url, "--pace", "0.02")
    quietly = ("--retry", "fast", "--log-level", "error")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mockatell", "serve", *flags, *quietly
    )
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(OSError):
                async with Connection(port):
                    return process
            assert process.returncode is None, "the server has ended by itself"
            await asyncio.sleep(0.02)


async def send(port, promised):
    """Send one message after the other until the server is gone; note each that it accepts."""
    with suppress(OSError, EOFError):
        async with Connection(port) as connection:
            while True:
                status, body = await connection.ask(SEND)
                assert status == ACCEPTED, body
                promised.append(json.loads(body)["messages"][0]["apiMessageId"])
                await asyncio.sleep(PAUSE)


async def count_unknown(port, promised):
    """How many of these messages the server does not know."""
    async with Connection(port) as connection:
        answers = [await connection.get(f"/v1/message/{each}") for each in promised]
    return sum(status != OK for status, _ in answers)


async def come_to_rest(port):
    async with Connection(port) as connection:
        _, result = await connection.get("/mockatell/api/wait?until=quiet&timeout=60")
    assert result["reached"], result
