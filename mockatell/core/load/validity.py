"""Whether a load's figures are the endpoint's or our own: the rule, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.load.result import Validity
from mockatell.core.load.spread import quantiles
from mockatell.model import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockatell.core.load.result import LoadResult, Offer, Spread, Timings

MOST_LAG: Final = 0.002
"""Seconds: an open load of whose attempts 1 % were begun later was not sent as planned,"""

MOST_SHARE: Final = 0.1
"""unless that is less than this share of what the endpoint itself took (the p99 of service)."""

MOST_BUSY: Final = 0.9
"""Share of a core: a process that computes more than this has no time left to send more."""

_LATEST: Final = 0.01
_IDLE: Final = 0.5  # of a core: one that computes less was not late for want of time

NOT_REACHED: Final = "the endpoint was not reached: there are no figures of it"


def judged(
    offer: Offer, timings: Timings, attempts: int, busy: float, troubles: Mapping[str, int]
) -> Validity:
    """The verdict.

    A load is not valid, because the generator was the limit, when

    - an open one was late: of its attempts, 1 % were begun later than `MOST_LAG` and `MOST_SHARE`
      say (those that waited for a free place are not its lateness);
    - a closed one had no time to go faster: it was busy for more than `MOST_BUSY` of a core;
    - this machine had no descriptor or port left for a connection, even once.
    """
    late = 0.0 if offer.mode == "closed" else _late(timings.lag, attempts)
    limit = max(MOST_LAG, MOST_SHARE * timings.service.p99)
    why = tuple(_reasons(offer, late, limit, busy, troubles))
    return Validity(not why, why, timings.lag.p99, busy)


def unreached(result: LoadResult) -> bool:
    """Whether there were attempts, and never a connection; an outage fault's are none."""
    tried = sum(n for name, n in result.troubles.items() if name != Trouble.OUTAGE)
    return bool(tried) and not result.timings.latency.count


def rightly_blamed(result: LoadResult) -> Validity:
    """The verdict, which blames an endpoint that was not reached rather than our own lateness.

    Attempts that fail as soon as they are made come again at once, all together, and so are late.
    """
    if Trouble.NO_SOCKET in result.troubles or not unreached(result):
        return result.validity
    return msgspec.structs.replace(result.validity, valid=False, why=(NOT_REACHED,))


def _late(lag: Spread, attempts: int) -> float:
    """How late the latest hundredth of all attempts was begun; the lag has not all of them."""
    if attempts <= lag.count:
        return lag.p99
    share = 1 - _LATEST * attempts / lag.count if lag.count else 0.0
    return quantiles(lag, share)[0] if share > 0 else 0.0


def _reasons(
    offer: Offer, late: float, limit: float, busy: float, troubles: Mapping[str, int]
) -> Iterator[str]:
    if late > limit:
        instead = "lower the rate, or share it among several processes"
        if busy < _IDLE:
            instead = "something else had the processor; give it a core of its own"
        yield (
            f"1 % of the attempts were begun more than {1000 * late:.1f} ms late "
            f"(limit: {1000 * limit:.2g} ms) with the core {busy:.0%} busy: "
            f"the generator was late, not the endpoint; {instead}"
        )
    if offer.mode == "closed" and busy > MOST_BUSY:
        yield (
            f"the generator was {busy:.0%} busy (limit: {MOST_BUSY:.0%} of a core): "
            "the ceiling that it found is its own; use several processes"
        )
    if missing := troubles.get(Trouble.NO_SOCKET, 0):
        yield (
            f"for {missing} attempts this machine had no port or descriptor left: "
            "raise `ulimit -n` or net.ipv4.ip_local_port_range, or lower --max-in-flight"
        )
