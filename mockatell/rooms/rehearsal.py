"""The room where callbacks are made by hand and played, one by one, to one target.

A rehearsal keeps its clock, its agenda and its journal from the first callback to the last, so a
test can hold them back, send them out of order, let time pass and look at what came of it.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import msgspec

from mockatell.clickatell.ledger import assumptions
from mockatell.core.agenda import Agenda
from mockatell.core.differences import shown
from mockatell.core.drafts import Draft
from mockatell.core.journal import Journal
from mockatell.core.plan import platform_of
from mockatell.core.render.schedule import as_scenario
from mockatell.core.retry import policies
from mockatell.core.scenario.endpoints import IN_PROCESS, resolve_endpoints
from mockatell.core.scenario.near import suggestion
from mockatell.core.schedules import Schedule, deliveries
from mockatell.core.secrets import Secrets
from mockatell.model import Callback, Cause, Conduct, Delivery, Role
from mockatell.rng import Purpose, Stream
from mockatell.rooms.contact import Contact
from mockatell.rooms.run import opening

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import Answer, Attempt, Exchange
    from mockatell.shell.clock import Clock
    from mockatell.shell.senders.base import AsyncSender, SyncSender

_BY_HAND = 1 << 40  # apart from the ordinals of a scenario's messages
_APART = 0.001  # seconds: what is due at one instant would be sent side by side


class Rehearsal:
    """What has been put on the agenda by hand, and what came of it.

    Args:
        scenario: Its endpoints, retry policy, integration and quirks hold; its messages do not.
        clock: The test's time.
        seed: What everything that is left out is drawn from.
        replay: What does it all again.
        live: Whether the endpoints are servers, rather than an app in process.
    """

    def __init__(
        self, scenario: Scenario, clock: Clock, seed: int, replay: str = "", *, live: bool = False
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.endpoints = resolve_endpoints(scenario, fallback=IN_PROCESS)
        self.scrub = Secrets.of(scenario, self.endpoints.values()).scrub
        self.agenda = Agenda(
            (),
            policies(scenario.retry),
            limits=dict.fromkeys(Role, 1),
            seed=seed,
            conduct=self._conduct,
            bodies=True,
        )
        started = opening(scenario, clock, self.endpoints, seed=seed, replay="")
        self.journal = Journal(msgspec.structs.replace(started, replay=replay))
        self.tracebacks: dict[tuple[int, int], str] = {}
        self._contact = Contact(self.endpoints) if live else None
        self._platform = platform_of(scenario)
        self._drawn = count()
        self._lost_acks: dict[int, int] = {}
        self._about: set[str] = set()
        self._added: dict[int, Delivery] = {}
        self._kinds: set[str] = set()
        self._not_before: dict[Callback, float] = {}
        self._followed: tuple[Schedule, Sequence[Draft | Callback]] = Schedule(()), ()
        self._scenario = scenario
        self.numbered = 0
        self._latest_ms = 0

    def happen(self, event: Draft | Callback) -> Callback:
        """Make an event happen now, a millisecond after the one before it at the earliest."""
        if isinstance(event, Callback):
            return event
        stream = Stream(self.seed, Purpose.MESSAGE, _BY_HAND, next(self._drawn))
        now_ms = self.clock.epoch_ms + int(self.clock.now() * 1000)
        self._latest_ms = max(now_ms, self._latest_ms + 1)
        callback = event.happen(self._platform, stream, self._latest_ms)
        self._kinds |= {event.kind, "encrypted"} if event.fields.get("encrypted") else {event.kind}
        if event.punctual and event.timestamp is not None and self.clock.virtual:
            self._not_before[callback] = (event.timestamp - self.clock.epoch_ms) / 1000
        return callback

    def add(
        self,
        callbacks: Sequence[Callback],
        plan: Iterable[tuple[int, Cause]],
        lost_acks: Mapping[int, int],
    ) -> set[int]:
        """Put callbacks on the agenda, due now, each when the one before it has been answered.

        Those of punctual events are due when they happen, and hold up what comes after them.

        Args:
            callbacks: What is sent.
            plan: Which of them, by index, one after the other; one may come several times.
            lost_acks: How many acknowledgements of an original get lost, by its index.

        Returns:
            The numbers of the deliveries.
        """
        numbers = set()
        origins: dict[int, int] = {}
        due = self.clock.now() - _APART
        for index, cause in plan:
            self.numbered += 1
            number = self.numbered
            numbers.add(number)
            origin = origins.setdefault(index, number)
            if cause is Cause.ORIGINAL:
                self._lost_acks[number] = lost_acks.get(index, 0)
            due = max(due + _APART, self._not_before.get(callbacks[index], 0.0))
            self._add(Delivery(number, due, cause, callbacks[index], origin))
        return numbers

    def _add(self, delivery: Delivery) -> None:
        self._about.add(delivery.callback.message_id)
        self._added[delivery.seq] = delivery
        self.agenda.add(delivery)

    def unsent(self) -> list[Delivery]:
        """What was put on the agenda, and was never attempted."""
        attempted = {attempt.delivery for attempt in self.journal}
        return [each for seq, each in self._added.items() if seq not in attempted]

    def assumed(self) -> tuple[str, ...]:
        """Ids of the fidelity ledger's assumed rows that what was made by hand rests on."""
        return assumptions(self._scenario, self._kinds) if self._added else ()

    def unknown(self, message_id: object) -> str | None:
        """Why nothing can be said of a message, in a sentence; None if something was sent about it.

        What still waits counts as sent.
        """
        known = sorted((self._about | self.journal.by_message.keys()) - {""})
        if message_id in known:
            return None
        about = f"about message {shown(message_id)}"
        if not known:
            return f"nothing was sent {about}, or any other"
        return f"nothing was sent {about} ({suggestion(str(message_id), known)})"

    def follow(self, events: Sequence[Draft | Callback], schedule: Schedule) -> set[int]:
        """Put events on the agenda by a schedule; gives the numbers of the deliveries."""
        callbacks = {event: self.happen(events[event]) for event in schedule.events}
        self._followed = schedule, events
        numbers = set()
        for delivery in deliveries(
            schedule, callbacks, start=self.clock.now(), after=self.numbered
        ):
            numbers.add(delivery.seq)
            self._add(delivery)
        self.numbered += len(numbers)
        return numbers

    def as_scenario(self) -> str:
        """YAML that plays the schedule that was followed last; "" where none can be written."""
        schedule, events = self._followed
        drafts = [event for event in events if isinstance(event, Draft)]
        if not drafts or len(drafts) < len(events):
            return ""
        return as_scenario(schedule, drafts, self._scenario)

    def _conduct(self, delivery: Delivery, number: int, _due: float) -> Conduct:
        lost = number <= self._lost_acks.get(delivery.seq, 0)
        return Conduct.LOSE_ACK if lost else Conduct.PLAIN

    def record(self, attempt: Attempt) -> None:
        """Keep an attempt.

        Raises:
            ConfigurationError: It shows that the target is not there at all.
        """
        self.journal.add(attempt)
        if self._contact is not None:
            self._contact.see(attempt)

    def part(self, numbers: set[int]) -> Journal:
        """The journal of some deliveries."""
        return Journal(self.journal.started, (a for a in self.journal if a.delivery in numbers))

    def note(self, exchange: Exchange, answer: Answer) -> Answer:
        """Keep the traceback of an app that raised; the journal has no room for it."""
        if answer.traceback and answer.traceback not in self.tracebacks.values():
            self.tracebacks[exchange.delivery.seq, exchange.number] = answer.traceback
        return answer

    def watched(self, sender: AsyncSender) -> AsyncSender:
        """The sender, its answers noted."""
        return _Watched(sender, self)

    def watched_now(self, sender: SyncSender) -> SyncSender:
        """As `watched`, for a sender on the calling thread."""
        return _WatchedNow(sender, self)


class _Watched:
    def __init__(self, sender: AsyncSender, rehearsal: Rehearsal) -> None:
        self._sender = sender
        self._rehearsal = rehearsal

    async def send(self, exchange: Exchange) -> Answer:
        return self._rehearsal.note(exchange, await self._sender.send(exchange))

    async def race(self, exchanges: Sequence[Exchange]) -> Sequence[tuple[float, Answer]]:
        released = await self._sender.race(exchanges)
        for exchange, (_, answer) in zip(exchanges, released, strict=True):
            self._rehearsal.note(exchange, answer)
        return released

    async def aclose(self) -> None:
        await self._sender.aclose()


class _WatchedNow:
    def __init__(self, sender: SyncSender, rehearsal: Rehearsal) -> None:
        self._sender = sender
        self._rehearsal = rehearsal

    def send(self, exchange: Exchange) -> Answer:
        return self._rehearsal.note(exchange, self._sender.send(exchange))

    def close(self) -> None:
        self._sender.close()
