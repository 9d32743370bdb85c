"""Locust's way to the same load: a user class that plays a scenario, split between workers.

A user is a connection: it asks for the next exchange that is due, sends it with Locust's own
client and says how it ended, so that retries and faults are those of `mockatell load`. Each worker
plans the same scenario from the same seed and keeps its own share of it.

    locust -f "$(mockatell load --locustfile)" --scenario receipts --host http://app:8000/callback
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from gevent import GreenletExit  # type: ignore[import-untyped]
from locust import User, events, task
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from mockatell.core.exchanges import OUTAGE
from mockatell.core.load.guard import OWN
from mockatell.errors import MockatellError
from mockatell.model import Conduct, Outcome
from mockatell.rooms.load.locusts import MESSAGE, Play
from mockatell.shell.senders.locusts import Sessions, answer_of

if TYPE_CHECKING:
    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment

    from mockatell.model import Attempt, Exchange
    from mockatell.shell.drivers.greenlets import GreenletDriver

_log = logging.getLogger("mockatell")
_PLAYS: Final[WeakKeyDictionary[Environment, Play]] = WeakKeyDictionary()


class MockatellUser(User):
    """A connection that sends what is due next, as the platform would."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._play = _PLAYS[environment]
        self._sessions = Sessions(self._play.endpoints, self)

    @task
    def carry_out(self) -> None:
        """Send the next exchange once it is due."""
        driver = self._play.driver()
        exchange = driver.take()
        if exchange is None:
            raise StopUser
        if exchange.conduct is Conduct.OUTAGE:
            self._fail_unsent(driver.ended(exchange, OUTAGE, driver.now()))
        else:
            self._send(driver, exchange)

    def _send(self, driver: GreenletDriver, exchange: Exchange) -> None:
        sent_at = driver.now()
        try:
            posted = self._sessions.post(exchange.callback)
        except GreenletExit:  # there are to be fewer users, or the test is over
            driver.give_back(exchange)
            raise
        with posted as response:
            attempt = driver.ended(exchange, answer_of(response, driver.now() - sent_at), sent_at)
            if attempt.outcome is Outcome.ACKNOWLEDGED:
                response.success()
            else:
                response.failure(_why(attempt))

    def _fail_unsent(self, attempt: Attempt) -> None:
        """Count in Locust's statistics what an outage fault kept from being sent."""
        self.environment.events.request.fire(
            request_type="POST",
            name=attempt.kind,
            response_time=0,
            response_length=0,
            exception=ConnectionError(_why(attempt)),
            context={},
        )


def _why(attempt: Attempt) -> str:
    """How an attempt ended, in words that are few enough to be counted by."""
    return f"{attempt.outcome} {attempt.trouble or attempt.status_code or ''}".rstrip()


def _options(parser: LocustArgumentParser) -> None:
    """Locust's own command line takes ours as well."""
    group = parser.add_argument_group("mockatell")
    add = group.add_argument
    scenario = "A file, or a shipped scenario's name"
    add("--scenario", default="receipts", env_var="MOCKATELL_SCENARIO", help=scenario)
    rate = "Callbacks a second of all workers together, as in 2000/s, without end"
    add("--rate", default="", env_var="MOCKATELL_RATE", help=rate)
    add("--seed", type=int, env_var="MOCKATELL_SEED", help="Replays a test")
    overriding = "Override a value of the scenario"
    add("--set", dest="overrides", action="append", metavar="KEY=VALUE", help=overriding)
    owning = "The endpoint is not in a private network, and yours"
    add(OWN, dest="own", action="store_true", help=owning)


def _begin(environment: Environment, **_: Any) -> None:
    try:
        play = _PLAYS[environment] = Play(environment)
    except MockatellError as error:
        _log.error("%s", error)
        raise SystemExit(error.exit_code) from None
    happens: Any = environment.events
    happens.test_start.add_listener(lambda **_: play.start())
    happens.spawning_complete.add_listener(lambda **_: play.begin())
    happens.test_stop.add_listener(lambda **_: play.stopped())
    happens.quitting.add_listener(lambda **_: play.close())
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        happens.report_to_master.add_listener(lambda data, **_: play.report(data))
        runner.register_message(MESSAGE, lambda msg, **_: play.hear(msg.data))
    if isinstance(runner, MasterRunner):
        happens.worker_report.add_listener(play.collect)


_happens: Any = events  # Locust's hooks are not typed
_happens.init_command_line_parser.add_listener(_options)
_happens.init.add_listener(_begin)
