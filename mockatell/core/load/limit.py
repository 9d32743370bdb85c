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
    """One load of a search.

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
    gap is halved until it is `CLOSE`. Returns the steps, in order.

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
    """The lowest step that did not; None: all did."""
    return min((s for s in steps if s.end != "met"), key=lambda s: s.rate, default=None)


def _next(steps: list[Step], first: float, most: float) -> float | None:
    """The next rate; None: it has been found, or there is none."""
    met = best(tuple(steps))
    above = ceiling(tuple(steps))
    if not steps:
        return min(first, most)
    if met is None:
        lowest = min(step.rate for step in steps)
        return lowest / 2 if lowest > 1 else None
    if above is None:
        return min(2 * met.rate, most) if met.rate < most else None
    if above.rate <= (1 + CLOSE) * met.rate:
        return None
    return _rounded((met.rate + above.rate) / 2)


def _rounded(rate: float) -> float:
    """A rate that can be said: three digits."""
    return float(f"{rate:.3g}")
