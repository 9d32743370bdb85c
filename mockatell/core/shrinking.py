"""How a schedule is made as small as it can be: one step at a time, as long as it still breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.schedules import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def simpler(schedule: Schedule) -> list[Schedule]:
    """What is one step smaller.

    An event, a copy or a fault less, a copy in place of a lost acknowledgement, a late delivery in
    place of one that nobody answered, two neighbours in order, or one after the other, either way
    round, in place of two at one moment.
    """
    places = range(len(schedule.order))
    steps = {
        *(_without_event(schedule, event) for event in schedule.events),
        *(_at(schedule, kept) for kept in _shorter(tuple(places))),
        *(_at(schedule, calmer) for calmer in _calmer(schedule.order)),
        *(_with_copy(schedule, event) for event in set(schedule.lost)),
        *(_come_late(schedule, event) for event in set(schedule.refused)),
        *(replace(schedule, lost=lost) for lost in _shorter(schedule.lost)),
        *(replace(schedule, refused=refused) for refused in _shorter(schedule.refused)),
        *(replace(schedule, races=races) for races in _shorter(schedule.races)),
        *(_turned(schedule, place) for place in schedule.races),
    }
    smaller = (step for step in steps if step.order and step.size < schedule.size)
    return sorted(smaller, key=lambda step: step.size)


def _without_event(schedule: Schedule, event: int) -> Schedule:
    return _at(schedule, [at for at, each in enumerate(schedule.order) if each != event])


def _at(schedule: Schedule, places: Sequence[int]) -> Schedule:
    """The schedule with these places of its order, in this order.

    Faults of events that are no longer there go with them; neighbours that were sent at one moment
    still are.
    """
    groups = schedule.groups
    order = tuple(schedule.order[place] for place in places)
    return Schedule(
        order,
        tuple(event for event in schedule.lost if event in order),
        tuple(event for event in schedule.refused if event in order),
        tuple(at for at in range(1, len(places)) if groups[places[at]] == groups[places[at - 1]]),
    )


def _with_copy(schedule: Schedule, event: int) -> Schedule:
    return replace(schedule, order=(*schedule.order, event), lost=_less(schedule.lost, event))


def _come_late(schedule: Schedule, event: int) -> Schedule:
    first = schedule.order.index(event)
    places = [at for at in range(len(schedule.order)) if at != first]
    return _at(replace(schedule, refused=_less(schedule.refused, event)), [*places, first])


def _turned(schedule: Schedule, place: int) -> Schedule:
    """The two that are sent at one moment, the later one first and on its own."""
    places = [*range(place - 1), place, place - 1, *range(place + 1, len(schedule.order))]
    turned = _at(schedule, places)
    return replace(turned, races=tuple(at for at in turned.races if at != place))


def _less(events: tuple[int, ...], event: int) -> tuple[int, ...]:
    at = events.index(event)
    return events[:at] + events[at + 1 :]


def _shorter(items: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return (items[:at] + items[at + 1 :] for at in range(len(items)))


def _calmer(order: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The places of an order, two neighbours put right."""
    places = tuple(range(len(order)))
    for at in range(len(order) - 1):
        if order[at] > order[at + 1]:
            yield (*places[:at], at + 1, at, *places[at + 2 :])


def smallest(schedule: Schedule, breaks: Callable[[Schedule], bool]) -> Schedule:
    """The schedule, made simpler step by step for as long as it still breaks."""
    while True:
        step = next((step for step in simpler(schedule) if breaks(step)), None)
        if step is None:
            return schedule
        schedule = step
