"""Every callback against the vendor's schema and examples; each deviation is listed here."""

import copy
import json

import pytest
from jsonschema import Draft202012Validator

from mockatell.clickatell.events import KINDS, ROLE_OF
from mockatell.clickatell.quirks import Quirks
from mockatell.clickatell.replies import MAKERS, fields_of
from mockatell.model import Role

AT = 1_506_607_698_860
NULLABLE = {"type": ["string", "null"]}
RANGES = {"int32": 2**31 - 1, "int64": 2**63 - 1}

# Where the vendor's own examples contradict its schema: (schema, field) -> what is allowed.
EXAMPLES_DEVIATE = {
    **{
        (schema, field): NULLABLE
        for schema in (
            "TextReply",
            "InlineMediaReply",
            "ReferenceMediaReply",
            "LocationReply",
            "ContactsReply",
            "SuggestedResponseReply",
            "ListPickerResponseReply",
            "ButtonResponseReply",
        )
        for field in ("relatedMessageId", "relatedClientMessageId")
    },
    ("ListPickerResponseReply", "postbackData"): {"type": "null"},
    ("ButtonResponseReply", "postbackData"): {"type": "null"},
    # "YYYY-MM-DD" is no regular expression for a date: this is what it must mean.
    ("WhatsAppContact", "birthday"): {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
}

WITH_BLANK = {"type": "string", "enum": ["sms ", "whatsapp "]}

# What a quirk does beyond the schema: (quirk, value) -> (schema, field) -> what is asked then.
QUIRKS_DEVIATE = {
    ("network", "text"): {("Sms", "network"): {"type": "string", "pattern": r"^\d+$"}},
    ("channel_blank", True): {
        (name, "channel"): WITH_BLANK
        for name in (
            "TextReply",
            "InlineMediaReply",
            "ReferenceMediaReply",
            "LocationReply",
            "MessageStatus",
        )
    },
    ("integration_key", "integrationID"): {
        ("OmniReplyCallbackRequest", "integrationID"): {"type": "string"},
        ("OmniStatusCallbackRequest", "integrationID"): {"type": "string"},
    },
    ("fallback_description", "text"): {("FallbackStatus", "statusDescription"): {"type": "string"}},
    ("no_client_message_id", "null"): {
        ("MessageStatus", "clientMessageId"): NULLABLE,
        ("FallbackStatus", "clientMessageId"): NULLABLE,
    },
    ("birthday", "dotted"): {
        ("WhatsAppContact", "birthday"): {"type": "string", "pattern": r"^\d\d\.\d\d\.\d{4}$"}
    },
    ("button_content", "null"): {("SelectedButtonItem", "content"): {"type": ["string", "null"]}},
}

EVERY_QUIRK = [
    {},
    {"latitude": "latitute"},
    {"latitude": "latitude"},
    {"network": "text"},
    {"channel_blank": True},
    {"inline_hash": False},
    {"integration_key": "integrationID"},
    {"fallback_description": "text"},
    {"no_client_message_id": "absent"},
    {"birthday": "dotted"},
    {"button_content": "null"},
    {"reply_timestamp": "seconds"},
    {"status_codes": {"READ": 600, "ANONYMOUS_USER_ID_INVALID": 990}},
]


def strict(vendor_schema, quirks):
    """The vendor's schema, no unknown field allowed, with the listed deviations."""
    schemas = copy.deepcopy(vendor_schema["components"]["schemas"])
    media = schemas.pop("MediaReply")
    for schema in schemas.values():
        schema["additionalProperties"] = False
    for field in (f for s in schemas.values() for f in s["properties"].values()):
        if limit := RANGES.get(field.get("format")):
            field |= {"minimum": -limit - 1, "maximum": limit}
    schemas["MediaReply"] = {"oneOf": media["anyOf"]}
    deviations = dict(EXAMPLES_DEVIATE)
    for name in quirks.__struct_fields__:
        value = getattr(quirks, name)
        if isinstance(value, (str, bool)):
            deviations |= QUIRKS_DEVIATE.get((name, value), {})
    for (name, field), rule in deviations.items():
        schemas[name]["properties"][field] = rule
    return {"components": {"schemas": schemas}}


def validate(body, role, schema):
    name = "OmniReplyCallbackRequest" if role is Role.REPLY else "OmniStatusCallbackRequest"
    whole = {"$ref": f"#/components/schemas/{name}", **schema}
    Draft202012Validator(whole).validate(json.loads(body))


def given(kind, channel, *, encrypted):
    """Every field that a kind takes, said; but what rules another out."""
    values = {
        "content": "Où? 🌍",
        "charset": "UTF-8",
        "udh": "050003AB0201",
        "network": 65501,
        "profile_name": "Sipho",
        "referral": True,
        "caption": "Look",
        "content_type": "image/png",
        "size": 5_000,
        "by": "inline",
        "file_name": "a.png",
        "location_name": "Here",
        "location_address": "1 Street",
        "latitude": "1.5",
        "longitude": "-2.5",
        "contacts": ({"name": {"formattedName": "A"}, "phones": [{"phone": "27999000001"}]},),
        "postback_data": "p",
        "item_content": "Title",
        "message_id": "0" * 32,
        "encrypted": encrypted,
    }
    return {name: value for name, value in values.items() if name in fields_of(kind, channel)}


def emitted(platform, make_stream, channel, seed):
    """A callback of every kind and way that a channel has."""
    stream = make_stream(seed=seed)
    talk = platform.conversation(stream, channel)
    nameless = platform.conversation(stream, channel, has_client_message_id=False)
    for conversation in (talk, nameless):
        yield platform.status(conversation, "SENT_TO_SUPPLIER", AT)
        yield platform.status(conversation, "READ", AT)
        yield platform.fallback(conversation, AT)
        yield platform.typing(conversation, AT)
        for kind in MAKERS:
            yield platform.reply(kind, conversation, AT, stream)
            yield platform.reply(kind, conversation, AT, stream, prompted=False)
    for kind in MAKERS:
        for encrypted in (False, True):
            fields = given(kind, channel, encrypted=encrypted)
            yield platform.reply(kind, talk, AT, stream, fields)
    yield platform.reply("moMedia", talk, AT, stream, {"by": "reference"})


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
@pytest.mark.parametrize("quirks", EVERY_QUIRK, ids=str)
def test_every_callback_holds_to_the_vendors_schema(
    vendor_schema, make_platform, make_stream, quirks, channel
):
    schema = strict(vendor_schema, Quirks(**quirks))
    kinds = set()
    for seed in range(12):
        for callback in emitted(make_platform(**quirks), make_stream, channel, seed):
            assert callback.role is ROLE_OF[callback.kind]
            validate(callback.body, callback.role, schema)
            kinds.add(callback.kind)
    assert kinds == set(KINDS)


def test_every_quirk_is_tried():
    tried = {name for quirks in EVERY_QUIRK for name in quirks}
    assert tried == set(Quirks.__struct_fields__)


def test_the_strict_schema_refuses_a_field_that_the_vendor_does_not_have(
    vendor_schema, platform, stream
):
    callback = platform.status(platform.conversation(stream, "sms"), 5, AT)
    body = json.loads(callback.body)
    body["event"]["messageStatusUpdate"][0]["error"] = "no"
    with pytest.raises(Exception, match="'error' was unexpected"):
        validate(json.dumps(body), callback.role, strict(vendor_schema, Quirks()))


def test_the_vendors_examples_need_the_deviations_that_are_listed(vendor_schema, vendor_examples):
    """If the vendor's examples held to its schema, none would be needed."""
    documented = {"additionalProperties": False, **vendor_schema}
    whole = {"$ref": "#/components/schemas/OmniReplyCallbackRequest", **documented}
    errors = Draft202012Validator(whole).iter_errors(vendor_examples["reply"])
    at_fault = {error.path[-1] for error in errors if error.path}
    assert {"channel", "relatedMessageId", "postbackData", "network", "birthday"} <= at_fault


def keys(value, path=""):
    """The key order of every object in a JSON value, by the path that leads to it."""
    if isinstance(value, list):
        for each in value:
            yield from keys(each, f"{path}[]")
    elif isinstance(value, dict):
        yield path, list(value)
        for key, each in value.items():
            yield from keys(each, f"{path}.{key}")


def example_events(vendor_examples):
    bodies = (vendor_examples["reply"], vendor_examples["status"])
    return [
        (kind, event) for body in bodies for kind, batch in body["event"].items() for event in batch
    ]


@pytest.mark.parametrize("index", range(9))
@pytest.mark.parametrize("quirks", EVERY_QUIRK, ids=str)
def test_keys_come_in_the_order_of_the_vendors_examples(
    vendor_examples, make_platform, make_stream, event_of, quirks, index
):
    kind, example = example_events(vendor_examples)[index]
    expected = dict(keys(example))
    platform, stream = make_platform(**quirks), make_stream(index)
    channels = ("sms", "whatsapp") if kind == "moText" else ("whatsapp",)
    seen = set()
    for channel in channels:
        conversation = platform.conversation(stream, channel)
        if kind == "messageStatusUpdate":
            event = event_of(platform.status(conversation, 5, AT))
        else:
            by = {"by": "reference" if "files" in example else "inline"}
            fields = by | {"content_type": "image/jpeg"} if kind == "moMedia" else {}
            event = event_of(platform.reply(kind, conversation, AT, stream, fields))
        for path, order in keys(event):
            if path in expected:
                common = [key for key in order if key in expected[path]]
                assert common == [key for key in expected[path] if key in order]
                seen |= {(path, key) for key in common}
    missing = {(path, key) for path, order in expected.items() for key in order} - seen
    assert missing == ({("", "latitute")} if missing else set())
    assert not missing or quirks == {"latitude": "latitude"}


def test_a_status_is_the_vendors_example_to_the_byte(vendor_examples, make_platform):
    """Compact, it has the Content-Length that the vendor's sample request shows."""
    example = vendor_examples["status"]
    event = example["event"]["messageStatusUpdate"][0]
    platform = make_platform(channel_blank=True)
    conversation = platform.conversation(
        None,  # nothing is left to draw
        "whatsapp/sms",
        user="27999000001",
        message_id=event["messageId"],
        client_message_id=event["clientMessageId"],
    )
    body = platform.status(conversation, "DEVICE_ACK", event["timestamp"]).body
    assert body == json.dumps(example, separators=(",", ":")).encode()
    assert len(body) == 312
