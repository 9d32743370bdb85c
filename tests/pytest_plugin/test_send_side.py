"""The fixture `clickatell`: the app sends, the test sees it, statuses carry the ids handed out."""

import fastapi
import flask
import pytest
import respx

from mockatell.rooms import fixture_setup

IMPORTED = (fastapi, fixture_setup, flask, respx)  # see test_plugin.py

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

def test_it(clickatell):
    port = int(clickatell.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = b"POST /v1/message HTTP/1.1\\r\\nContent-Length: 99999999999\\r\\n\\r\\n"
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")

def test_after():
    assert threading.active_count() == 1
"""
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=2)
