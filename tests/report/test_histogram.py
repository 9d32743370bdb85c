import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.histogram import Histogram

SECONDS = st.floats(min_value=1e-6, max_value=1e6)
SHARES = st.sampled_from([0.01, 0.5, 0.9, 0.99, 1.0])


def filled(values):
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(st.lists(SECONDS, min_size=1, max_size=300), SHARES)
def test_a_quantile_is_within_one_percent_of_the_sorted_data(values, share):
    true = sorted(values)[max(1, math.ceil(share * len(values))) - 1]
    assert filled(values).quantile(share) == pytest.approx(true, rel=0.0100001)


def test_what_is_no_time_at_all_counts_as_nothing():
    approx_2 = pytest.approx(2.0, rel=0.01)
    histogram = filled([-0.5, 0.0, 1e-12, 2.0])
    assert [histogram.quantile(share) for share in (0.25, 0.75, 1.0)] == [0.0, 0.0, approx_2]
    assert (histogram.count, histogram.max) == (4, 2.0)


def test_an_empty_one_knows_nothing():
    assert Histogram().timing().count == 0
    assert Histogram().quantile(0.99) == 0.0


def test_memory_does_not_grow_with_the_count():
    histogram = filled(1e-6 * 1.0001**power for power in range(200_000))
    assert len(histogram._buckets) < 1_100


def test_the_maximum_is_exact_and_no_quantile_exceeds_it():
    timing = filled([0.1, 0.2, 3.3333]).timing()
    assert timing.max == 3.3333
    assert timing.p50 <= timing.p90 <= timing.p99 <= timing.max
