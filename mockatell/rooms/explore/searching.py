"""The search among schedules that are too many to try them all, by Hypothesis (extra `explore`)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.schedules import Leeway, Schedule, fitted
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from hypothesis.strategies import SearchStrategy

MOST_FAILING: Final = 2  # acknowledgements lost in one schedule, and attempts that nobody answers

MOST_RACING: Final = 2  # places of one schedule that are sent at the moment of the one before


def is_there() -> bool:
    """Whether Hypothesis is installed."""
    return find_spec("hypothesis") is not None


def strategies() -> Any:
    """Hypothesis' strategies.

    Raises:
        ConfigurationError: It is not installed.
    """
    if not is_there():
        raise ConfigurationError(
            "this needs Hypothesis, which is not installed: pip install 'mockatell[explore]'"
        )
    from hypothesis import strategies as st

    return st


def within(leeway: Leeway, *, whole: bool = False) -> SearchStrategy[Schedule]:
    """Schedules within a leeway; they shrink to fewer callbacks, fewer faults and true order.

    Args:
        leeway: How far they go.
        whole: Whether each has every event; else some leave events out.
    """
    st = strategies()
    most = leeway.events + leeway.duplicates
    events = st.integers(0, leeway.events - 1)
    failing = st.lists(events, max_size=MOST_FAILING if any(leeway.retries) else 0)
    racing = st.lists(st.integers(1, max(most - 1, 1)), max_size=MOST_RACING if leeway.races else 0)
    parts = st.tuples(st.lists(events, min_size=1, max_size=most), failing, failing, racing)

    def made(drawn: tuple[list[int], ...]) -> Schedule:
        # What does not fit is left out: strategies made anew for every example would cost a
        # millisecond each.
        order, *faults = drawn
        rest = [event for event in range(leeway.events) if whole and event not in order]
        return fitted(leeway, order + rest, *faults)

    found: SearchStrategy[Schedule] = parts.map(made)
    return found


def search(
    leeway: Leeway, breaks: Callable[[Schedule], bool], *, most: int, random: Random
) -> Schedule | None:
    """A schedule that breaks, not shrunk, or None where none was found.

    Args:
        leeway: How far schedules go.
        breaks: Asked about each.
        most: How many to draw.
        random: What they are drawn from.
    """
    from hypothesis import HealthCheck, Phase, Verbosity, find, settings
    from hypothesis.errors import NoSuchExample

    quietly = settings(
        max_examples=most,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    try:
        return find(within(leeway), breaks, settings=quietly, random=random)
    except NoSuchExample:
        return None
