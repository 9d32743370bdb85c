"""`mockatell run` against a FastAPI and a Flask app, each in a process of its own."""

import json
import sys
from collections import Counter

import pytest

# Both keep what they received in a file, and misbehave by what the message's id begins with.
COMMON = """
import json, os, threading
seen, lock = {}, threading.Lock()

def verdict(body):
    event = next(iter(json.loads(body)["event"].values()))[0]
    with lock:
        nth = seen[body] = seen.get(body, 0) + 1
        with open(os.environ["LOG"], "a") as log:
            log.write(json.dumps([event["messageId"], nth]) + chr(10))
    digit = int(event["messageId"][0], 16)
    if digit < 3:
        return 302
    if digit < 6:
        return 503
    if digit < 10 and nth == 1:
        return 500
    return 204 if digit == 15 else 200
"""
FASTAPI = (
    COMMON
    + """
from fastapi import FastAPI, Request, Response
app = FastAPI()

@app.post("/callback")
async def callback(request: Request):
    status = verdict((await request.body()).decode())
    return Response(status_code=status, headers={"Location": "/elsewhere"} if status == 302 else {})
"""
)
FLASK = (
    COMMON
    + """
from flask import Flask, request
app = Flask(__name__)

@app.post("/callback")
def callback():
    status = verdict(request.get_data().decode())
    return "", status, {"Location": "/elsewhere"} if status == 302 else {}
"""
)
SERVERS = {
    "fastapi": (
        FASTAPI,
        [sys.executable, "-m", "uvicorn", "receiver:app", "--log-level", "warning"],
    ),
    "flask": (FLASK, [sys.executable, "-m", "flask", "--app", "receiver:app", "run"]),
}
SCENARIO = """
name: against-apps
retry: {schedule: [50ms, 100ms]}
messages:
  - count: 25
    over: 500ms
    channel: whatsapp
    steps: [{status: SENT_TO_SUPPLIER}, {status: READ, after: 20ms..200ms}]
  - {count: 10, over: 500ms, channel: sms, reply: moText}
faults:
  - duplicate: {probability: 30%, within: 200ms}
  - reorder: {probability: 30%, within: 300ms}
"""


@pytest.fixture(params=SERVERS)
def receiver(request, tmp_path, app_server):
    source, command = SERVERS[request.param]
    (tmp_path / "receiver.py").write_text(source)
    log = {"LOG": str(tmp_path / "received.log")}
    return f"{app_server(*command, '--port', cwd=tmp_path, env=log)}/callback"


def test_the_report_says_what_the_app_saw(cli, receiver, scenario, tmp_path):
    ran = cli("run", scenario(SCENARIO), "--target", receiver, "--seed", 4, "--journal", "-")
    attempts, end = ran.lines[1:-1], ran.lines[-1]
    received = [json.loads(line) for line in (tmp_path / "received.log").read_text().splitlines()]
    assert ran.code == 1
    assert end["attempts"] == len(attempts) == len(received)
    assert Counter(m for m, _ in received) == Counter(a["message_id"] for a in attempts)
    for attempt in attempts:
        digit = int(attempt["message_id"][0], 16)
        expected = "redirected" if digit < 3 else "rejected" if digit < 6 else None
        assert attempt["outcome"] == (expected or attempt["outcome"])
    last = {a["delivery"]: a for a in attempts}.values()
    ends = Counter(
        {"redirected": "redirected", "acknowledged": "acknowledged"}.get(a["outcome"], "exhausted")
        for a in last
    )
    assert {name: end[name] for name in ends} == ends
    assert ends.keys() == {"redirected", "acknowledged", "exhausted"}, "all three were met"
    assert "FAILED" in ran.err
