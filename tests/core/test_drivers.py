import asyncio

import pytest

from mockatell.core.agenda import Agenda
from mockatell.core.retry import from_schedule
from mockatell.model import Answer, Callback, Cause, Conduct, Delivery, Outcome, Role
from mockatell.shell.clock import RealClock, VirtualClock
from mockatell.shell.drivers import asynchronous, synchronous

CALLBACK = Callback(Role.STATUS, "messageStatusUpdate", "m1", b"{}")
DAY = 86_400.0
OK, BROKEN = Answer(200), Answer(500)


def delivery(seq, due, race=None):
    return Delivery(seq, due, Cause.ORIGINAL, CALLBACK, origin=seq - 1, race=race)


def agenda(*deliveries, delays=(DAY, DAY, DAY), **settings):
    return Agenda(deliveries, dict.fromkeys(Role, from_schedule(delays)), **settings)


class Scripted:
    """A sender that gives the answers it was told to, after as many turns of the loop."""

    def __init__(self, answer, turns=lambda _exchange: 0):
        self.answer = answer
        self.turns = turns
        self.sent = []
        self.most = self.in_flight = 0

    async def send(self, exchange):
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        for _ in range(self.turns(exchange)):
            await asyncio.sleep(0)
        self.in_flight -= 1
        self.sent.append(exchange)
        return self.answer(exchange)

    async def race(self, exchanges):
        answers = [await self.send(exchange) for exchange in exchanges]
        return [(0.001 * n, answer) for n, answer in enumerate(answers)]


class ScriptedSync:
    def __init__(self, answer):
        self.answer = answer
        self.sent = []

    def send(self, exchange):
        self.sent.append(exchange)
        return self.answer(exchange)


def drive(agenda, sender, clock=None, **settings):
    attempts = []
    clock = clock or VirtualClock()
    asyncio.run(asynchronous.drive(agenda, sender, clock, attempts.append, **settings))
    return attempts


def drive_sync(agenda, sender):
    attempts = []
    synchronous.drive(agenda, sender, VirtualClock(), attempts.append)
    return attempts


DRIVERS = [
    lambda agenda, answer: drive(agenda, Scripted(answer)),
    lambda agenda, answer: drive_sync(agenda, ScriptedSync(answer)),
]


@pytest.mark.parametrize("driven", DRIVERS)
def test_days_of_retries_in_no_time(driven):
    attempts = driven(agenda(delivery(1, 5.0)), lambda e: OK if e.number == 4 else BROKEN)
    assert [a.sent_at for a in attempts] == [5.0, 5.0 + DAY, 5.0 + 2 * DAY, 5.0 + 3 * DAY]
    assert attempts[-1].outcome is Outcome.ACKNOWLEDGED


@pytest.mark.parametrize("driven", DRIVERS)
def test_an_outage_never_reaches_the_sender(driven):
    def conduct(_delivery, number, _due):
        return Conduct.OUTAGE if number == 1 else Conduct.PLAIN

    seen = []

    def answer(exchange):
        seen.append(exchange.number)
        return OK

    attempts = driven(agenda(delivery(1, 0.0), conduct=conduct), answer)
    assert [a.outcome for a in attempts] == [Outcome.UNREACHABLE, Outcome.ACKNOWLEDGED]
    assert attempts[0].detail.startswith("outage: ")
    assert seen == [2]


@pytest.mark.parametrize("driven", DRIVERS)
def test_a_time_out_takes_its_time_even_when_time_is_virtual(driven):
    from mockatell.model import Trouble

    slow = Answer(trouble=Trouble.TIMEOUT, took=5.0)
    attempts = driven(agenda(delivery(1, 0.0), delays=(10.0,)), lambda _: slow)
    assert [(a.sent_at, a.ended_at, a.next_due) for a in attempts] == [(0, 5, 15), (15, 20, None)]


def test_virtual_time_waits_for_all_that_is_in_flight():
    # The first answers last; nothing later may be sent, or recorded, before it.
    sender = Scripted(lambda _: OK, turns=lambda e: 50 - 20 * e.delivery.seq)
    attempts = drive(agenda(delivery(1, 0.0), delivery(2, 0.0), delivery(3, 1.0)), sender)
    assert [a.delivery for a in attempts] == [1, 2, 3]
    assert [e.delivery.seq for e in sender.sent] == [2, 1, 3]
    assert sender.most == 2


def test_no_more_in_flight_than_the_limit():
    sender = Scripted(lambda _: OK, turns=lambda _: 3)
    many = [delivery(n, 0.0) for n in range(1, 21)]
    drive(agenda(*many, limits={Role.STATUS: 4}), sender)
    assert sender.most == 4
    assert len(sender.sent) == 20


def test_a_race_goes_to_the_sender_as_one():
    copies = [delivery(1, 0.0, race=1), delivery(2, 0.0, race=1)]
    attempts = drive(agenda(*copies), Scripted(lambda _: OK))
    assert [a.race for a in attempts] == [1, 1]
    assert [a.sent_at for a in attempts] == [0.0, 0.001]


def test_what_was_waited_for_a_connection_is_not_service():
    attempts = drive(
        agenda(delivery(1, 0.0)), Scripted(lambda _: Answer(200, waited=0.2, took=0.1))
    )
    assert (attempts[0].sent_at, attempts[0].lag) == (0.2, 0.2)
    assert attempts[0].service == pytest.approx(0.1)


def test_hurried_time_divides_the_waits():
    clock = RealClock(speed=10_000)
    attempts = drive(agenda(delivery(1, 0.0), delays=(60.0,)), Scripted(lambda _: BROKEN), clock)
    first, second = attempts
    assert second.sent_at >= second.due == first.ended_at + 60.0
    assert clock.now() < 60.0 + 10_000, "a minute of waiting took less than a second"


def test_in_hurried_time_a_slow_answer_does_not_eat_the_wait():
    """A second of real waiting for the answer is a minute of hurried time; then a minute more."""
    plan = agenda(delivery(1, 0.0), delays=(60.0,), speed=60.0)
    [[exchange]] = plan.take(0.0)
    attempt = plan.ended(exchange, Answer(503, took=1.0), 0.0)
    assert attempt.service == 1.0
    assert attempt.next_due == 120.0


def test_a_synchronous_limit_sends_all_that_is_due_before_time_moves_on():
    many = [delivery(n, 0.0) for n in range(1, 201)]
    plan = agenda(*many, delivery(201, 2 * DAY), limits={Role.STATUS: 64})
    attempts = drive_sync(plan, ScriptedSync(lambda _: OK))
    assert [a.sent_at for a in attempts] == [0.0] * 200 + [2 * DAY]


class Stuck(Scripted):
    """Its second exchange never ends."""

    cancelled = False

    async def send(self, exchange):
        if exchange.delivery.seq == 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        return await super().send(exchange)


def test_a_stop_lets_what_is_in_flight_end_and_cancels_the_rest():
    plan = agenda(delivery(1, 0.0), delivery(2, 0.0), delivery(3, 3600.0))
    sender = Stuck(lambda _: OK)

    async def run():
        stop = asynchronous.Stop()
        attempts = []

        def record(attempt):
            attempts.append(attempt)
            stop()

        await asynchronous.drive(plan, sender, RealClock(), record, stop=stop, grace=0.05)
        await asyncio.sleep(0)
        return attempts

    attempts = asyncio.run(run())
    assert [a.delivery for a in attempts] == [1]
    assert sender.cancelled
    ended = plan.close(interrupted=True)
    assert (ended.deliveries, ended.acknowledged, ended.pending) == (3, 1, 2)


def test_a_second_stop_does_not_wait_for_what_is_in_flight():
    plan = agenda(delivery(1, 0.0), delivery(2, 0.0))
    sender = Stuck(lambda _: OK)

    async def run():
        stop = asynchronous.Stop()

        def record(_attempt):
            stop()
            stop()

        started = asyncio.get_running_loop().time()
        await asynchronous.drive(plan, sender, RealClock(), record, stop=stop, grace=60.0)
        return asyncio.get_running_loop().time() - started

    assert asyncio.run(run()) < 10
    assert sender.cancelled


def test_a_sender_that_breaks_is_our_bug_and_comes_out():
    class Broken(Scripted):
        async def send(self, _exchange):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drive(agenda(delivery(1, 0.0)), Broken(lambda _: OK))
