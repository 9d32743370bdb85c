"""Messages and what happens to them: statuses as they come, replies as they are written."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

from mockatell.core.sidecar.rows import Drop, MessageRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.sidecar.changes import Changes
    from mockatell.core.sidecar.retention import Retention
    from mockatell.core.sidecar.rows import Happening
    from mockatell.core.sidecar.tracks import Tracks


class Talk:
    """One message: its row, how many of its happenings have happened, and its status."""

    __slots__ = ("happened", "leaving", "row", "status")

    def __init__(self, row: MessageRow) -> None:
        self.row = row
        self.happened = 0
        self.status: str | None = None
        self.leaving = False

    @property
    def next_at(self) -> float | None:
        """When the next thing happens to it, or None: nothing more does."""
        happenings = self.row.happenings
        return happenings[self.happened].at if self.happened < len(happenings) else None


class Talks:
    """All messages that are held.

    Args:
        retention: How many are held, and how long, once they are settled.
        changes: Told of what is dropped.
        tracks: The deliveries.
    """

    def __init__(self, retention: Retention, changes: Changes, tracks: Tracks) -> None:
        self._retention = retention
        self._changes = changes
        self._tracks = tracks
        self._of: dict[str, Talk] = {}
        self._called: dict[str, list[str]] = {}
        self._due: list[tuple[float, int, Talk]] = []
        self._settled: deque[tuple[float, Talk]] = deque()

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Talk]:
        """The newest first."""
        return iter(reversed(self._of.values()))

    def find(self, message_id: str) -> Talk | None:
        """The message of this id."""
        return self._of.get(message_id)

    def called(self, name: str) -> list[str]:
        """Ids of the messages that are meant by an id, or by the client id that the app gave."""
        return [name] if name in self._of else self._called.get(name, [])

    def names(self, message_id: str) -> tuple[str, ...]:
        """What a message can be called: its id, and its client id."""
        talk = self._of.get(message_id)
        own = None if talk is None else _client_id(talk.row)
        return (message_id,) if own is None else (message_id, own)

    def add(self, row: MessageRow) -> Talk:
        """One more."""
        talk = self._of[row.id] = Talk(row)
        if (name := _client_id(row)) is not None:
            self._called.setdefault(name, []).append(row.id)
        self._await(talk)
        return talk

    @property
    def next_due(self) -> float | None:
        """When the next thing happens to any of them."""
        return self._due[0][0] if self._due else None

    def happen(self, now: float) -> Iterator[tuple[Talk, Happening]]:
        """What happens up to now, in order of time."""
        while self._due and self._due[0][0] <= now:
            talk = heapq.heappop(self._due)[2]
            happening = talk.row.happenings[talk.happened]
            talk.happened += 1
            talk.status = happening.status or talk.status
            self._await(talk)
            yield talk, happening

    def settled(self, talk: Talk) -> bool:
        """Whether all that will happen to it has, and no delivery of it is pending."""
        return talk.next_at is None and all(t.over for t in self._tracks.of(talk.row.id))

    def touch(self, message_id: str, now: float) -> None:
        """Something about it has ended: once it is settled, it may be dropped some day."""
        talk = self._of.get(message_id)
        if talk is not None and not talk.leaving and self.settled(talk):
            talk.leaving = True
            self._settled.append((now, talk))

    def trim(self, now: float) -> None:
        """Drop what is settled and too old, or too much."""
        while self._settled and self._too_many(now):
            _, talk = self._settled.popleft()
            talk.leaving = False
            if self.settled(talk):  # else something was sent again meanwhile
                self._forget(talk.row)
                self._changes.keep(Drop(MessageRow, talk.row.id))

    def _forget(self, row: MessageRow) -> None:
        del self._of[row.id]
        if (name := _client_id(row)) is not None:
            self._called[name].remove(row.id)
            if not self._called[name]:
                del self._called[name]

    def _too_many(self, now: float) -> bool:
        return self._retention.too_many_messages(len(self), self._settled[0][0], now)

    def _await(self, talk: Talk) -> None:
        if (at := talk.next_at) is not None:
            heapq.heappush(self._due, (at, talk.row.number, talk))


def _client_id(row: MessageRow) -> str | None:
    """The id that the app gave a message; that of a reply is of the one that it answers."""
    return row.client_message_id if row.direction == "sent" else None
