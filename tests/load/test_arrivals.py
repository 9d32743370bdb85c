"""When callbacks come: tables, and the laws of a rate."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.load.arrivals import arrivals, expected, highest
from mockatell.core.load.result import Stage
from mockatell.rng import Purpose, Stream

STAGES = st.lists(st.builds(Stage, st.floats(0.1, 20), st.floats(0, 50)), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("start", "stages", "times"),
    [
        (4.0, [Stage(1.0, 4.0)], [0.0, 0.25, 0.5, 0.75]),
        (0.5, [Stage(5.0, 0.5)], [0.0, 2.0, 4.0]),
        (0.0, [Stage(2.0, 2.0)], [0.0, 2**0.5]),
        (2.0, [Stage(2.0, 0.0)], [0.0, 2 - 2**0.5]),
        (
            1.0,
            [Stage(2.0, 1.0), Stage(1.0, 3.0)],
            [0.0, 1.0, 2.0, 2 + (5**0.5 - 1) / 2],
        ),
        (0.0, [Stage(1.0, 0.0), Stage(1.0, 0.0)], []),
        (2.0, [Stage(0.0, 9.0), Stage(0.5, 9.0)], [0.0, 1 / 9, 2 / 9, 3 / 9, 4 / 9]),
    ],
)
def test_even_arrivals(start, stages, times):
    assert list(arrivals(start, stages)) == pytest.approx(times)


@given(st.floats(0, 50), STAGES, st.booleans())
def test_they_come_in_order_and_as_many_as_expected(start, stages, at_random):
    stream = Stream(1, Purpose.ARRIVAL) if at_random else None
    times = list(arrivals(start, stages, stream))
    length, count = sum(stage.for_ for stage in stages), expected(start, stages)
    assert all(a <= b for a, b in pairwise(times))
    assert all(0 <= at <= length * (1 + 1e-9) for at in times)
    assert abs(len(times) - count) <= (1.0 if not at_random else 8 * count**0.5 + 8)


def test_random_arrivals_are_a_poisson_process():
    gaps = [b - a for a, b in pairwise(arrivals(10.0, [Stage(2_000.0, 10.0)], Stream(7, 2)))]
    mean = sum(gaps) / len(gaps)
    variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
    assert mean == pytest.approx(0.1, rel=0.03)
    assert variance == pytest.approx(mean**2, rel=0.06)  # as an exponential's is


def test_the_same_stream_gives_the_same_times():
    first, second = (arrivals(5.0, [Stage(9.0, 5.0)], Stream(3, 2)) for _ in range(2))
    assert list(first) == list(second)


def test_the_highest_rate():
    assert highest(1.0, [Stage(1.0, 5.0), Stage(1.0, 2.0)]) == 5.0
