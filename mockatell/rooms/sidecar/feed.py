"""The live feed: what has changed, to any number of readers, each at its own pace."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.sidecar.views import Change

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

MOST: Final = 10_000
"""Entries that are remembered; a reader that is further behind has to look at everything anew."""


class Feed:
    """Remembers the newest changes and wakes those who wait for more.

    Args:
        start: What its numbers count from: more than any number of an earlier life.
    """

    def __init__(self, start: int) -> None:
        self._last = start
        self._told: deque[tuple[Any, str]] = deque(maxlen=MOST)
        self._news = asyncio.Event()

    def tell(self, told: Iterable[tuple[str, str]]) -> None:
        """Add entries."""
        before = self._last
        for entry in told:
            self._last += 1
            self._told.append(entry)
        if self._last != before:
            self._news.set()
            self._news = asyncio.Event()

    async def changes(self, since: int) -> AsyncIterator[Change]:
        """Every change after `since`, as they come; for ever.

        Args:
            since: The last one that the reader has; negative for none before now. One that is too
                far back, or of an earlier life, gets a `reset` first.
        """
        at = self._last if since < 0 else since
        while True:
            if at > self._last or self._last - at > len(self._told):
                at = self._last
                yield Change(id=at, type="reset")
            news = self._news
            for kind, about in list(islice(self._told, len(self._told) - (self._last - at), None)):
                at += 1
                yield Change(id=at, type=kind, about=about)
            if at == self._last:
                await news.wait()
