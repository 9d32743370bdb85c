"""An app to explore, whose state is a dict, and what is done with an event a function."""

import asyncio
import json

import pytest

import mockatell

SCENARIO = """
name: two
endpoints: {status: "http://app/status", reply: "http://app/reply", timeout: 1s}
retry: fast
messages:
  - channel: whatsapp
    steps: [{status: DEVICE_ACK}, {status: READ, after: 1s}, {reply: moText, content: "Yes"}]
"""
LOOK = 'expect: [{probe: {get: "http://app/messages/{messageId}", within: 500ms}}]\n'
RANK = {"DEVICE_ACK": 1, "READ": 2}


class App:
    """Keeps the furthest status, unless told otherwise.

    Args:
        take: Takes the state and an event; what it returns is awaited, or the answer's status.
    """

    def __init__(self, take=None):
        self.state = {}
        self.sees = lambda known: known
        self.requests = 0
        self._take = take or furthest

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        message = await receive()
        status, answer = 200, {}
        if scope["method"] == "GET":
            known = self.state.get(scope["path"].rpartition("/")[2])
            status, answer = (404, {}) if known is None else (200, self.sees(known))
        else:
            self.requests += 1
            for [event] in json.loads(message["body"])["event"].values():
                taken = self._take(self.state, event)
                if asyncio.iscoroutine(taken):
                    taken = await taken
                status = taken or 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


def furthest(state, event):
    if "status" in event:
        known = state.get(event["messageId"], {"status": ""})["status"]
        if RANK[event["status"]] > RANK.get(known, 0):
            state[event["messageId"]] = {"status": event["status"]}


def last(state, event):
    if "status" in event:
        state[event["messageId"]] = {"status": event["status"]}


@pytest.fixture
def two():
    return mockatell.parse(SCENARIO + LOOK)


@pytest.fixture
def blind():
    return mockatell.parse(SCENARIO)


@pytest.fixture
def make():
    return App


@pytest.fixture
def takes():
    return {"furthest": furthest, "last": last}
