"""The fixture `clickatell`: the app sends, the test sees it, statuses carry the ids handed out."""

import fastapi
import flask
import pytest
import respx

from mockatell.rooms.fixture import setup

IMPORTED = (fastapi, setup, flask, respx)  # see test_plugin.py

APP = """
import httpx, pytest
from flask import Flask, request

class Shop:
    '''Sends a message for an order, and keeps what becomes of it.'''

    def __init__(self):
        self.base_url = "https://platform.clickatell.com"
        self.client = httpx.Client()
        self.orders = {}
        self.statuses = {}

    def send(self, order, to):
        message = {"channel": "whatsapp", "to": to, "content": "Shipped", "clientMessageId": order}
        answer = self.client.post(
            f"{self.base_url}/v1/message",
            json={"messages": [message]},
            headers={"Authorization": "key=="},
        )
        self.orders[answer.json()["messages"][0]["apiMessageId"]] = order
        return answer

@pytest.fixture
def shop():
    shop = Shop()
    yield shop
    shop.client.close()

@pytest.fixture
def mockatell_target(shop):
    app = Flask("shop")

    @app.post("/")
    def callback():
        for status in request.json["event"].get("messageStatusUpdate", []):
            shop.statuses[shop.orders[status["messageId"]]] = status["status"]
        return {}

    return app
"""
CHECK = """
    assert shop.send("order-17", "2799900001").status_code == 202
    [sent] = clickatell.sent
    assert (sent.content, sent.client_message_id) == ("Shipped", "order-17")
    mockatell.deliver(*clickatell.statuses())
    mockatell.assert_all_acknowledged()
    assert shop.statuses == {"order-17": "READ"}
"""
WAYS = {
    "transport": f"""
def test_it(mockatell, clickatell, shop):
    shop.client.close()
    shop.client = httpx.Client(transport=clickatell.transport)
{CHECK}
""",
    "respx": f"""
import respx

def test_it(mockatell, clickatell, shop):
  with respx.mock() as router:
    clickatell.mock(router)
{CHECK}
""",
    "live": f"""
def test_it(mockatell, clickatell, shop):
    shop.base_url = clickatell.url
{CHECK}
""",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_app_sends_and_its_statuses_come_back(pytester, way):
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    pytester.makepyfile(APP + WAYS[way])
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)


def test_an_async_client_is_answered_too(pytester):
    pytester.makepyfile(
        """
import asyncio, httpx

def test_it(clickatell):
    async def main():
        async with httpx.AsyncClient(transport=clickatell.transport) as client:
            return await client.post("https://platform.clickatell.com/v1/message", content=b"{")
    answer = asyncio.run(main())
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 1)
    assert clickatell.sent == []
"""
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)


def test_the_live_stand_in_bounds_what_it_reads(pytester):
    pytester.makepyfile(
        """
import socket, threading

BEFORE = set(threading.enumerate())

def test_it(clickatell):
    port = int(clickatell.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST /v1/message HTTP/1.1\\r\\nHost: a\\r\\n")
        connection.sendall(b"Content-Length: 99999999999\\r\\n\\r\\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")

def test_after():
    assert set(threading.enumerate()) <= BEFORE
"""
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=2)


def test_a_stand_in_listens_once_at_a_port_that_there_is(pytester):
    pytester.makepyfile(
        """
import threading
import mockatell
import pytest

BEFORE = set(threading.enumerate())

def test_it(clickatell):
    with pytest.raises(mockatell.ConfigurationError, match="ports end at 65535"):
        clickatell.listen("127.0.0.1", -1)
    url = clickatell.url
    with pytest.raises(mockatell.ConfigurationError, match=f"listens already, at {url}"):
        clickatell.listen("127.0.0.1", 0)

def test_after():
    assert set(threading.enumerate()) <= BEFORE
"""
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=2)


@pytest.fixture
def run(pytester):
    """Run tests of the shop in a pytest of their own."""

    def run(tests, *args):
        pytester.makeini("[pytest]\nfilterwarnings = error\n")
        pytester.makepyfile(APP + tests)
        return pytester.runpytest("-p", "no:asyncio", *args)

    return run


LIVE = """
import threading

BEFORE = set(threading.enumerate())
KEPT = []

def test_chunked(clickatell):
    def body():
        yield b'{"messages": [{"channel": "sms", "to": "27999000001", '
        yield b'"content": "hi"}]}'
    client = httpx.Client(trust_env=False)  # which nobody closes before the test is over
    answer = client.post(
        f"{clickatell.url}/v1/message", content=body(), headers={"Authorization": "key=="}
    )
    assert answer.status_code == 202
    assert clickatell.sent[0].content == "hi"
    KEPT.append(client)

def test_after():
    assert set(threading.enumerate()) <= BEFORE
    KEPT.pop().close()
"""


def test_a_live_stand_in_takes_chunks_and_leaves_no_thread(run):
    run(LIVE).assert_outcomes(passed=2)


SETTINGS = """
from mockatell.clickatell.standin import StandinSettings

@pytest.fixture
def clickatell_settings():
    return {settings}

def test_it(clickatell, shop):
    shop.client.close()
    shop.client = httpx.Client(transport=clickatell.transport)
    assert shop.client.get(
        "https://platform.clickatell.com/v1/balance", headers={{"Authorization": "mine"}}
    ).json()["balance"] == 5
    assert shop.client.get(
        "https://platform.clickatell.com/v1/balance", headers={{"Authorization": "key=="}}
    ).status_code == 401
"""


@pytest.mark.parametrize(
    "settings",
    [
        '{"api_keys": ["mine"], "balance": 5}',
        "StandinSettings(api_keys=('mine',), balance=5)",
    ],
)
def test_a_test_says_what_the_integration_is_like(run, settings):
    run(SETTINGS.format(settings=settings)).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('{"api_key": ["mine"]}', "*unknown field `api_key`*"),
        ('{"balance": "much"}', "*Expected `float`, got `str` - at `$.balance`*"),
        ('["mine"]', "*returns keys of StandinSettings*Expected `object`, got `array`*"),
        ('{"channels": ["fax"]}', "*there is no channel 'fax'*"),
        ('{"pace": -1}', "*at `$.pace`*"),
    ],
)
def test_settings_that_make_no_sense_are_said(run, settings, words):
    result = run(SETTINGS.format(settings=settings))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])


TIMES = """
EPOCH = 1_767_225_600_000

@pytest.fixture
def mockatell_config():
    return {{"endpoints": {{"status": "/", "reply": "/"}}}}

def test_times({fixtures}, shop):
    shop.client.close()
    shop.client = httpx.Client(transport=clickatell.transport)
    mockatell.clock.advance("2h")
    shop.send("order-17", "2799900001")
    [sent] = clickatell.sent
    assert sent.accepted_ms == EPOCH + 7_200_000
    events = clickatell.statuses()
    assert events == clickatell.statuses(sent)
    told = mockatell.deliver(*events)
    stamps = [b["event"]["messageStatusUpdate"][0]["timestamp"] for b in told.bodies]
    assert sent.accepted_ms < stamps[0] and stamps == sorted(stamps)
    for attempt, stamp in zip(told, stamps):
        assert abs(EPOCH + attempt.due * 1000 - stamp) < 2
    url = f"https://platform.clickatell.com/v1/message/{{sent.api_message_id}}"
    asked = shop.client.get(url, headers={{"Authorization": "key=="}}).json()
    assert asked == {{"whatsapp": {{"status": "READ", "timestamp": stamps[-1]}}}}

def test_two_messages_are_told_in_the_order_of_time({fixtures}, shop):
    shop.client.close()
    shop.client = httpx.Client(transport=clickatell.transport)
    shop.send("order-1", "2799900001")
    shop.send("order-2", "2799900002")
    told = mockatell.deliver(*clickatell.statuses())
    dues = [attempt.due for attempt in told]
    assert len(told) == 6 and dues == sorted(dues)
    assert shop.statuses == {{"order-1": "READ", "order-2": "READ"}}
    first, second = clickatell.sent
    events = clickatell.statuses(second)
    assert {{event.message_id for event in events}} == {{second.api_message_id}}
    with pytest.raises(Exception, match="takes messages of clickatell.sent"):
        clickatell.statuses("order-1")

def test_a_status_waits_for_its_time({fixtures}, shop):
    shop.client.close()
    shop.client = httpx.Client(transport=clickatell.transport)
    shop.send("order-17", "2799900001")
    mockatell.pause()
    mockatell.deliver(*clickatell.statuses())
    mockatell.clock.advance("1ms")
    assert shop.statuses == {{}}
    mockatell.clock.advance("1h")
    assert shop.statuses == {{"order-17": "READ"}}
"""


@pytest.mark.parametrize("fixtures", ["mockatell, clickatell", "clickatell, mockatell"])
def test_the_stand_in_goes_by_the_test_s_clock(run, fixtures):
    run(TIMES.format(fixtures=fixtures)).assert_outcomes(passed=3)


def test_a_failure_tells_what_the_app_sent(run):
    result = run(
        """
def test_alone(clickatell, shop):
    shop.client.close()
    shop.client = httpx.Client(transport=clickatell.transport)
    shop.send("order-17", "2799900001")
    with pytest.raises(KeyError):
        shop.send("order-18", "27 nobody")
    shop.client.get("https://platform.clickatell.com/v1/balance?apiKey=s3cret")
    assert shop.statuses
""",
        "--mockatell-seed=5",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*clickatell: what the app sent*",
            "POST /v1/message: answered 202",
            "  accepted *, whatsapp text to 2799900001 (order-17): 'Shipped'",
            "POST /v1/message: answered 400",
            "  error 25: Invalid recipient address: *",
            "GET /v1/balance: answered 401",
            "  error 1: Invalid or missing integration API Key",
            "replay: pytest *::test_alone* --mockatell-seed 5",
        ]
    )
    assert "key==" not in result.stdout.str().partition("what the app sent")[2]


def test_a_failure_tells_of_the_last_requests_only(run):
    result = run(
        """
def test_many(clickatell, shop):
    shop.client.close()
    shop.client = httpx.Client(transport=clickatell.transport)
    url, key = f"{shop.base_url}/v1/message", {"Authorization": "key=="}
    messages = [{"channel": "sms", "to": "27999000001", "content": "x" * 500}] * 12
    for number in range(30):
        shop.client.post(url, json={"messages": messages}, headers=key)
    assert False
"""
    )
    told = result.stdout.str().partition("what the app sent")[2]
    assert "(20 requests before these)" in told
    assert told.count("POST /v1/message: answered 202") == 10
    assert told.count("  and 2 more") == 10
    assert max(map(len, told.splitlines())) < 120
