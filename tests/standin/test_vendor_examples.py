"""The vendor's own examples, to the key and its place."""

import json

import pytest

from mockatell.clickatell.standin.refusals import RULES, refuse


def same_shape(found, example):
    """The example with the ids that were handed out instead of its own, as JSON text."""
    text = json.dumps(example)
    for part in found.get("messages") or found["event"]["messageStatusUpdate"]:
        name = "apiMessageId" if "apiMessageId" in part else "apiEventId"
        old = next(each for each in ids(example, name) if each in text)
        text = text.replace(old, part[name])
    return text


def ids(example, name):
    parts = example.get("messages") or example["event"]["messageStatusUpdate"]
    return [part[name] for part in parts]


def test_the_guide_s_send_request_gets_its_response(client, vendor):
    status, answer = client.json("POST", "/v1/message", body=vendor["send"]["request"])
    assert status == 202
    assert json.dumps(answer) == same_shape(answer, vendor["send"]["response"])


def test_two_channels_in_one_request_as_on_the_older_page(client, vendor):
    status, answer = client.send(
        {"to": "2799900001", "content": "Example message using default channel"},
        {"channel": "whatsapp", "to": "2799900002", "content": "Example message"},
    )
    assert status == 202
    assert json.dumps(answer) == same_shape(answer, vendor["send_2019"])
    assert [message.channel for message in client.last.accepted] == ["sms", "whatsapp"]


def test_a_missing_key(client, vendor):
    assert client.json("POST", "/v1/message", body={}, headers=()) == (401, vendor["unauthorised"])


def test_a_business_read_notification(client, vendor):
    example = vendor["notification"]
    status, answer = client.json("POST", "/v1/notification", body=example["request"])
    assert status == 202
    assert json.dumps(answer) == same_shape(answer, example["response"])
    [read] = client.last.read
    assert read.message_id == "3a89680503414383af44dcd0e4e5f184"
    assert read.client_event_id == "2993b6b548000a80989a20549e7558a5"


def test_media_metadata(client, vendor):
    client.now = (vendor["metadata"]["expirationTime"] - 30 * 86_400) * 1000
    _, uploaded = client.upload()
    assert client.json("GET", f"/v1/media/{uploaded['fileId']}") == (200, vendor["metadata"])


def test_the_errors_table_is_the_vendor_s(vendor):
    levels = {"(2019 page)": "message"}
    told = [[r.code, r.http, r.text, r.level] for r in RULES.values()]
    assert told == [[*row[:3], levels.get(row[3], row[3])] for row in vendor["errors"]]


@pytest.mark.parametrize(
    ("code", "detail", "text"),
    [
        (23, "to", "Invalid or missing parameter: to"),
        (25, "abc", "Invalid recipient address: abc"),
        (25, "\\1(x)", "Invalid recipient address: \\1(x)"),
        (25, "9" * 200, "Invalid recipient address: " + "9" * 100),
        (31, 5, "Media file size exceeds limit of 5 MB"),
        (40, "latin", "Character set is not supported: latin"),
        (43, "", "Rate limit"),
    ],
)
def test_a_text_s_blank_is_filled(code, detail, text):
    assert refuse(code, detail).description == text
