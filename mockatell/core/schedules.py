"""Schedules: the ways in which Clickatell may deliver the events of a conversation.

The contract promises no order, delivers at least once, and retries whatever it takes for lost. So a
schedule is the order of sending, in which an event may come again and some may be sent at one
moment, with the acknowledgements that get lost and the first attempts that nobody answers. One that
leaves events out is a schedule of the smaller conversation: which statuses are pushed is a setting
of the customer's.
"""

from __future__ import annotations

from itertools import combinations, count, permutations
from typing import TYPE_CHECKING, Final

from mockatell.errors import ConfigurationError
from mockatell.model import Cause, Conduct, Delivery, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mockatell.model import Callback

    Order = tuple[int, ...]
    Size = tuple[int, int, int, int, Order, Order, Order, Order]

GAP: Final = 1.0  # seconds between two events, and between two deliveries
MOST: Final = 1000  # duplicates in a schedule that a test gives, or attempts that fail of one event


class Schedule(Frozen, frozen=True):
    """One way of delivering events; they are named by their index, from 0.

    Args:
        order: The events in the order of sending; one that comes again is a duplicate.
        lost: Events whose first acknowledgement gets lost; named twice, the first two.
        refused: Events whose first attempt nobody answers; named twice, the first two.
        races: Places in the order, from 1, that are sent at the same moment as the one before.
    """

    order: tuple[int, ...]
    lost: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    races: tuple[int, ...] = ()

    @property
    def events(self) -> tuple[int, ...]:
        """The events that it delivers, as they happened."""
        return tuple(sorted(set(self.order)))

    @property
    def callbacks(self) -> int:
        """How many requests it takes, unless the endpoint asks for more."""
        return len(self.order) + len(self.lost) + len(self.refused)

    @property
    def faults(self) -> int:
        """Duplicates, lost acknowledgements and attempts that nobody answers."""
        return self.callbacks - len(self.events)

    @property
    def disorder(self) -> int:
        """How many pairs are sent the other way round than they happened."""
        return sum(a > b for a, b in combinations(self.order, 2))

    @property
    def size(self) -> Size:
        """Fewest callbacks first, then fewest faults (a duplicate is the simplest), then order."""
        disturbed = len(self.lost) + len(self.refused) + len(self.races)
        amounts = self.callbacks, self.faults, disturbed, self.disorder
        return *amounts, self.order, self.refused, self.lost, self.races

    @property
    def groups(self) -> tuple[int, ...]:
        """For each place in the order, the first of those that are sent at its moment."""
        firsts: list[int] = []
        for place in range(len(self.order)):
            firsts.append(firsts[-1] if place in self.races else place)
        return tuple(firsts)


class Turn(Frozen, frozen=True):
    """One delivery of a schedule.

    Args:
        event: What is delivered.
        rank: Its place among the schedule's events, from 0.
        due: When, in seconds; the event itself happened at `rank * GAP`.
        copy: 0 for the original, 1 and up for its duplicates.
        conducts: How its first attempts are carried out.
        race: The first place in the order of those that are sent at its moment, or None.
    """

    event: int
    rank: int
    due: float
    copy: int = 0
    conducts: tuple[Conduct, ...] = ()
    race: int | None = None


class Leeway(Frozen, frozen=True):
    """How far the schedules of a conversation may go.

    Args:
        events: How many there are.
        duplicates: Most duplicates in one schedule.
        retries: For each event, how many of its attempts may fail.
        races: Whether several may be sent at one moment.
    """

    events: int
    duplicates: int = 2
    retries: tuple[int, ...] = ()
    races: bool = False

    @classmethod
    def by_hand(cls, events: int) -> Leeway:
        """How far a schedule that somebody writes may go."""
        return cls(events, MOST, (MOST,) * events, races=True)

    def allows(self, schedule: Schedule) -> bool:
        """Whether it stays within the contract, and within these bounds."""
        known = schedule.events
        if not known or known[0] < 0 or known[-1] >= self.events:
            return False
        if not set(schedule.races) <= set(range(1, len(schedule.order)) if self.races else ()):
            return False
        failing = schedule.lost + schedule.refused
        return len(schedule.order) - len(known) <= self.duplicates and all(
            event in known and failing.count(event) <= self.retries_of(event)
            for event in set(failing)
        )

    def retries_of(self, event: int) -> int:
        """How many attempts of this event may fail."""
        return self.retries[event] if event < len(self.retries) else 0


def fitted(
    leeway: Leeway,
    order: Iterable[int],
    lost: Iterable[int] = (),
    refused: Iterable[int] = (),
    races: Iterable[int] = (),
) -> Schedule:
    """The schedule that is left when what goes beyond a leeway is left out."""
    kept: list[int] = []
    spare = leeway.duplicates
    for event in order:
        if event in kept:
            spare -= 1
        if event not in kept or spare >= 0:
            kept.append(event)
    left = {event: leeway.retries_of(event) for event in kept}
    together = set(races).intersection(range(1, len(kept)) if leeway.races else ())
    return Schedule(tuple(kept), _taken(lost, left), _taken(refused, left), tuple(sorted(together)))


def _taken(failing: Iterable[int], left: dict[int, int]) -> tuple[int, ...]:
    taken = []
    for event in failing:
        if left.get(event):
            left[event] -= 1
            taken.append(event)
    return tuple(sorted(taken))


def in_order(events: Sequence[int]) -> Schedule:
    """Each event once, as they happened: what every other schedule of them is compared with."""
    return Schedule(tuple(events))


def simplest_first(leeway: Leeway) -> Iterator[Schedule]:
    """Every order of every part of a conversation, with at most one fault, by growing size.

    A lost acknowledgement, an attempt that nobody answers, and two that are sent at one moment
    come with the true order alone (the two, either way round).
    """
    for callbacks in range(1, leeway.events + 2):
        yield from of_length(leeway, callbacks)


def of_length(leeway: Leeway, callbacks: int) -> list[Schedule]:
    """Of the simplest schedules, those that take so many requests, by growing size."""
    return sorted(set(_of_length(leeway, callbacks)), key=lambda schedule: schedule.size)


def _of_length(leeway: Leeway, callbacks: int) -> Iterator[Schedule]:
    events = range(leeway.events)
    if leeway.races:
        yield from _racing(leeway, callbacks)
    for order in permutations(events, callbacks):
        if order != tuple(sorted(order)):
            yield Schedule(order)
    for part in combinations(events, callbacks - 1):
        if leeway.duplicates:
            yield from (Schedule(order) for event in part for order in _doubled(part, event))
        for event in part:
            if leeway.retries_of(event):
                yield Schedule(part, lost=(event,))
                yield Schedule(part, refused=(event,))


def _racing(leeway: Leeway, callbacks: int) -> Iterator[Schedule]:
    """The true order of every part, but for two neighbours, or two copies, sent at one moment."""
    events = range(leeway.events)
    for part in combinations(events, callbacks):
        for at in range(1, len(part)):
            turned = (*part[: at - 1], part[at], part[at - 1], *part[at + 1 :])
            yield from (Schedule(order, races=(at,)) for order in (part, turned))
    for part in combinations(events, callbacks - 1) if leeway.duplicates else ():
        for at in range(1, callbacks):
            yield Schedule((*part[:at], *part[at - 1 :]), races=(at,))


def _doubled(part: tuple[int, ...], event: int) -> Iterator[tuple[int, ...]]:
    """Every order of a part in which one event comes twice."""
    for order in permutations(part):
        first = order.index(event) + 1
        # A copy before the original is the same order again: copies are byte-identical.
        for place in range(first, len(order) + 1):
            yield (*order[:place], event, *order[place:])


def turns(schedule: Schedule) -> Iterator[Turn]:
    """Its deliveries in order of sending; nothing is sent before it has happened."""
    ranks = {event: rank for rank, event in enumerate(schedule.events)}
    copies = {event: count() for event in ranks}
    groups = schedule.groups
    moments = _moments(schedule, ranks)
    for place, event in enumerate(schedule.order):
        copy = next(copies[event])
        conducts = () if copy else _conducts(schedule, event)
        # What nobody answers is not sent: it races with nothing.
        races = groups.count(groups[place]) > 1 and Conduct.OUTAGE not in conducts
        race = groups[place] if races else None
        yield Turn(event, ranks[event], moments[groups[place]], copy, conducts, race)


def _moments(schedule: Schedule, ranks: Mapping[int, int]) -> dict[int, float]:
    """When each group is sent: nothing before it has happened."""
    latest: dict[int, int] = {}
    for event, group in zip(schedule.order, schedule.groups, strict=True):
        latest[group] = max(latest.get(group, 0), ranks[event])
    due = -GAP
    moments = {}
    for group, rank in latest.items():
        moments[group] = due = max(due + GAP, rank * GAP)
    return moments


def _conducts(schedule: Schedule, event: int) -> tuple[Conduct, ...]:
    refused = (Conduct.OUTAGE,) * schedule.refused.count(event)
    return (*refused, *(Conduct.LOSE_ACK,) * schedule.lost.count(event))


def deliveries(
    schedule: Schedule, callbacks: Mapping[int, Callback], *, start: float = 0.0, after: int = 0
) -> Iterator[Delivery]:
    """Its deliveries, ready for an agenda.

    Args:
        schedule: Who comes when.
        callbacks: By event.
        start: When it begins, in seconds.
        after: The number of deliveries that went before it.
    """
    for number, turn in enumerate(turns(schedule), after + 1):
        yield Delivery(
            number,
            start + turn.due,
            Cause.DUPLICATE if turn.copy else Cause.ORIGINAL,
            callbacks[turn.event],
            origin=after + turn.rank,
            copy=turn.copy,
            race=None if turn.race is None else after + turn.race + 1,
            conducts=turn.conducts,
        )


def checked(schedule: object, leeway: Leeway) -> Schedule:
    """The schedule, if there is such a one.

    Raises:
        ConfigurationError: It is none, names an event that there is not, or loses or refuses one
            that it does not deliver.
    """
    if not isinstance(schedule, Schedule):
        raise ConfigurationError(
            f"a schedule is for example Schedule((1, 0)), and not a {type(schedule).__name__}"
        )
    if not leeway.allows(schedule):
        raise ConfigurationError(
            f"{schedule} is no schedule of {leeway.events} events: it names them by index, from 0, "
            "and what it loses or refuses must be in its order and retried as often"
        )
    return schedule
