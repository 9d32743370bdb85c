"""Deliveries and what became of them: held in order, found by message, dropped when old."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from mockatell.clickatell.reading import said
from mockatell.core.sidecar.rows import DeliveryRow, Drop
from mockatell.model import Attempt, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from mockatell.core.sidecar.changes import Changes
    from mockatell.core.sidecar.retention import Retention
    from mockatell.core.sidecar.rows import AttemptRow
    from mockatell.core.sidecar.views import State
    from mockatell.model import Delivery

    Heap: TypeAlias = "deque[Track]"

_PLAIN = re.compile(r"[a-z0-9_.:-]+")  # what JSON writes as it is

_ENDS: dict[Outcome, State] = {
    Outcome.ACKNOWLEDGED: "acknowledged",
    Outcome.REDIRECTED: "redirected",
}


class Track:
    """One delivery: its row, its attempts, and whether one is under way."""

    __slots__ = ("attempts", "delivery", "in_flight", "row")

    def __init__(self, row: DeliveryRow, delivery: Delivery) -> None:
        self.row = row
        self.delivery = delivery
        self.attempts: list[AttemptRow] = []
        self.in_flight = False

    @property
    def last(self) -> AttemptRow | None:
        """Its last attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def next_due(self) -> float | None:
        """When it is tried (again); None: never, or it is under way."""
        if self.row.cancelled or self.in_flight:
            return None
        return self.row.due if self.last is None else self.last.next_due

    @property
    def state(self) -> State:
        """How it stands."""
        last = self.last
        if self.in_flight:
            return "in_flight"
        if last is not None and last.outcome in _ENDS:
            return _ENDS[last.outcome]
        if self.row.cancelled:
            return "cancelled"
        return "pending" if last is None or last.next_due is not None else "exhausted"

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in ("pending", "in_flight")

    @property
    def ended(self) -> float:
        """When it was over, as near as is known."""
        return self.row.due if self.last is None else self.last.ended_at

    @property
    def family(self) -> int:
        """The `seq` of the delivery that it is a copy of, or its own."""
        return self.row.seq if self.row.twin is None else self.row.twin

    @property
    def messages(self) -> tuple[str, ...]:
        """Ids of the messages that it is about: the one it tells of, and the one it carries."""
        about, own = self.row.about, self.row.message_id
        return tuple(dict.fromkeys(filter(None, (about, own))))

    def told(self) -> Iterator[Attempt]:
        """Its attempts, as a journal has them."""
        return map(self.attempt, self.attempts)

    def attempt(self, row: AttemptRow) -> Attempt:
        """What the agenda said of an attempt of it."""
        delivery = self.delivery
        return Attempt(
            delivery=row.seq,
            cause=delivery.cause,
            role=delivery.callback.role,
            kind=delivery.callback.kind,
            message_id=delivery.callback.message_id,
            number=row.number,
            due=row.due,
            sent_at=row.sent_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
            status_code=row.status_code,
            detail=row.detail,
            next_due=row.next_due,
            race=msgspec.UNSET if delivery.race is None else delivery.race,
            origin=delivery.origin,
        )

    def named(self, sought: str) -> bool:
        """Whether a message's id, or its client id, is this or begins with it, in any case."""
        sought = sought.lower()
        if any(each.lower().startswith(sought) for each in self.messages):
            return True
        # Reading a body takes far longer than searching it, and most do not hold what is sought.
        if _PLAIN.fullmatch(sought) and sought.encode() not in self.row.body.lower():
            return False
        own = said(self.row.body).client_message_id
        return own is not None and own.lower().startswith(sought)


class Tracks:
    """All deliveries that are held.

    Args:
        retention: How many are held, and how long, once they are over.
        changes: Told of what is dropped.
    """

    def __init__(self, retention: Retention, changes: Changes) -> None:
        self._retention = retention
        self._changes = changes
        self._of: dict[int, Track] = {}
        self._about: dict[str, list[Track]] = {}
        self._open: dict[int, Track] = {}
        self._over: deque[Track] = deque()

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Track]:
        """The newest first."""
        return iter(reversed(self._of.values()))

    @property
    def open(self) -> Iterable[Track]:
        """Those that are not over, the oldest first."""
        return self._open.values()

    @property
    def pending(self) -> int:
        """How many are not over."""
        return len(self._open)

    def find(self, seq: int) -> Track | None:
        """The delivery of this number."""
        return self._of.get(seq)

    def of(self, message_id: str) -> list[Track]:
        """The deliveries about a message."""
        return self._about.get(message_id, [])

    def add(self, track: Track) -> None:
        """One more; it is pending until `close` says otherwise."""
        self._of[track.row.seq] = self._open[track.row.seq] = track
        for message_id in track.messages:
            self._about.setdefault(message_id, []).append(track)

    def close(self, track: Track) -> None:
        """This one is over."""
        del self._open[track.row.seq]
        self._over.append(track)

    def trim(self, now: float) -> Iterator[Track]:
        """Drop what is over and too old, or too much; gives what was dropped."""
        while self._over and self._retention.too_many_deliveries(len(self), self._over[0], now):
            track = self._over.popleft()
            self._forget(track)
            self._changes.keep(Drop(DeliveryRow, track.row.seq))
            yield track

    def _forget(self, track: Track) -> None:
        del self._of[track.row.seq]
        for message_id in track.messages:
            tracks = self._about[message_id]
            tracks.remove(track)
            if not tracks:
                del self._about[message_id]
