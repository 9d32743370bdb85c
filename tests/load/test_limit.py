"""The search for the highest rate."""

import pytest
from msgspec.structs import replace

from mockatell.core.load.limit import MOST_STEPS, Step, best, ceiling, search
from mockatell.core.load.result import Timings, Totals
from mockatell.core.load.thresholds import parse
from mockatell.rooms.load.finding_limit import find_limit


def searched(end_of, first=100.0, most=50_000.0):
    """The steps of a search among loads that end as a function of their rate says."""
    searching = search(first, most)
    rate = next(searching)
    while True:
        try:
            rate = searching.send(Step(rate, end_of(rate)))
        except StopIteration as over:
            return over.value


@pytest.mark.parametrize("limit", [1.5, 7, 99, 100, 101, 1234, 49_000])
@pytest.mark.parametrize("first", [1.0, 100.0, 20_000.0])
def test_it_ends_close_to_the_limit(limit, first):
    steps = searched(lambda rate: "met" if rate <= limit else "failed", first)
    assert len(steps) <= MOST_STEPS
    assert 0.9 * limit <= best(steps).rate <= limit < ceiling(steps).rate


def test_without_a_limit_it_ends_at_the_most():
    steps = searched(lambda _: "met", most=1000.0)
    assert [step.rate for step in steps] == [100.0, 200.0, 400.0, 800.0, 1000.0]
    assert ceiling(steps) is None


def test_nothing_is_met():
    steps = searched(lambda _: "failed")
    assert best(steps) is None
    assert steps[-1].rate <= 1


def test_where_we_are_the_limit_each_step_is_made_twice():
    steps = searched(lambda rate: "met" if rate <= 300 else "generator")
    assert [s.rate for s in steps if s.end == "generator"].count(400.0) == 2
    assert ceiling(steps).end == "generator"


def test_the_last_of_two_steps_at_a_rate_says_what_it_came_to():
    ends = iter(["met", "generator", "failed"])
    steps = searched(lambda rate: next(ends, "met" if rate < 195 else "failed"))
    assert [step.end for step in steps if step.rate == 200] == ["generator", "failed"]
    assert ceiling(steps) == Step(200.0, "failed")


@pytest.mark.parametrize("limit", [0.0, 700.0])
def test_from_where_we_are_the_limit_it_goes_down_until_its_budget_ends(limit):
    steps = searched(lambda rate: "met" if rate <= limit else "generator", first=49_000.0)
    assert len(steps) <= MOST_STEPS
    if limit:
        assert 0.9 * limit <= best(steps).rate
    else:
        assert len(steps) == MOST_STEPS
        assert steps[-1].rate < 100


def test_a_disturbance_is_not_the_limit():
    disturbed = iter(["met", "generator", "met", "met", "failed"])
    steps = searched(lambda rate: next(disturbed, "met" if rate < 500 else "failed"))
    assert best(steps).rate > 400


def test_the_result_is_that_of_the_best_rate(measured):
    def play(rate):
        totals = Totals(100, 100, 100, 100, 0, int(rate > 300), 0, 0, 0, 0, 0, 0)
        return measured(offered=rate, totals=totals)

    result, steps = find_limit(play, [parse("exhausted == 0")], first=100.0, most=1000.0)
    assert result.offered == best(steps).rate == 300
    assert ceiling(steps).why == "exhausted == 0 was 1"


@pytest.mark.parametrize(
    ("sent", "why"),
    [(100, None), (90, "the endpoint did not keep up")],
)
def test_a_load_that_was_not_made_is_not_met(measured, sent, why):
    totals = Totals(100, 100, sent, sent, 0, 0, 100 - sent, 0, 0, 0, 0, 0)
    _, steps = find_limit(
        lambda _: measured(totals=totals), [parse("exhausted == 0")], first=1.0, most=1.0
    )
    assert steps[0] == (Step(1.0, "met") if why is None else Step(1.0, "failed", why))


def test_an_endpoint_that_is_not_there_is_not_searched_for(measured, invalid):
    away = measured(timings=Timings(), troubles={"refused": 9}, validity=invalid)
    result, steps = find_limit(lambda _: away, [], first=100.0, most=1000.0)
    assert (result, steps) == (away, (Step(100.0, "failed", "the endpoint was not reached"),))


def test_a_rate_that_the_endpoint_dies_of_is_too_much(measured):
    away = measured(timings=Timings(), troubles={"refused": 9})
    _, steps = find_limit(
        lambda rate: away if rate > 200 else measured(), [], first=100.0, most=1000.0
    )
    assert best(steps).rate == 200
    assert ceiling(steps).why == "the endpoint was not reached"


@pytest.mark.parametrize(("valid", "ends"), [(True, ["met"]), (False, ["generator", "generator"])])
def test_what_was_met_by_a_load_that_is_not_valid_says_nothing(measured, invalid, valid, ends):
    load = measured() if valid else measured(validity=invalid)
    _, steps = find_limit(lambda _: load, [parse("p(99) < 1s")], first=1.0, most=1.0)
    assert [step.end for step in steps] == ends


@pytest.mark.parametrize(
    ("codes", "troubles", "tried"),
    [
        ({"404": 100}, {}, 1),  # refused at any rate
        ({"302": 9, "401": 91}, {}, 1),
        ({"429": 100}, {}, 2),  # less may be taken
        ({"503": 100}, {}, 2),
        ({}, {"timeout": 100}, 2),
    ],
)
def test_an_endpoint_that_takes_nothing_is_no_generator_s_fault(
    measured, invalid, codes, troubles, tried
):
    late = replace(measured().timings, lag=measured().timings.latency)
    nothing = measured(
        outcomes={"rejected": 100}, status_codes=codes, troubles=troubles, validity=invalid,
        timings=late,
    )  # fmt: skip
    _, steps = find_limit(lambda _: nothing, [parse("p(99) < 1s")], first=2.0, most=9.0)
    assert [step.end for step in steps] == ["failed"] * tried
    assert steps[0].why.startswith("Nothing was accepted: ")


def test_an_interruption_ends_the_search(measured):
    stopped = measured(interrupted=True)
    result, steps = find_limit(lambda _: stopped, [], first=1.0, most=9.0)
    assert (result, len(steps)) == (stopped, 1)
