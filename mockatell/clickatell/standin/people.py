"""What is known of users: who opted out, and when each last wrote."""

from __future__ import annotations

from typing import Final, TypeVar

T = TypeVar("T")

DAY_MS: Final = 86_400_000


class People:
    """Users by number: the `keep` that wrote last, and the `keep` of those who opted out."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._heard: dict[str, int] = {}
        self._out: dict[str, None] = {}
        self._forgotten: list[str] = []

    def opt_out(self, number: str) -> None:
        """The user wants no more messages."""
        self._note(self._out, number, None)

    def opt_in(self, number: str) -> None:
        """The user wants messages again."""
        self._out.pop(number, None)

    def opted_out(self, number: str) -> bool:
        """Whether the user wants no messages."""
        return number in self._out

    def heard(self, number: str, at_ms: int) -> None:
        """The user has written; an older time than the last known changes nothing."""
        self._note(self._heard, number, max(at_ms, self._heard.get(number, at_ms)))
        if number in self._out:
            self.opt_out(number)  # so that of those, too, the one that wrote last is known longest

    def last_heard(self, number: str) -> int | None:
        """When the user last wrote, Unix milliseconds; None for never."""
        return self._heard.get(number)

    def forgotten(self) -> list[str]:
        """Numbers of which nothing is known any more, since the last call."""
        forgotten, self._forgotten = self._forgotten, []
        return [each for each in forgotten if each not in self._heard and each not in self._out]

    def _note(self, book: dict[str, T], number: str, value: T) -> None:
        book.pop(number, None)  # so that it goes to the end: the least recent is forgotten first
        book[number] = value
        while len(book) > self._keep:
            self._forgotten.append(oldest := next(iter(book)))
            del book[oldest]
