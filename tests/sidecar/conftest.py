"""A world that is played without a network, and a sidecar next to a real endpoint."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from mockatell.clickatell.standin import ApiRequest, StandinSettings
from mockatell.core.exchanges import OUTAGE
from mockatell.core.scenario.load import parse_keys
from mockatell.core.scenario.spec import Scenario
from mockatell.core.sidecar.restoring import Kept, restored
from mockatell.core.sidecar.retention import Retention
from mockatell.core.sidecar.rows import AttemptRow, DeliveryRow, Drop, Forget
from mockatell.core.sidecar.runs import Run
from mockatell.core.sidecar.setup import Setup
from mockatell.core.sidecar.world import World
from mockatell.model import Answer, Conduct, Role, Trouble
from mockatell.rooms.sidecar import Sidecar, SidecarSettings
from mockatell.shell.clock import AdjustableClock
from mockatell.shell.store import MemoryStore

EPOCH_MS = 1_700_000_000_000
USER = "27999000001"
OK, DOWN = Answer(204, took=0.01), Answer(trouble=Trouble.REFUSED)
KEY = ("Authorization", "a-key")


def send_request(*items):
    body = json.dumps({"messages": items}).encode()
    return ApiRequest("POST", "/v1/message", "", (KEY,), body)


class Shelf:
    """What a store has after all that it was told."""

    def __init__(self):
        self.rows = {}

    def keep(self, told):
        for each in told:
            if isinstance(each, Forget):
                self.rows.clear()
            elif isinstance(each, Drop):
                self._drop(each)
            else:
                self.rows[_key(each)] = each

    def _drop(self, drop):
        sorts = (drop.table, AttemptRow) if drop.table is DeliveryRow else (drop.table,)
        for key in [k for k in self.rows if k[0] in sorts and k[1] == drop.key]:
            del self.rows[key]


def _key(row):
    first = getattr(row, row.__struct_fields__[0])
    return (type(row), first, row.number) if isinstance(row, AttemptRow) else (type(row), first)


class Played:
    """A world, the time, and an endpoint that answers as `answer` says."""

    def __init__(self, setup, seed=7):
        self.setup = setup
        self.seed = seed
        self.now = 0.0
        self.answer = OK
        self.received = []
        self.shelf = Shelf()
        self.world = World(setup, seed, EPOCH_MS)

    def flush(self):
        self.shelf.keep(self.world.rows())

    def send(self, *items):
        response = self.world.handle(send_request(*items), self.now)
        self.flush()
        return [each.get("apiMessageId") for each in json.loads(response.body)["messages"]]

    def message(self, to=USER, **item):
        [message_id] = self.send({"to": to, "content": "hi"} | item)
        return message_id

    def play(self, seconds, flush=True):
        """Let time pass."""
        until = self.now + seconds
        while (due := self.world.next_due(until)) is not None:
            self.now = max(self.now, due)
            self.turn()
            if flush:
                self.flush()
        self.now = until
        self.world.turn(until)

    def turn(self):
        for group in self.world.take(self.now):
            for exchange in group:
                self.received.append(exchange.callback)
                answer = self._answer(exchange)
                self.world.ended(exchange, answer, self.now)

    def _answer(self, exchange):
        if exchange.conduct is Conduct.OUTAGE:
            return OUTAGE
        return self.answer(exchange) if callable(self.answer) else self.answer

    def crash(self):
        """The process is gone, with what was not kept; another one begins."""
        kept = Kept(self.shelf.rows.values())
        self.world = restored(self.setup, self.seed, EPOCH_MS, kept, self._run)
        self.world.turn(self.now)
        self.flush()

    def _run(self, row, progress, _world):
        scenario = parse_keys(json.loads(row.text), name="run")
        return Run(
            row,
            scenario,
            dict.fromkeys(self.setup.roles, "http://app/"),
            epoch_ms=EPOCH_MS,
            media_base_url="http://sidecar",
            progress=progress,
        )

    def states(self):
        return [track.state for track in reversed(list(self.world.tracks))]


@pytest.fixture
def make_setup():
    def make(
        retention=None,
        roles=frozenset(Role),
        retry="central-status",
        keys=None,
        most_pending=100_000,
        **standin,
    ):
        return Setup(
            standin=StandinSettings(**standin),
            scenario=parse_keys(keys, name="keys") if keys else Scenario(),
            retry=retry,
            roles=roles,
            limits=dict.fromkeys(Role, 64),
            retention=retention or Retention(),
            most_pending=most_pending,
            media_base_url="http://sidecar",
        )

    return make


@pytest.fixture
def make_played(make_setup):
    return lambda seed=7, **settings: Played(make_setup(**settings), seed)


@pytest.fixture
def played(make_played):
    return make_played()


class Endpoint:
    """A customer's endpoint on loopback: what it was sent, and what it answers."""

    def __init__(self):
        self.requests = []
        self.status = 200
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/callback"

    @property
    def events(self):
        return [json.loads(body)["event"] for _, body in self.requests]

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode().split("\r\n")
                fields = dict(each.partition(": ")[::2] for each in lines[1:])
                body = await reader.readexactly(int(fields.get("Content-Length", 0)))
                if lines[0].startswith("POST"):
                    self.requests.append((lines, body))
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\nok" % self.status)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class House:
    """A sidecar next to an endpoint."""

    def __init__(self, sidecar, endpoint):
        self.sidecar = sidecar
        self.endpoint = endpoint

    async def send(self, *items):
        response = await self.sidecar.handle(send_request(*items))
        return json.loads(response.body)["messages"]

    async def message(self, to=USER, **item):
        [told] = await self.send({"to": to, "content": "hi"} | item)
        return told["apiMessageId"]


@asynccontextmanager
async def housed(store=None, clock=None, endpoint=None, start=True, **settings):
    endpoint = endpoint or Endpoint()
    async with await asyncio.start_server(endpoint.serve, "127.0.0.1", endpoint.port) as server:
        endpoint.port = server.sockets[0].getsockname()[1]
        given = {"status_url": endpoint.url, "reply_url": endpoint.url, "seed": 1} | settings
        sidecar = await Sidecar.open(
            SidecarSettings(**given),
            store=store or MemoryStore(),
            clock=clock or AdjustableClock(paused=True),
        )
        try:
            if start:
                await sidecar.start()
            yield House(sidecar, endpoint)
        finally:
            await sidecar.aclose()


@pytest.fixture
def house():
    return housed


@pytest.fixture
def run():
    return asyncio.run
