"""How numbers are spread, in memory that does not grow with how many there are."""

from __future__ import annotations

import math
from typing import Final

from mockatell.model import Frozen

_ERROR: Final = 0.01
_GAMMA: Final = (1 + _ERROR) / (1 - _ERROR)
_LOG_GAMMA: Final = math.log(_GAMMA)
_SMALLEST: Final = 1e-9  # a nanosecond; what is below it counts as nothing


class Timing(Frozen, frozen=True):
    """How a length of time is spread, in seconds; quantiles to within 1 %, the maximum exact."""

    count: int
    p50: float
    p90: float
    p99: float
    max: float


class Histogram:
    """Counts of numbers in buckets that each are two hundredths wider than the one before.

    A quantile is within 1 % of the true one (the bound is DDSketch's: Masson, Rim and Lee, 2019);
    `count` and `max` are exact. Numbers below a billionth, negative ones too, count as 0.
    """

    def __init__(self) -> None:
        self.count = 0
        self.max = 0.0
        self._min = math.inf
        self._zeros = 0
        self._buckets: dict[int, int] = {}

    def add(self, value: float) -> None:
        """Count one number."""
        self.count += 1
        if value < _SMALLEST:
            self._zeros += 1
            return
        self.max = max(self.max, value)
        self._min = min(self._min, value)
        bucket = math.ceil(math.log(value) / _LOG_GAMMA)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1

    def quantile(self, share: float) -> float:
        """The number that this share of all numbers does not exceed; 0.0 when there are none.

        Args:
            share: Between 0 and 1; 0.5 asks for the median (by nearest rank).
        """
        rank = max(1, math.ceil(share * self.count))
        passed = self._zeros
        if rank <= passed or not self.count:
            return 0.0
        for bucket in sorted(self._buckets):
            passed += self._buckets[bucket]
            if passed >= rank:
                return min(max(_middle(bucket), self._min), self.max)
        return self.max

    def timing(self) -> Timing:
        """The usual quantiles, of a histogram that counts seconds."""
        p50, p90, p99 = (self.quantile(share) for share in (0.5, 0.9, 0.99))
        return Timing(self.count, p50, p90, p99, self.max)


def _middle(bucket: int) -> float:
    """The number that is at most 1 % away from every number of the bucket."""
    return float(2 * _GAMMA**bucket / (_GAMMA + 1))
