from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.render.axis import MOST_STRETCHES, Layout, fit

LAYOUT = Layout(width=900, least=48, gap=22, letter=6)
HOURS_76 = [0.0, 1.0, 2.0, 122.0, 363.0, 844.0, 1805.0, 3726.0, 7567.0, 15248.0, 274448.0]

TIMES = st.lists(
    st.one_of(st.floats(0, 1), st.floats(0, 100), st.floats(0, 300_000)), min_size=1, max_size=60
)


def instants(times):
    return [(time, time) for time in times]


@given(TIMES)
def test_the_axis_is_in_order_and_inside_its_room(times):
    axis = fit(instants(times), LAYOUT)
    places = [axis.x(time) for time in sorted(times)]
    assert all(before <= after for before, after in pairwise(places))
    assert places[0] >= -1e-6
    assert places[-1] <= LAYOUT.width + 1e-6
    assert len(axis.stretches) <= MOST_STRETCHES


@given(TIMES)
def test_labels_do_not_touch_and_marks_tell_the_truth(times):
    axis = fit(instants(times), LAYOUT)
    ticks = sorted((tick for tick in axis.ticks() if tick.label), key=lambda tick: tick.x)
    assert ticks
    for before, after in pairwise(ticks):
        assert after.x - before.x >= (len(before.label) + len(after.label)) / 2 * LAYOUT.letter


def test_a_short_run_has_one_scale_and_no_break():
    axis = fit(instants([0.0, 1.0, 2.0, 4.0]), LAYOUT)
    assert list(axis.breaks()) == []
    assert axis.x(2.0) - axis.x(1.0) == pytest.approx(axis.x(1.0) - axis.x(0.0))
    assert [tick.label for tick in axis.ticks()][:3] == ["0s", "500ms", "1s"]


def test_three_days_of_retries_are_told_apart():
    axis = fit(instants(HOURS_76), LAYOUT)
    places = [axis.x(time) for time in HOURS_76]
    assert min(after - before for before, after in pairwise(places)) > 10
    assert "3d" in {tick.label[:2] for tick in axis.ticks()}


def test_nothing_is_cut_out_while_an_attempt_is_under_way():
    axis = fit([(0.0, 0.1), (1.0, 61.0), (62.0, 62.1)], LAYOUT)
    assert list(axis.breaks()) == []


def test_a_time_in_a_break_lies_in_the_break():
    axis = fit(instants([0.0, 1.0, 5_000.0, 5_001.0]), LAYOUT)
    [(before, after)] = axis.breaks()
    assert before.right < axis.x(2_500.0) < after.left
    assert axis.x(99_999.0) == after.right


def test_an_axis_of_nothing_is_an_axis():
    assert fit([], LAYOUT).x(0.5) > 0
