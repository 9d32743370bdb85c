"""The report over HTTP: in the formats of `mockatell report`, and how to have it all again."""

import json
import shlex
from xml.etree import ElementTree as ET

import pytest

ONE = "messages: [{count: 1, channel: sms, lifecycle: delivered}]\n"


@pytest.fixture
def sent(client):
    """A run that is over."""
    client.set_speed(1000)
    run = client.start_run(yaml=ONE, seed=5)
    client.wait("acknowledged", run=run.id)
    client.set_speed(1)
    return run


@pytest.mark.parametrize("path", ["/report", "/runs/r1/report"])
@pytest.mark.parametrize(
    ("format_", "type_", "begins"),
    [
        (None, "application/json", "{"),
        ("json", "application/json", "{"),
        ("text", "text/plain; charset=utf-8", "PASSED"),
        ("junit", "application/xml", "<?xml"),
        ("html", "text/html; charset=utf-8", "<!doctype html>"),
    ],
)
@pytest.mark.usefixtures("sent")
def test_it_comes_in_the_format_that_is_asked_for(api, path, format_, type_, begins):
    answer = api.get(path, params={} if format_ is None else {"format": format_})
    assert (answer.status_code, answer.headers["content-type"]) == (200, type_)
    assert answer.text.lower().startswith(begins.lower())


def test_a_page_draws_the_attempts_and_junit_knows_how_long_it_took(api, sent):
    assert "timeline" in api.get(f"/runs/{sent.id}/report?format=html").text.lower()
    suite = ET.fromstring(api.get("/report?format=junit").text)[0]
    assert (suite.get("failures"), float(suite.get("time")) > 0) == ("0", True)


@pytest.mark.parametrize("format_", ["har", "xml", ""])
def test_one_that_there_is_not_is_refused_with_those_that_are(api, format_):
    answer = api.get("/report", params={"format": format_})
    assert answer.status_code == 422
    assert "query.format" in answer.json()["detail"]
    assert all(f"'{each}'" in answer.json()["detail"] for each in ("json", "text", "junit", "html"))


def test_only_what_was_sent_rests_on_assumptions(api, client):
    assert api.get("/report").json()["assumptions"] == []
    client.emit("moText", content="x", channel="sms")
    client.wait()
    some = {each["id"] for each in api.get("/report").json()["assumptions"]}
    client.emit("moMedia", channel="whatsapp")
    client.wait()
    assert some < {each["id"] for each in api.get("/report").json()["assumptions"]}


def asked(told):
    """The resource and the body of a curl command."""
    curl, url, flag, body, *_ = shlex.split(told)
    assert (curl, flag) == ("curl", "-d")
    return url.removeprefix("$api"), json.loads(body)


def test_a_run_can_be_had_again_as_its_report_says(api, client):
    overrides = {"messages.0.count": 1}
    run = client.start_run("receipts", seed=9, overrides=overrides)
    told = api.get(f"/runs/{run.id}/report").json()
    path, body = asked(told["replay"])
    assert (path, body) == ("/runs", {"scenario": "receipts", "seed": 9, "set": overrides})
    assert told["started"]["replay"] == told["replay"]
    assert api.post(path, json=body).json()["seed"] == 9


def test_one_of_a_text_says_so_and_an_uploaded_one_has_its_name(client):
    of_text = client.start_run(yaml=ONE, seed=1)
    client.upload("its", ONE)
    uploaded = client.start_run("its", seed=2)
    bodies = [asked(client.report(run.id).started.replay)[1] for run in (of_text, uploaded)]
    assert bodies == [{"yaml": "(the same text)", "seed": 1}, {"scenario": "its", "seed": 2}]


def test_secrets_in_what_was_set_are_not_told(client):
    password = {"endpoints.basic_auth": {"username": "u", "password": "s3cret-'word"}}
    run = client.start_run("receipts", overrides=password)
    told = client.report(run.id).started.replay
    assert "basic_auth" in told
    assert "s3cret" not in told


def test_everything_can_be_had_again_with_its_seed(api, client):
    client.reset(seed=41)
    assert asked(api.get("/report").json()["replay"]) == ("/reset", {"seed": 41})
