"""Where exchanges wait until they are due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mockatell.model import Exchange


class Shelf(Protocol):
    """Where exchanges wait until they are due; one that holds millions may keep them on disk."""

    def put(self, exchange: Exchange) -> Any:
        """Lay one down; returns what `take` wants."""
        ...

    def take(self, place: Any) -> Exchange:
        """Take one away."""
        ...


class InMemory:
    """The shelf of a run: an exchange's place is the exchange."""

    def put(self, exchange: Exchange) -> Exchange:
        """Lay one down."""
        return exchange

    def take(self, place: Exchange) -> Exchange:
        """Take one away."""
        return place
