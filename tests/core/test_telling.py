"""A scenario that says outright how its callbacks are delivered."""

import pytest

from mockatell.clickatell.reading import events_of
from mockatell.core.plan import plan, plan_without_faults
from mockatell.core.scenario.load import parse
from mockatell.errors import ScenarioError
from mockatell.model import Conduct

EPOCH = 1_767_225_600_000
TOLD = """
messages:
  - channel: whatsapp
    steps:
      - {status: DEVICE_ACK, delivery: {late: 2s, again: [4s, 2500ms], refused: 1, lost_acks: 2}}
      - {status: READ, after: 1s}
  - {reply: moText, channel: sms, at: 3s, delivery: {again: [0s]}}
"""


def told(text):
    found = []
    for delivery in plan(parse(text, env={}), seed=1, epoch_ms=EPOCH):
        [(kind, event)] = events_of(delivery.callback.body)
        found.append((event.get("status", kind), delivery, event["timestamp"] - EPOCH))
    return found


def test_late_and_again_move_the_sending_and_not_the_event():
    assert [(name, d.due, d.copy, at) for name, d, at in told(TOLD)] == [
        ("READ", 1.0, 0, 1000),
        ("DEVICE_ACK", 2.0, 0, 0),
        ("DEVICE_ACK", 2.5, 2, 0),
        ("moText", 3.0, 0, 3000),
        ("moText", 3.0, 1, 3000),
        ("DEVICE_ACK", 4.0, 1, 0),
    ]


def test_the_original_s_attempts_fail_as_told():
    conducts = {(name, d.copy): d.conducts for name, d, _ in told(TOLD)}
    assert conducts[("DEVICE_ACK", 0)] == (Conduct.OUTAGE, Conduct.LOSE_ACK, Conduct.LOSE_ACK)
    assert conducts[("DEVICE_ACK", 1)] == ()
    assert conducts[("READ", 0)] == ()


def test_the_truth_knows_nothing_of_it():
    truth = plan_without_faults(parse(TOLD, env={}), seed=1, epoch_ms=EPOCH)
    assert [delivery.due for delivery in truth] == [0.0, 1.0, 3.0]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("{lifecycle: sent, delivery: {late: 1s}}", "'delivery' needs 'reply'"),
        ("{reply: moText, delivery: {lost_acks: 101}}", "lost_acks: must be 0 to 100"),
        ("{reply: moText, delivery: {refused: -1}}", "refused: must be 0 to 100"),
        ("{reply: moText, delivery: {late: 3}}", "late: 3 has no unit"),
        ("{reply: moText, delivery: {again: 3s}}", "again: must be a list"),
    ],
)
def test_what_cannot_be_is_refused(message, words):
    with pytest.raises(ScenarioError) as refused:
        parse(f"messages: [{message}]", env={})
    assert words in str(refused.value).replace("'3'", "3")


def test_nobody_is_sent_more_than_a_hundred_copies():
    many = ", ".join(["1s"] * 101)
    with pytest.raises(ScenarioError, match="holds more than 100 times"):
        parse(f"messages: [{{reply: moText, delivery: {{again: [{many}]}}}}]", env={})
