"""Lines over an axis as SVG: what a load did over time, and its percentile curve."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Final

from mockatell.core.render.markup import Markup, join, tag
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Point = tuple[float, float | None]

WIDTH: Final = 1000.0
HEIGHT: Final = 240.0
_LEFT: Final = 74.0
_RIGHT: Final = 14.0
_TOP: Final = 10.0
_BOTTOM: Final = 26.0
_TICKS: Final = 6
_ROUND: Final = (1.0, 2.0, 5.0, 10.0)
_FEW_DECADES: Final = 2
_DASH: Final = 8.0  # as long as a point on its own is drawn
_MOST: Final = 1e300  # of a value: beyond, powers of ten are no floats any more


class Line(Frozen, frozen=True):
    """A named line.

    Args:
        look: Its class in the style sheet.
        points: From left to right; a line is broken where there is no value.
    """

    name: str
    look: str
    points: tuple[Point, ...]


class Scale(Frozen, frozen=True):
    """From values to shares of an axis' length; `low` is below `high`."""

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high one."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return math.log(value / self.low) / math.log(self.high / self.low)

    def ticks(self) -> list[float]:
        """Round values on it."""
        return _decades(self.low, self.high) if self.log else _steps(self.low, self.high)


class Tick(Frozen, frozen=True):
    """A mark on an axis."""

    value: float
    label: str


def linear(lines: Sequence[Line]) -> Scale:
    """A scale from 0 to above all values."""
    return Scale(0.0, min(max([*_values(lines), 0.0]) * 1.05, _MOST) or 1.0)


def logarithmic(lines: Sequence[Line]) -> Scale:
    """A scale around all values above 0."""
    values = [value for value in _values(lines) if value > 0] or [1.0]
    low, high = min(min(values) / 1.2, _MOST / 2), min(max(values) * 1.2, _MOST)
    return Scale(low, max(high, 2 * low), log=True)


def labelled(scale: Scale, label: Callable[[float], str]) -> tuple[Tick, ...]:
    """A scale's own ticks."""
    return tuple(Tick(value, label(value)) for value in scale.ticks())


def chart(
    lines: Sequence[Line], x: Scale, y: Scale, *, across: Sequence[Tick], up: Sequence[Tick]
) -> Markup:
    """A plot with its legend.

    Args:
        lines: What is drawn.
        x: The scale from left to right.
        y: The scale upwards.
        across: Marks below.
        up: Marks on the left.
    """
    drawn = (_drawn(line, x, y) for line in lines)
    svg = tag(
        "svg",
        *_grid(x, y, across, up),
        *drawn,
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        role="img",
        aria_label=", ".join(line.name for line in lines),
    )
    keys = (tag("span", tag("i", class_=f"swatch {line.look}"), line.name) for line in lines)
    return tag("figure", svg, tag("figcaption", *keys), class_="chart")


def _grid(x: Scale, y: Scale, across: Sequence[Tick], up: Sequence[Tick]) -> Iterator[Markup]:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    for tick in up:
        at = _up(y, tick.value)
        yield tag("path", d=f"M{_LEFT:g} {at:.1f}H{right:g}", class_="tick")
        yield tag("text", tick.label, x=_LEFT - 8, y=at + 4, class_="label up")
    for tick in across:
        at = _across(x, tick.value)
        yield tag("path", d=f"M{at:.1f} {bottom:g}v5", class_="tick")
        yield tag("text", tick.label, x=at, y=bottom + 18, class_="label")
    yield tag("path", d=f"M{_LEFT:g} {bottom:g}H{right:g}", class_="tick")


def _drawn(line: Line, x: Scale, y: Scale) -> Markup:
    stretches = [list(each) for there, each in groupby(line.points, _is_there) if there]
    paths = " ".join(_path(stretch, x, y) for stretch in stretches)
    return tag("path", d=paths, class_=f"curve {line.look}") if paths else join()


def _is_there(point: Point) -> bool:
    return point[1] is not None


def _path(points: Sequence[Point], x: Scale, y: Scale) -> str:
    """A stretch of a line; a point on its own is a short dash, for nothing would be seen of it."""
    places = [f"{_across(x, at):.1f} {_up(y, value or 0.0):.1f}" for at, value in points]
    return f"M{places[0]}h{_DASH:g}" if len(places) == 1 else f"M{'L'.join(places)}"


def _across(x: Scale, value: float) -> float:
    return _LEFT + x.at(value) * (WIDTH - _LEFT - _RIGHT)


def _up(y: Scale, value: float) -> float:
    return HEIGHT - _BOTTOM - y.at(value) * (HEIGHT - _TOP - _BOTTOM)


def _values(lines: Sequence[Line]) -> Iterator[float]:
    return (value for line in lines for _, value in line.points if value is not None)


def _steps(low: float, high: float) -> list[float]:
    power = 10.0 ** math.floor(math.log10((high - low) / _TICKS))
    step = next(each * power for each in _ROUND if (high - low) / (each * power) <= _TICKS)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)]


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten, with their doubles and fives where there are few of them; else even steps."""
    if high / low <= _ROUND[-1]:
        return _steps(low, high)
    wide = math.log10(high / low) > _FEW_DECADES
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [each * 10.0**power for power in powers for each in ((1,) if wide else (1, 2, 5))]
    return [mark for mark in marks if low <= mark <= high]
