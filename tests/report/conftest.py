from collections.abc import Callable, Iterable
from typing import Any

import pytest

from mockatell.core.journal import Journal
from mockatell.model import (
    Attempt,
    Cause,
    Expectation,
    Outcome,
    Role,
    RunEnded,
    RunStarted,
)

STARTED = RunStarted(
    version="0.1.0",
    scenario="receipts",
    seed=7,
    epoch_ms=1_760_000_000_000,
    assumed=("retry-schedule",),
    endpoints={
        "status": "http://localhost:8000/status",
        "reply": "http://localhost:8000/reply?key=***&page=",
    },
    replay="mockatell run 'my scenarios/receipts.yaml' --seed 7",
)
MESSAGE = "6f1c2a3b4d5e4f60817293a4b5c6d7e8"

DETAILS = {
    Outcome.TIMED_OUT: "timeout: no whole answer within 5s",
    Outcome.UNREACHABLE: "refused: nothing listens there",
    Outcome.ACK_LOST: "its 200 was thrown away (fault)",
}
CODES = {Outcome.ACKNOWLEDGED: 200, Outcome.REDIRECTED: 302, Outcome.REJECTED: 500}


def make_attempt(delivery: int, outcome: str = "acknowledged", number: int = 1, **given: Any):
    """An attempt with what is not given filled in; `wait` is the time until the next one."""
    ended = Outcome(outcome)
    due = given.pop("due", float(delivery) + 10 * (number - 1))
    sent_at = given.pop("sent_at", due + 0.001)
    ended_at = given.pop("ended_at", sent_at + 0.02)
    wait = given.pop("wait", None)
    fields: dict[str, Any] = {
        "delivery": delivery,
        "cause": Cause.ORIGINAL,
        "role": Role.STATUS,
        "kind": "messageStatusUpdate",
        "message_id": MESSAGE,
        "number": number,
        "due": due,
        "sent_at": sent_at,
        "ended_at": ended_at,
        "outcome": ended,
        "status_code": CODES.get(ended),
        "detail": DETAILS.get(ended),
        "next_due": None if wait is None else ended_at + wait,
    }
    return Attempt(**{**fields, **given})


def make_journal(
    attempts: Iterable[Attempt] = (),
    *held: bool | None,
    interrupted: bool = False,
    pending: int = 0,
) -> Journal:
    """A whole journal; its last line counts what is in it, and `pending` that never came."""
    listed = list(attempts)
    last = {attempt.delivery: attempt for attempt in listed}.values()
    open_now = sum(attempt.next_due is not None for attempt in last)
    ends = [attempt.outcome for attempt in last if attempt.next_due is None]
    acknowledged, redirected = (
        ends.count(outcome) for outcome in (Outcome.ACKNOWLEDGED, Outcome.REDIRECTED)
    )
    ended = RunEnded(
        deliveries=len(last) + pending,
        attempts=len(listed),
        acknowledged=acknowledged,
        redirected=redirected,
        exhausted=len(ends) - acknowledged - redirected,
        pending=open_now + pending,
        interrupted=interrupted,
        expectations=tuple(
            Expectation(f"clause {number}", one, (f"seen {number}",))
            for number, one in enumerate(held, 1)
        ),
    )
    return Journal(STARTED, listed, ended)


@pytest.fixture
def attempt() -> Callable[..., Attempt]:
    return make_attempt


@pytest.fixture
def journal() -> Callable[..., Journal]:
    return make_journal


HOSTILE = "</script><img src=x onerror=alert(1)>\x1b[31m\x00\u202e\ufffe&\"'"


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def troubled(hostile) -> Journal:
    """A run in which about everything happened that can happen."""
    attempts = [
        make_attempt(1, origin=1),
        make_attempt(2, "redirected", detail="Found"),
        make_attempt(3, "rejected", status_code=503, detail=hostile, wait=120.0),
        make_attempt(4, "timed_out", wait=5.0),
        make_attempt(5, "ack_lost", wait=9.0),
        make_attempt(6, "unreachable", detail="outage: nothing was sent (fault)", wait=7.0),
        make_attempt(7, "unreachable", detail="not_http: SSH-2.0", wait=7.0),
        make_attempt(8, "unreachable", detail="tls: self-signed certificate", wait=7.0),
        make_attempt(9, "unreachable", detail="reset: by peer", wait=7.0),
        make_attempt(10, "rejected", status_code=409, origin=1, cause=Cause.DUPLICATE),
        make_attempt(11, "rejected", kind=hostile, message_id=hostile, role=Role.REPLY),
        make_attempt(12, kind="moText", role=Role.REPLY, race=12, sent_at=12.001),
        make_attempt(13, kind="moText", role=Role.REPLY, race=12, sent_at=12.004),
        make_attempt(4, number=2, due=14.1),
        make_attempt(5, "rejected", number=2, due=15.1),
        *(make_attempt(number, number=2, due=20.0 + number) for number in (6, 7, 8, 9)),
        make_attempt(3, "rejected", number=2, due=124.0, wait=273_600.0),
        make_attempt(3, number=3, due=273_725.0),
    ]
    return make_journal(attempts, True, False, None, pending=2)
