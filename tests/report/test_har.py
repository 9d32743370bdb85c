import json
from datetime import datetime

import jsonschema
import msgspec
import pytest

from mockatell.core.render.har import har
from mockatell.core.report import report

PAIR = {
    "type": "object",
    "required": ["name", "value"],
    "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
}
MESSAGE = {
    "httpVersion": {"type": "string"},
    "cookies": {"type": "array"},
    "headers": {"type": "array", "items": PAIR},
    "headersSize": {"type": "integer", "minimum": -1},
    "bodySize": {"type": "integer", "minimum": -1},
}
# HAR 1.2 as it is specified by Jan Odvarko, as far as it is required.
SCHEMA = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {"type": "object", "required": ["name", "version"]},
                "entries": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": [
                            "startedDateTime",
                            "time",
                            "request",
                            "response",
                            "cache",
                            "timings",
                        ],
                        "properties": {
                            "time": {"type": "number", "minimum": 0},
                            "request": {
                                "type": "object",
                                "required": ["method", "url", "queryString", *MESSAGE],
                                "properties": {
                                    **MESSAGE,
                                    "queryString": {"type": "array", "items": PAIR},
                                    "postData": {"required": ["mimeType", "text"]},
                                },
                            },
                            "response": {
                                "type": "object",
                                "required": [
                                    "status",
                                    "statusText",
                                    "content",
                                    "redirectURL",
                                    *MESSAGE,
                                ],
                                "properties": {
                                    **MESSAGE,
                                    "status": {"type": "integer"},
                                    "content": {"required": ["size", "mimeType"]},
                                },
                            },
                            "timings": {"type": "object", "required": ["send", "wait", "receive"]},
                        },
                    },
                },
            },
        }
    },
}


def entries(journal):
    document = json.loads(har(report(journal), journal))
    jsonschema.validate(document, SCHEMA)
    return document["log"]["entries"]


def test_every_attempt_is_an_entry_in_the_order_of_sending(attempt, journal, troubled):
    found = entries(journal([*troubled, attempt(99, sent_at=1.5, ended_at=300_000.0)]))
    begun = [datetime.fromisoformat(entry["startedDateTime"]) for entry in found]
    assert len(found) == len(troubled) + 1
    assert begun == sorted(begun)


def test_the_times_of_an_entry_add_up(troubled):
    for entry in entries(troubled):
        assert entry["time"] == sum(entry["timings"].values())


def test_the_url_is_as_masked_as_in_the_journal(attempt, journal):
    [entry] = entries(journal([attempt(1, role="reply")]))
    assert entry["request"]["url"] == "http://localhost:8000/reply?key=***&page="
    assert entry["request"]["queryString"] == [
        {"name": "key", "value": "***"},
        {"name": "page", "value": ""},
    ]


def test_the_body_is_there_if_the_journal_has_it(attempt, journal):
    with_body = attempt(1, body=msgspec.Raw(b'{"event":{}}'))
    first, second = entries(journal([with_body, attempt(2)]))
    assert first["request"]["postData"]["text"] == '{"event":{}}'
    assert first["request"]["bodySize"] == 12
    assert "postData" not in second["request"]


@pytest.mark.parametrize(
    ("given", "status", "text", "error"),
    [
        ({"outcome": "rejected", "status_code": 503, "detail": "busy"}, 503, "busy", None),
        ({"outcome": "rejected", "status_code": 799, "detail": None}, 799, "", None),
        ({"outcome": "unreachable"}, 0, None, "refused: nothing listens there"),
    ],
)
def test_answers_and_their_absence(attempt, journal, given, status, text, error):
    [entry] = entries(journal([attempt(1, **given)]))
    response = entry["response"]
    assert (response["status"], response["content"].get("text")) == (status, text)
    assert response.get("_error") == error
