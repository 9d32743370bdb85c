"""Whether a load's figures are the endpoint's or our own: the rule, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.load.result import Validity
from mockatell.model import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockatell.core.load.result import LoadResult, Offer, Spread

MOST_LAG: Final = 0.002
"""Seconds: an open load whose lag's ninety-ninth percentile is more was not sent as planned."""

MOST_BUSY: Final = 0.9
"""Share of a core: a process that computes more than this has no time left to send more."""

NOT_REACHED: Final = "the endpoint was not reached: there are no figures of it"


def judged(offer: Offer, lag: Spread, busy: float, troubles: Mapping[str, int]) -> Validity:
    """The verdict.

    A load is not valid, because the generator was the limit, when

    - an open one was late: the p99 of its own lag is more than `MOST_LAG`;
    - a closed one had no time to go faster: it was busy for more than `MOST_BUSY` of a core;
    - this machine had no descriptor or port left for a connection, even once.
    """
    why = tuple(_reasons(offer, lag, busy, troubles))
    return Validity(not why, why, lag.p99, busy)


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


def _reasons(offer: Offer, lag: Spread, busy: float, troubles: Mapping[str, int]) -> Iterator[str]:
    if offer.mode != "closed" and lag.p99 > MOST_LAG:
        yield (
            f"1 % of the attempts were begun more than {1000 * lag.p99:.1f} ms late "
            f"(limit: {1000 * MOST_LAG:g} ms) with the core {busy:.0%} busy: "
            "the generator was late, not the endpoint; lower the rate or give it a core of its own"
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
