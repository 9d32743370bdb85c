"""Locust's way to the same load: a user class that plays a scenario, split between workers.

A user is a connection: it asks for the next exchange that is due, sends it with Locust's own
client and says how it ended, so that retries and faults are those of `mockatell load`. Each worker
plans the same scenario from the same seed and keeps its own share of it.

    locust -f "$(mockatell load --locustfile)" --scenario receipts --host http://app:8000/callback
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import ssl
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

import gevent  # type: ignore[import-untyped]
import msgspec
from gevent.event import Event  # type: ignore[import-untyped]
from locust import FastHttpUser, events, task
from locust.exception import StopUser
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from mockatell.core.exchanges import OUTAGE
from mockatell.core.load.guard import OWN, require_permission, told
from mockatell.core.load.result import Offer, Stage
from mockatell.core.load.share import ShareTotals, together
from mockatell.core.scenario.load import load
from mockatell.core.scenario.units import parse_rate
from mockatell.core.scenario.urls import masked
from mockatell.errors import MockatellError
from mockatell.model import Answer, Conduct, Outcome, Trouble
from mockatell.rng import chosen_seed
from mockatell.rooms.load.share import Split, driver_of, endpoints_of
from mockatell.shell.addresses import addresses
from mockatell.shell.clock import RealClock
from mockatell.shell.senders.connect import ssl_context
from mockatell.shell.senders.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment

    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import Attempt, Endpoint, Exchange, Role
    from mockatell.shell.drivers.greenlets import GreenletDriver

MESSAGE: Final = "mockatell"
"""What a master's messages to its workers, and their totals in Locust's reports, go by."""

_log = logging.getLogger("mockatell")
_NO_SOCKET: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL})
_FRAMING: Final = frozenset({"Host", "Content-Length"})
_PLAYS: Final[WeakKeyDictionary[Environment, Play]] = WeakKeyDictionary()


class Play:
    """A scenario as this process plays it: all of it, a share of it, or none (a master).

    Args:
        environment: Locust's.

    Raises:
        MockatellError: The scenario cannot be used, or nobody said that it may go there.
    """

    def __init__(self, environment: Environment) -> None:
        options = environment.parsed_options
        assert options is not None
        self._environment = environment
        self._rate = parse_rate(options.rate) if options.rate else None
        self._seed: int | None = options.seed
        self._own: bool = options.own
        self._scenario: Scenario = load(
            options.scenario, env=os.environ, overrides=tuple(options.overrides or ())
        )
        self._parts: dict[str, ShareTotals] = {}
        self._workers = 1
        self._ended = False
        self._split: Split | None = None
        self._begun = Event()
        self._driver: GreenletDriver | None = None
        self.endpoints: Mapping[Role, Endpoint] = {}

    def start(self) -> None:
        """The test begins: play it, or tell each worker which share is its own."""
        try:
            self._share_out()
        except MockatellError as error:
            _log.error("%s", error)
            self._environment.process_exit_code = error.exit_code
            self._end()

    def _share_out(self) -> None:
        runner, target = self._environment.runner, self._environment.host
        split = Split(chosen_seed(self._seed, self._scenario.seed), RealClock().epoch_ms)
        if not isinstance(runner, WorkerRunner):
            self._require_permission(target)
        if isinstance(runner, MasterRunner):
            self._tell_workers(runner, split)
        elif isinstance(runner, LocalRunner):
            self.take_share(split, target)

    def take_share(self, split: Split, target: str | None) -> None:
        """This is to be played, once all users are there."""
        _log.info("seed %d, share %d of %d", split.seed, split.index + 1, split.workers)
        self.endpoints = endpoints_of(self._scenario, target)
        self._split, self._driver, self._ended = split, None, False
        self._begun.clear()

    def begin(self) -> None:
        """All users are there: time begins."""
        if self._split is not None and self._driver is None:
            self._driver = driver_of(self._scenario, self._split, self._rate)
            self._begun.set()
            gevent.spawn(self._turn, self._driver)

    def driver(self) -> GreenletDriver:
        """What hands out this process' share, once time has begun."""
        self._begun.wait()
        assert self._driver is not None
        return self._driver

    def report(self, data: dict[str, Any]) -> None:
        """Put a worker's totals in what it sends to its master."""
        if self._driver is not None:
            data[MESSAGE] = msgspec.to_builtins(self._driver.totals())

    def collect(self, client_id: str, data: dict[str, Any]) -> None:
        """Take a worker's totals; once all have finished, so has the test."""
        if MESSAGE in data:
            self._parts[client_id] = msgspec.convert(data[MESSAGE], ShareTotals)
            if self._complete():
                self._end()

    def close(self) -> None:
        """Say what became of it all; the exit code is 0 where nothing was lost."""
        if isinstance(self._environment.runner, WorkerRunner) or not self._began():
            return
        totals = self.totals()
        missing = 0 if self._driver else self._workers - len(self._parts)
        _log.info("%s; lag p99 %.1f ms", totals, 1000 * totals.lag_p99)
        if missing:
            _log.error("%d of %d workers told no totals", missing, self._workers)
        if nothing := bool(totals.attempts) and not totals.acknowledged:
            _log.error("nothing was accepted: not one of %d attempts", totals.attempts)
        lost = totals.redirected + totals.exhausted + (0 if self._rate else totals.pending)
        self._environment.process_exit_code = 1 if lost or missing or nothing else 0

    def totals(self) -> ShareTotals:
        """How it stands, of all workers."""
        return self._driver.totals() if self._driver else together(self._parts.values())

    def _began(self) -> bool:
        return self._driver is not None or bool(self._parts)

    def _complete(self) -> bool:
        return len(self._parts) == self._workers and self.totals().finished

    def _tell_workers(self, runner: MasterRunner, split: Split) -> None:
        clients = sorted(client.id for client in runner.clients.ready)
        self._workers, self._parts, self._ended = len(clients), {}, False
        for index, client_id in enumerate(clients):
            share = msgspec.structs.replace(split, index=index, workers=len(clients))
            said = {**msgspec.to_builtins(share), "target": self._environment.host}
            runner.send_message(MESSAGE, said, client_id)

    def _turn(self, driver: GreenletDriver) -> None:
        driver.turn()
        if isinstance(self._environment.runner, LocalRunner):
            self._end()

    def _end(self) -> None:
        """Stop the test; without a web page to look at, Locust as well."""
        if self._ended:
            return
        self._ended = True
        runner, options = self._environment.runner, self._environment.parsed_options
        if runner is not None:
            gevent.spawn(runner.quit if options and options.headless else runner.stop)

    def _require_permission(self, target: str | None) -> None:
        urls = {endpoint.url for endpoint in endpoints_of(self._scenario, target).values()}
        targets = {masked(url): addresses(url) for url in sorted(urls)}
        for url, places in targets.items():
            _log.info("%s", told(url, places))
        if not self._own:
            stages = (Stage(0.0, self._rate),) if self._rate else ()
            require_permission(targets, Offer("open", None, stages=stages))


class MockatellUser(FastHttpUser):
    """A connection that sends what is due next, as the platform would."""

    host = ""  # the scenario names its endpoints; --host is both
    insecure = False

    def __init__(self, environment: Environment) -> None:
        self._play = _PLAYS[environment]
        endpoints = self._play.endpoints.values()
        self.network_timeout = max((each.timeout for each in endpoints), default=30.0)
        self.connection_timeout = max((each.connect_timeout for each in endpoints), default=10.0)
        trusts = [each.tls for each in endpoints]
        self.ssl_context_factory = lambda: ssl_context(trusts[0])
        super().__init__(environment)
        self.client.client.cookiejar = None  # the platform keeps no cookies
        self._heads = {role: _headers(each) for role, each in self._play.endpoints.items()}

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
        role, sent_at = exchange.callback.role, driver.now()
        with self.client.post(
            self._play.endpoints[role].url,
            data=cast("Any", exchange.callback.body),  # it sends bytes as they are
            name=exchange.callback.kind,
            headers=self._heads[role],
            allow_redirects=False,
            catch_response=True,
        ) as response:
            answer = _answer(response, driver.now() - sent_at)
            attempt = driver.ended(exchange, answer, sent_at)
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


def _headers(endpoint: Endpoint) -> dict[str, str]:
    """The endpoint's headers but those that Locust's client makes."""
    request = Prepared(endpoint).request(b"")
    theirs = {name.decode(): value.decode("latin-1") for name, value in request.headers}
    return {name: value for name, value in theirs.items() if name not in _FRAMING}


def _answer(response: Any, took: float) -> Answer:
    """Locust's response as an answer: without a status, its error says why."""
    if response.status_code:
        return Answer(status_code=response.status_code, took=took)
    return Answer(trouble=_trouble(response.error), detail="", took=took)


def _trouble(error: BaseException) -> Trouble:
    match error:
        case socket.gaierror():
            return Trouble.DNS
        case ssl.SSLError():
            return Trouble.TLS
        case TimeoutError():
            return Trouble.TIMEOUT
        case ConnectionRefusedError():
            return Trouble.REFUSED
        case OSError() if error.errno in _NO_SOCKET:
            return Trouble.NO_SOCKET
        case _:
            return Trouble.CLOSED if "Closed" in type(error).__name__ else Trouble.RESET


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
    happens.quitting.add_listener(lambda **_: play.close())
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        happens.report_to_master.add_listener(lambda data, **_: play.report(data))
        runner.register_message(MESSAGE, lambda msg, **_: _take_share(play, msg.data))
    if isinstance(runner, MasterRunner):
        happens.worker_report.add_listener(play.collect)


def _take_share(play: Play, said: dict[str, Any]) -> None:
    play.take_share(msgspec.convert(said, Split), said["target"])


_happens: Any = events  # Locust's hooks are not typed
_happens.init_command_line_parser.add_listener(_options)
_happens.init.add_listener(_begin)
