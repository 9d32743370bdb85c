import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.oracle import (
    Look,
    Question,
    fill,
    judge_acknowledged,
    judge_answer,
    judge_looks,
    mismatch,
    questions,
    subjects,
)
from mockatell.core.plan import plan_without_faults
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.spec import ProbeSpec
from mockatell.model import RunEnded


def ended(acknowledged, deliveries):
    return RunEnded(deliveries, deliveries, acknowledged, 0, 0, deliveries - acknowledged)


@pytest.mark.parametrize(
    ("clause", "acknowledged", "deliveries", "held"),
    [
        ("all", 10, 10, True),
        ("all", 9, 10, False),
        (0.9, 9, 10, True),
        (0.9, 8, 10, False),
        (0.0, 0, 10, True),
        (0.55, 55, 100, True),
        (0.55, 54, 100, False),
        (0.07, 7, 100, True),
        ("all", 0, 0, None),
    ],
)
def test_acknowledged(clause, acknowledged, deliveries, held):
    assert judge_acknowledged(clause, ended(acknowledged, deliveries)).held is held


@pytest.mark.parametrize(
    ("expected", "actual", "words"),
    [
        ({"status": "READ"}, {"status": "READ", "more": 1}, None),
        ({"status": "READ"}, {"status": "SENT"}, "status is 'SENT', expected 'READ'"),
        ({"status": "READ"}, {}, "status is None, expected 'READ'"),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, "a.b[1].c is 3, expected 2"),
        ({"code": "6"}, {"code": 6}, None),
        ({"code": 6}, {"code": "6"}, "code is '6', expected 6"),
        ({"read": "True"}, {"read": True}, "read is True, expected 'True'"),
        ({"read": True}, {"read": 1}, "read is 1, expected True"),
        ({"n": None}, {}, None),
        ([1, 2], [1, 2, 3], "the answer is [1, 2, 3], expected [1, 2]"),
        ({"a": 1}, [1], "the answer is [1], expected {'a': 1}"),
        ([], [], None),
        ({}, {"any": "thing"}, None),
    ],
)
def test_mismatch(expected, actual, words):
    assert mismatch(expected, actual) == words


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(json_values)
def test_everything_contains_itself(value):
    assert mismatch(value, value) is None


@pytest.mark.parametrize(
    ("status_code", "body", "held", "seen"),
    [
        (200, b'{"status":"READ","x":1}', True, ""),
        (200, b'{"status":"SENT"}', False, "status is 'SENT', expected 'READ'"),
        (200, b"<html>", None, "the answer is not JSON"),
        (200, b'{"status":"\xff\xfe"}', None, "the answer is not JSON"),
        (200, b"[" * 200_000, None, "the answer is not JSON"),
        (404, b"", False, "answered 404, expected 200"),
        (204, b"", False, "answered 204, expected 200"),
        (500, b"", None, "answered 500, expected 200"),
        (401, b"", None, "answered 401, expected 200"),
        (302, b"", None, "answered 302, expected 200"),
    ],
)
def test_one_answer(status_code, body, held, seen):
    question = Question("http://x/?key=secret", {"status": "READ"}, 200)
    look = judge_answer(question, status_code, body)
    assert (look.held, look.seen) == (held, seen)
    assert "secret" not in look.url


HELD, BROKEN = Look("u", held=True), Look("u", held=False, status_code=200, seen="no")
LOST = Look("u", held=False, status_code=404, seen="gone", absent=True)
BLIND = Look("u", held=None, seen="500")


@pytest.mark.parametrize(
    ("looks", "held"),
    [
        ([HELD, HELD], True),
        ([HELD, BROKEN], False),
        ([HELD, LOST], False),
        ([LOST, LOST], None),
        ([HELD, BLIND], None),
        ([BROKEN, BLIND], False),
        ([LOST, BROKEN], False),
        ([], None),
    ],
)
def test_all_looks(looks, held):
    assert judge_looks(ProbeSpec(get="http://x/{messageId}"), looks).held is held


def about(text):
    return subjects(plan_without_faults(parse(text, env={}), seed=1, epoch_ms=0))


def test_a_message_is_known_by_the_status_it_ends_in():
    [subject] = about(
        "messages: [{channel: whatsapp, message_id: m1, client_message_id: c1, lifecycle: read}]"
    )
    assert subject == {
        "messageId": "m1",
        "clientMessageId": "c1",
        "status": "READ",
        "statusCode": "6",
    }


def test_each_reply_is_asked_about():
    one, two = about(
        'messages: [{message_id: m1, to: "27999000001", from: "27999000100", steps: '
        "[{status: DEVICE_ACK}, {reply: moText, message_id: r1}, {reply: moText, message_id: r2}]}]"
    )
    assert one["messageId"] == two["messageId"] == "m1"
    assert (one["replyId"], two["replyId"]) == ("r1", "r2")
    assert (one["from"], one["to"]) == ("27999000001", "27999000100")


def test_an_unprompted_reply_has_no_message_before_it():
    [subject] = about("messages: [{reply: moText, message_id: r1}]")
    assert subject["replyId"] == "r1"
    assert "messageId" not in subject


def test_questions_are_asked_once_and_only_where_they_can_be():
    probe = ProbeSpec(get="http://x/{messageId}", json={"status": "{status}"})
    asked = questions(
        probe, [{"messageId": "m1", "status": "READ"}] * 2 + [{"messageId": "m2"}, {"replyId": "r"}]
    )
    assert asked == [Question("http://x/m1", {"status": "READ"}, 200)]


def test_filling_reaches_into_lists_and_mappings():
    assert fill({"a": ["{status}", 1, None]}, {"status": "READ"}) == {"a": ["READ", 1, None]}
    with pytest.raises(KeyError):
        fill("{status}", {})
