import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.rng import MAX_SEED, Purpose, Stream, draw_seed

PROMISED = [6296402877407144542, 3876546108961716869, 557646047382459067]


def test_the_sequence_is_promised_for_ever():
    stream = Stream(7, Purpose.MESSAGE, 0, 1)
    assert [stream.bits64() for _ in range(3)] == PROMISED


def test_another_process_draws_the_same():
    code = "from mockatell.rng import Stream; print(Stream(7, 1, 0, 1).hex_id())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == Stream(7, 1, 0, 1).hex_id()


@pytest.mark.parametrize(
    "other",
    [
        Stream(8, 1, 0, 1),
        Stream(7, 2, 0, 1),
        Stream(7, 1, 1, 0),
        Stream(7, 1, 0, 1, 0),
        Stream(7, 1, 0),
    ],
)
def test_each_label_makes_another_stream(other):
    assert other.bits64() != Stream(7, 1, 0, 1).bits64()


def test_neighbouring_streams_do_not_repeat_each_other():
    drawn = {Stream(s, 1, label).bits64() for s in range(50) for label in range(200)}
    assert len(drawn) == 50 * 200


@given(st.integers(0, MAX_SEED), st.integers(0, 2**40))
def test_ranges(seed, label):
    stream = Stream(seed, Purpose.FAULT, label)
    assert 0 <= stream.random() < 1
    assert 2 <= stream.uniform(2, 5) <= 5
    assert stream.below(3) in (0, 1, 2)
    assert stream.pick("abc") in "abc"
    assert len(stream.take_bytes(13)) == 13


def test_numbers_are_spread_evenly():
    stream = Stream(1, Purpose.FAULT, 1)
    tenths = [0] * 10
    for _ in range(20_000):
        tenths[int(stream.random() * 10)] += 1
    assert all(1_800 < count < 2_200 for count in tenths)


def test_first_draws_of_many_streams_are_spread_evenly():
    hits = sum(Stream(3, Purpose.FAULT, 0, origin, 0, 0).chance(0.2) for origin in range(20_000))
    assert 3_800 < hits < 4_200


def test_chance_at_its_ends():
    stream = Stream(1, 1)
    assert not any(stream.chance(0.0) for _ in range(100))
    assert all(stream.chance(1.0) for _ in range(100))


def test_a_uniform_of_one_point_draws_nothing():
    one, other = Stream(1, 1), Stream(1, 1)
    assert one.uniform(4.0, 4.0) == 4.0
    assert one.bits64() == other.bits64()


def test_an_id_is_a_uuid_without_dashes():
    made = Stream(5, 1).hex_id()
    assert len(made) == 32
    assert made[12] == "4"
    assert made[16] in "89ab"


def test_a_drawn_seed_can_be_typed():
    assert 0 <= draw_seed() < 2**31
