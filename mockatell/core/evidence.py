"""Evidence: attempts told in a line each, counted, the first of them kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from mockatell.core.scenario.units import format_seconds

if TYPE_CHECKING:
    from mockatell.model import Attempt

LINES_KEPT: Final = 5
DELIVERIES_KEPT: Final = 200
_EXCERPT: Final = 120

K = TypeVar("K")
V = TypeVar("V")


def describe(attempt: Attempt) -> str:
    """An attempt in one line: `#17 moText 6f1c…, attempt 2 at 4s: rejected 503 after 9ms`."""
    about = f" {attempt.message_id[:12]}" if attempt.message_id else ""
    status = f" {attempt.status_code}" if attempt.status_code is not None else ""
    said = f", {quote(attempt)}" if attempt.detail else ""
    return (
        f"#{attempt.delivery} {attempt.kind}{about}, attempt {attempt.number} at "
        f"{format_seconds(attempt.sent_at)}: {attempt.outcome.replace('_', ' ')}{status} "
        f"after {format_seconds(attempt.service)}{said}"
    )


def quote(attempt: Attempt) -> str:
    """What the endpoint said, in quotation marks, or what happened instead, in words."""
    text = excerpt(attempt.detail or "")
    return text if attempt.status_code is None else f'"{text}"'


def excerpt(text: str) -> str:
    """The start of an answer, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _EXCERPT else flat[: _EXCERPT - 1] + "…"


class Recent(Generic[K, V]):
    """A mapping that remembers only what was put in last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: dict[K, V] = {}

    def setdefault(self, key: K, value: V) -> V:
        """The key's value, which becomes `value` if there is none; the oldest key may go."""
        kept = self._items.setdefault(key, value)
        if len(self._items) > self._limit:
            del self._items[next(iter(self._items))]
        return kept

    def get(self, key: K) -> V | None:
        """The key's value, or None."""
        return self._items.get(key)


class Case:
    """The evidence for one finding so far: all of it counted, the first of it kept."""

    def __init__(self) -> None:
        self.attempts = 0
        self.lines: list[str] = []
        self.deliveries: dict[int, None] = {}

    def add(self, attempt: Attempt) -> None:
        """Put one attempt to the evidence."""
        self.attempts += 1
        if len(self.lines) < LINES_KEPT:
            self.lines.append(describe(attempt))
        if len(self.deliveries) < DELIVERIES_KEPT:
            self.deliveries[attempt.delivery] = None
