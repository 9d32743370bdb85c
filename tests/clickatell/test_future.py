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
@given(SEEDS, st.sampled_from(sorted(KINDS)))
def test_extra_fields_take_nothing_away(seed, kind):
    original = callback_of(kind, seed)
    extended = future.extra_fields(original, Stream(seed, Purpose.FAULT))
    assert contains(json.loads(extended.body), json.loads(original.body))
    assert (extended.role, extended.kind) == (original.role, original.kind)
    assert extended.message_id == original.message_id
    assert future.extra_fields(original, Stream(seed, Purpose.FAULT)) == extended


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_unknown_event_has_a_callback_of_its_own(kind):
    original = callback_of(kind, 1)
    ((_, known),) = events(original)
    drawn = [future.unknown_event(original, Stream(n, Purpose.FAULT)) for n in range(60)]
    assert drawn == [future.unknown_event(original, Stream(n, Purpose.FAULT)) for n in range(60)]
    channels = set()
    for callback in drawn:
        ((name, event),) = events(callback)
        assert name == callback.kind
        assert callback.role is ROLE_OF[kind] is original.role
        assert callback.message_id == event["messageId"] != original.message_id
        assert event["timestamp"] == known["timestamp"]
        channels.add(event["channel"])
    unknown = {callback.kind for callback in drawn}
    assert len(unknown) >= 4
    assert unknown.isdisjoint(KINDS)
    assert all(name.startswith("mo") for name in unknown) == (ROLE_OF[kind] is Role.REPLY)
    assert len(channels - {"sms", "whatsapp"}) == 3
    assert known["channel"] in channels


def test_an_unknown_status_is_1_ms_before_the_known_one():
    original = callback_of("messageStatusUpdate", 1)
    ((_, known),) = events(original)
    names = set()
    for n in range(40):
        callback = future.unknown_status(original, Stream(n, Purpose.FAULT))
        ((kind, event),) = events(callback)
        assert kind == callback.kind == "messageStatusUpdate"
        assert find(event["status"]) is None
        assert find(event["statusCode"]) is None
        assert callback.message_id == event["messageId"] == known["messageId"]
        assert event["clientMessageId"] == known["clientMessageId"]
        assert event["timestamp"] == known["timestamp"] - 1
        names.add(event["status"])
    assert len(names) == 3


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
