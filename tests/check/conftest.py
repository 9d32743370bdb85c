"""A receiver that is correct unless it is told to have a flaw, in process and on a real port."""

import asyncio
import json
import socket
import threading
from types import SimpleNamespace

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from flask import Flask
from flask import request as flask_request

import mockatell
from mockatell.core.scenario.load import parse_keys
from mockatell.rooms.check.check import Check, Wishes, carry_out
from mockatell.shell.clock import FIXED_EPOCH_MS, RealClock

KEY = "s3cret-key"


def call_of(path, query, headers, raw):
    """A request as a flaw looks at it."""
    body = json.loads(raw)
    event = body["event"]
    kind, events = next(iter(event.items()), ("", []))
    return SimpleNamespace(
        role=path.strip("/").partition("/")[0],
        key=query,
        headers=headers,
        raw=raw,
        body=body,
        event=event,
        kind=kind,
        events=events,
        first=events[0] if events else {},
    )


def receiver(flaw=None):
    """An ASGI app. `flaw(call, memory)` gives a status, or None to do as a correct one does.

    A flaw may be a coroutine; `memory` is a dict that lives as long as the app.
    """
    app = FastAPI()
    memory = {}

    async def answer(request: Request):
        raw = await request.body()
        call = call_of(request.url.path, request.url.query, request.headers, raw)
        found = flaw(call, memory) if flaw else None
        status = await found if asyncio.iscoroutine(found) else found
        if status is None:
            status = 204 if request.query_params.get("key") == KEY else 401
        moved = {"Location": "/elsewhere"} if status // 100 == 3 else None
        return Response(status_code=status, headers=moved)

    app.add_api_route("/{path:path}", answer, methods=["POST"])
    return app


def flask_receiver():
    app = Flask("receiver")

    @app.post("/<path:path>")
    def answer(path):
        call_of(path, flask_request.query_string, flask_request.headers, flask_request.get_data())
        return "", 204 if flask_request.args.get("key") == KEY else 401

    return app


@pytest.fixture
def make_receiver():
    return receiver


@pytest.fixture
def make_flask_receiver():
    return flask_receiver


@pytest.fixture
def checked():
    """Check an app in process, in a hurry: pauses are a hundredth of what they would be."""

    def check(app, *, timeout=1.0, seed=7, limits=False, **wishes):
        urls = {
            "status_url": f"http://testserver/status?key={KEY}",
            "reply_url": f"http://testserver/reply?key={KEY}",
        }
        asked = Wishes(timeout=timeout, seed=seed, limits=limits, **(urls | wishes))
        clock = RealClock(speed=100, epoch_ms=FIXED_EPOCH_MS)
        return carry_out(Check(parse_keys({}, name="test"), asked, clock, app=app))

    return check


@pytest.fixture
def broken_ids():
    """The clauses that a report calls broken, advice included."""
    return lambda report: {each.id for each in (*report.broken, *report.advice)}


@pytest.fixture
def serve():
    """Put an app on a free port of 127.0.0.1, with these settings of uvicorn's; gives its URL."""
    servers = []

    def start(app, **settings):
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        config = uvicorn.Config(app, log_level="critical", lifespan="off", **settings)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        servers.append((server, thread, listener))
        scheme = "https" if config.is_ssl else "http"
        return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread, listener in servers:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def report(make_receiver):
    """A report with all that one can have: broken, advice, held, not exercised."""

    def flaw(call, _memory):
        if call.kind == "moLocation":
            return 500
        return 500 if call.kind and not call.events else None

    return mockatell.check(
        make_receiver(flaw), to=f"/reply?key={KEY}", seed=7, limits=False, skip=("status-retry",)
    )
