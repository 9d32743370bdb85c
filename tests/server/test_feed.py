"""The live feed: server-sent events, resumed, bounded, and let go of."""

import asyncio
import json
from contextlib import ExitStack

import httpx
import pytest
from fastapi import HTTPException

from mockatell.core.sidecar.views import Change
from mockatell.server.control import feed as feeds
from mockatell.server.control.feed import Readers
from mockatell.server.ending import Ending


def events(lines):
    """The events of a feed, each as a dict of its fields."""
    event = {}
    for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield event
            event = {}


def test_what_changes_is_told(serving, client):
    with httpx.stream("GET", f"{serving.url}/mockatell/api/changes") as feed:
        assert feed.headers["content-type"].startswith("text/event-stream")
        assert feed.headers["cache-control"] == "no-store"
        lines = feed.iter_lines()
        assert next(lines) == ": hello"
        [delivery] = client.emit("moText", content="Hi", channel="sms")
        told = events(lines)
        first = next(each for each in told if each["event"] == "delivery")
        assert json.loads(first["data"]) == {
            "id": int(first["id"]),
            "type": "delivery",
            "about": str(delivery.seq),
        }


@pytest.mark.parametrize("how", ["query", "header"])
def test_a_reader_that_comes_back_misses_nothing(serving, client, how):
    client.set_faults({"lose_ack": {"probability": 0.5}})
    with httpx.stream("GET", f"{serving.url}/mockatell/api/changes?since=0") as feed:
        last = int(next(events(feed.iter_lines()))["id"])
    client.pause()
    client.resume()
    url = f"{serving.url}/mockatell/api/changes?since={last if how == 'query' else 0}"
    headers = {"Last-Event-ID": str(last)} if how == "header" else {}
    with httpx.stream("GET", url, headers=headers) as feed:
        assert int(next(events(feed.iter_lines()))["id"]) in (last, last + 1)


def test_a_reader_of_an_earlier_life_is_told_to_begin_anew(serving, client):
    client.pause()
    client.resume()
    url = f"{serving.url}/mockatell/api/changes?since={2**62}"
    with httpx.stream("GET", url) as feed:
        assert next(events(feed.iter_lines()))["event"] == "reset"


@pytest.mark.parametrize("query", ["since=-2", "since=x", f"since={2**63}"])
def test_what_is_no_id(api, query):
    assert api.get(f"/changes?{query}").status_code == 422


def test_there_are_so_many_readers_and_no_more(serving, client):
    url = f"{serving.url}/mockatell/api/changes"
    reading = []  # httpx closes what nobody reads from any more
    with ExitStack() as stack, httpx.Client(limits=httpx.Limits(max_connections=100)) as many:
        for _ in range(feeds.MOST_READERS):
            reading.append(stack.enter_context(many.stream("GET", url)).iter_lines())
            assert next(reading[-1]) == ": hello"
        refused = many.get(url)
        assert (refused.status_code, refused.json()["title"]) == (503, "Service Unavailable")
        assert f"mockatell_feed_readers {feeds.MOST_READERS}.0" in metrics(serving)
    client.pause()  # a reader that has left is found out when there is something to tell
    client.resume()
    with httpx.stream("GET", url) as feed:
        assert feed.status_code == 200


def metrics(serving):
    return httpx.get(f"{serving.url}/metrics").text


async def silent():
    await asyncio.Event().wait()
    yield Change(id=1, type="clock")


def test_a_feed_in_which_nothing_happens_says_that_it_is_alive(monkeypatch):
    monkeypatch.setattr(feeds, "BEAT", 0.01)

    async def read():
        feed = Readers(Ending()).feed(silent())
        said = [await anext(feed), await anext(feed), await anext(feed)]
        await feed.aclose()
        return said

    assert asyncio.run(read()) == [b": hello\n\n", b": still here\n\n", b": still here\n\n"]


def test_the_end_ends_every_feed():
    async def read():
        ending = Ending()
        readers = Readers(ending, most=1)
        feed = readers.feed(silent())
        assert await anext(feed) == b": hello\n\n"
        assert readers.reading == 1
        with pytest.raises(HTTPException):
            readers.feed(silent())
        ending.begin()
        assert [each async for each in feed] == []
        return readers.reading

    assert asyncio.run(read()) == 0
