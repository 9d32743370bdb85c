"""What the One API refuses leaves a trace: which request, why, and for whom."""

import json

import pytest

from mockatell.clickatell.standin import ApiRequest

KEY = (("Authorization", "k"),)


def ask(played, body, path="/v1/message", method="POST", query="", headers=KEY):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    played.world.handle(ApiRequest(method, path, query, headers, content), played.now)
    return list(played.world.refusals)


@pytest.mark.parametrize(
    ("request_", "code", "why"),
    [
        ({"body": b"{"}, 21, "Input data was truncated"),
        ({"body": b'{"messages": {}}'}, 21, "Expected `array`, got `object` - at `$.messages`"),
        ({"body": b'{"message": []}'}, 21, "missing required field `messages`"),
        ({"body": {"messages": []}}, 21, "the list is empty"),
        ({"body": {"messages": [{"to": "27999000001"}, 5]}}, 21, "item 1 of the list is no object"),
        ({"body": b"", "headers": ()}, 1, ""),
        ({"body": b"", "path": "/v2/message"}, 41, ""),
        ({"body": b"", "method": "PUT"}, 42, ""),
        ({"body": b"", "path": "/v1/media"}, 23, ""),
        ({"body": b"{}", "path": "/v1/notification"}, 21, "missing required field `event`"),
        (
            {"body": b"", "path": "/messages/http/send", "method": "GET", "query": "apiKey="},
            1,
            "",
        ),
    ],
)
def test_a_request_that_is_refused_as_a_whole(played, request_, code, why):
    [refusal] = ask(played, **request_)
    assert (refusal.code, refusal.to) == (code, None)
    assert why in refusal.why
    assert played.world.changes.told() == [("refusal", "")]


def test_each_message_that_is_refused(played):
    items = [
        {"to": "27999000001", "content": "hi"},
        {"to": "abc", "content": "hi", "clientMessageId": "order-1"},
        {"to": 27999000002, "content": "hi"},
    ]
    typed, spelt = ask(played, {"messages": items})
    assert (spelt.code, spelt.to, spelt.client_message_id) == (25, "abc", "order-1")
    assert (spelt.description, spelt.why) == ("Invalid recipient address: abc", "")
    assert (typed.code, typed.to) == (23, "27999000002")
    assert "Expected `str`, got `int` - at `$.to`" in typed.why
    assert (typed.method, typed.path) == ("POST", "/v1/message")
    assert len(played.world.talks) == 1


def test_what_is_accepted_leaves_none(played):
    played.message()
    assert list(played.world.refusals) == []


def test_the_latest_200_are_known_and_none_of_them_at_length(played):
    for batch in range(2):
        items = [{"to": "x" * 10_000, "clientMessageId": f"{batch}-{n}"} for n in range(150)]
        refusals = ask(played, {"messages": items})
    ids = [each.client_message_id for each in refusals]
    assert (len(ids), ids[0], ids[-1]) == (200, "1-149", "0-100")
    assert {len(each.to) for each in refusals} == {256}
