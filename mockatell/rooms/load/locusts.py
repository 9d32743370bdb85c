"""The room where Locust plays a scenario: in one process, or as a master with its workers."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import gevent  # type: ignore[import-untyped]
import msgspec
from gevent.event import Event  # type: ignore[import-untyped]
from locust.runners import (
    STATE_MISSING,
    STATE_STOPPED,
    LocalRunner,
    MasterRunner,
    WorkerRunner,
)

from mockatell.core.load.guard import require_little, require_permission, told
from mockatell.core.load.result import Offer, Stage
from mockatell.core.load.share import Fleet, Word
from mockatell.core.scenario.load import load
from mockatell.core.scenario.units import parse_rate
from mockatell.core.scenario.urls import masked
from mockatell.errors import MockatellError
from mockatell.model import Frozen
from mockatell.rng import chosen_seed
from mockatell.rooms.load.share import Split, driver_of, endpoints_of
from mockatell.shell.addresses import addresses
from mockatell.shell.clock import RealClock
from mockatell.shell.senders.locusts import require_trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from locust.env import Environment

    from mockatell.core.load.share import ShareTotals
    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import Endpoint, Role
    from mockatell.shell.drivers.greenlets import GreenletDriver

MESSAGE: Final = "mockatell"
"""What a master's messages to its workers, and their totals in Locust's reports, go by."""

_log = logging.getLogger("mockatell")


class Asked(Frozen, frozen=True):
    """What the command line asks for; a master's holds for its workers, whatever theirs says.

    Args:
        scenario: A file, or a shipped scenario's name.
        overrides: What to change of it.
        rate: Callbacks a second of all workers, as it was written; else its own times hold.
        target: URL of both endpoints.
    """

    scenario: str
    overrides: tuple[str, ...] = ()
    rate: str = ""
    target: str | None = None


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
        self._seed: int | None = options.seed
        self._own: bool = options.own
        self._understand(Asked(options.scenario, tuple(options.overrides or ()), options.rate))
        self._fleet = Fleet()
        self._ended = False
        self._split: Split | None = None
        self._begun = Event()
        self._driver: GreenletDriver | None = None
        self.endpoints: Mapping[Role, Endpoint] = {}

    def start(self) -> None:
        """The test begins: play it, or tell each worker which share is its own."""
        with self._ending_at_errors():
            self._share_out()

    def hear(self, said: dict[str, Any]) -> None:
        """A worker is told by its master what to play, and which share of it is its own."""
        with self._ending_at_errors():
            self._understand(msgspec.convert(said["asked"], Asked))
            self.take_share(msgspec.convert(said["split"], Split), self._asked.target)

    def _understand(self, asked: Asked) -> None:
        self._asked = asked
        self._rate = parse_rate(asked.rate) if asked.rate else None
        self._scenario: Scenario = load(asked.scenario, env=os.environ, overrides=asked.overrides)

    @contextmanager
    def _ending_at_errors(self) -> Iterator[None]:
        try:
            yield
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
        require_trust(self.endpoints.values())
        self._split, self._driver, self._ended = split, None, False
        self._begun.clear()

    def begin(self) -> None:
        """All users are there: time begins."""
        if self._split is not None and self._driver is None:
            with self._ending_at_errors():
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
        runner = self._environment.runner
        if self._driver is not None and runner is not None:
            word = Word(self._driver.totals(), last=runner.state == STATE_STOPPED)
            data[MESSAGE] = msgspec.to_builtins(word)

    def collect(self, client_id: str, data: dict[str, Any]) -> None:
        """Take a worker's totals; once all have finished but those that are lost, the test has."""
        if MESSAGE in data:
            self._fleet.tell(client_id, msgspec.convert(data[MESSAGE], Word))
            if self._fleet.is_done(self._is_lost):
                self._end()

    def stopped(self) -> None:
        """The test is over: where that is because no worker is left, Locust does not end itself."""
        runner = self._environment.runner
        if isinstance(runner, MasterRunner) and not runner.worker_count:
            self._end()

    def close(self) -> None:
        """Say what became of it all; the exit code is 0 where nothing was lost."""
        if isinstance(self._environment.runner, WorkerRunner) or not self._began():
            return
        lost = self._unheard()
        totals = self.totals()
        _log.info("%s; lag p99 %.1f ms", totals, 1000 * totals.lag_p99)
        if lost:
            _log.error("%d of %d workers lost: their shares are not done", lost, len(self._fleet))
        if nothing := bool(totals.attempts) and not totals.acknowledged:
            _log.error("nothing was accepted: not one of %d attempts", totals.attempts)
        failed = totals.redirected + totals.exhausted + (0 if self._rate else totals.pending)
        self._environment.process_exit_code = 1 if failed or lost or nothing else 0

    def totals(self) -> ShareTotals:
        """How it stands, of all workers."""
        return self._driver.totals() if self._driver else self._fleet.totals()

    def _began(self) -> bool:
        return self._driver is not None or bool(self._fleet)

    def _is_lost(self, client_id: str) -> bool:
        runner = self._environment.runner
        assert isinstance(runner, MasterRunner)
        client = runner.clients.get(client_id)
        return client is None or client.state == STATE_MISSING

    def _unheard(self) -> int:
        """How many workers are lost; who has not told the last, as at Ctrl-C, is asked for it."""
        runner = self._environment.runner
        if isinstance(runner, MasterRunner) and self._fleet.unheard():
            runner.quit()
        return len(self._fleet.unheard())

    def _tell_workers(self, runner: MasterRunner, split: Split) -> None:
        clients = sorted(client.id for client in runner.clients.ready)
        self._fleet, self._ended = Fleet(clients), False
        asked = msgspec.structs.replace(self._asked, target=self._environment.host)
        for index, client_id in enumerate(clients):
            share = msgspec.structs.replace(split, index=index, workers=len(clients))
            said = msgspec.to_builtins({"asked": asked, "split": share})
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
        if self._own:
            return
        options = self._environment.parsed_options
        until: float | None = (options and options.run_time) or None
        stages = (Stage(0.0, self._rate),) if self._rate else ()
        require_permission(targets, Offer("open", until, stages=stages))
        if not self._rate:
            require_little(self._scenario, until)
