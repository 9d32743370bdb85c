"""When events happened and how late they came: arrivals stay, disorder shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.clickatell.hearing import Heard
from mockatell.core.recording.timing import Arrival, happened, offset

MS = 1_767_225_600_000


def arrival(at, stamp, kind="messageStatusUpdate"):
    told = None if stamp is None else MS + round(stamp * 1000)
    return Arrival(at, Heard(kind=kind, channel="sms", timestamp=told))


def timed(*arrivals):
    talk = sorted(arrivals, key=lambda each: each.at)
    return [(each.at_ms, each.late_ms) for each in happened(talk, offset(talk))]


@pytest.mark.parametrize(
    ("came", "told"),
    [
        # in order, with some delay: as it came
        ([(10.0, 0.0), (11.5, 1.0), (13.0, 3.0)], [(10_000, 0), (11_500, 0), (13_000, 0)]),
        # overtaken: late, by its timestamp
        ([(10.0, 0.0), (11.0, 1.0), (11.4, 0.5)], [(10_000, 0), (10_500, 900), (11_000, 0)]),
        # in order, but long after it happened
        ([(10.0, 0.0), (15.0, 1.0)], [(10_000, 0), (11_000, 4_000)]),
        # the same moment: in order of arrival
        ([(10.0, 0.0), (10.2, 0.0)], [(10_000, 0), (10_200, 0)]),
        # no timestamp, or one that cannot be
        ([(10.0, None), (11.0, 0.0)], [(10_000, 0), (11_000, 0)]),
        ([(10.0, 0.0), (11.0, 1.0), (12.0, 9_000_000.0)], [(10_000, 0), (11_000, 0), (12_000, 0)]),
        ([(10.0, 0.0), (11.0, 1.0), (12.0, -9_000_000.0)], [(10_000, 0), (11_000, 0), (12_000, 0)]),
    ],
)
def test_when_it_happened(came, told):
    assert timed(*(arrival(at, stamp) for at, stamp in came)) == told


@pytest.mark.parametrize("kind", ["moText", "messageStatusUpdate"])
def test_the_whole_seconds_of_replies_prove_no_disorder(kind):
    told = timed(arrival(10.6, 0.6), arrival(10.8, 0.0, kind))
    assert told == (
        [(10_600, 0), (10_800, 0)] if kind == "moText" else [(10_000, 800), (10_600, 0)]
    )


@given(
    st.lists(
        st.tuples(st.floats(0, 1000), st.none() | st.floats(-100, 1000), st.booleans()), min_size=1
    )
)
def test_nothing_happens_after_it_came_nor_before_what_it_follows(came):
    talk = sorted(
        (
            arrival(at, stamp, "moText" if reply else "messageStatusUpdate")
            for at, stamp, reply in came
        ),
        key=lambda each: each.at,
    )
    told = happened(talk, offset(talk))
    assert all(each.late_ms >= 0 for each in told)
    assert [each.at_ms for each in told] == sorted(each.at_ms for each in told)
    assert sorted(each.arrival.at for each in told) == [each.at for each in talk]
