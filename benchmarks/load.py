"""`python -m benchmarks.load`: what a load costs, beside other senders and httpx.

Sender and receiver have a core each; every figure is a ratio within one run, or the processor time
of the sender alone. Peers that are not installed are skipped with a line that says so.
"""

import json
import subprocess
import sys
from contextlib import contextmanager

from benchmarks import peers
from benchmarks.cores import figures, pinned

RECEIVER = """
import os, select, socket, sys
OK = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"
listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
listener.setblocking(False)
print(listener.getsockname()[1], flush=True)
poll = select.epoll()
poll.register(listener.fileno(), select.EPOLLIN)
peers = {}
while True:
    for fd, _ in poll.poll():
        if fd == listener.fileno():
            try:
                peer, _ = listener.accept()
            except BlockingIOError:
                continue
            peer.setblocking(False)
            peers[peer.fileno()] = peer
            poll.register(peer.fileno(), select.EPOLLIN)
            continue
        try:
            data = peers[fd].recv(65536)
            if data:  # a request comes in one piece here: only our own senders ask
                peers[fd].send(OK)
                continue
        except BlockingIOError:
            continue
        except ConnectionError:
            pass
        poll.unregister(fd)
        peers.pop(fd).close()
"""

LANES = """
import asyncio, json, sys, time
import uvloop
from mockatell.model import Callback, Cause, Delivery, Endpoint, Exchange, Role
from mockatell.shell.senders.fast.pool import Pool
port, count = int(sys.argv[1]), int(sys.argv[2])
BODY = b'{"n":%d,"padding":"' + b"x" * 300 + b'"}'
def exchange(n):
    callback = Callback(Role.STATUS, "messageStatusUpdate", "m", BODY % n)
    return Exchange(Delivery(n, 0.0, Cause.ORIGINAL, callback, n), 1, 0.0)
ready = [exchange(n) for n in range(count)]
async def main():
    left, done, over = iter(ready), 0, asyncio.get_running_loop().create_future()
    endpoint = Endpoint(Role.STATUS, f"http://127.0.0.1:{port}/callback")
    pool = Pool({Role.STATUS: endpoint}, timer=time.perf_counter)
    took = []
    def landed(_exchange, answer, _sent_at):
        nonlocal done
        took.append(answer.took)
        done += 1
        following = next(left, None)
        if following is not None:
            pool.send(following)
        elif done == count:
            over.set_result(None)
    pool.landed = landed
    start, used = time.perf_counter(), time.process_time()
    for _ in range(32):
        pool.send(next(left))
    await over
    used, wall = time.process_time() - used, time.perf_counter() - start
    await pool.aclose()
    print(json.dumps({"cpu": 1e6 * used / count, "rate": count / wall}))
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
"""

LOAD = """
import json, sys, time
import mockatell
from mockatell.rooms.load.load import Load, LoadSettings, play
SCENARIO = '''
messages: [{channel: whatsapp, lifecycle: read}]
faults:
  - duplicate: {probability: 10%, within: 500ms}
  - reorder: {probability: 10%, within: 500ms}
'''
port, settings = int(sys.argv[1]), json.loads(sys.argv[2])
url = f"http://127.0.0.1:{port}/callback"
load = Load(mockatell.parse(SCENARIO), LoadSettings(target=url, seed=1, **settings))
result = play(load)
attempts, lag = result.totals.attempts, result.timings.lag
print(json.dumps({
    "rate": result.achieved,
    "cpu": 1e6 * result.validity.busy * result.took / attempts,
    "busy": result.validity.busy,
    "lag_p50": 1000 * lag.p50,
    "lag_p99": 1000 * lag.p99,
    "acknowledged": result.totals.acknowledged == attempts,
}))
"""

PENDING = """
import json, resource, sys, time
from mockatell.core.agenda import Agenda
from mockatell.core.retry import policies
from mockatell.model import Answer, Callback, Cause, Delivery, Role
from mockatell.shell.spool import Spool
count = int(sys.argv[1])
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
def delivery(n):
    body = b'{"n":%d,"padding":"%b"}' % (n, b"x" * 300)
    return Delivery(n, n / 1000, Cause.ORIGINAL, Callback(Role.STATUS, "k", f"{n:032x}", body), n)
agenda = Agenda(map(delivery, range(count)), policies("one-api"), shelf=Spool())
down, before, start = Answer(503), resident(), time.perf_counter()
while agenda.waiting < count:
    for (exchange,) in agenda.take(1e9 if agenda.waiting + 1_000 > count else 1e5, 1_000):
        agenda.ended(exchange, down, 1e6 + exchange.due)
took = time.perf_counter() - start
print(json.dumps({"bytes": (resident() - before) / count, "us": 1e6 * took / count}))
"""

HTTPX = """
import asyncio, json, sys, time
import httpx
from mockatell.shell.senders.lane import LaneTransport
port, ours, count = int(sys.argv[1]), sys.argv[2] == "ours", int(sys.argv[3])
async def main():
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    way = LaneTransport(time.perf_counter) if ours else httpx.AsyncHTTPTransport(limits=limits)
    async with httpx.AsyncClient(transport=way, timeout=60) as client:
        numbers = iter(range(count))
        async def work():
            for n in numbers:
                await client.post(f"http://127.0.0.1:{port}/", json={"n": n, "padding": "x" * 300})
        used = time.process_time()
        await asyncio.gather(*(work() for _ in range(100)))
        print(json.dumps({"cpu": 1e6 * (time.process_time() - used) / count}))
asyncio.run(main())
"""

TIMER = """
import json, time
late = []
for _ in range(2_000):
    due = time.perf_counter() + 0.001
    time.sleep(0.001)
    late.append(1000 * (time.perf_counter() - due))
late.sort()
print(json.dumps({"p50": late[1_000], "p99": late[1_980]}))
"""


@contextmanager
def receiver():
    with pinned(0):
        child = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE)
    try:
        yield int(child.stdout.readline())
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def best(runs):
    return min(runs, key=lambda run: run["cpu"])


def row(label, *cells):
    print(f"{label:<58}" + "".join(f"{cell:>14}" for cell in cells), flush=True)


def beside(port):
    """The senders in turn, three times over, so that what else runs here strikes them alike."""
    lanes, loads, wrks = [], [], []
    for _ in range(3):
        lanes.append(figures(LANES, port, 60_000))
        loads.append(figures(LOAD, port, json.dumps({"concurrency": 32, "duration": 2})))
        wrks.append(peers.wrk(port))
    lane, load = best(lanes), best(loads)
    base = None if None in wrks else min(wrks)

    row("\n32 connections, JSON of 330 bytes, one core", "ms/1000", "to wrk", "a second", "aim")
    ratio = (lambda cpu: f"{cpu / base:.2f}") if base else (lambda _: "-")
    if base is None:
        row("  wrk: skipped, it is not installed (apt-get install wrk)")
    else:
        row("  wrk, one body", f"{base:.2f}", "1.00", f"{1e6 / base:,.0f}")
    lane_rate = f"{1e6 / lane['cpu']:,.0f}"
    row("  lanes, ready-made bodies", f"{lane['cpu']:.2f}", ratio(lane["cpu"]), lane_rate, "1.5 x")
    rate = f"{1e6 / load['cpu']:,.0f}"
    label = "  whole pipeline, a tenth doubled, a tenth reordered"
    row(label, f"{load['cpu']:.2f}", ratio(load["cpu"]), rate, "50,000")
    others = {name: of(port) for name, of in peers.OTHERS.items()}
    for name, cpu in others.items():
        if cpu is None:
            row(f"  {name}: skipped, it is not installed ({peers.INSTALLING[name]})")
        else:
            row(f"  {name}", f"{cpu:.2f}", ratio(cpu), f"{1e6 / cpu:,.0f}")
    if (k6 := others["k6"]) is not None:
        times = f"{k6 / load['cpu']:.1f}"
        row("  whole pipeline, times the rate of k6", "", "", times, "3")


def pacing(port):
    row("\npacing, four seconds each", "lag p50 ms", "lag p99 ms", "core busy", "aim")
    timer = figures(TIMER)
    row("  a bare sleep, for comparison", f"{timer['p50']:.3f}", f"{timer['p99']:.3f}")
    for rate in (1_000, 5_000, 20_000):
        runs = [
            figures(LOAD, port, json.dumps({"rate": rate / 1.1, "duration": 4})) for _ in range(2)
        ]
        run = min(runs, key=lambda run: run["lag_p99"])
        cells = (f"{run['lag_p50']:.3f}", f"{run['lag_p99']:.3f}", f"{run['busy']:.0%}")
        row(f"  {rate:,} attempts a second", *cells, "0.2 / 2")


def main():
    with receiver() as port:
        beside(port)
        pacing(port)
        theirs, ours = (
            figures(HTTPX, port, who, n) for who, n in (("httpx", 1_000), ("ours", 5_000))
        )
        row("\nhttpx.AsyncClient, 100 connections", "ms/1000", "times", "aim")
        row("  httpx's own transport", f"{theirs['cpu']:.0f}", "1")
        row("  over lanes", f"{ours['cpu']:.0f}", f"{theirs['cpu'] / ours['cpu']:.0f}", "10")
    pending = figures(PENDING, 1_000_000)
    row("\na million deliveries that wait for a retry", "bytes each", "us each", "aim")
    row("  spooled", f"{pending['bytes']:.0f}", f"{pending['us']:.1f}", "300")


if __name__ == "__main__":
    main()
