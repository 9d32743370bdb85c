"""What an app sent can be looked at again, whatever it was, and is never kept at length."""

import json

import pytest

from mockatell.clickatell.standin import ApiRequest
from mockatell.core.sidecar.requests import MOST_KEPT
from mockatell.core.sidecar.showing import message_view

TO = "27821234567"
TEXT = {"channel": "sms", "to": TO, "content": "hi"}
TEMPLATE = {"templateName": "order_shipped", "body": {"parameters": {"1": "Ann", "2": "Friday"}}}
BUTTONS = {"body": {"text": "Sure?"}, "items": [{"type": "reply", "title": "Yes"}]}


def kept(played, raw):
    """What is shown of a message after a restart, and its row."""
    body = b'{"messages": [%s]}' % raw
    answer = played.world.handle(
        ApiRequest("POST", "/v1/message", "", (("Authorization", "k"),), body), played.now
    )
    assert answer.status == 202, answer.body
    played.flush()
    played.crash()
    [talk] = played.world.talks
    return message_view(played.world, talk).request, talk.row


@pytest.mark.parametrize(
    "item",
    [
        TEXT,
        TEXT | {"clientMessageId": "order-1"},
        {"to": TO, "content": "no channel"},
        TEXT | {"from": "27999900001"},
        TEXT | {"clientMessageId": None, "unknown": [10**40, 2.5, {"é": True}]},
        {"to": TO, "channel": "whatsapp", "template": TEMPLATE},
        {"to": TO, "channel": "whatsapp", "button": BUTTONS},
        {"to": TO, "channel": "whatsapp", "location": {"latitude": "-33.9", "longitude": 18.4}},
        {"to": TO, "content": "c2VhbGVk", "encryptionKey": "a2V5"},
    ],
)
def test_it_is_shown_as_it_came(played, item):
    assert kept(played, json.dumps(item).encode())[0] == item


def test_what_the_row_says_already_is_not_kept_twice(played):
    request, row = kept(played, json.dumps(TEXT | {"clientMessageId": "order-1"}).encode())
    assert (request["content"], row.request) == ("hi", b"")


def test_long_texts_are_cut(played):
    item = {"to": TO, "channel": "whatsapp", "content": "x" * 4096}
    assert kept(played, json.dumps(item).encode())[0]["content"] == "x" * 1000 + "…"


@pytest.mark.parametrize(
    "extra",
    [
        b"[" + b"1," * MOST_KEPT + b"1]",
        b"1e999",
    ],
)
def test_what_is_absurd_is_not_kept(played, extra):
    raw = json.dumps(TEXT).encode().replace(b"}", b', "extra": %s}' % extra)
    assert kept(played, raw)[0] is None


def test_what_nests_too_deeply_is_cut(played):
    raw = json.dumps(TEXT).encode().replace(b"}", b', "extra": %s}' % (b"[" * 200 + b"]" * 200))
    assert json.dumps(kept(played, raw)[0]).count("[") < 30


def test_of_what_a_user_wrote_there_is_no_request_and_a_chosen_title_is_content(played):
    played.message("27999900704", channel="whatsapp", content=None, button=BUTTONS)
    played.play(60)
    received = [message_view(played.world, talk) for talk in played.world.talks]
    [reply] = [each for each in received if each.direction == "received"]
    assert (reply.kind, reply.content, reply.request) == ("moButtonResponse", "Yes", None)


def test_a_button_called_stop_does_not_opt_out(played):
    items = [{"type": "reply", "title": "STOP"}]
    stop = {"body": {"text": "Sure?"}, "items": items}
    played.message("27999900704", channel="whatsapp", content=None, button=stop)
    played.play(60)
    assert not played.world.standin.opted_out("27999900704")
