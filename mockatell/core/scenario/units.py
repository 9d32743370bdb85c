"""Amounts that carry their unit: `5s`, `1s..4s`, `200/s`, `70%`; how to read and to write them."""

from __future__ import annotations

import re
from typing import Final, Self

_DAY: Final = 86400.0
_SIZES: Final = {"d": _DAY, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
MAX_SECONDS: Final = 366 * _DAY
MAX_RATE: Final = 1_000_000.0

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_PART = re.compile(rf"({_NUMBER})(ms|[dhms])")
_DURATION = re.compile(rf"(?:{_NUMBER}(?:ms|[dhms]) ?)*{_NUMBER}(?:ms|[dhms])")
_BARE = re.compile(rf"{_NUMBER}|\.[0-9]+")
_MISSPELT = re.compile(rf"({_NUMBER}) *(ms|mil|[smhd])[a-z]*", re.IGNORECASE)
_RATE = re.compile(rf"({_NUMBER})/([smh])")
_SHARE = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([-+]?[0-9]{1,3}))?(%?)")


class UnitError(ValueError):
    """A text that is not the amount asked for.

    Args:
        text: What was given.
        problem: What is wrong with it, to be read after the text: `has no unit`.
        remedy: How to mend it: `write 5s`.
    """

    def __init__(self, text: str, problem: str, remedy: str) -> None:
        self.text = text
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{text!r} {problem} ({remedy})")


class Seconds(float):
    """A length of time, in seconds; written `200ms`, `5s`, `2m`, `1h`, `3d` or `1m30s`."""

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

    def __new__(cls, low: float, high: float) -> Self:
        """Make a span from its two ends."""
        return super().__new__(cls, (low, high))


def parse_seconds(text: str) -> Seconds:
    """Read a duration; it always has a unit and is at most 366 days.

    Raises:
        UnitError: It is not one.
    """
    parts = _PART.findall(text) if _DURATION.fullmatch(text) else []
    sizes = [_SIZES[unit] for _, unit in parts]
    if not parts or sizes != sorted(set(sizes), reverse=True):
        raise _bad_duration(text)
    total = sum(float(number) * _SIZES[unit] for number, unit in parts)
    if total > MAX_SECONDS:
        raise UnitError(text, "is too long", "366d is the most")
    return Seconds(total)


def parse_span(text: str) -> Span:
    """Read a range of durations, or one duration.

    Raises:
        UnitError: It is neither, or it ends before it begins.
    """
    low_text, dots, high_text = (part.strip() for part in text.partition(".."))
    try:
        low = parse_seconds(low_text)
        high = parse_seconds(high_text) if dots else low
    except UnitError as error:
        if not dots:
            raise
        raise UnitError(text, "is not a range of durations", "write for example 1s..4s") from error
    if low > high:
        raise UnitError(text, "ends before it begins", f"write {high_text}..{low_text}")
    return Span(low, high)


def parse_rate(text: str) -> Rate:
    """Read a rate; it is more than 0 and at most a million a second.

    Raises:
        UnitError: It is not one.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise _bad_rate(text)
    rate = float(match[1]) / _SIZES[match[2]]
    if rate == 0:
        raise UnitError(text, "is nothing at all", "write for example 1/h")
    if rate > MAX_RATE:
        raise UnitError(text, "is too fast", "1000000/s is the most")
    return Rate(rate)


def parse_probability(text: str) -> Probability:
    """Read a share.

    Raises:
        UnitError: It is not one, or is not between 0 and 1.
    """
    match = _SHARE.fullmatch(text)
    if match is None:
        problem = "is negative" if text.startswith("-") else "is not a probability"
        raise UnitError(text, problem, "write for example 0.2 or 20%")
    number, exponent, percent = match.groups()
    share = float(f"{number}e{exponent or 0}") / (100 if percent else 1)
    if share > 1:
        raise UnitError(text, "is more than 1", _less_than_all(text))
    return Probability(share)


def format_seconds(seconds: float) -> str:
    """A duration for people: `200ms`, `1.5s`, `2h 8m`, `3d 4h 14m`."""
    if seconds < 0:
        return f"-{format_seconds(-seconds)}"
    if seconds == 0:
        return "0s"
    if round(seconds, 3) < 1:
        return f"{seconds * 1000:.3g}ms"
    if round(seconds, 1) < _SIZES["m"]:
        return f"{seconds:.3g}s"
    return _in_parts(round(seconds))


def format_share(share: float) -> str:
    """A share for people: `20%`, `99.95%`."""
    return f"{share * 100:.6g}%"


def _in_parts(seconds: int) -> str:
    parts = []
    for unit in ("d", "h", "m", "s"):
        amount, seconds = divmod(seconds, int(_SIZES[unit]))
        if amount:
            parts.append(f"{amount}{unit}")
    return " ".join(parts)


def _bad_duration(text: str) -> UnitError:
    if text.startswith("-"):
        return UnitError(text, "is negative", "a duration is 0s or more")
    if _BARE.fullmatch(text):
        return UnitError(text, "has no unit", f"write {text}s")
    if match := _MISSPELT.fullmatch(text):
        unit = {"mil": "ms"}.get(match[2].lower(), match[2].lower())
        blank = _DURATION.fullmatch(text.replace(" ", ""))
        problem = "has a blank before its unit" if blank else "has a unit that is not known"
        return UnitError(text, problem, f"write {match[1]}{unit}")
    return UnitError(text, "is not a duration", "write for example 200ms, 5s, 2m, 1h or 1m30s")


def _bad_rate(text: str) -> UnitError:
    if _BARE.fullmatch(text):
        return UnitError(text, "has no unit", f"write {text}/s")
    if text.startswith("-"):
        return UnitError(text, "is negative", "write for example 200/s")
    return UnitError(text, "is not a rate", "write for example 200/s, 5/m or 1/h")


def _less_than_all(text: str) -> str:
    """`70` was surely meant as `70%`; what `1.4` was meant as, nobody knows."""
    if re.fullmatch(r"[1-9][0-9]|[2-9]|100", text):
        return f"write {text}%"
    return "a probability is 0 to 1, or 0% to 100%"
