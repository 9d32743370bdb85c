"""What a load is to hold, `p(99) < 250ms` for example: read, and judged by what was measured."""

from __future__ import annotations

import math
import operator
import re
from typing import TYPE_CHECKING, Final

from mockatell.core.load.metrics import Metric, Unit, known, metric
from mockatell.core.scenario.near import quoted
from mockatell.core.scenario.units import (
    UnitError,
    format_share,
    parse_probability,
    parse_rate,
    parse_seconds,
)
from mockatell.errors import ConfigurationError
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockatell.core.load.result import LoadResult

_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
}
_FORM: Final = re.compile(r"\s*([^<>=]*?)\s*(<=|>=|==|<|>)\s*([^<>=]*?)\s*")
_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,9})?")
_EXAMPLE: Final = "write for example 'p(99) < 250ms' or 'acknowledged >= 99.9%'"


class Judged(Frozen, frozen=True):
    """What came of a threshold.

    Args:
        clause: The threshold, in its one spelling.
        held: Whether it did; None: nothing was measured that could say so.
        measured: The value in words; "" where there is none.
    """

    clause: str
    held: bool | None
    measured: str


class Threshold(Frozen, frozen=True):
    """A clause about one metric.

    Args:
        clause: It, in its one spelling.
        metric: The metric.
        comparison: `<`, `<=`, `>`, `>=` or `==`.
        limit: In seconds, things a second, as a share or as a number.
        share: Whether a count is compared as a share of its whole.
    """

    clause: str
    metric: Metric
    comparison: str
    limit: float
    share: bool

    def judge(self, result: LoadResult) -> Judged:
        """What the measured value says."""
        value = self._value(result)
        if value is None:
            return Judged(self.clause, held=None, measured="")
        held = _COMPARISONS[self.comparison](value, self.limit)
        return Judged(self.clause, held, self._told(value))

    def _value(self, result: LoadResult) -> float | None:
        value = self.metric.read(result)
        if value is None or not self.share or self.metric.whole is None:
            return value
        whole = self.metric.whole(result)
        return value / whole if whole else None

    def _told(self, value: float) -> str:
        if math.isinf(value):
            return "not in the time there was"
        return format_share(value) if self.share else self.metric.unit.told(value)


def parse(text: str) -> Threshold:
    """Read a threshold.

    Raises:
        ConfigurationError: It has not this form, or names a metric that there is not, or its
            limit is not of the metric's unit.
    """
    found = _FORM.fullmatch(text[:200])
    if found is None or not found[1] or not found[3]:
        raise ConfigurationError(f"threshold {quoted(text)} has no form: {_EXAMPLE}; {known()}")
    name, comparison, limit = found.groups()
    try:
        of = metric(name)
        return Threshold(f"{name} {comparison} {limit}", of, comparison, *_limit(limit, of))
    except (UnitError, ConfigurationError) as error:
        raise ConfigurationError(f"threshold {quoted(text)}: {error}") from None


def judged(thresholds: Iterable[Threshold], result: LoadResult) -> tuple[Judged, ...]:
    """What came of each."""
    return tuple(threshold.judge(result) for threshold in thresholds)


def _limit(text: str, of: Metric) -> tuple[float, bool]:
    """The limit, and whether it is a share of a count's whole."""
    if of.unit is Unit.TIME and _NUMBER.fullmatch(text):
        raise UnitError(text, "has no unit", f"write {text}ms")
    if of.unit is Unit.TIME:
        return parse_seconds(text), False
    if of.unit is Unit.RATE:
        return parse_rate(text), False
    if of.unit is Unit.SHARE or (of.whole is not None and text.endswith("%")):
        return parse_probability(text), True
    if not _NUMBER.fullmatch(text):
        wanted = of.unit.value if of.whole is not None or of.unit is Unit.NUMBER else "a number"
        raise UnitError(text, "is not what this metric is measured in", f"write {wanted}")
    return float(text), False
