"""No secret of the scenario's is in what a run hands out."""

import pytest

import mockatell
from mockatell.core.journal import encode_line
from mockatell.rooms.fixture.setup import made

SCENARIO = """
retry: none
endpoints:
  basic_auth: {username: me, password: passw0rd}
  headers: {X-Hub-Sig: s1gned, X-Caller: t0k3n-of-the-caller}
messages: [{count: 1}]
expect:
  - probe:
      get: "http://pr0be:userinf0@h/?token=t0ken"
      headers: {X-Key: pr0bes-k3y}
      json: {seen: true}
"""
SECRETS = ["passw0rd", "s1gned", "t0k3n-of-the-caller", "userinf0", "t0ken", "pr0bes-k3y"]


async def echo(scope, _receive, send):
    """Says what it was sent, to callbacks as to probes."""
    said = [value for _, value in scope["headers"]] + [scope["query_string"]]
    body = b'{"seen": "' + b" ".join(said) + b' passw0rd userinf0"}'
    status = 500 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def journal():
    return mockatell.run(mockatell.parse(SCENARIO), app=echo, to="http://h/?key=t0ken")


def test_the_journal_holds_no_secret(journal):
    lines = b"".join(map(encode_line, (journal.started, *journal, journal.ended))).decode()
    assert "***" in journal[0].detail
    assert "***" in journal.ended.expectations[0].evidence[1]
    assert [secret for secret in SECRETS if secret in lines] == []


def test_the_fixture_s_journal_holds_no_secret():
    endpoints = {"status": "/cb", "headers": {"X-Hub-Sig": "s1gned"}}
    config = {"retry": "none", "endpoints": endpoints}
    fixture = made(echo, config, seed=7, marked={}, test="test_it")
    sent = fixture.status("m1", "DEVICE_ACK")
    fixture.close()
    assert "***" in sent[0].detail
    assert "s1gned" not in sent[0].detail
