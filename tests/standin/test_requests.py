"""Requests as a whole: paths, methods, keys, and payloads of the wrong shape."""

import json

import pytest

from mockatell.clickatell.standin import StandinSettings
from mockatell.errors import ConfigurationError, InputError

ITEM = {"to": "27999000001", "content": "hi"}
BATCH = {"messages": [ITEM]}
GOOD_KEY = "iWJsw01234567890abcdef=="


def error(code, text):
    return {"messages": [], "error": {"code": code, "description": text}}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/v1/messages", 41),
        ("POST", "/v1/message/", 41),
        ("POST", "/", 41),
        ("POST", "", 41),
        ("GET", "/v1/media/a/b", 41),
        ("GET", "/v1/message/", 41),
        ("POST", "/messages", 41),
        ("GET", "/v1/message", 42),
        ("PUT", "/v1/message", 42),
        ("post", "/v1/message", 42),
        ("POST", "/v1/message/77fb29998253415fa5d66971d519d362", 42),
        ("POST", "/v1/balance", 42),
        ("DELETE", "/v1/media", 42),
        ("DELETE", "/v1/media/a", 42),
        ("GET", "/v1/notification", 42),
        ("POST", "/messages/http/send", 42),
    ],
)
def test_no_such_resource_or_method(client, method, path, code):
    status, answer = client.json(method, path, body=BATCH)
    found = answer.get("errorCode") or answer["error"]["code"]
    assert (status, found) == (400, code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/message"),
        ("GET", "/v1/message/77fb29998253415fa5d66971d519d362"),
        ("GET", "/v1/balance"),
        ("GET", "/v1/media"),
        ("POST", "/v1/media"),
        ("GET", "/v1/media/a"),
        ("POST", "/v1/notification"),
        ("GET", "/messages/http/send"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Authorization", ""),),
        (("Authorization", f"Bearer {GOOD_KEY}"),),
        (("Authorization", f"Basic {GOOD_KEY}"),),
        (("X-Api-Key", GOOD_KEY),),
    ],
    ids=["none", "empty", "bearer", "basic", "elsewhere"],
)
def test_every_resource_wants_the_key_raw(client, method, path, headers):
    query = f"apiKey={'x y' if headers else ''}&to=27999000001&content=hi"
    status, answer = client.json(method, path, query, BATCH, headers)
    found = answer.get("errorCode") or answer["error"]["code"]
    assert (status, found) == (401, 1)
    assert client.last.accepted == ()


@pytest.mark.parametrize(
    ("key", "status"), [(GOOD_KEY, 202), ("other", 401), (f"Bearer {GOOD_KEY}", 401)]
)
def test_named_keys_are_the_only_ones(make_client, key, status):
    client = make_client(api_keys=(GOOD_KEY,))
    response = client.call("POST", "/v1/message", body=BATCH, headers=(("AUTHORIZATION", key),))
    assert response.status == status
    assert GOOD_KEY not in repr(client.standin.settings)


MALFORMED = {
    "nothing": b"",
    "not json": b"to=27999000001&content=hi",
    "cut off": b'{"messages":[{"to":"27999000001","content":"hi"}',
    "trailing comma, as on a page of the vendor's": b'{"messages":[{"to":"1","content":"x",}]}',
    "the older API's flat shape": json.dumps({"content": "hi", "to": ["27999000001"]}).encode(),
    "the oldest API's shape": json.dumps({"text": "hi", "to": ["27999000001"]}).encode(),
    "a single message": json.dumps(ITEM).encode(),
    "a list without its name": json.dumps([ITEM]).encode(),
    "a message for the list": json.dumps({"messages": ITEM}).encode(),
    "no list": b'{"messages":null}',
    "an empty list": b'{"messages":[]}',
    "the singular": json.dumps({"message": [ITEM]}).encode(),
    "messages that are none": b'{"messages":["27999000001"]}',
    "one that is none": json.dumps({"messages": [ITEM, None]}).encode(),
    "not UTF-8": b'{"messages":[{"to":"27999000001","content":"\xff"}]}',
    "not UTF-8 where no one looks": b'{"x":"\xff","messages":[{"to":"27999000001","content":"x"}]}',
    "UTF-16": '{"messages":[]}'.encode("utf-16"),
    "half a surrogate pair": b'{"messages":[{"to":"27999000001","content":"\\ud83d"}]}',
    "NaN": b'{"messages":[{"to":"27999000001","content":NaN}]}',
    "deep": b'{"messages":[' + b"[" * 100_000,
    "deep where no one looks": b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"messages":[{}]}',
}  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_payload_of_another_shape_is_malformed(client, body):
    answer = client.json("POST", "/v1/message", body=body)
    assert answer == (400, error(21, "Payload data is malformed"))


@pytest.mark.parametrize(("count", "status"), [(1, 202), (200, 202), (201, 400), (5000, 400)])
def test_up_to_two_hundred_messages(client, count, status):
    found, answer = client.send(*[ITEM] * count)
    assert found == status
    if status == 400:
        assert answer == error(22, "Maximum messages per request payload exceeded")
        assert client.standin.handed_out == 0
    else:
        assert len({each["apiMessageId"] for each in answer["messages"]}) == count


@pytest.mark.parametrize(
    ("code", "status"), [(1, 401), (2, 400), (3, 400), (7, 401), (18, 500), (19, 503), (43, 400)]
)
def test_an_account_that_refuses_everything(make_client, code, status):
    client = make_client(refuse_with=code)
    found, answer = client.send(ITEM)
    assert (found, answer["error"]["code"]) == (status, code)
    assert client.json("GET", "/v1/balance")[0] == status


def test_ids_follow_from_the_seed_and_go_on_after_a_restart(make_client):
    first, again, other = make_client(seed=7), make_client(seed=7), make_client(seed=8)
    assert [first.send(ITEM) for _ in "12"] == [again.send(ITEM) for _ in "12"]
    assert first.send(ITEM) == again.send(ITEM) != other.send(ITEM)
    from mockatell.clickatell.standin import Standin

    restarted = type(first)(Standin(seed=7, handed_out=first.standin.handed_out))
    assert restarted.send(ITEM) == first.send(ITEM)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"channels": ("sms", "rcs")}, "no channel 'rcs'"),
        ({"life_sms": "read"}, "no lifecycle 'read'"),
        ({"life_whatsapp": "raed"}, "did you mean 'read'"),
        ({"refuse_with": 4}, "no error 4"),
    ],
)
def test_settings_that_cannot_be(settings, problem):
    with pytest.raises(InputError, match=problem):
        StandinSettings(**settings)
    assert issubclass(ConfigurationError, InputError)
