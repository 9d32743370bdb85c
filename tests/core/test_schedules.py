"""Schedules: what there are, by growing size, how they shrink, and what they send."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.factories import conversation, messageStatusUpdate, moText, statusIsTyping
from mockatell.core.plan import plan
from mockatell.core.render.schedule import as_scenario, as_test, in_words
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.spec import Scenario
from mockatell.core.schedules import (
    Leeway,
    Schedule,
    checked,
    deliveries,
    fitted,
    in_order,
    simplest_first,
    turns,
)
from mockatell.core.shrinking import simpler, smallest
from mockatell.errors import ConfigurationError
from mockatell.model import Callback, Cause, Conduct, Role

EPOCH = 1_767_225_600_000
LOST, REFUSED = Conduct.LOSE_ACK, Conduct.OUTAGE
FOUR = conversation(message_id="m1", client_message_id="order-17", reply="Yes")
EVENTS = st.integers(0, 3)
SCHEDULES = st.builds(
    lambda *parts: fitted(Leeway(4, 2, (2, 2, 2, 2)), *parts),
    st.lists(EVENTS, min_size=1, max_size=6),
    st.lists(EVENTS, max_size=2),
    st.lists(EVENTS, max_size=2),
)


def simple(events, **leeway):
    return list(simplest_first(Leeway(events, **leeway)))


@pytest.mark.parametrize(
    ("schedule", "callbacks", "faults", "disorder"),
    [
        (Schedule((0,)), 1, 0, 0),
        (Schedule((1, 0)), 2, 0, 1),
        (Schedule((0, 0)), 2, 1, 0),
        (Schedule((0,), lost=(0,)), 2, 1, 0),
        (Schedule((0,), refused=(0, 0)), 3, 2, 0),
        (Schedule((2, 1, 0)), 3, 0, 3),
        (Schedule((0, 2, 0), lost=(2,)), 4, 2, 1),
    ],
)
def test_its_size(schedule, callbacks, faults, disorder):
    seen = schedule.callbacks, schedule.faults, schedule.disorder
    assert seen == (callbacks, faults, disorder)


def test_of_two_events_there_are_these():
    assert simple(2, retries=(1, 1)) == [
        Schedule((1, 0)),
        Schedule((0, 0)),
        Schedule((1, 1)),
        Schedule((0,), lost=(0,)),
        Schedule((0,), refused=(0,)),
        Schedule((1,), lost=(1,)),
        Schedule((1,), refused=(1,)),
        Schedule((0, 0, 1)),
        Schedule((0, 1, 1)),
        Schedule((0, 1, 0)),
        Schedule((1, 0, 1)),
        Schedule((1, 0, 0)),
        Schedule((1, 1, 0)),
        Schedule((0, 1), lost=(0,)),
        Schedule((0, 1), lost=(1,)),
        Schedule((0, 1), refused=(0,)),
        Schedule((0, 1), refused=(1,)),
    ]


@pytest.mark.parametrize(("events", "orders"), [(1, 0), (2, 1), (3, 8), (4, 49)])
def test_every_order_of_every_part_is_there_but_the_true_one(events, orders):
    """Arrangements of n things, less one true order for each part that is not empty."""
    plain = [s for s in simple(events) if not s.faults]
    assert len(plain) == len(set(plain)) == orders


@pytest.mark.parametrize("events", [1, 2, 3, 4, 5])
def test_they_grow(events):
    found = simple(events, retries=(1,) * events)
    assert all(a.size < b.size for a, b in pairwise(found))
    leeway = Leeway(events, 1, (1,) * events)
    assert all(leeway.allows(s) and s.faults <= 1 and s != in_order(s.events) for s in found)


def test_without_leeway_there_are_only_orders():
    assert all(not s.faults for s in simple(3, duplicates=0))


@pytest.mark.parametrize(
    ("schedule", "allowed"),
    [
        (Schedule(()), False),
        (Schedule((0, 3)), False),
        (Schedule((-1, 0)), False),
        (Schedule((0, 1, 0, 1)), True),
        (Schedule((0, 1, 0, 1, 1)), False),
        (Schedule((0,), lost=(0,), refused=(0,)), True),
        (Schedule((0,), lost=(0, 0), refused=(0,)), False),
        (Schedule((0,), lost=(1,)), False),
        (Schedule((2,), lost=(2,)), False),
    ],
)
def test_what_the_contract_allows(schedule, allowed):
    leeway = Leeway(3, 2, (2, 2, 0))
    assert leeway.allows(schedule) is allowed
    if not allowed:
        with pytest.raises(ConfigurationError, match="is no schedule of 3 events"):
            checked(schedule, leeway)


@given(st.lists(EVENTS, min_size=1), st.lists(EVENTS), st.lists(EVENTS))
def test_what_is_fitted_is_allowed(order, lost, refused):
    leeway = Leeway(4, 1, (0, 1, 2, 3))
    assert leeway.allows(fitted(leeway, order, lost, refused))


@given(SCHEDULES)
def test_what_fits_stays_as_it_is(schedule):
    leeway = Leeway(4, 2, (4, 4, 4, 4))
    assert fitted(leeway, schedule.order, schedule.lost, schedule.refused) == schedule


@given(SCHEDULES)
def test_simpler_ones_are_smaller_and_allowed(schedule):
    leeway = Leeway(4, 4, (2, 2, 2, 2))
    steps = simpler(schedule)
    assert all(step.size < schedule.size and leeway.allows(step) for step in steps)
    assert schedule.callbacks == 1 or steps


@pytest.mark.parametrize(
    ("breaks", "least"),
    [
        (lambda s: 0 in s.order, Schedule((0,))),
        (
            lambda s: {1, 2} <= set(s.order) and s.order.index(2) < s.order.index(1),
            Schedule((2, 1)),
        ),
        (lambda s: s.faults, Schedule((3, 3))),
        (lambda s: s.order.count(3) > 1, Schedule((3, 3))),
        (lambda s: len(s.refused) == 2, Schedule((0,), refused=(0, 0))),
        (lambda s: len(s.events) == 3 and s.order[0] == 3, Schedule((3, 1, 2))),
    ],
)
def test_it_shrinks_to_the_least(breaks, least):
    start = Schedule((3, 2, 1, 0, 3, 0), lost=(0,), refused=(0, 0))
    assert smallest(start, breaks) == least


def test_it_shrinks_no_further_than_it_breaks():
    start = Schedule((2, 1, 0))
    assert smallest(start, lambda s: s == start) == start


@pytest.mark.parametrize(
    ("order", "dues"),
    [
        ((0, 1, 2), [0, 1, 2]),
        ((2, 0, 1), [2, 3, 4]),
        ((0, 2, 1), [0, 2, 3]),
        ((0, 0, 1), [0, 1, 2]),
        ((3, 1), [1, 2]),
    ],
)
def test_nothing_is_sent_before_it_has_happened(order, dues):
    assert [turn.due for turn in turns(Schedule(order))] == dues


def test_its_deliveries():
    callbacks = {e: Callback(Role.STATUS, "k", str(e), b"{}") for e in (1, 3)}
    told = list(deliveries(Schedule((3, 1, 3), (3,), (3, 1)), callbacks, start=10.0, after=7))
    assert [(d.seq, d.due, d.callback.message_id, d.cause, d.origin) for d in told] == [
        (8, 11.0, "3", Cause.ORIGINAL, 8),
        (9, 12.0, "1", Cause.ORIGINAL, 7),
        (10, 13.0, "3", Cause.DUPLICATE, 8),
    ]
    assert [d.conducts for d in told] == [(REFUSED, LOST), (REFUSED,), ()]


MIXED = (
    moText("STOP $5 ${HOME}", message_id="r1", from_="27999000001", to="27999000100"),
    messageStatusUpdate("READ", message_id="m2", client_message_id="c2", channel="whatsapp"),
    statusIsTyping(from_="27999000001"),
    messageStatusUpdate("FUTURE", message_id="m1", client_message_id="c", code=99),
)


@pytest.mark.parametrize("events", [FOUR, MIXED])
@given(schedule=SCHEDULES)
def test_a_scenario_plays_it(events, schedule):
    """The YAML sends the same events, at the same times, with the same faults."""
    text = as_scenario(schedule, events, Scenario(), ["why: not"])
    played = list(plan(parse(text, env={}), seed=0, epoch_ms=EPOCH))
    told = list(turns(schedule))
    assert [(d.due, d.copy, d.conducts) for d in played] == [
        (turn.due, turn.copy, turn.conducts) for turn in told
    ]
    for delivery, turn in zip(played, told, strict=True):
        event = events[turn.event]
        assert delivery.callback.kind == event.kind
        known = (event.message_id, event.fields.get("message_id"), event.fields.get("content"))
        assert all(text.encode() in delivery.callback.body for text in known if text)


def test_a_scenario_keeps_what_else_holds():
    config = parse(
        "{messages: [{lifecycle: sent}], retry: {schedule: [1m, 500ms], jitter: 10%},"
        " quirks: {channel_blank: false}, integration: {name: Mine}}",
        env={},
    )
    again = parse(as_scenario(Schedule((1, 0)), FOUR, config), env={})
    assert (again.retry, again.quirks, again.integration) == (
        config.retry,
        config.quirks,
        config.integration,
    )


def test_in_words():
    assert in_words(Schedule((2, 3, 2), lost=(2,), refused=(2, 2)), FOUR) == [
        (
            "1. READ of message m1 (event 1); nobody answers its first 2 attempts"
            "; 1 acknowledgement of it lost, so it is retried"
        ),
        "2. moText to message m1 (event 2)",
        "3. READ of message m1 (event 1), again",
    ]


def test_a_test_is_python_that_holds_the_schedule():
    text = as_test(Schedule((2, 1)), FOUR, "/m/{messageId}", ['status: got """'])
    names = {}
    exec(compile(text, "test_finding.py", "exec"), names)
    assert names["SCHEDULE"] == Schedule((1, 0))
    assert names["EVENTS"] == (FOUR[1], FOUR[2])
    asked = []

    class Recorder:
        def converges(self, *args, **given):
            asked.append((args, given))

    names["test_read_then_device_ack"](Recorder())
    assert asked == [((names["EVENTS"],), {"state": "/m/{messageId}", "only": [Schedule((1, 0))]})]
