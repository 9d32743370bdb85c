"""What a receiver says that it did, against what it acknowledged."""

from itertools import pairwise

import pytest

from mockatell.core.load.effects import Ledger, compared, read_account, sampled
from mockatell.errors import InputError
from mockatell.model import Attempt, Cause, Outcome, Role


def attempt(origin, outcome="acknowledged", message="a", detail=None):
    return Attempt(
        1, Cause.ORIGINAL, Role.STATUS, "moText", message, 1, 0.0, 0.0, 0.1, Outcome(outcome),
        200 if detail is None else None, detail, None, origin=origin,
    )  # fmt: skip


@pytest.fixture
def ledger():
    """Four callbacks: two acknowledged (one twice), one that timed out, one that never arrived."""
    kept = Ledger(by_message=True)
    for each in (
        attempt(0, "rejected"),
        attempt(0),
        attempt(0, "rejected"),
        attempt(0),
        attempt(1, message="b"),
        attempt(2, "timed_out", "b", "timeout: no answer"),
        attempt(3, "unreachable", "c", "refused: nothing listens"),
    ):
        kept.add(each)
    return kept


def test_callbacks_are_counted_once(ledger):
    assert (ledger.acknowledged, ledger.possible) == (2, 3)
    assert ledger.messages == {"a": [1, 1], "b": [1, 2]}


@pytest.mark.parametrize(
    ("after", "lost", "doubled"),
    [(10, 2, 0), (11, 1, 0), (12, 0, 0), (13, 0, 0), (14, 0, 1), (20, 0, 7)],
)
def test_sums(ledger, after, lost, doubled):
    found = compared(ledger, 10, after)
    assert (found.lost, found.doubled, found.counted) == (lost, doubled, after - 10)
    assert found.held is not (lost or doubled)


def test_what_was_cut_off_may_have_had_an_effect(ledger):
    assert compared(ledger, 0, 4, cut=1).held
    by_message = compared(ledger, {}, {"a": 3, "b": 2}, cut=1)
    assert by_message.doubled == 1  # of two that are too many


def test_what_a_fault_made_up_is_entered_beside_the_rest():
    kept = Ledger(by_message=True)
    for origin in (0, -1, -1 - (7 << 16), -1, 5):
        kept.add(attempt(origin, message=f"m{origin}"))
    assert (kept.acknowledged, kept.possible) == (4, 4)
    assert kept.messages["m-1"] == [1, 1]


@pytest.mark.parametrize(
    ("after", "lost", "doubled", "example"),
    [
        ({"a": 1, "b": 1}, 0, 0, None),
        ({"a": 1, "b": 2}, 0, 0, None),
        ({"a": 1}, 1, 0, "b: 1 lost"),
        ({"a": 3, "b": 0}, 1, 2, "a: 2 too many"),  # a sum would hide both
    ],
)
def test_by_message(ledger, after, lost, doubled, example):
    found = compared(ledger, {}, after)
    assert (found.lost, found.doubled) == (lost, doubled)
    assert example is None or example in found.examples


def test_accounts_of_two_kinds_are_not_compared(ledger):
    assert compared(ledger, 3, {"a": 1}).held is None


@pytest.mark.parametrize(
    ("said", "account"),
    [
        (b"17", 17),
        (b' {"count": 17}', 17),
        (b'{"a": 1, "b": 2}', {"a": 1, "b": 2}),
        (b'["a", "b", "a"]', {"a": 2, "b": 1}),
        (b"{}", {}),
        (b"[]", {}),
    ],
)
def test_accounts(said, account):
    assert read_account(said) == account


@pytest.mark.parametrize("said", [b"", b"many", b'"17"', b"1.5", b'{"a": "b"}', b"[1]", b"\xff"])
def test_what_is_no_account(said):
    with pytest.raises(InputError, match="not an account of effects"):
        read_account(said)


@pytest.mark.parametrize(("number", "most"), [(0, 5), (3, 5), (5, 5), (6, 5), (1999, 200)])
def test_a_sample_is_spread_over_all(number, most):
    sample = sampled([str(each) for each in range(number)], most)
    assert len(sample) == len(set(sample)) == min(number, most)
    places = [int(each) for each in sample]
    gaps = {after - before for before, after in pairwise(places)}
    assert places[:1] == [0][:number]
    assert len(gaps) <= 2


def test_messages_of_which_nothing_was_acknowledged_are_not_asked_for(ledger):
    ledger.add(attempt(9, "rejected", "d"))
    assert ledger.taken == ["a", "b"]


def test_a_sentence_for_each(ledger):
    assert "agrees" in compared(ledger, 0, 2).sentence
    assert "2 lost" in compared(ledger, 0, 0).sentence
    assert "1 doubled" in compared(ledger, 0, 4).sentence
    assert "could not be compared" in compared(ledger, 0, {}).sentence
