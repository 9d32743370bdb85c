"""Kill a sidecar with SIGKILL while it takes messages and sends statuses, over and over.

A child process sends itself messages as fast as it is told to, and prints the id of each once the
answer that accepts it is there. What it printed, the app was promised: in the end the endpoint must
have been told every status of it, however often the child was killed meanwhile.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass

CHILD = """
import asyncio, json, os, sys
from mockatell.clickatell.standin import ApiRequest, StandinSettings
from mockatell.core.retry import from_schedule
from mockatell.rooms.sidecar import Sidecar, SidecarSettings
from mockatell.shell.clock import AdjustableClock
from mockatell.shell.store import SqliteStore

path, url, rate, drain = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4] == "drain"
key = (("Authorization", "k"),)
body = json.dumps({"messages": [{"to": "27999000001", "content": "hi"}]}).encode()

async def send(sidecar):
    response = await sidecar.handle(ApiRequest("POST", "/v1/message", "", key, body))
    [told] = json.loads(response.body)["messages"]
    os.write(1, told["apiMessageId"].encode() + b"\\n")

async def main():
    settings = SidecarSettings(
        standin=StandinSettings(pace=0.02), status_url=url, seed=1, retry=from_schedule([0.1] * 9),
        keep_messages=1_000, keep_deliveries=2_000,
    )
    store = SqliteStore(path, patience=5)
    sidecar = await Sidecar.open(settings, store=store, clock=AdjustableClock())
    await sidecar.start()
    if drain:
        result = await sidecar.wait("quiet", 60)
        await sidecar.aclose()
        sys.exit(0 if result.reached else 1)
    while True:
        await asyncio.gather(*(send(sidecar) for _ in range(max(1, int(rate / 100)))))
        await asyncio.sleep(0.01)

asyncio.run(main())
"""


@dataclass
class Result:
    """What came of it: messages promised, promises broken, and statuses told more than once."""

    cycles: int
    promised: int
    lost: int
    told: int
    again: int
    seconds: float


class Endpoint(asyncio.Protocol):
    """Counts the statuses that it is told; now and then it answers 500."""

    def __init__(self, told, chance):
        self.told = told
        self.chance = chance
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(self.buffer) < end + 4 + length:
                return
            body = self.buffer[end + 4 : end + 4 + length]
            self.buffer = self.buffer[end + 4 + length :]
            self.answer(json.loads(body))

    def answer(self, envelope):
        if self.chance.random() < 0.05:
            self.transport.write(b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n")
            return
        for event in envelope["event"]["messageStatusUpdate"]:
            self.told[event["messageId"], event["status"]] += 1
        self.transport.write(b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")


async def kill(path, *, cycles, seconds, rate, seed=1):
    """So many lives of up to so many seconds, each ended by SIGKILL, and a last that drains."""
    chance = random.Random(seed)
    told, promised = Counter(), []
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    server = await loop.create_server(lambda: Endpoint(told, chance), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        for _ in range(cycles):
            promised += await _life(path, url, rate, seconds * chance.random())
        await _last_life(path, url)
    due = {(each, status) for each in promised for status in ("SENT_TO_SUPPLIER", "DEVICE_ACK")}
    again = sum(count - 1 for count in told.values())
    took = time.perf_counter() - began
    return Result(cycles, len(promised), len(due - told.keys()), len(told), again, took)


async def _life(path, url, rate, seconds):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, path, url, str(rate), "send", stdout=subprocess.PIPE
    )
    promised = [await child.stdout.readline()]  # it has begun
    reading = asyncio.ensure_future(child.stdout.read())
    await asyncio.wait({reading}, timeout=seconds)
    os.kill(child.pid, signal.SIGKILL)
    promised += (await reading).splitlines(keepends=True)
    await child.wait()
    return [line.decode().strip() for line in promised if line.endswith(b"\n")]


async def _last_life(path, url):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, path, url, "0", "drain"
    )
    if await child.wait():
        raise RuntimeError("the last life did not come to rest")
