"""Counting lengths of time as HdrHistogram does."""

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.load.result import Spread
from mockatell.core.load.spread import Counts, merged
from mockatell.errors import InputError

LENGTHS = st.lists(st.floats(0, 3_600), min_size=1, max_size=200)


def counted(lengths):
    counts = Counts()
    counts.add(lengths)
    return counts


@given(LENGTHS)
def test_it_says_what_an_hdr_histogram_says(lengths):
    spread = counted(lengths).spread()
    theirs = HdrHistogram(1, 3_600_000_000, 3)
    for length in lengths:
        theirs.record_value(int(length * 1e6))
    assert spread.count == len(lengths)
    assert spread.p50 * 1e6 == pytest.approx(theirs.get_value_at_percentile(50), abs=1)
    assert spread.p99 * 1e6 == pytest.approx(theirs.get_value_at_percentile(99), abs=1)
    assert spread.max * 1e6 == pytest.approx(theirs.get_max_value(), abs=1)
    assert HdrHistogram.decode(spread.hdr).get_total_count() == len(lengths)


@given(LENGTHS)
def test_it_is_right_to_three_digits(lengths):
    ordered = sorted(lengths)
    spread = counted(lengths).spread()
    assert spread.max == pytest.approx(ordered[-1], rel=0.001, abs=2e-6)
    assert spread.p50 == pytest.approx(ordered[(len(ordered) - 1) // 2], rel=0.001, abs=2e-6)


@given(LENGTHS, LENGTHS)
def test_two_are_merged_as_if_counted_as_one(first, second):
    whole = counted(first + second).spread()
    both = merged([counted(first).spread(), Spread(), counted(second).spread()])
    assert both == whole


@pytest.mark.parametrize(("length", "counts_as"), [(-1.0, 0.0), (0.0, 0.0), (1e9, 3_600.0)])
def test_what_is_out_of_range_counts_as_its_end(length, counts_as):
    assert counted([length]).spread().max == pytest.approx(counts_as, rel=0.001)


def test_nothing_has_no_spread():
    assert counted([]).spread() == Spread() == merged([])
    assert Counts().quantiles(0.5, 0.9) == [0.0, 0.0]


@pytest.mark.parametrize("hdr", ["x", "AAAA", "HISTFAAAABh4nJ"])
def test_what_is_no_histogram_is_said(hdr):
    with pytest.raises(InputError, match="not an HdrHistogram"):
        merged([Spread(count=1, hdr=hdr)])
