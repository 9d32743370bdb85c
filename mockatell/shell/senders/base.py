"""What a sender is: the seam between a driver and the customer's endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

from mockatell.model import Answer, Exchange

Timer: TypeAlias = Callable[[], float]
"""Monotonic seconds; only differences count."""

Scrub: TypeAlias = Callable[[str], str]
"""Takes the secrets out of a text that is to be shown."""

Annotate: TypeAlias = Callable[[Exchange], Iterable[tuple[str, str]]]
"""Headers that say which exchange a request is; the real platform sends none."""


class AsyncSender(Protocol):
    """Carries out exchanges on a running event loop.

    An endpoint's failure is an `Answer` with a `trouble`, never an exception; a `MockatellError`
    means that our own input or machine is at fault.
    """

    async def send(self, exchange: Exchange) -> Answer:
        """Carry out one exchange; cancelling it closes its connection."""
        ...

    async def race(self, exchanges: Sequence[Exchange]) -> Sequence[tuple[float, Answer]]:
        """Release exchanges together, as nearly as the transport can.

        Returns for each, in order, the seconds from the first release to its own, and its answer.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection; nothing stays behind."""
        ...


class SyncSender(Protocol):
    """As `AsyncSender`, on the calling thread and without an event loop."""

    def send(self, exchange: Exchange) -> Answer:
        """Carry out one exchange."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


def annotation(exchange: Exchange, seed: int) -> Iterator[tuple[str, str]]:
    """The headers of an annotated request: which delivery and attempt it is, and of what seed."""
    yield "X-Mockatell-Delivery", str(exchange.delivery.seq)
    yield "X-Mockatell-Attempt", str(exchange.number)
    yield "X-Mockatell-Cause", exchange.delivery.cause
    yield "X-Mockatell-Seed", str(seed)


def as_is(text: str) -> str:
    """The `Scrub` for a run without secrets."""
    return text
