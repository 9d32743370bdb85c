"""What a load stands on: the alarm, the timer wheel, the spool."""

import asyncio
import gc
import math
import os
import time
from pathlib import Path

import pytest
import uvloop

from mockatell.core.agenda import Agenda
from mockatell.core.retry import from_schedule
from mockatell.errors import OutputError
from mockatell.model import Answer, Callback, Cause, Conduct, Delivery, Exchange, Role
from mockatell.shell import spool
from mockatell.shell.alarm import Alarm
from mockatell.shell.machine import seldom_collected
from mockatell.shell.senders.fast.wheel import TICK, Wheel
from mockatell.shell.spool import Spool

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


def on(loop_factory, main):
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main())


# The alarm


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("fine", [True, False])
def test_an_alarm_rings_once_and_not_too_soon(loop, fine, monkeypatch):
    if not fine:
        monkeypatch.setattr("mockatell.shell.alarm.ctypes.CDLL", lambda *_, **__: object())

    async def main():
        rung, heard = [], asyncio.Event()
        alarm = Alarm(
            asyncio.get_running_loop(), lambda: (rung.append(time.perf_counter()), heard.set())
        )
        start = time.perf_counter()
        alarm.set(60.0)
        alarm.set(0.02)
        await asyncio.wait_for(heard.wait(), 5)
        alarm.set(0.0)
        heard.clear()
        await asyncio.wait_for(heard.wait(), 5)
        alarm.set(0.0)
        alarm.close()
        await asyncio.get_running_loop().run_in_executor(None, int)
        return [at - start for at in rung]

    first, second = on(loop, main)
    assert first >= (0.0199 if fine else 0.018)  # a loop counts whole milliseconds
    assert second >= first


# The wheel


class Watched:
    def __init__(self):
        self.deadline = self.looked_at = math.inf
        self.expired = 0

    def expire(self):
        self.expired += 1


class Loop:
    """A loop of timers that a test turns by hand."""

    def __init__(self):
        self.now = 1_000.0
        self.calls = []

    def call_later(self, delay, call):
        self.calls.append((self.now + delay, call))
        return self

    def cancel(self):
        self.calls.clear()

    def turn(self, upto):
        while self.calls and self.calls[0][0] <= upto:
            self.now, call = self.calls.pop(0)
            call()
        self.now = upto


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def wheel(loop):
    return Wheel(loop, lambda: loop.now)


def test_a_deadline_expires_once_and_within_a_tick(loop, wheel):
    watched = Watched()
    wheel.set(watched, 1_001.0)
    loop.turn(1_000.99)
    assert watched.expired == 0
    loop.turn(1_001.0 + 3 * TICK)
    assert watched.expired == 1
    loop.turn(1_010.0)
    assert watched.expired == 1
    assert not loop.calls  # nothing is watched, so nothing ticks


def test_a_deadline_may_be_put_off_brought_forward_and_lifted(loop, wheel):
    put_off, nearer, lifted = Watched(), Watched(), Watched()
    for watched in (put_off, nearer, lifted):
        wheel.set(watched, 1_001.0)
    put_off.deadline = 1_002.0
    wheel.set(nearer, 1_000.5)
    lifted.deadline = math.inf
    loop.turn(1_000.6)
    assert (put_off.expired, nearer.expired) == (0, 1)
    loop.turn(1_001.9)
    assert (put_off.expired, nearer.expired, lifted.expired) == (0, 1, 0)
    loop.turn(1_002.1)
    assert put_off.expired == 1


def test_a_thousand_requests_enter_a_bucket_once(wheel):
    watched = Watched()
    for number in range(1_000):
        deadline = 1_005.0 + number / 1_000
        watched.deadline = deadline
        if deadline < watched.looked_at:
            wheel.look(watched)
    assert sum(map(len, wheel._buckets.values())) == 1


def test_a_stopped_wheel_rings_nothing(loop, wheel):
    watched = Watched()
    wheel.set(watched, 1_001.0)
    wheel.stop()
    loop.turn(1_010.0)
    assert watched.expired == 0


# The spool


def exchange(number, size=300):
    body = b"%d" % number + b"x" * size
    callback = Callback(Role.REPLY, "moText", f"m{number}", body)
    delivery = Delivery(
        number, float(number), Cause.DUPLICATE, callback, number, 3, 7, 5, (Conduct.OUTAGE,)
    )
    return Exchange(delivery, 2, number + 0.5, Conduct.PLAIN, 0.25)


def test_what_is_laid_down_is_taken_again(monkeypatch):
    monkeypatch.setattr(spool, "SEGMENT", 4_000)
    monkeypatch.setattr(spool, "_BUFFER", 1_000)
    held = Spool()
    places = {number: held.put(exchange(number)) for number in range(100)}
    for number in [*range(0, 100, 2), *range(99, 0, -2)]:
        assert held.take(places[number]) == exchange(number)
    assert len(held._segments) == 1  # what is empty is given back
    held.close()


def test_files_are_given_back_and_have_no_name(monkeypatch, tmp_path):
    monkeypatch.setattr(spool, "SEGMENT", 4_000)
    monkeypatch.setattr(spool.tempfile, "tempdir", str(tmp_path))
    before = len(list(Path("/proc/self/fd").iterdir()))
    held = Spool()
    for round_ in range(50):
        places = [held.put(exchange(number)) for number in range(round_, round_ + 20)]
        assert len(held._segments) < 5
        for place in places:
            held.take(place)
    assert list(tmp_path.iterdir()) == []
    held.close()
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_full_disk_is_said(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    held = Spool()
    with pytest.raises(OutputError, match="No space left on device; set TMPDIR"):
        held.put(exchange(1, size=100_000))
    held.close()


def test_a_retry_from_the_spool_is_the_same_to_the_byte():
    first = exchange(1).delivery
    agenda = Agenda([first], dict.fromkeys(Role, from_schedule([1.0])), shelf=(held := Spool()))
    (begun,) = agenda.take(5.0)[0]
    agenda.ended(begun, Answer(503, took=0.1), 5.0)
    assert agenda.waiting == 1
    (again,) = agenda.take(10.0)[0]
    assert (again.delivery, again.number, again.first_sent) == (first, 2, 5.0)
    held.close()


def test_what_waits_costs_a_place_alone():
    """A million in 300 MB; here, by what Python says of each place."""
    import tracemalloc

    held = Spool()
    deliveries = [exchange(number).delivery for number in range(2_000)]
    agenda = Agenda(deliveries, dict.fromkeys(Role, from_schedule([60.0])), shelf=held)
    begun = [each for group in agenda.take(1e6) for each in group]
    tracemalloc.start()
    for each in begun:
        agenda.ended(each, Answer(503, took=0.1), 1e6)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert agenda.waiting == 2_000
    assert (size - 70_000) / 2_000 < 300  # less the buffer of what was laid down last
    held.close()


def test_the_collector_is_itself_again_afterwards():
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold() != before
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
