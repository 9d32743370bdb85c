"""A plan that is split between workers."""

import pytest

from mockatell.core.load.share import ShareTotals, share, together
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
