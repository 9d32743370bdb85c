"""Messages one by one: what is accepted, and what each other is refused with."""

import base64
import json

import pytest

USER = "27999000001"
BUTTON = {"type": "reply", "title": "Yes", "postbackData": "yes"}
ACCEPTED = {
    "text": ({"content": "hi"}, "text"),
    "template": (
        {
            "template": {
                "templateName": "welcome",
                "header": {"type": "text", "text": {"parameters": {"1": "x"}}},
                "body": {"parameters": {"1": "Noor"}},
                "buttons": [{"listPosition": 1, "type": "quickReply"}],
            }
        },
        "template",
    ),
    "hsm": ({"hsm": {"template": "welcome", "parameters": {"1": "Noor"}}}, "template"),
    "location as text": ({"location": {"latitude": "-33.92", "longitude": "18.42"}}, "location"),
    "location": ({"location": {"latitude": 90, "longitude": -180.0, "name": "x"}}, "location"),
    "contacts": ({"contacts": [{"name": {"formattedName": "Noor"}, "phones": []}]}, "contacts"),
    "list": ({"listPicker": {"body": "Which?", "items": [{"title": "a"}]}}, "list_picker"),
    "buttons": ({"button": {"body": "Sure?", "items": [BUTTON]}}, "buttons"),
    "inline media": (
        {"content": base64.b64encode(b"x").decode(), "contentType": "image/png", "caption": "c"},
        "media",
    ),
    "empty content beside": ({"content": "", "hsm": {"template": "x"}}, "template"),
    "nulls": ({"content": "hi", "media": None, "from": None, "charset": None}, "text"),
    "all options": (
        {
            "content": "hi",
            "from": "12027530410",
            "clientMessageId": "order 17 ✓",
            "relatedMessageId": "a",
            "scheduledDeliveryTime": "2017-02-27T14:30:00+0200",
            "validityPeriod": 5,
            "charset": "UTF-8",
            "previewFirstUrl": True,
            "somethingNew": {"a": [1]},
        },
        "text",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "kind"), ACCEPTED.values(), ids=ACCEPTED)
def test_every_kind_is_accepted_on_whatsapp(client, fields, kind):
    item = {"channel": "whatsapp", "to": USER, **fields}
    assert client.send(item)[0] == 202
    [message] = client.last.accepted
    assert (message.kind, message.channel, message.to) == (kind, "whatsapp", USER)
    assert message.content == fields.get("content")
    assert message.from_ == fields.get("from")
    assert json.loads(message.raw) == item
    assert message.destiny[-1].name == "READ"


def test_what_is_said_of_a_message_goes_into_its_callbacks(client):
    message = client.sent(clientMessageId="order-17", **{"from": "12027530410"})
    talk = message.conversation
    assert (talk.channel, talk.user, talk.business) == ("sms", USER, "12027530410")
    assert talk.message_id == message.api_message_id
    assert talk.client_message_id == "order-17"
    assert client.sent().business == client.standin.settings.business


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"to": None}, "to"),
        ({"to": ["27999000001"]}, "to"),
        ({"to": 27999000001}, "to"),
        ({"to": {"a": 1}}, "to"),
        ({"channel": "rcs"}, "channel"),
        ({"channel": "SMS"}, "channel"),
        ({"channel": ["sms"]}, "channel"),
        ({"content": None}, "content"),
        ({"content": ""}, "content"),
        ({"content": 1234}, "content"),
        ({"content": ["hi"]}, "content"),
        ({"from": 12027530410}, "from"),
        ({"from": ""}, "from"),
        ({"from": "+12027530410"}, "from"),
        ({"from": "a sender that is too long"}, "from"),
        ({"clientMessageId": 17}, "clientMessageId"),
        ({"scheduledDeliveryTime": 1700000000}, "scheduledDeliveryTime"),
        ({"scheduledDeliveryTime": "tomorrow"}, "scheduledDeliveryTime"),
        ({"scheduledDeliveryTime": "2017-02-27T14:30:00"}, "scheduledDeliveryTime"),
        ({"scheduledDeliveryTime": "2017-02-30T14:30:00+0200"}, "scheduledDeliveryTime"),
        ({"scheduledDeliveryTime": "2017-02-27 14:30:00+0200"}, "scheduledDeliveryTime"),
        ({"validityPeriod": 0}, "validityPeriod"),
        ({"validityPeriod": "60"}, "validityPeriod"),
        ({"validityPeriod": 1.5}, "validityPeriod"),
        ({"validityPeriod": True}, "validityPeriod"),
        ({"validityPeriod": 10**30}, "validityPeriod"),
        ({"charset": 8}, "charset"),
        ({"binary": "yes"}, "binary"),
        ({"userDataHeader": "xyz"}, "userDataHeader"),
        ({"previewFirstUrl": 1}, "previewFirstUrl"),
        ({"encryptionKey": ""}, "encryptionKey"),
        ({"content": "not base64!", "contentType": "image/png"}, "content"),
        ({"media": {"fileId": "x"}}, "media"),
        ({"media": "file"}, "media"),
        ({"content": None, "media": {}}, "media.fileId"),
        ({"content": None, "template": {}}, "template.templateName"),
        (
            {"content": None, "template": {"templateName": "a", "body": {"parameters": {"1": 1}}}},
            "template.body.parameters",
        ),
        (
            {"content": None, "template": {"templateName": "a", "buttons": [{"listPosition": 0}]}},
            "template.buttons[0].listPosition",
        ),
        ({"content": None, "hsm": {"parameters": {}}}, "hsm.template"),
        ({"content": None, "location": {"latitude": "1"}}, "location.longitude"),
        ({"content": None, "location": {"latitude": 91, "longitude": 0}}, "location.latitude"),
        ({"content": None, "location": {"latitude": "1", "longitude": "x"}}, "location.longitude"),
        ({"content": None, "location": {"latitude": "1e400", "longitude": 0}}, "location.latitude"),
        ({"content": None, "contacts": []}, "contacts"),
        ({"content": None, "contacts": [{}]}, "contacts[0].name"),
        ({"content": None, "listPicker": {}}, "listPicker"),
        ({"content": None, "button": {"items": [BUTTON]}}, "button.body"),
        ({"content": None, "button": {"body": "x", "items": []}}, "button.items"),
        ({"content": None, "button": {"body": "x", "items": [BUTTON] * 4}}, "button.items"),
        (
            {"content": None, "button": {"body": "x", "items": [BUTTON | {"title": "x" * 21}]}},
            "button.items[0].title",
        ),
        ({"fallback": "sms"}, "fallback"),
        ({"template": {"templateName": "a"}}, "template"),
    ],
    ids=str,
)
def test_a_parameter_that_is_wrong_is_named(client, fields, parameter):
    told = client.refused(channel="whatsapp", **fields) if "channel" not in fields else (
        client.refused(**fields)
    )  # fmt: skip
    assert told == (400, 23, f"Invalid or missing parameter: {parameter}")


def test_a_missing_recipient(client):
    _, answer = client.send({"content": "hi", "clientMessageId": "a"})
    assert answer["messages"] == [
        {
            "error": {"code": 23, "description": "Invalid or missing parameter: to"},
            "accepted": False,
            "to": None,
            "clientMessageId": "a",
        }
    ]


def test_a_recipient_that_is_a_number_is_shown_as_given(client):
    status, answer = client.send({"to": 27999000001, "content": "hi", "clientMessageId": 17})
    assert (status, answer["messages"]) == (
        400,
        [
            {
                "error": {"code": 23, "description": "Invalid or missing parameter: to"},
                "accepted": False,
                "to": "27999000001",
                "clientMessageId": "17",
            }
        ],
    )


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+27999000001",
        "0027999000001",
        "0799900001",
        "279 990",
        "123456",
        "1" * 16,
        "27999" + 6 * "\N{ARABIC-INDIC DIGIT ONE}",
    ],
)
def test_a_recipient_that_is_no_number(client, number):
    told = client.refused(to=number)
    text = f"Invalid recipient address: {number or '(MSISDN)'}"
    assert told == (400, 25, text)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"channel": "whatsapp", "content": "x" * 4096}, None),
        ({"channel": "whatsapp", "content": "x" * 4097}, 24),
        ({"channel": "whatsapp", "content": "😀" * 4096}, None),
        ({"content": "x" * (153 * 35)}, None),
        ({"content": "x" * (153 * 35 + 1)}, 100),
        ({"content": "ж" * (67 * 35)}, None),
        ({"content": "ж" * (67 * 35 + 1)}, 100),
        ({"content": "x" * 10_000_000}, 100),
        ({"content": "x" * 10_000_000, "channel": "whatsapp"}, 24),
        ({"content": "x" * 30_000, "encryptionKey": "eA=="}, 24),
        ({"content": "x" * 20_000, "encryptionKey": "eA=="}, None),
        ({"charset": "Windows-1252"}, None),
        ({"charset": "latin-1"}, 40),
        ({"charset": "utf-8"}, 40),
        ({"hsm": {"template": "x"}, "content": None}, 38),
        ({"contentType": "image/png"}, 38),
        ({"channel": "whatsapp", "contentType": "image/gif", "content": "eA=="}, 30),
        ({"channel": "whatsapp", "contentType": "zzz", "content": "eA=="}, 30),
        ({"channel": "whatsapp", "content": None, "media": {"fileId": "no"}}, 33),
    ],
    ids=lambda value: str(value)[:60],
)
def test_limits(client, fields, code):
    if code is None:
        assert client.sent(**fields)
    else:
        assert client.refused(**fields)[1] == code


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (5 * 2**20, None),
        (5 * 2**20 + 1, (400, 31, "Media file size exceeds limit of 5 MB")),
        (20 * 2**20 + 10, (400, 32, "Media payload size exceeds limit of 20 MB")),
    ],
)
def test_inline_media_has_two_limits(client, size, told):
    content = base64.b64encode(bytes(size)).decode()
    item = {"channel": "whatsapp", "content": content, "contentType": "image/jpeg"}
    if told is None:
        assert client.sent(**item).kind == "media"
    else:
        assert client.refused(**item) == told


@pytest.mark.parametrize(
    ("settings", "fields", "code"),
    [
        ({"channels": ("sms",)}, {"channel": "whatsapp"}, 39),
        ({"inactive": ("whatsapp",)}, {"channel": "whatsapp"}, 38),
        (
            {"inactive": ("template",)},
            {"channel": "whatsapp", "content": None, "hsm": {"template": "a"}},
            38,
        ),
        ({"numbers": ("12027530410",)}, {"from": "12027530411"}, 45),
        ({"numbers": ("12027530410",)}, {"from": "12027530410"}, None),
        ({"numbers": ("12027530410",)}, {}, None),
        ({"suspended": ("12027530410",)}, {"from": "12027530410"}, 44),
        ({"most_parts": 1}, {"content": "x" * 161}, 100),
        ({"most_parts": 300}, {"content": "x" * 153 * 255}, None),
        ({"most_parts": 300}, {"content": "x" * 153 * 256}, 100),
    ],
)
def test_what_the_integration_is_like(make_client, settings, fields, code):
    client = make_client(**settings)
    if code is None:
        assert client.sent(**fields)
    else:
        assert client.refused(**fields)[1] == code


GOOD = {"to": USER, "content": "hi"}
BAD = {"to": "x", "content": "hi"}
POOR = {"to": "27999900920", "content": "hi"}


@pytest.mark.parametrize(
    ("items", "status"),
    [
        ([GOOD], 202),
        ([GOOD, GOOD], 202),
        ([BAD], 400),
        ([POOR], 402),
        ([GOOD, BAD], 207),
        ([BAD, GOOD], 207),
        ([BAD, BAD], 207),
        ([POOR, POOR], 207),
        ([BAD, GOOD, BAD, GOOD, GOOD], 207),
    ],
    ids=lambda value: str(value).replace(USER, "ok") if isinstance(value, list) else str(value),
)
def test_the_status_and_the_order_of_results(client, items, status):
    found, answer = client.send(*items)
    assert found == status
    assert answer["error"] is None
    assert [each["to"] for each in answer["messages"]] == [item["to"] for item in items]
    assert [each["accepted"] for each in answer["messages"]] == [item is GOOD for item in items]
    told = [each["apiMessageId"] for each in answer["messages"] if each["accepted"]]
    assert told == [message.api_message_id for message in client.last.accepted]


def test_a_result_repeats_the_client_s_own_id(client):
    _, answer = client.send(GOOD | {"clientMessageId": "a"}, BAD | {"clientMessageId": "b"}, GOOD)
    first, second, third = answer["messages"]
    assert list(first) == ["apiMessageId", "accepted", "to", "clientMessageId", "error"]
    assert list(second) == ["error", "accepted", "to", "clientMessageId"]
    assert list(third) == ["apiMessageId", "accepted", "to", "error"]
    assert (first["clientMessageId"], second["clientMessageId"]) == ("a", "b")


def test_of_a_field_that_is_there_twice_the_last_counts(client):
    body = b'{"messages":[{"to":"x","to":"27999000001","content":"a","content":"b"}]}'
    assert client.call("POST", "/v1/message", body=body).status == 202
    assert client.last.accepted[0].content == "b"
