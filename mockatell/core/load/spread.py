"""How lengths of time are counted while a load runs, and how they are told afterwards.

The buckets are HdrHistogram's (three digits, from a microsecond to an hour), so nothing is lost
when the counts become an HdrHistogram; filling them here takes a tenth of what its library takes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.load.result import Spread
from mockatell.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS: Final = 3
_MOST: Final = 3_600_000_000  # microseconds
_EXACT: Final = 2048  # below this, every microsecond has a bucket of its own
_HALF_BITS: Final = 10  # above, each doubling has 1024 buckets
_SHARES: Final = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999)


class Counts:
    """Counts of lengths of time, by HdrHistogram's buckets."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()

    def add(self, seconds: Iterable[float]) -> None:
        """Count lengths; what is below 0 counts as 0, what is above an hour as an hour."""
        self.update(buckets_of(seconds))

    def update(self, buckets: Iterable[int]) -> None:
        """Count what is in buckets already."""
        self._buckets.update(buckets)

    def count(self, us: int, times: int) -> None:
        """Count so many lengths of so many microseconds."""
        self._buckets[_bucket(us)] += times

    def merge(self, other: Counts) -> None:
        """Add what another one has counted."""
        self._buckets.update(other._buckets)

    def quantiles(self, *shares: float) -> list[float]:
        """The lengths that these rising shares of all do not exceed, in seconds; 0.0 of none."""
        told: list[float] = []
        passed, total = 0, self._buckets.total()
        if not total:
            return [0.0] * len(shares)
        for bucket in sorted(self._buckets):
            passed += self._buckets[bucket]
            while len(told) < len(shares) and passed >= shares[len(told)] * total:
                told.append(_highest(bucket) / 1e6)
        return told

    def spread(self) -> Spread:
        """All that is known of them."""
        buckets = self._buckets
        if not buckets:
            return Spread()
        count = buckets.total()
        total = sum((_lowest(b) + _highest(b)) / 2 * n for b, n in buckets.items())
        p50, p75, p90, p95, p99, p999, p9999 = self.quantiles(*_SHARES)
        return Spread(
            count=count,
            min=_lowest(min(buckets)) / 1e6,
            mean=total / count / 1e6,
            p50=p50,
            p75=p75,
            p90=p90,
            p95=p95,
            p99=p99,
            p999=p999,
            p9999=p9999,
            max=_highest(max(buckets)) / 1e6,
            hdr=self._encoded(),
        )

    def _encoded(self) -> str:
        histogram = _histogram()
        for bucket, count in self._buckets.items():
            histogram.record_value(_lowest(bucket), count)
        encoded: bytes = histogram.encode()
        return encoded.decode("ascii")


def buckets_of(seconds: Iterable[float]) -> list[int]:
    """The bucket of each length, to be counted more than once."""
    whole = [int(length * 1e6) for length in seconds]
    return [us if 0 <= us < _EXACT else _bucket(us) for us in whole]


def merged(spreads: Iterable[Spread]) -> Spread:
    """Several as if they had been counted as one, from their histograms.

    Raises:
        InputError: What one of them holds is not an HdrHistogram.
    """
    counts = Counts()
    for spread in spreads:
        if spread.hdr:
            counts.merge(_decoded(spread.hdr))
    return counts.spread()


def quantiles(spread: Spread, *shares: float) -> list[float]:
    """The lengths that these rising shares of all do not exceed, in seconds; 0.0 of none.

    Raises:
        InputError: What it holds is not an HdrHistogram.
    """
    return (_decoded(spread.hdr) if spread.hdr else Counts()).quantiles(*shares)


def _decoded(hdr: str) -> Counts:
    counts = Counts()
    histogram = _histogram()
    try:
        histogram.decode_and_add(hdr)
    except Exception as error:  # noqa: BLE001 -- its library lets zlib, ctypes and others speak
        raise InputError(f"not an HdrHistogram: {type(error).__name__}: {error}") from None
    for bucket in range(histogram.counts_len):
        if count := histogram.get_count_at_index(bucket):
            counts.count(_lowest(bucket), count)
    return counts


def _histogram() -> Any:
    try:
        from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise ConfigurationError(
            "a load test needs more than is installed: pip install 'mockatell[load]'"
        ) from None
    return HdrHistogram(1, _MOST, _DIGITS)


def _bucket(us: int) -> int:
    us = min(max(us, 0), _MOST)
    shift = max(us.bit_length() - _HALF_BITS - 1, 0)
    return (shift << _HALF_BITS) + (us >> shift)


def _lowest(bucket: int) -> int:
    """The least number of microseconds that a bucket counts."""
    shift = max((bucket >> _HALF_BITS) - 1, 0)
    return (bucket - (shift << _HALF_BITS)) << shift


def _highest(bucket: int) -> int:
    return _lowest(bucket + 1) - 1
