"""Handing out what is due among greenlets, some of which are killed."""

from importlib.util import find_spec

import pytest

from mockatell.core.agenda import Agenda
from mockatell.core.load.share import ShareTally
from mockatell.core.retry import from_schedule
from mockatell.model import Answer, Callback, Cause, Delivery, Role
from mockatell.shell.clock import RealClock

pytestmark = pytest.mark.skipif(
    find_spec("locust") is None, reason="the extra locust is not installed"
)

CALLBACK = Callback(Role.STATUS, "messageStatusUpdate", "m1", b"{}")
SOON = 10  # seconds that no test takes unless it hangs


@pytest.fixture
def driver():
    """What hands out three deliveries that are due at once."""
    from mockatell.shell.drivers.greenlets import GreenletDriver

    due = [Delivery(seq, 0.0, Cause.ORIGINAL, CALLBACK, origin=seq) for seq in range(3)]
    agenda = Agenda(due, dict.fromkeys(Role, from_schedule([])))
    return GreenletDriver(agenda, RealClock(), ShareTally())


@pytest.fixture
def spawn():
    """Start a greenlet; killed at the end."""
    import gevent

    begun = []

    def start(what, *args):
        begun.append(gevent.spawn(what, *args))
        return begun[-1]

    yield start
    gevent.killall(begun)


def send_all(driver):
    while exchange := driver.take():
        driver.ended(exchange, Answer(200), driver.now())


def test_what_a_killed_user_was_sending_is_sent_by_another(driver, spawn):
    from gevent import GreenletExit
    from gevent.event import Event

    sending = Event()

    def send_without_end():
        exchange = driver.take()
        sending.set()
        try:
            Event().wait()
        except GreenletExit:
            driver.give_back(exchange)
            raise

    turning, killed = spawn(driver.turn), spawn(send_without_end)
    assert sending.wait(SOON)
    killed.kill()
    other = spawn(send_all, driver)
    turning.join(SOON)
    other.join(SOON)
    assert turning.successful()
    assert other.successful()
    totals = driver.totals()
    assert totals.finished
    assert (totals.deliveries, totals.attempts, totals.acknowledged) == (3, 3, 3)


def test_a_user_who_is_killed_while_it_waits_keeps_nothing(driver, spawn):
    import gevent

    waiting = spawn(driver.take)
    gevent.idle()  # let it ask
    waiting.kill()
    turning, other = spawn(driver.turn), spawn(send_all, driver)
    turning.join(SOON)
    other.join(SOON)
    assert driver.totals().acknowledged == 3


def test_what_is_given_back_waits_for_who_asks(driver, spawn):
    import gevent

    turning, only = spawn(driver.turn), spawn(driver.take)
    only.join(SOON)
    driver.give_back(only.value)
    again = driver.take()
    assert again == only.value
    gevent.idle()
    assert driver._handed.empty()  # what nobody asked for stays on the agenda
    driver.ended(again, Answer(200), driver.now())
    spawn(send_all, driver).join(SOON)
    turning.join(SOON)
    assert driver.totals().attempts == 3
