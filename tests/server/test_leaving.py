"""What a sidecar says of what it holds: when it begins, and when it ends."""

import json

import httpx
import pytest

from mockatell.client import Client


def send(serving):
    message = {
        "to": "27821234567",
        "content": "Hi",
        "scheduledDeliveryTime": "2099-01-01T00:00:00Z",
    }
    headers = {"Authorization": "k"}
    httpx.post(f"{serving.url}/v1/message", json={"messages": [message]}, headers=headers)


def test_what_was_kept_and_found_again_is_said(serve, app, tmp_path):
    flags = ("--target", app.url, "--store", tmp_path / "k.db")
    first = serve(*flags)
    first.await_line("k.db: 0 messages, 0 pending deliveries")
    send(first)
    assert first.end() == 0
    kept = f"{tmp_path / 'k.db'}: 1 message, 2 pending deliveries"
    assert first.lines[-1].endswith(f"ended: kept in {kept}")
    second = serve(*flags)
    second.await_line(f"Kept:                 in {kept}")
    assert Client(second.url).overview().pending == 2


def test_what_is_lost_in_memory_is_said(serve, app):
    serving = serve("--target", app.url)
    send(serving)
    assert serving.end() == 0
    assert "WARNING ended: 1 message, 2 pending deliveries, and lost" in serving.lines[-1]


@pytest.mark.parametrize("format_", ["text", "json"])
def test_where_nothing_was_pending_that_is_said(serve, app, format_):
    serving = serve("--target", app.url, "--log-format", format_)
    Client(serving.url).wait_until_ready()
    assert serving.end() == 0
    assert "ended: nothing was pending" in serving.lines[-1]
    if format_ == "json":
        assert json.loads(serving.lines[-1])["pending"] == 0
