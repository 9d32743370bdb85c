"""Amounts that carry their unit: `5s`, `1s..4s`, `200/s`, `70%`."""

from __future__ import annotations


class Seconds(float):
    """A length of time, in seconds."""

    __slots__ = ()


class Probability(float):
    """A share between 0 and 1; written `0.2` or `20%`."""

    __slots__ = ()


class Rate(float):
    """Things a second; written `200/s`, `5/m`, `1/h`."""

    __slots__ = ()


class Span(tuple[float, float]):
    """A length of time drawn evenly between two, in seconds; written `1s..4s` or `200ms`."""

    __slots__ = ()

    def __new__(cls, low: float, high: float) -> Span:
        """Make a span from its two ends."""
        return super().__new__(cls, (low, high))
