"""A plan that is split between workers."""

from collections import Counter
from itertools import pairwise

import pytest

from mockatell.core.faults.future import accompanied
from mockatell.core.load.share import Fleet, ShareTotals, Word, share, together
from mockatell.core.plan import plan
from mockatell.core.scenario.load import load


@pytest.fixture
def whole(scenario):
    def planned():
        return list(plan(load(scenario, env={}), seed=11, epoch_ms=0))

    return planned


@pytest.mark.parametrize("workers", [1, 2, 3, 7, 50])
def test_every_delivery_is_planned_by_exactly_one_worker(whole, workers):
    shares = [list(share(whole(), index, workers)) for index in range(workers)]
    together_again = sorted((each for part in shares for each in part), key=lambda d: d.seq)
    assert together_again == whole()


def test_a_callback_and_its_duplicates_go_to_the_same_worker(whole):
    first, second = ({each.origin for each in share(whole(), index, 2)} for index in range(2))
    assert not first & second


@pytest.fixture
def with_unknown():
    """A plan of which half the callbacks come with something unknown, some with more."""
    unknown = {"future": {"unknown_events": 0.5, "unknown_statuses": 0.2, "extra_fields": 0}}
    scenario = load("receipts", env={}, overrides=(f"faults={[unknown, unknown]}",))
    return list(plan(scenario, seed=3, epoch_ms=0))


@pytest.mark.parametrize("workers", [2, 3, 4, 8])
def test_what_is_unknown_is_split_as_evenly_as_what_is_planned(with_unknown, workers):
    shares = [list(share(with_unknown, index, workers)) for index in range(workers)]
    assert sorted(each.seq for part in shares for each in part) == [
        each.seq for each in with_unknown
    ]
    unknown = [sum(each.origin < 0 for each in part) for part in shares]
    assert sum(unknown) > 100
    assert min(unknown) > 0.5 * sum(unknown) / workers


def test_what_is_unknown_goes_with_the_callback_that_it_comes_before(with_unknown):
    known = {each.origin for each in with_unknown if each.origin >= 0}
    coming = Counter(accompanied(each.origin) for each in with_unknown)
    assert coming.keys() == known
    for each, after in pairwise(with_unknown):
        if each.origin < 0:
            assert accompanied(each.origin) == accompanied(after.origin)


DONE = ShareTotals(callbacks=1)
GOING_ON = ShareTotals(callbacks=1, finished=False)


@pytest.mark.parametrize(
    ("words", "lost", "done", "unheard"),
    [
        ({}, "", False, ["a", "b"]),
        ({"a": Word(GOING_ON)}, "", False, ["a", "b"]),
        ({"a": Word(DONE), "b": Word(GOING_ON)}, "", False, ["b"]),
        ({"a": Word(DONE), "b": Word(GOING_ON)}, "b", True, ["b"]),
        ({"a": Word(DONE)}, "b", True, ["b"]),
        ({}, "ab", True, ["a", "b"]),
        ({"a": Word(DONE), "b": Word(DONE)}, "b", True, []),
        ({"a": Word(GOING_ON, last=True), "b": Word(GOING_ON, last=True)}, "", False, []),
        ({"a": Word(DONE), "b": Word(DONE), "later": Word(GOING_ON)}, "", True, []),
    ],
)
def test_a_fleet_is_done_without_its_lost_who_are_not_passed_over(words, lost, done, unheard):
    fleet = Fleet(["a", "b"])
    for worker, word in words.items():
        fleet.tell(worker, word)
    assert fleet.is_done(lambda worker: worker in lost) is done
    assert fleet.unheard() == unheard
    assert fleet.totals().callbacks == len(words.keys() & {"a", "b"})


def test_shares_add_up_and_the_worst_worker_says_how_late_they_were():
    parts = [
        ShareTotals(2, 3, 5, 1, 1, 1, 0.5, 0.1, finished=True),
        ShareTotals(3, 4, 4, 3, 0, 0, 0.1, 0.9, finished=False),
    ]
    whole = together(parts)
    assert whole == ShareTotals(5, 7, 9, 4, 1, 1, 0.5, 0.9, finished=False)
    assert whole.pending == 1


def test_nothing_is_finished_at_once():
    assert together([]) == ShareTotals()
