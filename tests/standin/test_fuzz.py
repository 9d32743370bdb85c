"""Whatever comes: an answer, one of the documented statuses, and never an exception."""

import json

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockatell.clickatell.standin import ApiRequest, Standin, StandinSettings
from mockatell.clickatell.standin.refusals import RULES
from mockatell.clickatell.standin.routes import RESOURCES
from mockatell.clickatell.standin.shapes import Item

STATUSES = {200, 202, 207, 400, 401, 402, 404, 500, 503}
KEY = (("Authorization", "key=="),)
NOW = 1_700_000_000_000
GOOD_START = b'{"messages":[{"to":"27999000001","content":"a",'

texts = st.text() | st.sampled_from(["27999000001", "sms", "whatsapp", "STOP", "eA==", "image/png"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars, lambda s: st.lists(s, max_size=3) | st.dictionaries(texts, s, max_size=3)
)
fields = [field.encode_name for field in msgspec.structs.fields(Item)]
items = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(fields, values) | {"to": texts, "content": texts}
)
nearly = st.fixed_dictionaries(
    {
        "to": st.just("27999000001"),
        "content": texts,
        "channel": st.sampled_from(["sms", "whatsapp"]),
    },
    optional={name: values for name in fields if name not in ("to", "content", "channel")},
)
payloads = st.fixed_dictionaries(
    {"messages": st.lists(items | nearly | values, max_size=4) | values}
)
marks = st.fixed_dictionaries(
    {"event": st.fixed_dictionaries({"messageStatusUpdate": st.lists(values)})}
)
bodies = st.binary() | (payloads | marks | values).map(lambda v: json.dumps(v).encode())
paths = st.sampled_from([*RESOURCES, "/v1/message/x", "/v1/media/x", "/nope"]) | st.text()
queries = st.text() | st.lists(
    st.tuples(
        st.sampled_from(
            [
                "apiKey",
                "to",
                "content",
                "from",
                "fileId",
                "sha256Hash",
                "fileName",
                "broadcastAllowed",
            ]
        ),
        texts,
    )
).map(lambda pairs: "&".join("=".join(pair) for pair in pairs))
headers = st.lists(st.tuples(st.sampled_from(["Authorization", "content-type"]) | st.text(), texts))


def well_formed(handled):
    response = handled.response
    assert response.status in STATUSES
    if dict(response.headers)["Content-Type"] == "application/json":
        json.loads(response.body)
    assert all(len(m.api_message_id) == 32 for m in handled.accepted)
    assert response.status in (202, 207) or not handled.accepted


@given(
    st.sampled_from(["GET", "POST", "PUT"]) | st.text(),
    paths,
    queries,
    headers,
    bodies,
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
@example("GET", "/messages/http/send", "apiKey=k&to=\ud800&content=\ud800", [], b"", False)
@example("POST", "/v1/media", "fileName=\ud800&broadcastAllowed=1", [], b"x", True)
def test_any_request_is_answered(method, path, query, extra, body, keyed):
    standin = Standin(StandinSettings(), seed=1)
    request = ApiRequest(method, path, query, (KEY if keyed else ()) + tuple(extra), body)
    well_formed(standin.handle(request, NOW))


@given(st.lists(nearly | items, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_messages_are_answered_one_by_one_in_order(sent):
    standin = Standin(StandinSettings(), seed=1)
    body = json.dumps({"messages": sent}).encode()
    handled = standin.handle(ApiRequest("POST", "/v1/message", "", KEY, body), NOW)
    well_formed(handled)
    answer = json.loads(handled.response.body)
    if answer["error"] is not None:
        assert answer["error"]["code"] == 21  # a text that JSON can say and UTF-8 cannot
        return
    told = answer["messages"]
    texts_only = [item.get("to") if isinstance(item.get("to"), str) else None for item in sent]
    assert [each["to"] for each in told] == texts_only
    assert [each["apiMessageId"] for each in told if each["accepted"]] == [
        message.api_message_id for message in handled.accepted
    ]
    assert all(each["accepted"] or each["error"]["code"] in RULES for each in told)


@given(st.integers(0, 2**53), st.lists(st.sampled_from(["send", "upload", "read"]), max_size=20))
@settings(max_examples=50, deadline=None)
def test_the_same_seed_and_calls_give_the_same_answers(seed, calls):
    mark = {"channel": "whatsapp", "statusCode": 1001, "messageId": "a"}
    notification = json.dumps({"event": {"messageStatusUpdate": [mark]}}).encode()
    batch = json.dumps({"messages": [{"to": "27999000001", "content": "a"}]}).encode()
    requests = {
        "send": ApiRequest("POST", "/v1/message", "", KEY, batch),
        "upload": ApiRequest("POST", "/v1/media", "fileName=a&broadcastAllowed=true", KEY, b"x"),
        "read": ApiRequest("POST", "/v1/notification", "", KEY, notification),
    }
    one, other = Standin(seed=seed), Standin(seed=seed)
    answers = [one.handle(requests[call], NOW) for call in calls]
    assert answers == [other.handle(requests[call], NOW) for call in calls]
    assert len({answer.response.body for answer in answers}) == len(answers)
    assert one.handed_out == len(calls)


@pytest.mark.parametrize("name", ["to", "x", "fallback", "clientMessageId"])
def test_depth_is_refused_by_the_message_or_as_a_whole(name):
    standin = Standin(seed=1)
    for depth in range(1, 1200, 7):
        item = GOOD_START + b'"%b":' % name.encode() + b"[" * depth + b"]" * depth + b"}]}"
        well_formed(standin.handle(ApiRequest("POST", "/v1/message", "", KEY, item), NOW))


TEN_MB = 10 * 2**20
HUGE = {
    "brackets": b"[" * TEN_MB,
    "digits": GOOD_START + b'"validityPeriod":' + b"9" * TEN_MB + b"}]}",
    "a number no one reads": GOOD_START + b'"x":' + b"9" * TEN_MB + b"}]}",
    "many messages": b'{"messages":[' + b"{}," * (TEN_MB // 3) + b"{}]}",
    "one number": b'{"messages":[{"to":"' + b"2" * TEN_MB + b'","content":"a"}]}',
    "lists where a text should be": b'{"messages":[{"to":[' + b"[]," * (TEN_MB // 3) + b"[]]}]}",
    "zeros": bytes(TEN_MB),
}


@pytest.mark.parametrize("body", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("path", ["/v1/message", "/v1/notification", "/v1/media"])
def test_ten_megabytes_of_anything(path, body):
    request = ApiRequest("POST", path, "fileName=a&broadcastAllowed=true", KEY, body)
    well_formed(Standin(seed=1).handle(request, NOW))
