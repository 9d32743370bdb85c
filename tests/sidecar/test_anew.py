"""What a reset does to time: the clock begins anew, at the real time."""

import time

import pytest

from mockatell.shell.clock import AdjustableClock
from mockatell.shell.store import SqliteStore

DAY = 86_400.0


def away_ms(told_ms):
    """How far that is from the wall's time, in milliseconds."""
    return abs(told_ms - time.time() * 1000)


def test_a_reset_sets_the_clock_to_the_real_time_and_its_first_speed(run, house):
    async def main():
        async with house(clock=AdjustableClock(speed=2)) as h:
            await h.sidecar.set_speed(50)
            await h.sidecar.advance(3 * DAY)
            await h.sidecar.pause()
            assert away_ms(h.sidecar.clock().now_ms) > 2 * DAY * 1000
            await h.sidecar.reset()
            clock = h.sidecar.clock()
            assert away_ms(clock.now_ms) < 10_000
            assert (clock.speed, clock.paused) == (2, False)
            assert away_ms(h.sidecar.report().started.epoch_ms) < 10_000

    run(main())


@pytest.mark.parametrize("again", [1, 2])
def test_a_store_has_the_real_time_after_it_too(run, house, tmp_path, again):
    async def main():
        async with house(store=SqliteStore(tmp_path / "k.db"), clock=AdjustableClock()) as h:
            for _ in range(again):
                await h.sidecar.advance(3 * DAY)
                await h.sidecar.reset(7)
        async with house(
            store=SqliteStore(tmp_path / "k.db"), clock=AdjustableClock(), seed=None
        ) as h:
            assert away_ms(h.sidecar.clock().now_ms) < 10_000
            message_id = await h.message(scheduledDeliveryTime=_iso(3600))
            await h.sidecar.advance(3000)
            assert h.sidecar.message(message_id).status is None
            await h.sidecar.advance(700)
            assert h.sidecar.message(message_id).status == "DEVICE_ACK"

    run(main())


def _iso(seconds):
    """So many seconds from now, as the One API has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
