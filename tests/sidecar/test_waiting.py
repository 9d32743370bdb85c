"""Waiting: told when it comes, whatever comes after it, and without a look at everything."""

import asyncio

import pytest

from mockatell.core.sidecar.retention import Retention
from mockatell.core.sidecar.tracks import Tracks
from mockatell.model import Answer
from mockatell.rooms.sidecar.waiting import Scope, Waiters


async def begun(waiters, played, *, until="quiet", scope=None, count=1):
    """So many who wait already."""
    waits = [waiters.wait(lambda: played.world, scope or Scope(), until, 60) for _ in range(count)]
    tasks = set(map(asyncio.ensure_future, waits))
    await asyncio.wait(tasks, timeout=0)
    return tasks


def wake(waiters, world):
    waiters.wake(world, world.changes.told())


@pytest.mark.parametrize("until", ["quiet", "acknowledged"])
def test_what_has_come_is_told_though_the_app_sends_more_at_once(played, run, until):
    async def main():
        waiters = Waiters()
        played.message()
        [waiting] = await begun(waiters, played, until=until)
        played.play(60)
        wake(waiters, played.world)
        played.message()
        result = await asyncio.wait_for(waiting, 10)
        assert (result.reached, result.pending) == (True, 0)

    run(main())


def test_a_moment_that_was_not_quiet_wakes_nobody(played, run):
    async def main():
        waiters = Waiters()
        played.message()
        [waiting] = await begun(waiters, played)
        played.play(0.01)
        wake(waiters, played.world)
        done, _ = await asyncio.wait({waiting}, timeout=0)
        assert not done
        played.play(60)
        wake(waiters, played.world)
        assert (await asyncio.wait_for(waiting, 10)).reached

    run(main())


def test_a_thousand_who_wait_look_at_no_delivery(played, run, monkeypatch):
    async def main():
        waiters = Waiters()
        played.message()
        waiting = await begun(waiters, played, until="acknowledged", count=1000)
        played.play(60)
        wake(waiters, played.world)
        results = await asyncio.gather(*waiting)
        assert all(each.reached for each in results)
        late = await begun(waiters, played, until="acknowledged", count=1000)
        assert all(task.result().reached for task in late), "all was quiet already"

    def walked(_tracks):
        raise AssertionError

    monkeypatch.setattr(Tracks, "__iter__", walked)
    run(main())


def test_what_a_callback_came_to_is_known_while_a_copy_of_it_is_held(make_played):
    played = make_played(retry="none", retention=Retention(deliveries=1))
    played.message("27999999004")
    played.play(10)
    played.answer = Answer(500)
    played.world.redeliver(1, played.now)
    played.play(10)
    [track] = played.world.tracks
    assert (track.row.twin, track.state) == (1, "exhausted")
    assert played.world.acknowledged()
    played.message("27999999004")
    played.play(10)
    assert not played.world.acknowledged()
