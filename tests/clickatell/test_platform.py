import json
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockatell.clickatell import statuses
from mockatell.clickatell.events import FallbackStatus, MessageStatus, TypingStatus
from mockatell.clickatell.platform import Conversation, Platform
from mockatell.clickatell.quirks import Quirks
from mockatell.clickatell.statuses import CHANNELS
from mockatell.errors import InputError
from mockatell.model import Role

AT = 1_506_607_698_860
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ESCAPES = ['"', "\\", '"}]}},{"a":"', "\n\t\x00\x1f", "é😀\u2028", "%d%b", "</script>", ""]


def whole(kind, event, key="integrationId", identity="i", name="n"):
    """A body as msgspec encodes it when it is given the whole structure."""
    return msgspec.json.encode({key: identity, "integrationName": name, "event": {kind: [event]}})


def status_event(status, code, conversation, quirks):
    no_id = conversation.client_message_id is None
    absent = no_id and quirks.no_client_message_id == "absent"
    return MessageStatus(
        channel=conversation.channel + (" " if quirks.channel_blank else ""),
        timestamp=AT,
        status_code=code,
        status=status,
        message_id=conversation.message_id,
        client_message_id=msgspec.UNSET if absent else conversation.client_message_id,
    )


@pytest.mark.parametrize("row", statuses.STATUSES, ids=lambda row: row.name)
@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(),
        Quirks(channel_blank=True),
        Quirks(no_client_message_id="absent"),
        Quirks(integration_key="integrationID"),
        Quirks(status_codes={row.name: 700 + i for i, row in enumerate(statuses.STATUSES)}),
    ],
    ids=["plain", "blank", "absent", "ID", "codes"],
)
def test_a_status_has_the_bytes_of_its_structure(row, quirks):
    platform = Platform(integration_id="i", integration_name="n", quirks=quirks)
    code = statuses.find(row.name, quirks).code
    for channel in CHANNELS:
        for client_id in ("own", None):
            conversation = Conversation(channel, "m", client_id, "u", "b")
            event = status_event(row.name, 999 if code is None else code, conversation, quirks)
            expected = whole("messageStatusUpdate", event, quirks.integration_key)
            given_code = 999 if code is None else None
            for _ in range(2):  # rendered, then remembered
                callback = platform.status(conversation, row.name, AT, given_code)
                assert callback.body == expected
                assert (callback.role, callback.message_id) == (Role.STATUS, "m")
            if code is not None:
                assert platform.status(conversation, code, AT).body == expected


@settings(deadline=None)
@given(TEXT, st.none() | TEXT, TEXT, TEXT, st.integers(0, 2**53), st.integers(0, 2**31 - 1))
def test_no_text_breaks_out_of_a_status(message_id, client_id, identity, name, at, code):
    platform = Platform(integration_id=identity, integration_name=name)
    conversation = Conversation("sms", message_id, client_id, "u", "b")
    body = platform.status(conversation, name, at, code).body
    assert json.loads(body) == {
        "integrationId": identity,
        "integrationName": name,
        "event": {
            "messageStatusUpdate": [
                {
                    "channel": "sms",
                    "timestamp": at,
                    "statusCode": code,
                    "status": name,
                    "messageId": message_id,
                    "clientMessageId": client_id,
                }
            ]
        },
    }


@pytest.mark.parametrize("text", ESCAPES)
def test_escapes_are_those_of_the_structure(platform, text):
    conversation = Conversation("sms", text, text, text, text)
    mine = platform.status(conversation, 5, AT)
    event = status_event("DEVICE_ACK", 5, conversation, Quirks())
    identity = ("fa8090815f05d5ed015f0b5b56080cd2", "My integration")
    assert mine.body == whole("messageStatusUpdate", event, "integrationId", *identity)


def test_a_status_is_rendered_once(make_platform, stream, monkeypatch):
    """The load loop sends thousands a second: all that does not change is remembered."""
    platform, rendered = make_platform(), []
    render = platform._render
    monkeypatch.setattr(platform, "_render", lambda *key: rendered.append(key) or render(*key))
    for at in range(100):
        platform.status(platform.conversation(stream, "whatsapp"), "READ", at)
        platform.status(platform.conversation(stream, "sms"), 5, at)
    assert rendered == [("whatsapp", "READ", None), ("sms", 5, None)]


@pytest.mark.parametrize(
    ("status", "code", "sent"),
    [
        ("READ", None, ("READ", 6)),
        (6, None, ("READ", 6)),
        ("READ", 7, ("READ", 7)),
        (6, 7, ("READ", 7)),
        ("SOMETHING_NEW", 777, ("SOMETHING_NEW", 777)),
        ("ANONYMOUS_USER_ID_ERROR", 63, ("ANONYMOUS_USER_ID_ERROR", 63)),
    ],
)
def test_a_status_by_name_by_number_and_with_another_number(
    platform, stream, event_of, status, code, sent
):
    conversation = platform.conversation(stream, "whatsapp")
    event = event_of(platform.status(conversation, status, AT, code))
    assert (event["status"], event["statusCode"]) == sent


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        ("DEVICE_AKC", None, r"no status 'DEVICE_AKC' \(did you mean 'DEVICE_ACK'\?\)"),
        ("read", None, "did you mean 'READ'"),
        (999, None, "no status 999"),
        (999, 999, "no status 999"),
        ("ANONYMOUS_USER_ID_INVALID", None, "give it as `code`, or in `quirks.status_codes`"),
    ],
)
def test_a_status_that_cannot_be_sent(platform, stream, status, code, message):
    with pytest.raises(InputError, match=message):
        platform.status(platform.conversation(stream, "sms"), status, AT, code)


def test_a_conversation_is_drawn_from_its_stream(platform, make_stream):
    one = platform.conversation(make_stream(1), "sms")
    assert one == platform.conversation(make_stream(1), "sms")
    assert one != platform.conversation(make_stream(2), "sms")
    assert re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", one.message_id)
    assert one.message_id != one.client_message_id
    assert re.fullmatch(r"27999\d{6}", one.user)
    assert re.fullmatch(r"27999\d{6}", one.business)
    assert one.user != one.business


def test_a_conversation_as_told(platform, stream):
    told = {"user": "1", "business": "2", "message_id": "m", "client_message_id": "c"}
    conversation = platform.conversation(stream, "sms", **told)
    assert msgspec.structs.asdict(conversation) == {"channel": "sms", **told}
    nameless = platform.conversation(stream, "sms", has_client_message_id=False)
    assert nameless.client_message_id is None


@pytest.mark.parametrize("field", ["user", "business", "message_id", "client_message_id"])
def test_half_a_surrogate_pair_is_refused(platform, stream, field):
    with pytest.raises(InputError, match="UTF-8"):
        platform.conversation(stream, "sms", **{field: "a\ud800"})


def test_half_a_surrogate_pair_in_a_reply_is_refused(platform, stream):
    conversation = platform.conversation(stream, "sms")
    for fields in ({"content": "\udfff"}, {"content": "\udfff", "encrypted": True}):
        with pytest.raises(InputError, match="UTF-8"):
            platform.reply("moText", conversation, AT, stream, fields)


def test_typing(platform):
    conversation = Conversation("whatsapp", "m", "c", 'u"', "b")
    callback = platform.typing(conversation, AT)
    event = TypingStatus(channel="whatsapp", timestamp=AT, from_='u"')
    identity = ("fa8090815f05d5ed015f0b5b56080cd2", "My integration")
    assert callback.body == whole("statusIsTyping", event, "integrationId", *identity)
    assert (callback.role, callback.kind) == (Role.STATUS, "statusIsTyping")
    assert callback.message_id == ""


@pytest.mark.parametrize(
    ("quirks", "client_id", "description", "sent_id"),
    [
        ({}, "c", 29, "c"),
        ({}, None, 29, None),
        ({"no_client_message_id": "absent"}, None, 29, msgspec.UNSET),
        ({"fallback_description": "text"}, "c", "no such recipient on the channel", "c"),
        ({"status_codes": {"RECIPIENT_DOES_NOT_EXIST": 290}}, "c", 290, "c"),
    ],
)
def test_fallback(make_platform, quirks, client_id, description, sent_id):
    conversation = Conversation("whatsapp", "m", client_id, "u", "b")
    callback = make_platform(**quirks).fallback(conversation, AT)
    event = FallbackStatus(
        channel="whatsapp",
        timestamp=AT,
        status_description=description,
        status="RECIPIENT_DOES_NOT_EXIST",
        message_id="m",
        client_message_id=sent_id,
    )
    identity = ("fa8090815f05d5ed015f0b5b56080cd2", "My integration")
    assert callback.body == whole("messageFallback", event, "integrationId", *identity)
    assert (callback.role, callback.message_id) == (Role.STATUS, "m")


def test_after_a_fallback_the_message_is_the_same_on_another_channel(platform, stream, event_of):
    before = platform.conversation(stream, "whatsapp")
    after = before.on("sms")
    event = event_of(platform.status(after, 5, AT))
    assert (event["channel"], event["messageId"]) == ("sms", before.message_id)
    assert (after.user, after.client_message_id) == (before.user, before.client_message_id)
