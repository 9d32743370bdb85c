"""What is due next: the heart of the emitter, without a clock, a socket or a sleep.

    plan ──▶ ┌────────┐ take(now) ──▶ exchanges ──▶ a driver's sender
             │ agenda │
    retries ─└────────┘ ◀── ended(exchange, answer, sent_at) ── a driver

A retry is an entry here like any other, so nothing waits in a loop: a failing delivery holds up no
other one, virtual time needs no patching, and what is pending can be counted, drained or stored.
The drivers (async, sync) ask three questions: what is due at t, when next, and here is how this
one ended.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.core.exchanges import judge, plainly
from mockatell.core.journal import embed
from mockatell.core.shelf import InMemory
from mockatell.model import Attempt, Conduct, Delivery, Exchange, Outcome, Role, RunEnded
from mockatell.rng import Purpose, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from mockatell.core.exchanges import Conductor
    from mockatell.core.retry import RetryPolicy
    from mockatell.core.shelf import Shelf
    from mockatell.model import Answer

    PolicyOf = Callable[[Delivery], RetryPolicy]

MOST_COUNTED = 200_000
MOST_HELD = 10_000  # far more than one endpoint's trouble may hold up of the other's traffic
_ROLES: Final = tuple(Role)


class Agenda:
    """Deliveries in order of due time, with the retries that come of them.

    Args:
        deliveries: The plan, sorted by `due`; drawn lazily.
        policies: The retry policy of each role, or what says a delivery's own.
        limits: Most exchanges in flight at once, by role; a role that is not named has no limit.
        seed: The run's, for the jitter of retries.
        conduct: Which fault an exchange is under: from delivery, attempt number, due time.
        bodies: Whether attempts carry the callback's body.
        speed: By how much waits are divided: while an exchange takes a second, so many pass here;
            may be changed.
        shelf: Where exchanges wait until they are due.
        at_once: Whether what is planned is due whenever there is a place for it (a closed load),
            whatever its time says; retries wait for theirs.
    """

    def __init__(
        self,
        deliveries: Iterable[Delivery],
        policies: Mapping[Role, RetryPolicy] | PolicyOf,
        *,
        limits: Mapping[Role, int] | None = None,
        seed: int = 0,
        conduct: Conductor = plainly,
        bodies: bool = False,
        speed: float = 1.0,
        shelf: Shelf | None = None,
        at_once: bool = False,
    ) -> None:
        self._plan: Iterator[Delivery] = iter(deliveries)
        self._head: Delivery | None = None
        self._to_draw = True
        self._policy = policies if callable(policies) else _by_role(policies)
        self._limits: dict[Role, float] = dict(limits or {})
        self._seed = seed
        self._conduct = conduct
        self._bodies = bodies
        self.speed = speed
        self._shelf = shelf or InMemory()
        self.at_once = at_once
        # Retries, and what was added by hand: (due, seq, place on the shelf).
        self._waiting: list[tuple[float, int, Any]] = []
        self._held: dict[Role, deque[tuple[Exchange, ...]]] = {role: deque() for role in Role}
        self._holding = 0
        self._in_flight = dict.fromkeys(Role, 0)
        self._begun = 0
        self._attempts = 0
        self._ends = {Outcome.ACKNOWLEDGED: 0, Outcome.REDIRECTED: 0}
        self._exhausted = 0

    @property
    def held(self) -> int:
        """Exchanges that are due and wait for a free connection."""
        return self._holding

    @property
    def waiting(self) -> int:
        """Retries that are yet to be due, or to be taken."""
        return len(self._waiting)

    @property
    def drawn(self) -> bool:
        """Whether the plan holds nothing more."""
        return self._next() is None

    @property
    def in_flight(self) -> int:
        """Exchanges that are under way."""
        return sum(self._in_flight.values())

    def add(self, delivery: Delivery) -> None:
        """Put one more delivery on the agenda; its `seq` must be its own."""
        self._begun += 1
        self._wait(Exchange(delivery, 1, delivery.due))

    def resume(self, delivery: Delivery, number: int, due: float, first_sent: float) -> None:
        """Put a delivery on the agenda whose attempts before this `number` were made elsewhere."""
        self._begun += 1
        self._wait(Exchange(delivery, number, due, Conduct.PLAIN, first_sent))

    def withdraw(self, seqs: Collection[int]) -> None:
        """Take off what is not under way of these deliveries: nothing more comes of them."""
        left = [entry for entry in self._waiting if entry[1] not in seqs]
        self._begun -= len(self._waiting) - len(left)
        self._waiting = left
        heapq.heapify(self._waiting)
        for role, held in self._held.items():
            kept = (tuple(e for e in group if e.delivery.seq not in seqs) for group in held)
            self._held[role] = deque(group for group in kept if group)
        before, self._holding = self._holding, sum(map(len, chain(*self._held.values())))
        self._begun -= before - self._holding

    def next_due(self, until: float = math.inf) -> float | None:
        """When `take` will next have something that is not due yet; None: not by `until`."""
        due = self._earliest()
        return due if due is not None and due <= until else None

    def _earliest(self) -> float | None:
        # With so many held, the plan waits: a burst of a million need not be drawn at once.
        head = self._next() if self._holding < MOST_HELD else None
        planned = None if head is None else -math.inf if self.at_once else head.due
        waiting = self._waiting[0][0] if self._waiting else None
        if planned is None or waiting is None:
            return waiting if planned is None else planned
        return min(planned, waiting)

    def take(self, now: float, most: float = math.inf) -> list[tuple[Exchange, ...]]:
        """What is due at `now` and has a free connection, in order of due time.

        Each tuple is to be sent at once: one exchange, or the copies of a race. What is due but
        has no free connection is held, and comes first when one is free.

        Args:
            now: The time.
            most: How many exchanges to draw; the copies of a race may go over it. What is due
                beyond them stays where it is.
        """
        return list(self.taking(now, most))

    def taking(self, now: float, most: float = math.inf) -> Iterator[tuple[Exchange, ...]]:
        """As `take`, but each is drawn only when the one before has been seen to."""
        for role in _ROLES:
            while self._held[role] and self._free(role):
                group = self._held[role].popleft()
                self._holding -= len(group)
                self._in_flight[role] += len(group)
                yield group
        for group in self._due(now, most):
            role = group[0].delivery.callback.role
            if self._limits and (self._held[role] or not self._free(role)):
                self._held[role].append(group)
                self._holding += len(group)
            else:
                self._in_flight[role] += len(group)  # a race may go over the limit: it needs all
                yield group

    def ended(self, exchange: Exchange, answer: Answer, sent_at: float) -> Attempt:
        """Record how an exchange ended and put its retry, if there is one, on the agenda.

        Args:
            exchange: One that `take` gave.
            answer: What the sender brought back.
            sent_at: When the first byte was sent.
        """
        delivery = exchange.delivery
        self._in_flight[delivery.callback.role] -= 1
        self._attempts += 1
        outcome, status_code, detail = judge(exchange, answer)
        ended_at = sent_at + answer.took
        next_due = self._settle(exchange, outcome, sent_at, sent_at + answer.took * self.speed)
        return Attempt(  # by position: by name, this takes thrice as long
            delivery.seq,
            delivery.cause,
            delivery.callback.role,
            delivery.callback.kind,
            delivery.callback.message_id,
            exchange.number,
            exchange.due,
            sent_at,
            ended_at,
            outcome,
            status_code,
            detail,
            next_due,
            msgspec.UNSET if delivery.race is None else delivery.race,
            delivery.origin,
            embed(delivery.callback) if self._bodies else msgspec.UNSET,
        )

    def close(self, *, interrupted: bool = False) -> RunEnded:
        """The run's last line; what the plan still holds is drawn and counted as pending.

        No more than `MOST_COUNTED` are drawn for that: whoever interrupts a run of a million
        messages wants it to end. `uncounted` then says that there are more.
        """
        ended = self._ends[Outcome.ACKNOWLEDGED] + self._ends[Outcome.REDIRECTED] + self._exhausted
        left = (self._next() is not None) + sum(1 for _ in islice(self._plan, MOST_COUNTED))
        self._head = None
        return RunEnded(
            deliveries=self._begun + left,
            attempts=self._attempts,
            acknowledged=self._ends[Outcome.ACKNOWLEDGED],
            redirected=self._ends[Outcome.REDIRECTED],
            exhausted=self._exhausted,
            pending=self._begun + left - ended,
            interrupted=interrupted,
            uncounted=next(self._plan, None) is not None,
        )

    def _next(self) -> Delivery | None:
        """The plan's next delivery; drawn no sooner than it is asked for, as drawing takes time."""
        if self._to_draw:
            self._to_draw = False
            self._head = next(self._plan, None)
        return self._head

    def _due(self, now: float, most: float) -> Iterator[tuple[Exchange, ...]]:
        """Planned deliveries and retries due by now, merged in order of due time."""
        taken = 0
        while taken < most:
            # With so many held, the plan waits.
            head = self._next() if self._holding < MOST_HELD else None
            planned = math.inf if head is None else now if self.at_once else head.due
            waiting = self._waiting
            if waiting and waiting[0][0] <= min(planned, now):
                groups = self._waited_together()
            elif head is not None and planned <= now:
                groups = self._planned_together(head, planned)
            else:
                return
            taken += sum(map(len, groups))
            yield from groups

    def _planned_together(self, head: Delivery, due: float) -> list[tuple[Exchange, ...]]:
        """The plan's next delivery, and those that race it, as their endpoints see them."""
        if head.race is not None:
            return _for_each_role(self._planned(head, due))
        self._to_draw = True  # alone, as nearly all are: grouped by role, it takes a µs more
        self._begun += 1
        return [(Exchange(head, 1, due, self._conduct_of(head, 1, due)),)]

    def _planned(self, head: Delivery | None, due: float) -> Iterator[Exchange]:
        """The plan's next delivery, and those that race it, which are due with it."""
        race = None
        while head is not None and (race is None or head.race == race):
            self._to_draw = True
            self._begun += 1
            yield Exchange(head, 1, due, self._conduct_of(head, 1, due))
            race = head.race
            head = None if race is None else self._next()

    def _waited_together(self) -> list[tuple[Exchange, ...]]:
        """The first of what waits, and those that race it."""
        first = self._waited()
        together = [first]
        race = first.delivery.race if first.number == 1 else None
        while race is not None and self._waiting and self._waiting[0][0] == first.due:
            other = self._waited()
            if other.number > 1 or other.delivery.race != race:
                self._wait(other)
                break
            together.append(other)
        return _for_each_role(together)

    def _waited(self) -> Exchange:
        """Take the first of what waits."""
        due, _, place = heapq.heappop(self._waiting)
        waited = self._shelf.take(place)
        conduct = self._conduct_of(waited.delivery, waited.number, due)
        return Exchange(waited.delivery, waited.number, due, conduct, waited.first_sent)

    def _wait(self, exchange: Exchange) -> None:
        place = self._shelf.put(exchange)
        heapq.heappush(self._waiting, (exchange.due, exchange.delivery.seq, place))

    def _conduct_of(self, delivery: Delivery, number: int, due: float) -> Conduct:
        own = delivery.conducts
        return own[number - 1] if number <= len(own) else self._conduct(delivery, number, due)

    def _free(self, role: Role) -> bool:
        return self._in_flight[role] < self._limits.get(role, math.inf)

    def _settle(
        self, exchange: Exchange, outcome: Outcome, sent_at: float, ended_at: float
    ) -> float | None:
        """Count the delivery as ended, or put its retry on the agenda and say when it is due.

        Both times are the clock's: a hurried one goes on during an exchange, which is not hurried.
        """
        delivery, number = exchange.delivery, exchange.number
        if outcome in self._ends:
            self._ends[outcome] += 1
            return None
        first_sent = sent_at if exchange.first_sent is None else exchange.first_sent
        delay = self._policy(delivery).delay(
            outcome,
            number=number,
            first_sent=first_sent,
            ended_at=ended_at,
            stream=Stream(self._seed, Purpose.RETRY, delivery.seq, number),
        )
        if delay is None:
            self._exhausted += 1
            return None
        due = ended_at + delay
        self._wait(Exchange(delivery, number + 1, due, Conduct.PLAIN, first_sent))
        return due


def _by_role(policies: Mapping[Role, RetryPolicy]) -> PolicyOf:
    return lambda delivery: policies[delivery.callback.role]


def _for_each_role(exchanges: Iterable[Exchange]) -> list[tuple[Exchange, ...]]:
    """A race as its endpoints see it: to each, what it gets of it."""
    groups: dict[Role, list[Exchange]] = {}
    for exchange in exchanges:
        groups.setdefault(exchange.callback.role, []).append(exchange)
    return [tuple(group) for group in groups.values()]
