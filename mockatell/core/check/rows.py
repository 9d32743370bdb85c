"""How rows of the clause table are written that both endpoints share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockatell.core.check.bench import BASELINE
from mockatell.core.check.words import Clause
from mockatell.model import Role

if TYPE_CHECKING:
    from mockatell.core.check.words import Play


def kind_clause(kind: str) -> str:
    """The id of the clause that a kind is acknowledged at all."""
    return f"kind-{kind}"


def baseline(role: Role) -> str:
    """The clause without which nothing can be asked of an endpoint."""
    return kind_clause(BASELINE[role])


def for_each(
    name: str, play: Play, *, needs: tuple[str, ...] | None = None, **told: Any
) -> tuple[Clause, ...]:
    """A clause for each endpoint, `status-name` and `reply-name`.

    `{role}` in `needs` stands for the endpoint; by default, a plain callback must be acknowledged.
    """
    return tuple(
        Clause(
            id=f"{role}-{name}",
            roles=(role,),
            play=play,
            needs=_needs(role, needs),
            **told,
        )
        for role in Role
    )


def _needs(role: Role, needs: tuple[str, ...] | None) -> tuple[str, ...]:
    return (baseline(role),) if needs is None else tuple(each.format(role=role) for each in needs)
