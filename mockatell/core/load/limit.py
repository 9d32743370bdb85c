"""The search for the highest rate that still meets what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Generator

MOST_STEPS: Final = 24
CLOSE: Final = 0.05
"""The search is over when the lowest rate that failed is no more than so much above the best."""

End = Literal["met", "failed", "generator"]


class Step(Frozen, frozen=True):
    """One load of a search; one that says nothing is made twice.

    Args:
        rate: Callbacks a second.
        end: `met` everything, or `failed` something; `generator`: we, not the endpoint, were the
            limit, so it says nothing.
        why: What failed, or why it says nothing; "" where it met everything.
    """

    rate: float
    end: End
    why: str = ""


def search(first: float, most: float) -> Generator[float, Step, tuple[Step, ...]]:
    """Ask for loads at one rate after the other; each is answered by what came of it.

    From `first` on, the rate doubles until it is too much, or is halved until it is met. Then the
    gap is halved until it is `CLOSE`. Returns the steps, in order; there are `MOST_STEPS` at most.

    Args:
        first: The rate to begin with.
        most: The highest to try.
    """
    steps: list[Step] = []
    while len(steps) < MOST_STEPS and (rate := _next(steps, first, most)) is not None:
        steps.append((yield rate))
    return tuple(steps)


def best(steps: tuple[Step, ...]) -> Step | None:
    """The highest rate that met everything; None: none did."""
    return max((s for s in steps if s.end == "met"), key=lambda s: s.rate, default=None)


def ceiling(steps: tuple[Step, ...]) -> Step | None:
    """The lowest step above it that did not, the last where there were two; None: there is none."""
    met = best(steps)
    above = (s for s in reversed(steps) if s.end != "met" and (met is None or s.rate > met.rate))
    return min(above, key=lambda s: s.rate, default=None)


def _next(steps: list[Step], first: float, most: float) -> float | None:
    """The next rate; None: it has been found, or there is none."""
    if not steps:
        return min(first, most)
    last = steps[-1]
    if last.end == "generator" and steps.count(last) == 1:
        return last.rate  # it may have been a moment's disturbance
    met, above = best(tuple(steps)), ceiling(tuple(steps))
    if met is None:
        return None if last.rate <= 1 else _rounded(last.rate / 2)
    if above is None:
        return min(2 * met.rate, most) if met.rate < most else None
    if above.rate <= (1 + CLOSE) * met.rate:
        return None
    return _rounded((met.rate + above.rate) / 2)


def _rounded(rate: float) -> float:
    """A rate that can be said: three digits."""
    return float(f"{rate:.3g}")
