"""The fidelity ledger: what mockatell does as Clickatell, and on what ground.

One table that documents, reports and commands all read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockatell.clickatell.ledger.delivery import DELIVERY
from mockatell.clickatell.ledger.lives import LIVES
from mockatell.clickatell.ledger.row import Row
from mockatell.clickatell.ledger.sending import SENDING
from mockatell.clickatell.ledger.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["LEDGER", "SENDING", "Row", "assumptions"]

LEDGER: Final[tuple[Row, ...]] = (*DELIVERY, *SHAPES, *LIVES)
"""Every behaviour, by subject."""


def assumptions(scenario: Any, about: Collection[str] | None = None) -> tuple[str, ...]:
    """Ids of the assumed rows that a scenario rests on: those that it does not settle itself.

    Args:
        scenario: Anything with the scenario's keys as attributes, and a class that makes one
            with every default when called without arguments.
        about: What the run has of event kinds and `encrypted`; None is everything.
    """
    untouched = type(scenario)()
    return tuple(
        row.id
        for row in LEDGER
        if row.basis == "assumed"
        and (about is None or not row.about or not set(row.about).isdisjoint(about))
        and _at(scenario, row.setting) == _at(untouched, row.setting)
    )


def _at(settings: Any, path: str) -> Any:
    """The value at a dotted path; None where the path leads nowhere, as through a list."""
    for name in path.split("."):
        settings = getattr(settings, name, None)
    return settings
