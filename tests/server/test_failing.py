"""The log of what fails: the first at once, then how many, and that it is over."""

import json
import logging

import httpx
import pytest

from mockatell.model import Attempt, Cause, Outcome, Role
from mockatell.server.failing import BETWEEN, Failing

URL = "http://app/cb"


class Later:
    """What is to be called, when its time has come."""

    def __init__(self):
        self.calls = []

    def __call__(self, seconds, call):
        assert seconds == BETWEEN
        self.calls.append(call)

    def come(self):
        calls, self.calls = self.calls, []
        for call in calls:
            call()


@pytest.fixture
def later():
    return Later()


@pytest.fixture
def failing(later, caplog):
    caplog.set_level(logging.INFO)
    return Failing(later)


def attempt(
    outcome=Outcome.UNREACHABLE, status=None, detail="refused: nothing", again=None, **more
):
    known = {
        "delivery": 4, "cause": Cause.ORIGINAL, "role": Role.STATUS, "kind": "messageStatusUpdate",
        "message_id": "m1", "number": 1, "due": 1.0, "sent_at": 1.0, "ended_at": 2.0,
        "next_due": None if again is None else 2.0 + again,
    }  # fmt: skip
    return Attempt(**known | more, outcome=outcome, status_code=status, detail=detail)


FINE = attempt(Outcome.ACKNOWLEDGED, 200, None)


@pytest.mark.parametrize(
    ("failed", "said"),
    [
        (attempt(), ": refused: nothing; given up"),
        (attempt(again=90), ": refused: nothing; tried again in 1m 30s"),
        (attempt(Outcome.REJECTED, 503, "secret"), ": HTTP 503; given up"),
        (attempt(Outcome.REDIRECTED, 302), ": HTTP 302, a redirect; given up"),
        (attempt(Outcome.TIMED_OUT, None, None), ": timed_out; given up"),
        (attempt(message_id=""), "the last was #4 messageStatusUpdate, attempt 1: "),
    ],
)
def test_the_first_that_fails_is_told_at_once(failing, caplog, failed, said):
    failing.heard(failed, URL)
    [line] = caplog.messages
    assert line.startswith(f"{URL} did not accept callbacks: 1 attempt failed; the last was #4 ")
    assert said in line
    assert "secret" not in line
    assert caplog.records[0].levelno == logging.WARNING


def test_others_are_counted_and_told_a_second_later(failing, later, caplog):
    for number in range(1, 1_001):
        failing.heard(attempt(number=number, again=None if number % 4 else 2), URL)
    assert len(caplog.messages) == 1
    later.come()
    assert ": 999 attempts failed, 749 deliveries given up; " in caplog.messages[1]
    assert "attempt 1000: refused: nothing; tried again in 2s" in caplog.messages[1]
    told = caplog.records[1]
    assert (told.failed, told.given_up, told.retry_in, told.message_id) == (999, 749, 2.0, "m1")
    later.come()
    assert len(caplog.messages) == 2
    assert not later.calls


def test_it_is_told_once_that_they_are_accepted_again(failing, later, caplog):
    failing.heard(attempt(), URL)
    failing.heard(FINE, URL)
    assert len(caplog.messages) == 1
    later.come()
    assert caplog.messages[1:] == [f"{URL} accepts callbacks again"]
    failing.heard(FINE, URL)
    assert len(caplog.messages) == 2
    failing.heard(attempt(), URL)
    assert ": 1 attempt failed;" in caplog.messages[2]


def test_much_later_it_is_told_at_once(failing, later, caplog):
    failing.heard(attempt(), URL)
    later.come()
    failing.heard(FINE, URL)
    assert caplog.messages[1:] == [f"{URL} accepts callbacks again"]


def test_one_that_fails_now_and_then_makes_no_flood(failing, later, caplog):
    for _ in range(5):
        for _ in range(100):
            failing.heard(attempt(), URL)
            failing.heard(FINE, URL)
        later.come()
    assert len(caplog.messages) == 6
    assert "again" not in " ".join(caplog.messages)


def test_one_that_failed_again_meanwhile_is_not_said_to_accept(failing, later, caplog):
    for each in (attempt(), FINE, attempt()):
        failing.heard(each, URL)
    later.come()
    later.come()
    assert len(caplog.messages) == 2
    assert "again" not in " ".join(caplog.messages)


def test_each_endpoint_has_lines_of_its_own(failing, caplog):
    for url in (URL, "http://other/", URL):
        failing.heard(attempt(), url)
    assert [line.partition(" ")[0] for line in caplog.messages] == [URL, "http://other/"]


def test_what_is_left_is_told_at_the_end(failing, caplog):
    for _ in range(3):
        failing.heard(attempt(), URL)
    failing.tell_all()
    assert ": 2 attempts failed" in caplog.messages[1]


def test_one_that_accepts_all_is_not_told_of(failing, caplog):
    failing.heard(FINE, URL)
    assert caplog.messages == []


def test_a_sidecar_says_that_nobody_listens(serve, free_port):
    target = f"http://user:s3cret@127.0.0.1:{free_port()}/cb?key=s3cret"
    flags = ("--target", target, "--retry", "none", "--pace", 0, "--log-format", "json")
    serving = serve(*flags)
    body = {"messages": [{"to": "27821234567", "content": "Hi", "channel": "sms"}]}
    httpx.post(f"{serving.url}/v1/message", json=body, headers={"Authorization": "k"})
    httpx.get(f"{serving.url}/mockatell/api/wait")
    serving.end()
    told = [json.loads(line) for line in serving.lines]
    failed = [each for each in told if each["logger"] == "mockatell.callbacks"]
    assert sum(each["failed"] for each in failed) == 2
    assert sum(each["given_up"] for each in failed) == 2
    assert {each["level"] for each in failed} == {"warning"}
    assert "refused" in failed[0]["message"]
    assert "s3cret" not in "".join(serving.lines)
