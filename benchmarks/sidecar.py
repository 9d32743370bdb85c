"""`python -m benchmarks.sidecar [SECONDS [KILLS]]`: what a sidecar takes, and what it survives.

A server of its own process takes messages over HTTP at a fixed rate, keeps them in a file and sends
two statuses of each to an endpoint in this process. Latencies count from when a request was due, so
that one that had to wait is not left out.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

from benchmarks.kills import kill
from benchmarks.kills_over_http import kill_over_http

RATE = 1_000
CONNECTIONS = 64
SETTLE = 30  # seconds that the last statuses are waited for
BODY = json.dumps({"messages": [{"to": "27999000001", "content": "Your code is 1234"}]}).encode()


class Endpoint(asyncio.Protocol):
    """Acknowledges whatever it is sent, and counts it."""

    told = 0

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            size = end + 4 + int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(self.buffer) < size:
                return
            self.buffer = self.buffer[size:]
            Endpoint.told += 1
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


class App(asyncio.Protocol):
    """One connection of the app's: a request at a time, those that are due wait in a queue."""

    refused = 0

    def __init__(self, due, free, latencies, request):
        self.due, self.free, self.latencies, self.request = due, free, latencies, request
        self.asked = None

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""
        self.free.append(self)

    def ask(self, due):
        self.asked = due
        self.transport.write(self.request)

    def data_received(self, data):
        self.buffer += data
        head, blank, body = self.buffer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if not blank or len(body) < int(length):
            return
        App.refused += not head.startswith(b"HTTP/1.1 202")
        self.buffer = b""
        self.latencies.append(time.perf_counter() - self.asked)
        if self.due:
            self.ask(self.due.popleft())
        else:
            self.free.append(self)


async def load(port, seconds, memory_of):
    """Latencies in order, and the server's memory in MB at each fifth of the time."""
    loop = asyncio.get_running_loop()
    due, free, latencies, memory = deque(), deque(), [], []
    head = (
        f"POST /v1/message HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: a-key\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    for _ in range(CONNECTIONS):
        app = App(due, free, latencies, head.encode() + BODY)
        await loop.create_connection(lambda app=app: app, "127.0.0.1", port)
    began, sent, total = time.perf_counter(), 0, int(seconds * RATE)
    while sent < total:
        while sent < total and began + sent / RATE <= time.perf_counter():
            if free:
                free.popleft().ask(began + sent / RATE)
            else:
                due.append(began + sent / RATE)
            sent += 1
        if sent * 5 >= total * (len(memory) + 1):
            memory.append(memory_of())
        await asyncio.sleep(0.001)
    until = time.perf_counter() + SETTLE
    while len(latencies) < total and time.perf_counter() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert len(latencies) == total, "not every request was answered"
    assert not App.refused, f"{App.refused} messages were not accepted"
    for app in free:
        app.transport.close()
    return sorted(latencies), memory


def resident(pid):
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def worked(pid):
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def serving(seconds, *options):
    """Load a server; gives its figures."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Endpoint, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    command = [sys.executable, "-m", "mockatell", "serve", "--port", "0", "--target", url]
    process = await asyncio.create_subprocess_exec(*command, *options, stderr=subprocess.PIPE)
    try:
        port = await asyncio.wait_for(_port(process), 20)
        draining = asyncio.ensure_future(process.stderr.read())
        Endpoint.told = 0
        before = worked(process.pid)
        latencies, memory = await load(port, seconds, lambda: resident(process.pid))
        until = time.perf_counter() + SETTLE
        while Endpoint.told < 2 * len(latencies) and time.perf_counter() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        share = (worked(process.pid) - before) / seconds
    finally:
        process.terminate()
        await process.wait()
        server.close()
    await draining
    return latencies, memory, Endpoint.told, share


async def _port(process):
    while line := await process.stderr.readline():
        if found := re.search(rb"http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise RuntimeError("the server did not say where it listens")


def percentile(ordered, share):
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(label, *cells):
    print(f"{label:<42}" + "".join(f"{cell:>15}" for cell in cells))


def main(seconds=60.0, kills=100):
    show(
        f"sidecar, {RATE:,} sends a second for {seconds:g} s",
        "p50",
        "p99",
        "worst",
        "statuses",
        "of a core",
    )
    for label, kept in (("  in memory", False), ("  kept in a file", True)):
        with tempfile.TemporaryDirectory() as folder:
            options = ("--store", f"{folder}/sidecar.db") if kept else ()
            latencies, memory, told, share = asyncio.run(serving(seconds, *options))
        points = [f"{percentile(latencies, share):.1f} ms" for share in (0.5, 0.99, 1.0)]
        show(label, *points, f"{told:,}", f"{share:.0%}")
        show("    memory at each fifth of it, MB", " ".join(f"{each:.0f}" for each in memory))
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/sidecar.db"
        engine = asyncio.run(kill(path, cycles=kills, seconds=1.0, rate=RATE))
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/sidecar.db"
        served = asyncio.run(kill_over_http(path, cycles=kills, seconds=1.0))
    show("\nsidecar, killed with SIGKILL under load", "kills", "promised", "lost", "told again")
    for label, result in (("  its engine", engine), ("  served over HTTP", served)):
        show(label, f"{result.cycles}", f"{result.promised:,}", f"{result.lost}", f"{result.again}")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3]))
