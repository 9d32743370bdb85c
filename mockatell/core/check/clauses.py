"""The clause table: every clause, by the family that it belongs to, in the order of a check."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from mockatell.core.check.contact import CONTACT, SPEED
from mockatell.core.check.crowds import CROWDS
from mockatell.core.check.future import FUTURE
from mockatell.core.check.kinds import KIND_CLAUSES, STATUS_CLAUSES
from mockatell.core.check.limits import LIMITS
from mockatell.core.check.manners import MANNERS
from mockatell.core.check.repeats import REPEATS
from mockatell.core.check.shapes import SHAPES
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockatell.core.check.words import Clause

FAMILIES: Final[dict[str, tuple[Clause, ...]]] = {
    "First contact": CONTACT,
    "Every kind of event": (*KIND_CLAUSES, *STATUS_CLAUSES),
    "Speed": SPEED,
    "What events hold": SHAPES,
    "What the vendor announces": FUTURE,
    "At least once, in any order": REPEATS,
    "At the same time": CROWDS,
    "HTTP and credentials": MANNERS,
    "Limits": LIMITS,
}
"""A clause comes after those that it needs."""

CLAUSES: Final = {clause.id: clause for family in FAMILIES.values() for clause in family}

FAMILY_OF: Final = {clause.id: name for name, family in FAMILIES.items() for clause in family}


def chosen(only: Sequence[str] = (), skip: Sequence[str] = ()) -> tuple[Clause, ...]:
    """The clauses to play, in order: all or `only` these with what they need, without `skip`.

    Raises:
        ConfigurationError: There is no such clause, or none is left.
    """
    for name in (*only, *skip):
        _known(name)
    wanted = set(_with_needs(only)) if only else set(CLAUSES)
    left = tuple(each for each in CLAUSES.values() if each.id in wanted and each.id not in skip)
    if not left:
        raise ConfigurationError("no clause is left to check: --skip names all that --only does")
    return left


def _with_needs(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield name
        yield from _with_needs(CLAUSES[name].needs)


def _known(name: str) -> None:
    if name not in CLAUSES:
        near = get_close_matches(name, CLAUSES, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "see mockatell check --list"
        raise ConfigurationError(f"there is no clause '{name}' ({hint})")
