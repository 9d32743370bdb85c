"""The clock that can be hurried, halted and advanced."""

import asyncio
import math

import pytest
from msgspec.structs import replace

from mockatell.shell.clock import AdjustableClock

HOUR = 3600.0


async def turned(clock, dues):
    """Turn a clock as a driver does; gives the times that it stopped at."""
    bell = asyncio.Event()
    seen = []
    while clock.virtual:
        due = next((due for due in dues if due > clock.now()), math.inf)
        await clock.wait_for(bell, due)
        seen.append(clock.now())
    return seen


def test_it_stops_at_all_that_is_due_on_the_way_and_arrives(run):
    async def main():
        clock = AdjustableClock(paused=True)
        clock.pause()
        start = clock.now()
        arrived = clock.advance(HOUR)
        seen = await turned(clock, [start + 10, start + 20, start + 2 * HOUR])
        await arrived
        assert seen == pytest.approx([start + 10, start + 20, start + HOUR])
        assert clock.now() == pytest.approx(start + HOUR)
        assert (clock.paused, clock.virtual) == (True, False)

    run(main())


def test_it_goes_on_after_it_was_advanced(run):
    async def main():
        clock = AdjustableClock()
        arrived = clock.advance(HOUR)
        frozen = clock.now()
        assert clock.now() == frozen
        await turned(clock, [])
        await arrived
        first = clock.now()
        assert first >= HOUR
        await clock.wait_for(asyncio.Event(), first + 0.001)
        assert clock.now() > first

    run(main())


def test_halted_it_waits_for_the_bell_alone(run):
    async def main():
        clock = AdjustableClock(paused=True)
        now = clock.now()
        bell = asyncio.Event()
        waiting = asyncio.ensure_future(clock.wait_for(bell, now - 1))
        done, _ = await asyncio.wait({waiting}, timeout=0.01)
        assert not done
        bell.set()
        await waiting
        assert clock.now() == now

    run(main())


def test_time_never_goes_back():
    clock = AdjustableClock(speed=1000)
    seen = [clock.now()]
    for change in (lambda: clock.set_speed(0.01), clock.pause, clock.resume, clock.arrive):
        change()
        seen.append(clock.now())
    assert seen == sorted(seen)


def test_it_is_hurried_by_its_speed(run):
    async def main():
        clock = AdjustableClock(speed=10_000)
        await asyncio.wait_for(clock.wait_for(asyncio.Event(), clock.now() + 60), 5)

    run(main())


def test_another_goes_on_where_it_stood():
    clock = AdjustableClock(speed=2.0, epoch_ms=1_000_000)
    state = replace(clock.state, now=100.0)
    other = AdjustableClock()
    other.restore(clock.epoch_ms, replace(state, wall_ms=state.wall_ms - 10_000))
    assert other.now() == pytest.approx(120.0, abs=1)
    assert (other.epoch_ms, other.speed) == (1_000_000, 2.0)


def test_one_that_was_halted_stands_where_it_stood():
    other = AdjustableClock()
    state = replace(AdjustableClock(paused=True).state, now=100.0, wall_ms=0)
    other.restore(5, state)
    assert (other.now(), other.paused) == (100.0, True)


def test_a_wall_that_was_set_back_takes_no_time_away():
    other = AdjustableClock()
    state = AdjustableClock().state
    other.restore(0, replace(state, now=100.0, wall_ms=state.wall_ms + 10**9))
    assert 100.0 <= other.now() < 101.0
