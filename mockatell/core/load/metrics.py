"""What a threshold can be about: every metric of a load, by name and unit."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final

from mockatell.clickatell.events import KINDS
from mockatell.core.load.result import Timings
from mockatell.core.load.spread import quantiles
from mockatell.core.scenario.near import nearest, quoted
from mockatell.core.scenario.units import format_seconds, format_share
from mockatell.errors import ConfigurationError
from mockatell.model import Frozen, Outcome, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockatell.core.load.result import LoadResult, Spread

    Read = Callable[[LoadResult], float | None]

_PERCENTILE: Final = re.compile(r"p\((\d{1,3}(?:\.\d+)?)\)")
_SCOPES: Final = (*map(str, Role), *KINDS)
_TIMES: Final = ("latency", "service", "lag")
_STATS: Final = ("min", "mean", "max")
_ALL: Final = 100.0


class Unit(Enum):
    """What a metric's values are, which says how they are written."""

    TIME = "a duration, as in 250ms"
    RATE = "a rate, as in 2000/s"
    COUNT = "a number, or a share as in 0.1%"
    SHARE = "a share, as in 80%"
    NUMBER = "a number, as in 1.5"

    def told(self, value: float) -> str:
        """A value of it for people."""
        match self:
            case Unit.TIME:
                return format_seconds(value)
            case Unit.RATE:
                return f"{value:,.4g}/s" if value < 1000 else f"{value:,.0f}/s"  # noqa: PLR2004
            case Unit.SHARE:
                return format_share(value)
            case _:
                return f"{value:,.6g}"


class Metric(Frozen, frozen=True):
    """Something that a load was measured by.

    Args:
        unit: What its values are.
        read: Its value, in seconds, things a second, a share or a number; None: not measured.
        whole: What a count is a share of; None where it is of nothing.
    """

    unit: Unit
    read: Read
    whole: Read | None = None


def metric(name: str) -> Metric:
    """The metric of this name.

    Raises:
        ConfigurationError: There is none; the sentence names the nearest, and all.
    """
    found = METRICS.get(name) or _outcome(name) or _timing(name)
    if found is None:
        raise ConfigurationError(f"there is no metric {quoted(name)}{_near(name)}; {known()}")
    return found


def known() -> str:
    """Every metric, in a sentence."""
    return (
        f"known are p(99) or any other percentile, {', '.join(_STATS)}, each also of "
        f"{', '.join(f'{name}.' for name in _TIMES)} and of one role or kind, as in "
        f"status.p(99) or moText.service.max; {', '.join(METRICS)}; and by outcome "
        f"{', '.join(_outcomes())}"
    )


def _near(name: str) -> str:
    """The name that was likely meant, each of its parts mended."""
    percentile = re.fullmatch(r"(.*?)p[\s(_]*(\d{1,3}(?:\.\d+)?)[)%]*", name)
    *scopes, stat = (percentile[1] + "p()" if percentile else name).split(".")
    mended = [nearest(scope, (*_SCOPES, *_TIMES)) for scope in scopes]
    last = (
        f"p({percentile[2]})"
        if percentile
        else nearest(stat, [*_STATS] if scopes else [*METRICS, *_outcomes(), *_STATS])
    )
    whole = ".".join(part for part in (*mended, last) if part)
    return f" (did you mean '{whole}'?)" if last and whole != name else ""


def _outcomes() -> list[str]:
    return [str(outcome) for outcome in Outcome if str(outcome) not in METRICS]


def _outcome(name: str) -> Metric | None:
    if name not in _outcomes():
        return None
    return Metric(Unit.COUNT, lambda result: result.outcomes.get(name, 0), _attempts)


def _timing(name: str) -> Metric | None:
    """`[role or kind.][latency|service|lag.]p(99)`; a percentile may have a dot of its own."""
    found = re.fullmatch(r"(?:(\w+)\.)??(?:(latency|service|lag)\.)?(p\([^()]*\)|\w+)", name)
    if found is None or (found[1] is not None and found[1] not in _SCOPES):
        return None
    scope, which, stat = found[1], found[2] or "latency", found[3]
    measure = _stat(stat)
    if measure is None:
        return None

    def read(result: LoadResult) -> float | None:
        timings = _scoped(result, scope)
        spread: Spread = getattr(timings, which)
        return measure(spread) if spread.count else None

    return Metric(Unit.TIME, read)


def _scoped(result: LoadResult, scope: str | None) -> Timings:
    if scope is None:
        return result.timings
    return result.roles.get(scope) or result.kinds.get(scope) or Timings()


def _stat(name: str) -> Callable[[Spread], float] | None:
    if name in _STATS:
        return lambda spread: float(getattr(spread, name))
    found = _PERCENTILE.fullmatch(name)
    if found is None or not 0 < float(found[1]) <= _ALL:
        return None
    share = float(found[1]) / _ALL
    return lambda spread: quantiles(spread, share)[0]


def _total(name: str) -> Read:
    return lambda result: float(getattr(result.totals, name))


def _attempts(result: LoadResult) -> float:
    return float(result.totals.attempts)


def _errors(result: LoadResult) -> float:
    fine = (Outcome.ACKNOWLEDGED, Outcome.REDIRECTED)
    return float(sum(n for name, n in result.outcomes.items() if name not in fine))


def _drain(result: LoadResult) -> float | None:
    """The longest time that an outage took to drain; endless where one never did."""
    times = (outage.drained for outage in result.resilience.outages)
    return max((float("inf") if time is None else time for time in times), default=None)


_deliveries = _total("deliveries")
METRICS: Final[Mapping[str, Metric]] = {
    "acknowledged": Metric(Unit.COUNT, _total("acknowledged"), _deliveries),
    "redirected": Metric(Unit.COUNT, _total("redirected"), _deliveries),
    "exhausted": Metric(Unit.COUNT, _total("exhausted"), _deliveries),
    "pending": Metric(Unit.COUNT, _total("pending"), _deliveries),
    "errors": Metric(Unit.COUNT, _errors, _attempts),
    "retries": Metric(Unit.COUNT, _total("retries"), _attempts),
    "held": Metric(Unit.COUNT, _total("held"), _attempts),
    "callbacks": Metric(Unit.COUNT, _total("callbacks")),
    "deliveries": Metric(Unit.COUNT, _deliveries),
    "attempts": Metric(Unit.COUNT, _attempts),
    "rate": Metric(Unit.RATE, lambda result: result.achieved),
    "offered": Metric(Unit.RATE, lambda result: result.offered),
    "goodput": Metric(Unit.RATE, lambda result: result.goodput),
    "amplification": Metric(Unit.NUMBER, lambda result: result.resilience.amplification),
    "backlog": Metric(Unit.COUNT, lambda result: float(result.resilience.backlog)),
    "drain": Metric(Unit.TIME, _drain),
    "busy": Metric(Unit.SHARE, lambda result: result.validity.busy),
}
"""Those that are about the whole load, by name."""
