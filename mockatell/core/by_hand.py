"""How a test orders what it sends by hand: which event comes when, and how often again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockatell.errors import ConfigurationError
from mockatell.model import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def by_index(what: str, times: int | Mapping[int, int], among: int) -> Mapping[int, int]:
    """How often something happens to each event, from a number for all or numbers by index.

    Raises:
        ConfigurationError: It is less than never, or names an event that there is not.
    """
    if min(times.values(), default=0) < 0 if isinstance(times, Mapping) else times < 0:
        raise ConfigurationError(f"{what} cannot be less than 0")
    if isinstance(times, int):
        return dict.fromkeys(range(among), times)
    check_indexes(what, times, among)
    return times


def check_indexes(what: str, indexes: Iterable[int], among: int) -> None:
    """See that there are such events.

    Raises:
        ConfigurationError: There is one that there is not.
    """
    if unknown := set(indexes) - set(range(among)):
        raise ConfigurationError(
            f"{what} names event {min(unknown)}, but there are {among}, from 0"
        )


def causes(turns: Iterable[int]) -> Iterator[tuple[int, Cause]]:
    """Events by index, in order of sending, each with whether it comes again."""
    seen: set[int] = set()
    for index in turns:
        yield index, Cause.DUPLICATE if index in seen else Cause.ORIGINAL
        seen.add(index)
