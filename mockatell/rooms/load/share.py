"""The room where one worker's share of a load is put together, for whoever has its own client."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mockatell.clickatell.encryption import require_cryptography
from mockatell.core import faults
from mockatell.core.agenda import Agenda
from mockatell.core.lives import encrypts, roles_of
from mockatell.core.load.arrivals import arrivals
from mockatell.core.load.result import Stage
from mockatell.core.load.share import ShareTally, share
from mockatell.core.load.traffic import endless
from mockatell.core.plan import plan
from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.model import Frozen
from mockatell.rooms.run import chosen_policies
from mockatell.shell.clock import RealClock
from mockatell.shell.drivers.greenlets import GreenletDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import Endpoint, Role


class Split(Frozen, frozen=True):
    """Which share of which plan.

    Args:
        seed: The same for all workers.
        epoch_ms: Unix time in milliseconds of time 0, the same for all workers.
        index: Which worker, from 0.
        workers: How many there are.
    """

    seed: int
    epoch_ms: int
    index: int = 0
    workers: int = 1


def endpoints_of(scenario: Scenario, target: str | None = None) -> Mapping[Role, Endpoint]:
    """Where it all goes.

    Args:
        scenario: Names its endpoints.
        target: URL of both, instead.

    Raises:
        ConfigurationError: One has no URL, or one that is wrong.
    """
    needed = sorted(roles_of(scenario), reverse=True)
    return resolve_endpoints(scenario, target=target, needed=needed)


def driver_of(scenario: Scenario, split: Split, rate: float | None = None) -> GreenletDriver:
    """What hands out a worker's share of a scenario, from now on.

    Args:
        scenario: What is to happen.
        split: Which share of it.
        rate: Callbacks a second of all workers, without end; else the scenario's own times hold.

    Raises:
        ConfigurationError: It has nothing to send, or an extra is missing.
    """
    if encrypts(scenario):
        require_cryptography()
    beat = None
    if rate is not None:
        scenario = endless(scenario, rate)
        beat = arrivals(rate, [Stage(math.inf, rate)])
    planned = plan(scenario, seed=split.seed, epoch_ms=split.epoch_ms, beat=beat)
    agenda = Agenda(
        share(planned, split.index, split.workers),
        chosen_policies(scenario.retry),
        seed=split.seed,
        conduct=faults.conductor(scenario.faults, split.seed),
    )
    return GreenletDriver(agenda, RealClock(epoch_ms=split.epoch_ms), ShareTally())
