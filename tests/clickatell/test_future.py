import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockatell.clickatell import future
from mockatell.clickatell.events import KINDS, ROLE_OF
from mockatell.clickatell.platform import Platform
from mockatell.clickatell.replies import MAKERS
from mockatell.clickatell.statuses import find
from mockatell.model import Callback, Role
from mockatell.rng import Purpose, Stream

AT = 1_506_607_698_860
CHANGES = [
    future.unknown_event,
    future.unknown_channel,
    future.unknown_status,
    future.extra_fields,
]
PLATFORM = Platform(integration_id="i", integration_name="n")
SEEDS = st.integers(0, 2**53)


def callback_of(kind, seed):
    stream = Stream(seed, Purpose.MESSAGE)
    conversation = PLATFORM.conversation(stream, "whatsapp")
    if kind in MAKERS:
        return PLATFORM.reply(kind, conversation, AT, stream)
    return {
        "messageStatusUpdate": lambda: PLATFORM.status(conversation, "READ", AT),
        "messageFallback": lambda: PLATFORM.fallback(conversation, AT),
        "statusIsTyping": lambda: PLATFORM.typing(conversation, AT),
    }[kind]()


def events(callback):
    body = json.loads(callback.body)["event"]
    return [(kind, event) for kind, batch in body.items() for event in batch]


def contains(whole, part):
    """Whether a JSON value holds all of another: more fields are fine, other values are not."""
    if isinstance(part, dict):
        return all(key in whole and contains(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return whole == part and type(whole) is type(part)


@settings(deadline=None, max_examples=150)
@given(SEEDS, st.sampled_from(sorted(KINDS)), st.lists(st.sampled_from(CHANGES), max_size=4))
def test_nothing_is_lost_and_the_same_seed_changes_the_same(seed, kind, changes):
    original = callback_of(kind, seed)

    def changed():
        stream, callback = Stream(seed, Purpose.FAULT), original
        for change in changes:
            callback = change(callback, stream)
        return callback

    callback = changed()
    assert (callback.role, callback.kind) == (original.role, original.kind)
    assert callback.message_id == original.message_id
    (known,) = events(original)
    assert any(k == kind and contains(event, known[1]) for k, event in events(callback))
    assert contains(json.loads(callback.body), {"integrationId": "i", "integrationName": "n"})
    assert changed() == callback


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_unknown_event_joins_the_known_one(kind):
    original = callback_of(kind, 1)
    bodies = [
        json.loads(future.unknown_event(original, Stream(n, Purpose.FAULT)).body)["event"]
        for n in range(60)
    ]
    unknown = {name for body in bodies for name in body} - {kind}
    assert len(unknown) >= 4
    assert unknown.isdisjoint(KINDS)
    assert all(name.startswith("mo") for name in unknown) == (ROLE_OF[kind] is Role.REPLY)
    assert {list(body).index(kind) for body in bodies} == {0, 1}


def test_an_unknown_status_comes_just_before_the_known_one():
    original = callback_of("messageStatusUpdate", 1)
    for n in range(20):
        changed = future.unknown_status(original, Stream(n, Purpose.FAULT))
        (_, added), (_, known) = events(changed)
        assert find(added["status"]) is None
        assert find(added["statusCode"]) is None
        assert added["messageId"] == known["messageId"]
        assert added["timestamp"] == known["timestamp"] - 1
        assert [("messageStatusUpdate", known)] == events(original)


@pytest.mark.parametrize("kind", ["moText", "messageFallback", "statusIsTyping"])
def test_only_a_status_update_has_an_unknown_status(kind):
    original = callback_of(kind, 1)
    assert future.unknown_status(original, Stream(1, Purpose.FAULT)) is original


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_unknown_channel_is_another_messages(kind):
    original = callback_of(kind, 1)
    known, (added_kind, added) = events(future.unknown_channel(original, Stream(1, Purpose.FAULT)))
    assert [known] == events(original)
    assert added_kind == kind
    assert added["channel"] not in {"sms", "whatsapp"}
    if "messageId" in known[1]:
        assert added["messageId"] != known[1]["messageId"]


def objects(value):
    """Every object in a JSON value but the map of events."""
    if isinstance(value, list):
        for each in value:
            yield from objects(each)
    elif isinstance(value, dict):
        yield value
        for key, each in value.items():
            if not key.startswith("future"):
                yield from objects(each)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_object_gets_an_extra_field(kind):
    body = json.loads(future.extra_fields(callback_of(kind, 1), Stream(2, Purpose.FAULT)).body)
    event_map = body.pop("event")
    found = [*objects(body), *(each for batch in event_map.values() for each in objects(batch))]
    assert len(found) >= 2
    for each in found:
        assert sum(key.startswith("future") for key in each) == 1
    assert list(event_map) == [kind]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), SEEDS), min_size=1, max_size=6))
def test_a_batch_has_every_event_in_order(drawn):
    for role in Role:
        callbacks = [callback_of(kind, seed) for kind, seed in drawn if ROLE_OF[kind] is role]
        if not callbacks:
            continue
        batch = future.batch(callbacks)
        assert (batch.role, batch.kind) == (role, callbacks[0].kind)
        assert batch.message_id == callbacks[0].message_id
        one_by_one = [event for callback in callbacks for event in events(callback)]
        kinds = list(dict.fromkeys(kind for kind, _ in one_by_one))
        assert events(batch) == sorted(one_by_one, key=lambda each: kinds.index(each[0]))
        if len(callbacks) == 1:
            assert batch == callbacks[0]


def test_a_batch_of_batches_keeps_extra_fields_of_the_envelope():
    one = future.extra_fields(callback_of("moText", 1), Stream(1, Purpose.FAULT))
    two = future.batch([callback_of("moText", 2), callback_of("moMedia", 3)])
    body = json.loads(future.batch([one, two]).body)
    assert {kind: len(batch) for kind, batch in body["event"].items()} == {
        "moText": 2,
        "moMedia": 1,
    }
    assert any(key.startswith("future") for key in body)


@pytest.mark.parametrize("kinds", [[], ["moText", "messageStatusUpdate"]])
def test_a_batch_is_of_one_role(kinds):
    with pytest.raises(ValueError, match="one role"):
        future.batch([callback_of(kind, 1) for kind in kinds])


def test_what_is_not_looked_into_stays_as_it_was():
    """Numbers beyond a double and odd spacing survive an unknown event beside them."""
    body = b'{"event":{"moText":[{"n": 1.10, "big":123456789012345678901234567890}]}}'
    original = Callback(Role.REPLY, "moText", "m", body)
    assert b'{"n": 1.10, "big":123456789012345678901234567890}' in (
        future.batch([original, original]).body
    )
