"""Schedules in which several are sent at one moment: what they are, how they shrink, what plays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell import conversation
from mockatell.core.conversations import happenings, told_schedule
from mockatell.core.coverage import Coverage, pairs
from mockatell.core.discoveries import contains
from mockatell.core.render.schedule import as_scenario, as_test, in_words
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.spec import Scenario
from mockatell.core.schedules import (
    Leeway,
    Schedule,
    deliveries,
    fitted,
    simplest_first,
    turns,
)
from mockatell.core.shrinking import simpler, smallest
from mockatell.model import Callback, Role

FOUR = conversation(message_id="m1", client_message_id="c1", reply="Yes")
LEEWAY = Leeway(4, 2, (2, 2, 2, 2), races=True)
EVENTS = st.integers(0, 3)
SCHEDULES = st.builds(
    lambda *parts: fitted(LEEWAY, *parts),
    st.lists(EVENTS, min_size=1, max_size=6),
    st.lists(EVENTS, max_size=2),
    st.lists(EVENTS, max_size=2),
    st.lists(st.integers(1, 5), max_size=3),
)


def test_the_simplest_races_of_two_events():
    racing = [each for each in simplest_first(Leeway(2, races=True)) if each.races]
    assert racing == [
        Schedule((0, 1), races=(1,)),
        Schedule((1, 0), races=(1,)),
        Schedule((0, 0), races=(1,)),
        Schedule((1, 1), races=(1,)),
        Schedule((0, 0, 1), races=(1,)),
        Schedule((0, 1, 1), races=(2,)),
    ]


@pytest.mark.parametrize(
    ("schedule", "allowed"),
    [
        (Schedule((0, 1), races=(1,)), True),
        (Schedule((0, 0, 0), races=(1, 2)), True),
        (Schedule((0, 1), races=(0,)), False),
        (Schedule((0, 1), races=(2,)), False),
    ],
)
def test_what_the_contract_allows(schedule, allowed):
    assert LEEWAY.allows(schedule) is allowed
    assert not Leeway(4, 2).allows(schedule)


@given(SCHEDULES)
def test_what_is_fitted_is_allowed_and_so_is_what_is_simpler(schedule):
    assert LEEWAY.allows(schedule)
    wide = Leeway(4, 4, (2, 2, 2, 2), races=True)
    assert all(step.size < schedule.size and wide.allows(step) for step in simpler(schedule))


@pytest.mark.parametrize(
    ("breaks", "least"),
    [
        (lambda s: ("race", 1, 2) in pairs(s), Schedule((1, 2), races=(1,))),
        (lambda s: ("race", 3, 3) in pairs(s), Schedule((3, 3), races=(1,))),
        (lambda s: s.order.count(3) > 1, Schedule((3, 3))),
        (lambda s: contains(s, Schedule((1, 0))), Schedule((1, 0))),
    ],
)
def test_it_shrinks_to_the_least(breaks, least):
    start = Schedule((2, 1, 0, 3, 3), refused=(0,), races=(1, 4))
    assert smallest(start, breaks) == least


def test_what_nobody_answers_becomes_a_late_delivery():
    assert Schedule((1, 0)) in simpler(Schedule((0, 1), refused=(0,)))


def test_one_after_the_other_is_simpler_than_both_at_one_moment():
    assert {Schedule((0, 1)), Schedule((1, 0))} <= set(simpler(Schedule((0, 1), races=(1,))))


def test_they_are_due_at_one_moment_when_all_have_happened():
    told = list(turns(Schedule((0, 2, 1, 1), races=(1, 3))))
    assert [(turn.due, turn.race) for turn in told] == [(2, 0), (2, 0), (3, 2), (3, 2)]


def test_what_is_not_sent_does_not_race():
    assert [turn.race for turn in turns(Schedule((0, 1), refused=(0,), races=(1,)))] == [None, 0]


def test_their_deliveries_share_a_number():
    callbacks = {event: Callback(Role.STATUS, "k", str(event), b"{}") for event in (0, 1)}
    told = deliveries(Schedule((0, 1, 1), races=(2,)), callbacks, after=7)
    assert [delivery.race for delivery in told] == [None, 9, 9]


@given(SCHEDULES)
def test_a_scenario_tells_the_schedule_that_it_plays(schedule):
    """What a finding's file says is read back as the schedule that was found."""
    text = as_scenario(schedule, FOUR, Scenario(), own=["name: finding"], ids=False)
    read = told_schedule(happenings(parse(text, env={}), 0))
    ranks = {event: rank for rank, event in enumerate(schedule.events)}
    parts = (schedule.order, schedule.lost, schedule.refused)
    order, lost, refused = (tuple(ranks[event] for event in part) for part in parts)
    assert sorted(read.order) == sorted(order)
    assert (read.lost, read.refused) == (tuple(sorted(lost)), tuple(sorted(refused)))
    assert read.races == schedule.races
    groups = [frozenset(zip(read.groups, read.order, strict=True))]
    assert groups == [frozenset(zip(schedule.groups, order, strict=True))]


def test_in_words_and_as_a_test():
    schedule = Schedule((3, 3), races=(1,))
    assert in_words(schedule, FOUR) == [
        "1. moText to message m1",
        "2. at the same moment: moText to message m1, again",
    ]
    assert "Schedule(order=(0, 0), races=(1,))" in as_test(schedule, FOUR, "/m/{messageId}")


@pytest.mark.parametrize(
    ("schedule", "small", "does"),
    [
        (Schedule((0, 1), refused=(0,)), Schedule((1, 0)), True),
        (Schedule((0, 1, 2)), Schedule((1, 0)), False),
        (Schedule((0, 1), lost=(0,)), Schedule((1, 0)), True),
        (Schedule((0,), lost=(0,)), Schedule((0, 0)), True),
        (Schedule((0, 1), races=(1,)), Schedule((1, 0)), True),
        (Schedule((0, 0)), Schedule((0, 0), races=(1,)), False),
        (Schedule((1, 0, 0), races=(2,)), Schedule((0, 0), races=(1,)), True),
        (Schedule((0, 1), races=(1,)), Schedule((0, 0), races=(1,)), False),
        (Schedule((3, 2, 1, 0)), Schedule((3, 0)), True),
        (Schedule((1, 0), refused=(0, 1)), Schedule((1, 0)), True),
        (Schedule((0, 1), refused=(0, 1)), Schedule((1, 0)), False),
        (Schedule((0, 1), refused=(0, 1), races=(1,)), Schedule((1, 0)), True),
        (Schedule((0, 1), refused=(0,), lost=(0,)), Schedule((0, 1)), False),
        (Schedule((0, 1), lost=(0, 0)), Schedule((0, 0, 0)), True),
    ],
)
def test_what_a_schedule_contains(schedule, small, does):
    assert contains(schedule, small) is does


def test_pairs_that_are_tried():
    tried = Schedule((1, 0, 0, 2), lost=(2,), refused=(1,), races=(3,))
    assert set(pairs(tried)) == {
        ("order", 1, 0),
        ("duplicate", 0, 1),
        ("duplicate", 0, 0),
        ("race", 0, 2),
        *(("lost ack", 2, event) for event in (0, 1, 2)),
        *(("retry", 1, event) for event in (0, 1, 2)),
    }


def test_every_pair_is_tried_in_the_end():
    leeway = Leeway(3, 2, (1, 1, 1), races=True)
    coverage = Coverage(leeway)
    for schedule in simplest_first(leeway):
        coverage.add(schedule)
    counts = coverage.counts()
    assert all(seen == possible for seen, possible in counts.values())
    assert counts["order"] == (3, 3)
    assert Coverage(Leeway(3)).counts()["race"] == (0, 0)
