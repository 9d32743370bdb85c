"""What is heard of a body, kind by kind, and what is odd about it."""

import json

import pytest

from mockatell.clickatell.hearing import hear
from mockatell.clickatell.platform import Platform
from mockatell.rng import Stream

EPOCH_MS = 1_767_225_600_000
PLATFORM = Platform(integration_id="i", integration_name="n")
FIELDS = {
    "moText": {"content": "Hi", "charset": "UTF-16", "udh": "0500034E0301", "network": 65501},
    "moMedia": {"by": "inline", "content_type": "image/png", "size": 2_001, "caption": "Look"},
    "moLocation": {"latitude": "1.5", "longitude": "-2.5", "location_name": "A",
                   "location_address": "B"},
    "moContacts": {"contacts": [{"name": {"formattedName": "Ann"}}]},
    "moSuggestedResponse": {"content": "Yes", "postback_data": "yes"},
    "moListPickerResponse": {"postback_data": "one", "item_content": "One"},
    "moButtonResponse": {"postback_data": "one", "item_content": "One"},
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELDS)
def test_a_reply_tells_what_it_was_made_of(kind, heard):
    channel = "sms" if kind == "moText" else "whatsapp"
    own = {} if channel == "sms" else {"profile_name": "Ann", "referral": True}
    stream = Stream(1, 1)
    about = PLATFORM.conversation(stream, channel, user="1234567", business="7654321")
    callback = PLATFORM.reply(kind, about, EPOCH_MS, stream, FIELDS[kind] | own)
    event, odd = heard(callback.body)
    assert odd == []
    assert dict(event.fields) == {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in (FIELDS[kind] | own).items()
    }
    assert (event.user, event.business, event.timestamp) == ("1234567", "7654321", EPOCH_MS)
    assert (event.message_id, event.own_id) == (about.message_id, callback.message_id)


def test_media_by_reference(heard):
    stream = Stream(1, 1)
    fields = {"by": "reference", "content_type": "video/mp4", "size": 5_000, "file_name": "a.mp4"}
    about = PLATFORM.conversation(stream, "whatsapp")
    event, odd = heard(PLATFORM.reply("moMedia", about, EPOCH_MS, stream, fields).body)
    assert odd == []
    assert fields.items() <= dict(event.fields).items()


@pytest.mark.parametrize("kind", ["typing", "fallback"])
def test_typing_and_fallback(kind, heard):
    about = PLATFORM.conversation(Stream(1, 1), "whatsapp")
    event, odd = heard(getattr(PLATFORM, kind)(about, EPOCH_MS).body)
    assert odd == []
    assert event.user == (about.user if kind == "typing" else "")
    assert event.message_id == ("" if kind == "typing" else about.message_id)


@pytest.mark.parametrize(
    ("body", "odd"),
    [
        (b"", "a body that is not JSON"),
        (b"\xff{}", "a body that is not JSON"),
        (b"[" * 100_000, "a body that is not JSON"),
        (b"[]", "a body without events"),
        (b'{"event": []}', "a body without events"),
        (b'{"event": {"moText": {}}}', "events that are no list"),
        (b'{"event": {"moText": []}}', "an empty list of 'moText'"),
        (b'{"event": {"moText": [1]}}', "a moText that is no object"),
        (b'{"event": {"moNew": [{}]}}', "an event of the unknown kind 'moNew'"),
        (
            b'{"event": {"Ann 0821": [{}]}}',
            "an event of the unknown kind (a name that is not shown)",
        ),
        (b'{"event": {}, "plus": 1}', "the unknown field 'plus' of the envelope"),
        (b'{"event": {"moText": [{"channel": "rcs"}]}}', "a moText on the unknown channel 'rcs'"),
    ],
)
def test_bodies_that_say_nothing(body, odd):
    letter = hear(body)
    assert letter.events == ()
    assert odd in letter.odd


@pytest.mark.parametrize(
    ("changes", "odd", "said"),
    [
        ({"statusCode": 7}, "status READ with the number 7, which is not known", ("READ", 7)),
        ({"statusCode": "6"}, "a status without a number", ("READ", None)),
        ({"status": "PLAYED", "statusCode": 7},
         "status PLAYED with the number 7, which is not known", ("PLAYED", 7)),
        ({"status": "PLAYED", "statusCode": None}, "a status without a number", None),
        ({"status": "call Ann", "statusCode": 7},
         "a status without a name and number that can be sent",
         None),
        ({"channel": "sms"}, "status READ on sms", None),
        ({"timestamp": "now"}, "an event without a timestamp in milliseconds", ("READ", None)),
        ({"timestamp": 10**18}, "an event without a timestamp in milliseconds", ("READ", None)),
        ({"reason": "x"}, "the unknown field 'reason' of messageStatusUpdate", ("READ", None)),
    ],
)  # fmt: skip
def test_odd_statuses(changes, odd, said, status, heard):
    event, told = heard(status("READ", 6, **changes))
    assert odd in told
    assert (event and (event.status, event.code)) == said


@pytest.mark.parametrize(
    ("kind", "given", "odd"),
    [
        ("moText", {"content": 5}, "a content of another shape"),
        ("moText", {"content": "x" * 20_001},
         "a content longer than 20,000 characters, cut off here"),
        ("moText", {"charset": "Ann's own"}, "a charset of another shape"),
        ("moText", {"sms": {"network": "a"}}, "a network of another shape"),
        ("moText", {"sms": {"cell": 1}}, "the unknown field 'cell' of moText's sms"),
        ("moText", {"encryptionKey": "k"}, "an encrypted reply: what it says is made up"),
        ("moMedia", {"contentType": "image/webp", "content": "AAAA"},
         "media of a type that cannot be made: image/jpeg is sent"),
        ("moMedia", {"contentType": "image/png", "content": "AAAA"},
         "media of a size that cannot be made (1,000 to 16,777,216 bytes)"),
        ("moMedia", {"files": []}, "a moMedia with more or less than one file: one is sent"),
        ("moContacts", {"contacts": [{"name": 1}]},
         "contacts of another shape: made-up ones are sent"),
        ("moLocation", {"latitude": "north"}, "a latitude of another shape"),
        ("moListPickerResponse", {"selectedItems": []},
         "a moListPickerResponse with more or less than one item: one is sent"),
    ],
)  # fmt: skip
def test_odd_replies(kind, given, odd, envelope, heard):
    event = {"channel": "sms", "timestamp": EPOCH_MS, "from": "1234567", "to": "7654321"}
    said, told = heard(envelope(kind, event | given))
    assert said.kind == kind
    assert odd in told


def test_several_events_in_one_body_are_told_one_by_one(status):
    one = json.loads(status("READ", 6))
    one["event"]["messageStatusUpdate"] *= 2
    letter = hear(json.dumps(one).encode())
    assert len(letter.events) == 2
    assert letter.odd == ("several events in one body: they are sent one by one",)
