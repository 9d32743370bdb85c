"""A time axis that people can read when milliseconds lie next to days.

Busy stretches are drawn to scale, each to its own; long stretches in which nothing happens are
cut out and become breaks of a fixed width. A run that is over in a moment has one stretch and no
break, and then the axis is an ordinary one.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from mockatell.core.scenario.units import format_seconds
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Interval = tuple[float, float]

MOST_STRETCHES: Final = 12
_CUT_FROM: Final = 10.0  # seconds; a shorter silence is always drawn to scale
_CUT_SHARE: Final = 0.3  # of its stretch; below it the silence does no harm
_LEAST_SPAN: Final = 2.0  # seconds that a stretch between breaks shows, lest one attempt fill it
_LETTERS: Final = 9  # of a label, with the space around it
_SPACE: Final = 2
_PADDING: Final = 0.03
_SEEN: Final = 1e-12  # of a time; below that, floats that lie side by side become one
_NEAR: Final = 0.2  # of a stretch before it: zero is drawn too
_MANY: Final = 1_000  # marks; more than any axis has room for
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_STEPS: Final = (
    *(factor * 10.0**power for power in range(-6, 0) for factor in (1, 2, 5)),
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(factor * _MINUTE for factor in (1, 2, 5, 10, 15, 30)),
    *(factor * _HOUR for factor in (1, 2, 3, 6, 12)),
    *(factor * _DAY * 10.0**power for power in range(4) for factor in (1, 2, 5)),
)


class Layout(Frozen, frozen=True):
    """The room there is: all of it, and what a stretch, a break and a letter of a label need."""

    width: float
    least: float
    gap: float
    letter: float


class Stretch(Frozen, frozen=True):
    """A piece of the axis drawn to one scale: seconds `start` to `end` at `left` to `right`."""

    start: float
    end: float
    left: float
    right: float

    def x(self, time: float) -> float:
        """Where a time lies."""
        return self.left + (time - self.start) / (self.end - self.start) * (self.right - self.left)


class Tick(Frozen, frozen=True):
    """A mark on the axis; its label is "" where there is no room for one."""

    x: float
    label: str


class Axis:
    """Places times.

    Args:
        stretches: At least one, in order of time, not touching.
        layout: The room that they were laid out in.
    """

    def __init__(self, stretches: Sequence[Stretch], layout: Layout) -> None:
        self.stretches = tuple(stretches)
        self._layout = layout

    def x(self, time: float) -> float:
        """Where a time lies; one outside of the axis lies at its end, one in a break inside it."""
        before = self.stretches[0]
        for stretch in self.stretches:
            if time < stretch.start:
                return _between(before, stretch, time)
            if time <= stretch.end:
                return stretch.x(time)
            before = stretch
        return before.right

    def breaks(self) -> Iterator[tuple[Stretch, Stretch]]:
        """The stretches on either side of each break."""
        return pairwise(self.stretches)

    def ticks(self) -> list[Tick]:
        """The marks, from left to right; a label that would touch another one is left out.

        The first of a stretch goes before the others, for it says where the axis goes on.
        """
        marks = [self._marks_of(stretch) for stretch in self.stretches]
        labels: dict[float, str] = {}
        for x, time in (*(first[0] for first in marks), *(mark for m in marks for mark in m[1:])):
            label = format_seconds(time)
            if all(self._apart(x, label, at, other) for at, other in labels.items()):
                labels[x] = label
        return [Tick(x, labels.get(x, "")) for of_stretch in marks for x, _ in of_stretch]

    def _apart(self, x: float, label: str, at: float, other: str) -> bool:
        letters = (len(label) + len(other)) / 2 + _SPACE
        return abs(x - at) >= letters * self._layout.letter

    def _marks_of(self, stretch: Stretch) -> list[tuple[float, float]]:
        label = _LETTERS * self._layout.letter
        room = max(1, int((stretch.right - stretch.left) / label))
        return [(stretch.x(time), time) for time in _marks(stretch, room)]


def fit(intervals: Iterable[Interval], layout: Layout) -> Axis:
    """Lay out an axis on which these times, from first to last of each pair, can be told apart."""
    pieces = _cut(_covered(intervals) or [(0.0, 1.0, 1)])
    weights = [math.sqrt(sum(count for _, _, count in piece)) for piece in pieces]
    free = layout.width - (len(pieces) - 1) * layout.gap - len(pieces) * layout.least
    stretches: list[Stretch] = []
    left = 0.0
    for piece, weight in zip(pieces, weights, strict=True):
        right = left + layout.least + max(0.0, free) * weight / sum(weights)
        start, end = _domain(piece[0][0], piece[-1][1], alone=len(pieces) == 1)
        stretches.append(Stretch(start, end, left, right))
        left = right + layout.gap
    return Axis(stretches, layout)


Covered = tuple[float, float, int]  # from, to, how many intervals


def _covered(intervals: Iterable[Interval]) -> list[Covered]:
    """The times at which something is under way, merged where they overlap."""
    merged: list[Covered] = []
    for start, end in sorted((min(pair), max(pair)) for pair in intervals):
        if merged and start <= merged[-1][1]:
            first, last, count = merged[-1]
            merged[-1] = (first, max(last, end), count + 1)
        else:
            merged.append((start, end, 1))
    return merged


def _cut(covered: list[Covered]) -> list[list[Covered]]:
    """Cut where the longest silences are, as long as they dwarf what is around them."""
    pieces = [covered]
    while len(pieces) < MOST_STRETCHES:
        length, split, at = max((*_silence(piece), at) for at, piece in enumerate(pieces))
        if not length:
            break
        pieces[at : at + 1] = [pieces[at][:split], pieces[at][split:]]
    return pieces


def _silence(piece: list[Covered]) -> tuple[float, int]:
    """The longest silence that is worth a cut, and what comes after it; 0.0 when there is none."""
    silences = ((after[0] - before[1], at) for at, (before, after) in enumerate(pairwise(piece), 1))
    length, at = max(silences, default=(0.0, 0))
    span = piece[-1][1] - piece[0][0]
    return (length, at) if length >= max(_CUT_FROM, _CUT_SHARE * span) else (0.0, 0)


def _domain(start: float, end: float, *, alone: bool) -> Interval:
    """A stretch's times with some air around them, or from zero where that is near."""
    least = 1e-3 if alone else _LEAST_SPAN
    seen = max(abs(start), abs(end)) * _SEEN
    padding = max((end - start) * _PADDING, (least - (end - start)) / 2, seen)
    near_zero = 0 <= start < padding + (end - start) * _NEAR
    return (0.0 if near_zero else start - padding), end + padding


def _between(before: Stretch, after: Stretch, time: float) -> float:
    if before is after:
        return before.left
    share = (time - before.end) / (after.start - before.end)
    return before.right + share * (after.left - before.right)


def _marks(stretch: Stretch, most: int) -> list[float]:
    """Round times inside the stretch: as many as there is room for, but one at least."""
    marks: list[float] = []
    for step in reversed(_STEPS):
        finer = _multiples(step, stretch)
        if len(finer) > most:
            return marks or finer[len(finer) // 2 :][:1]
        if len(finer) > len(marks):
            marks = finer
    return marks


def _multiples(step: float, stretch: Stretch) -> list[float]:
    first, last = math.ceil(stretch.start / step), math.floor(stretch.end / step)
    return [number * step for number in range(first, min(last, first + _MANY) + 1)]
