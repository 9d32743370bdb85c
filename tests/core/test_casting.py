"""The same conversation under other ids, and states that are seen under the test's own."""

import dataclasses
import sqlite3

import pytest

from mockatell.core.casting import Cast
from mockatell.core.differences import differences
from mockatell.core.factories import conversation, messageStatusUpdate, moText, statusIsTyping
from mockatell.rng import Purpose, Stream

TOLD = conversation(message_id="m1", client_message_id="order-17", reply="Yes")


def cast(events=TOLD, run=1, **given):
    return Cast(events, Stream(1, Purpose.SEARCH, run), **given)


def test_events_of_one_message_share_its_fresh_ids():
    sent, _, read, reply = cast().events
    assert sent.message_id == read.message_id == reply.message_id != "m1"
    assert sent.client_message_id == reply.client_message_id != "order-17"
    assert reply.fields["message_id"] not in (None, sent.message_id)
    assert sent.user == reply.user


def test_every_run_has_others():
    ids = [cast(run=run).events[0].message_id for run in range(50)]
    assert len(set(ids)) == 50
    assert ids[0] == cast(run=0).events[0].message_id


def test_ids_that_were_given_can_be_kept():
    sent, *_, reply = cast(keep=True).events
    assert (sent.message_id, sent.client_message_id) == ("m1", "order-17")
    assert reply.fields["message_id"]


def test_what_was_left_out_is_the_same_for_one_message_alone():
    first, second, third = cast(
        (
            messageStatusUpdate(message_id="a"),
            messageStatusUpdate(message_id="a"),
            messageStatusUpdate(message_id="b"),
        )
    ).events
    assert first.client_message_id == second.client_message_id != third.client_message_id


def test_a_number_that_was_given_stays():
    text, typing = cast((moText(from_="27999000009"), statusIsTyping())).events
    assert text.user == "27999000009" != typing.user
    assert text.message_id is None


@dataclasses.dataclass
class Row:
    id: str
    seen: set


def row(value):
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    found = database.execute("select ? as id", (value,)).fetchone()
    database.close()
    return found


@pytest.mark.parametrize(
    ("make", "plain"),
    [
        (lambda i: i, "m1"),
        (lambda i: f"sms:{i}!".encode(), "sms:m1!"),
        (lambda i: {i: [i, (1, None)]}, {"m1": ["m1", [1, None]]}),
        (lambda _: {3, 1, 2}, [1, 2, 3]),
        (lambda i: Row(i, {i}), {"id": "m1", "seen": ["m1"]}),
        (row, {"id": "m1"}),
        (LookupError, "LookupError('m1')"),
        (lambda _: True, True),
    ],
)
def test_a_state_is_seen_under_the_test_s_names(make, plain):
    own = cast()
    assert own.plain(make(own.events[0].message_id)) == plain


def test_a_state_that_is_plain_does_not_change_any_more():
    own, state = cast(), {"replies": ["Yes"]}
    seen = own.plain(state)
    state["replies"].append("Yes")
    assert seen == {"replies": ["Yes"]}


@pytest.mark.parametrize(
    ("expected", "got", "lines"),
    [
        ({"a": 1}, {"a": 1}, []),
        (1, 2, ["the state: expected 1, got 2"]),
        (1, True, ["the state: expected 1, got True"]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ["a.b[1]: expected 2, got 3"]),
        ({"a": 1}, {"b": 1}, ["a: expected 1, got (absent)", "b: expected (absent), got 1"]),
        ([1], [1, 1], ["[1]: expected (absent), got 1"]),
        ({"a": []}, {"a": {}}, ["a: expected [], got {}"]),
        ("x" * 300, None, [f"the state: expected '{'x' * 196}..., got None"]),
    ],
)
def test_differences(expected, got, lines):
    assert list(map(str, differences(expected, got))) == lines
