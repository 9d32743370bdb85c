import base64
import hashlib
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockatell.clickatell.media import CONTENT_TYPES, media_for
from mockatell.clickatell.platform import Platform
from mockatell.clickatell.quirks import Quirks
from mockatell.clickatell.replies import FIELDS_OF, MAKERS, fields_of
from mockatell.clickatell.values import Inventor, user_number
from mockatell.core.scenario.spec import ReplyFields
from mockatell.errors import InputError
from mockatell.rng import Purpose, Stream

AT = 1_506_607_698_860
REPLIES = sorted(MAKERS)


def replies(platform, make_stream, event_of, kind, channel, count=60, **options):
    conversation = platform.conversation(make_stream(), channel)
    return [
        event_of(platform.reply(kind, conversation, AT, make_stream(n), **options))
        for n in range(count)
    ]


@pytest.mark.parametrize("kind", REPLIES)
@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_reply_belongs_to_its_conversation(platform, stream, event_of, kind, channel):
    conversation = platform.conversation(stream, channel)
    callback = platform.reply(kind, conversation, AT, stream)
    event = event_of(callback)
    assert event["relatedMessageId"] == conversation.message_id
    assert event["relatedClientMessageId"] == conversation.client_message_id
    assert (event["from"], event["to"]) == (conversation.user, conversation.business)
    assert (event["channel"], event["timestamp"]) == (channel, AT)
    assert callback.message_id == event["messageId"] != conversation.message_id
    assert ("whatsapp" in event) == (channel == "whatsapp")
    assert ("sms" in event) == (channel == "sms" and kind == "moText")


@pytest.mark.parametrize("kind", REPLIES)
def test_an_unprompted_reply_relates_to_nothing(platform, stream, event_of, kind):
    conversation = platform.conversation(stream, "whatsapp")
    event = event_of(platform.reply(kind, conversation, AT, stream, prompted=False))
    assert event["relatedMessageId"] is None
    assert event["relatedClientMessageId"] is None
    assert (event["from"], event["to"]) == (conversation.user, conversation.business)


@pytest.mark.parametrize("kind", REPLIES)
def test_the_same_stream_makes_the_same_reply(make_platform, make_stream, kind):
    def body(*labels):
        platform = make_platform()
        conversation = platform.conversation(make_stream(), "whatsapp")
        return platform.reply(kind, conversation, AT, make_stream(*labels)).body

    first = body(1)
    assert body(2) != first
    assert body(1) == first


def test_another_faker_of_the_users_disturbs_nothing(platform, make_stream):
    from faker import Faker

    conversation = platform.conversation(make_stream(), "whatsapp")
    before = platform.reply("moContacts", conversation, AT, make_stream(1)).body
    Faker.seed(5)
    Faker().name()
    assert platform.reply("moContacts", conversation, AT, make_stream(1)).body == before


@pytest.mark.parametrize("kind", REPLIES)
@pytest.mark.parametrize("second", ["seconds", "milliseconds"])
def test_whole_seconds(make_platform, stream, event_of, kind, second):
    platform = make_platform(reply_timestamp=second)
    event = event_of(platform.reply(kind, platform.conversation(stream, "sms"), AT, stream))
    assert event["timestamp"] == {"seconds": 1_506_607_698_000, "milliseconds": AT}[second]


def test_texts_come_in_every_script(platform, make_stream, event_of):
    texts = " ".join(
        event["content"] for event in replies(platform, make_stream, event_of, "moText", "sms", 200)
    )
    assert re.search(r"[\u0590-\u05ff]", texts), "Hebrew"
    assert re.search(r"[\u0600-\u06ff]", texts), "Arabic"
    assert re.search(r"[\U0001f300-\U0001faff]", texts), "emoji"
    assert "\u200d" in texts, "joined emoji"
    assert '"' in texts
    assert "\n" in texts


def test_only_a_first_whatsapp_message_comes_from_an_advertisement(platform, make_stream, event_of):
    def referred(**options):
        events = replies(platform, make_stream, event_of, "moText", "whatsapp", 100, **options)
        return sum("referralInfo" in event["whatsapp"] for event in events)

    assert referred() == 0
    assert 5 < referred(prompted=False) < 40
    assert referred(fields={"referral": True}) == 100
    assert referred(fields={"referral": False}, prompted=False) == 0


def test_an_sms_names_its_network_and_its_part_when_told(platform, stream, event_of):
    conversation = platform.conversation(stream, "sms")
    assert event_of(platform.reply("moText", conversation, AT, stream))["sms"].keys() == {"network"}
    fields = {"udh": "050003AB0201", "network": 65501}
    event = event_of(platform.reply("moText", conversation, AT, stream, fields))
    assert event["sms"] == {"udh": "050003AB0201", "network": 65501}


def test_media_inline_agree_with_their_hash_and_type(platform, make_stream, event_of):
    fields = {"by": "inline"}
    events = replies(platform, make_stream, event_of, "moMedia", "whatsapp", 30, fields=fields)
    assert {event["contentType"] for event in events} == set(CONTENT_TYPES)
    magic = {
        "image/png": b"\x89PNG",
        "image/jpeg": b"\xff\xd8\xff",
        "application/pdf": b"%PDF-",
        "audio/ogg": b"OggS",
        "video/mp4": b"\0\0\0\x1cftyp",
    }
    for event in events:
        content = base64.b64decode(event["content"], validate=True)
        assert hashlib.sha256(content).hexdigest() == event["sha256Hash"]
        assert content.startswith(magic[event["contentType"]])
        assert ("caption" in event) == (event["contentType"] != "audio/ogg")
    assert len({event["content"] for event in events}) == 30


def test_media_by_reference_can_be_made_again_from_their_url(make_stream, event_of):
    platform = Platform(
        integration_id="i", integration_name="n", media_base_url="http://127.0.0.1:8800/"
    )
    fields = {"by": "reference"}
    events = replies(platform, make_stream, event_of, "moMedia", "whatsapp", 30, fields=fields)
    for event in events:
        (file,) = event["files"]
        match = re.fullmatch(
            r"http://127\.0\.0\.1:8800/v1/media"
            r"\?fileId=([0-9a-f-]{36}-1\.[0-9a-z]+)&sha256Hash=([0-9a-f]{64})&source=client",
            file["downloadUrl"],
        )
        media = media_for(match[1])
        assert media.content_type == file["contentType"]
        assert len(media.body) == file["byteSize"]
        assert media.sha256 == match[2] == file["sha256Hash"]
        assert file["fileName"].endswith(match[1].rpartition(".")[2])


def test_media_come_both_ways_unless_told(platform, make_stream, event_of):
    events = replies(platform, make_stream, event_of, "moMedia", "whatsapp")
    assert {"files" in event for event in events} == {True, False}


@pytest.mark.parametrize("by", ["inline", "reference"])
def test_media_as_told(platform, stream, event_of, by):
    fields = {"by": by, "content_type": "image/png", "size": 12_345, "caption": "Here"}
    if by == "reference":
        fields["file_name"] = "mine.png"
    conversation = platform.conversation(stream, "whatsapp")
    event = event_of(platform.reply("moMedia", conversation, AT, stream, fields))
    assert event["caption"] == "Here"
    if by == "inline":
        assert len(base64.b64decode(event["content"])) == 12_345
    else:
        (file,) = event["files"]
        assert (file["byteSize"], file["fileName"]) == (12_345, "mine.png")


def test_coordinates_look_as_on_the_wire(platform, make_stream, event_of):
    for event in replies(platform, make_stream, event_of, "moLocation", "whatsapp"):
        assert event["latitude"] == event["latitute"]
        assert re.fullmatch(r"-?\d{1,2}\.\d+", event["latitude"])
        assert re.fullmatch(r"-?\d{1,3}\.\d+", event["longitude"])
        assert abs(float(event["latitude"])) <= 90
        assert abs(float(event["longitude"])) <= 180


def test_contacts_are_nobodys(platform, make_stream, event_of):
    for event in replies(platform, make_stream, event_of, "moContacts", "whatsapp"):
        (contact,) = event["contacts"]
        (email,) = contact["emails"]
        assert re.fullmatch(r".+@example\.(com|org|net)", email["email"])
        assert all(re.fullmatch(r"27999\d{6}", each["phone"]) for each in contact["phones"])
        assert contact["phones"][1]["waId"] == contact["phones"][1]["phone"]
        assert contact["urls"] == [{"url": "https://www.example.com", "type": "WORK"}]


def test_contacts_as_told(platform, stream, event_of):
    told = ({"name": {"formattedName": "A B"}}, {"name": {}, "phones": [{"phone": "1"}]})
    conversation = platform.conversation(stream, "whatsapp")
    event = event_of(platform.reply("moContacts", conversation, AT, stream, {"contacts": told}))
    assert event["contacts"] == [
        {"name": {"formattedName": "A B"}},
        {"name": {}, "phones": [{"phone": "1"}]},
    ]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("moListPickerResponse", lambda event: event["selectedItems"][0]),
        ("moButtonResponse", lambda event: event["selectedItem"]),
    ],
)
def test_a_choice_as_told(platform, stream, event_of, kind, path):
    fields = {"postback_data": "seat-12A", "item_content": "12A"}
    conversation = platform.conversation(stream, "whatsapp")
    event = event_of(platform.reply(kind, conversation, AT, stream, fields))
    assert path(event) == {"postbackData": "seat-12A", "content": "12A"}
    assert event["postbackData"] is None


@pytest.mark.parametrize("kind", REPLIES)
def test_every_field_of_a_scenario_reaches_the_event(platform, stream, kind):
    """A field that is taken changes the body."""
    values = {
        "message_id": "m-1",
        "profile_name": "p-1",
        "referral": True,
        "content": "c-1",
        "charset": "x-1",
        "udh": "050003010101",
        "network": 99901,
        "caption": "cap-1",
        "content_type": "audio/ogg",
        "size": 1_234,
        "by": "reference",
        "file_name": "f-1",
        "location_name": "l-1",
        "location_address": "a-1",
        "latitude": "1.25",
        "longitude": "2.25",
        "contacts": ({"name": {"formattedName": "n-1"}},),
        "postback_data": "b-1",
        "item_content": "i-1",
        "encrypted": True,
    }
    shown = {"referral": "referralInfo", "by": "downloadUrl", "size": "1234", "network": "99901"}
    shown |= {"encrypted": "encryptionKey", "contacts": "n-1"}
    for name in sorted(FIELDS_OF[kind]):
        channel = "sms" if name in {"udh", "network"} else "whatsapp"
        extra = {"by": "inline"} if name == "encrypted" and kind == "moMedia" else {}
        extra |= {"by": "reference"} if name in {"size", "file_name"} else {}
        conversation = platform.conversation(stream, channel)
        fields = {name: values[name], **extra}
        body = platform.reply(kind, conversation, AT, stream, fields).body.decode()
        assert shown.get(name, str(values[name])) in body


def test_the_fields_are_those_of_a_scenario():
    """`message_id` is the one more: it chooses the MO message's own id."""
    taken = frozenset().union(*FIELDS_OF.values())
    assert taken == set(ReplyFields.__struct_fields__) | {"message_id"}


def test_none_counts_as_left_out(platform, make_stream):
    nothing = dict.fromkeys(ReplyFields.__struct_fields__)
    conversation = platform.conversation(make_stream(), "whatsapp")
    for kind in REPLIES:
        told = platform.reply(kind, conversation, AT, make_stream(1), nothing)
        assert told == platform.reply(kind, conversation, AT, make_stream(1))


@pytest.mark.parametrize(
    ("kind", "channel", "fields", "message"),
    [
        ("moTxt", "sms", {}, r"no kind of reply 'moTxt' \(did you mean 'moText'\?\)"),
        ("messageStatusUpdate", "sms", {}, "no kind of reply"),
        ("moText", "sms", {"caption": "x"}, r"moText on sms takes no 'caption' \(it takes charset"),
        ("moText", "sms", {"profile_name": "x"}, "takes no 'profile_name'"),
        ("moText", "whatsapp", {"udh": "05"}, "takes no 'udh'"),
        ("moMedia", "whatsapp", {"content_type": "image/gif"}, "no media of type 'image/gif'"),
        ("moMedia", "whatsapp", {"size": 999}, "media of 999 bytes"),
        ("moMedia", "whatsapp", {"size": 2**24 + 1}, "media of 16777217 bytes"),
        ("moMedia", "whatsapp", {"by": "reference", "encrypted": True}, "by: inline"),
        ("moContacts", "whatsapp", {"contacts": ({"nam": {}},)}, "contacts: .*`nam`"),
        ("moContacts", "whatsapp", {"contacts": ({"org": {}},)}, "contacts: .*`name`"),
    ],
)
def test_what_a_reply_cannot_be(platform, stream, kind, channel, fields, message):
    conversation = platform.conversation(stream, channel)
    with pytest.raises(InputError, match=message):
        platform.reply(kind, conversation, AT, stream, fields)


def test_fields_by_channel():
    assert fields_of("moText", "sms") == {
        "message_id", "content", "charset", "udh", "network", "encrypted"
    }  # fmt: skip
    assert fields_of("moText", "whatsapp") == {
        "message_id", "content", "charset", "profile_name", "referral", "encrypted"
    }  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**53), st.sampled_from(REPLIES), st.sampled_from(["sms", "whatsapp"]))
def test_whatever_the_seed_a_reply_is_one_event_in_compact_json(seed, kind, channel):
    platform = Platform(integration_id="i", integration_name="n", quirks=Quirks())
    stream = Stream(seed, Purpose.MESSAGE)
    conversation = platform.conversation(stream, channel)
    body = platform.reply(kind, conversation, AT, stream).body
    compact = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False)
    assert body == compact.encode()


def test_threads_do_not_share_a_faker(make_stream):
    """Two that draw by turns each get what they would have got alone."""
    alone = Inventor(make_stream(1))
    expected = [alone.caption() for _ in range(3)]
    one, other = Inventor(make_stream(1)), Inventor(make_stream(2))
    with ThreadPoolExecutor(1) as thread, ThreadPoolExecutor(1) as another:
        drawn = []
        for _ in range(3):
            drawn.append(thread.submit(one.caption).result())
            another.submit(other.caption).result()
    assert drawn == expected


@pytest.mark.parametrize(
    ("quirks", "kind", "shown", "hidden"),
    [
        ({}, "moLocation", {"latitude", "latitute"}, set()),
        ({"latitude": "both"}, "moLocation", {"latitude", "latitute"}, set()),
        ({"latitude": "latitude"}, "moLocation", {"latitude"}, {"latitute"}),
        ({"latitude": "latitute"}, "moLocation", {"latitute"}, {"latitude"}),
        ({}, "moMedia", {"sha256Hash"}, set()),
        ({"inline_hash": False}, "moMedia", {"content"}, {"sha256Hash"}),
    ],
)
def test_quirks_that_show_or_hide_a_field(
    make_platform, stream, event_of, quirks, kind, shown, hidden
):
    platform = make_platform(**quirks)
    fields = {"by": "inline"} if kind == "moMedia" else {}
    conversation = platform.conversation(stream, "whatsapp")
    event = event_of(platform.reply(kind, conversation, AT, stream, fields))
    assert shown <= event.keys()
    assert hidden.isdisjoint(event)


def test_a_button_without_its_title(make_platform, stream, event_of):
    platform = make_platform(button_content="null")
    conversation = platform.conversation(stream, "whatsapp")
    for fields in ({}, {"item_content": "Yes"}):
        event = event_of(platform.reply("moButtonResponse", conversation, AT, stream, fields))
        assert event["selectedItem"]["content"] is None


def test_numbers_are_in_the_range_that_no_operator_has(make_stream):
    numbers = {user_number(make_stream(n)) for n in range(300)}
    assert len(numbers) > 290
    assert all(re.fullmatch(r"27999[0-8]\d{5}", number) for number in numbers)


def test_the_same_bytes_in_another_process(platform, make_stream):
    """Not even a hash seed of Python's own gets in."""
    program = (
        "from mockatell.clickatell.platform import Platform\n"
        "from mockatell.rng import Stream\n"
        "s = Stream(7, 1)\n"
        "p = Platform(integration_id='fa8090815f05d5ed015f0b5b56080cd2',"
        " integration_name='My integration')\n"
        "c = p.conversation(s, 'whatsapp')\n"
        "import sys\n"
        f"for kind in {REPLIES!r}:\n"
        f"    sys.stdout.buffer.write(p.reply(kind, c, {AT}, s).body)\n"
    )
    stream = make_stream()
    conversation = platform.conversation(stream, "whatsapp")
    mine = b"".join(platform.reply(kind, conversation, AT, stream).body for kind in REPLIES)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == mine
