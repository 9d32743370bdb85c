"""What the control API makes of names that it does not know: it says so, and does nothing."""

import pytest


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/reset", {"sead": 7}, "body: there is no key 'sead' (did you mean 'seed'?)"),
        ("PATCH", "/clock", {"sped": 60}, "there is no key 'sped' (did you mean 'speed'?)"),
        ("POST", "/clock/advance", {"seconds": 1, "x": 1}, "no key 'x' (valid: seconds)"),
        ("POST", "/runs", {"scenario": "receipts", "sed": 1}, "'sed' (did you mean 'seed'?)"),
        ("POST", "/session", {"token": "t", "tokn": "s3cret"}, "'tokn' (did you mean 'token'?)"),
        (
            "POST",
            "/events",
            {"kind": "moText", "channel": "sms", "content": "STOP"},
            "(valid: channel, fields, kind, message_id); what the event holds belongs into `fi",
        ),
        ("POST", "/events", {"kind": "moText", "chanel": "sms"}, "(did you mean 'channel'?);"),
        ("GET", "/wait?foo=1", None, "query: there is no parameter 'foo' (valid: message, run, ti"),
        ("GET", "/runs/r1/wait?message=x", None, "no parameter 'message' (valid: timeout, until)"),
        ("GET", "/deliveries?messge=x", None, "no parameter 'messge' (did you mean 'message'?)"),
        ("GET", "/report?rum=r1", None, "no parameter 'rum' (did you mean 'run'?)"),
        ("GET", "/overview?a=b", None, "no parameter 'a' (it takes none)"),
        ("POST", "/reset?seed=7", None, "no parameter 'seed' (it takes none)"),
        ("PUT", "/scenarios/x?name=y", None, "no parameter 'name' (it takes none)"),
        ("GET", "/changes?sinse=1", None, "no parameter 'sinse' (did you mean 'since'?)"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(api, client, method, path, body, said):
    answer = api.request(method, path, json=body)
    assert (answer.status_code, said in answer.json()["detail"]) == (422, True), answer.text
    assert "s3cret" not in answer.text
    assert client.deliveries() == client.runs() == []


def test_all_that_is_unknown_is_said_at_once(api):
    answer = api.post("/events", json={"kind": "moText", "from": "27821234567", "content": "x"})
    assert all(f"'{key}'" in answer.json()["detail"] for key in ("from", "content"))


@pytest.mark.parametrize("key", ["x" * 5_000, "\u0000", "ä\n", ""])
def test_any_name_can_be_said(api, key):
    answer = api.post("/reset", json={key: 1})
    assert (answer.status_code, "there is no key" in answer.json()["detail"]) == (422, True)
    assert len(answer.text) < 1_000


def test_the_description_says_that_there_are_no_others(api):
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    asked = ("RunRequest", "EventRequest", "Reset", "ClockChange", "Advance", "Login")
    assert [schemas[name]["additionalProperties"] for name in asked] == [False] * 6


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("DELETE", "/scenarios/x", "GET, PUT"),
        ("POST", "/clock", "GET, PATCH"),
        ("PUT", "/runs", "GET, POST"),
        ("GET", "/reset", "POST"),
        ("POST", "/runs/r1/report", "GET"),
        ("DELETE", "/overview", "GET"),
    ],
)
def test_a_method_that_a_path_has_not_is_told_those_that_it_has(api, method, path, methods):
    answer = api.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)
    assert answer.json()["detail"] == f"{method} is no method of {path}; these are: {methods}"
