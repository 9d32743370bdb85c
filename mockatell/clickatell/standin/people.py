"""What is known of users: who opted out, and when each last wrote."""

from __future__ import annotations

from typing import Final, TypeVar

T = TypeVar("T")

DAY_MS: Final = 86_400_000


class People:
    """Users by number; of each kind of knowledge the oldest is forgotten beyond `keep` numbers."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._heard: dict[str, int] = {}
        self._out: dict[str, None] = {}

    def opt_out(self, number: str) -> None:
        """The user wants no more messages."""
        _note(self._out, number, None, self._keep)

    def opt_in(self, number: str) -> None:
        """The user wants messages again."""
        self._out.pop(number, None)

    def opted_out(self, number: str) -> bool:
        """Whether the user wants no messages."""
        return number in self._out

    def heard(self, number: str, at_ms: int) -> None:
        """The user has written; an older time than the last known changes nothing."""
        _note(self._heard, number, max(at_ms, self._heard.get(number, at_ms)), self._keep)

    def last_heard(self, number: str) -> int | None:
        """When the user last wrote, Unix milliseconds; None for never."""
        return self._heard.get(number)


def _note(book: dict[str, T], number: str, value: T, keep: int) -> None:
    book.pop(number, None)  # so that it goes to the end: the least recent is forgotten first
    book[number] = value
    while len(book) > keep:
        del book[next(iter(book))]
