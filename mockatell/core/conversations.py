"""The conversations of a scenario, as events by hand: what is delivered in other ways."""

from __future__ import annotations

import re
from itertools import count, islice
from typing import TYPE_CHECKING, Final

from mockatell.clickatell.events import FALLBACK, STATUS, TYPING
from mockatell.clickatell.values import BUSINESS
from mockatell.core.drafts import Draft
from mockatell.core.lives import lives
from mockatell.core.plan import platform_of
from mockatell.core.schedules import Schedule
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.core.lives import Life, Step
    from mockatell.core.scenario.spec import DeliverySpec, Scenario

MOST_MESSAGES: Final = 1000
_DRAWN: Final = re.compile(r"[0-9a-f]{32}")
_KINDS: Final = {"status": STATUS, "typing": TYPING, "fallback": FALLBACK}


class Happening(Frozen, frozen=True):
    """One step of a scenario's message.

    Args:
        at: When it happens, in seconds.
        message: Ordinal of the message, from 0.
        event: What happens; under names in place of the ids that the scenario leaves open.
        told: How it is delivered, where the scenario says so.
    """

    at: float
    message: int
    event: Draft
    told: DeliverySpec | None


def happenings(scenario: Scenario, seed: int) -> list[Happening]:
    """What happens in a scenario, faults apart, in order of time; to its first messages alone."""
    names = _Names(scenario)
    found = [
        each
        for at, life in _coming(scenario, seed)
        for each in _of_life(at, life, names, life.number + 1)
    ]
    return sorted(found, key=lambda each: (each.at, each.message))


def conversations(scenario: Scenario, seed: int) -> list[tuple[Draft, ...]]:
    """One message of every sort with all that happens to it, in order of time.

    Args:
        scenario: A hundred messages of one sort are one conversation.
        seed: Draws what the scenario leaves to chance, for example which lifecycle.
    """
    sorts: dict[tuple[object, ...], tuple[Draft, ...]] = {}
    for at, life in _coming(scenario, seed):
        events = tuple(each.event for each in _of_life(at, life, _Names(scenario), 1))
        sorts.setdefault(tuple(map(_sort, events)), events)
    return list(sorts.values())


def _coming(scenario: Scenario, seed: int) -> Iterator[tuple[float, Life]]:
    return islice(lives(scenario, platform_of(scenario), seed), MOST_MESSAGES)


def told_schedule(happened: Iterable[Happening]) -> Schedule:
    """The schedule by which a scenario says that its events are delivered, one after the other."""
    sent: list[tuple[float, int]] = []
    lost: list[int] = []
    refused: list[int] = []
    for number, each in enumerate(happened):
        told = each.told
        sent.append((each.at + (told.late if told else 0.0), number))
        if told is not None:
            sent += ((each.at + later, number) for later in told.again)
            lost += [number] * told.lost_acks
            refused += [number] * told.refused
    sent.sort(key=lambda each: each[0])
    races = tuple(at for at in range(1, len(sent)) if sent[at][0] == sent[at - 1][0])
    return Schedule(tuple(event for _, event in sent), tuple(lost), tuple(refused), races)


def _sort(event: Draft) -> object:
    given = {name: value for name, value in event.fields.items() if name != "message_id"}
    user = event.user
    return event.kind, event.channel, user, event.prompted, event.status, event.code, repr(given)


class _Names:
    """Names for the ids that nobody gave."""

    def __init__(self, scenario: Scenario) -> None:
        self._known = {spec.to if spec.reply is None else spec.from_ for spec in scenario.messages}
        self._replies = count(1)

    def user(self, number: str) -> str | None:
        """A number that the scenario gives, or None: any will do."""
        return number if number in self._known else None

    def reply(self, given: str | None) -> str:
        return given or f"r{next(self._replies)}"


def _named(drawn: str, name: str) -> str:
    return name if _DRAWN.fullmatch(drawn) else drawn


def _of_life(now: float, life: Life, names: _Names, number: int) -> Iterator[Happening]:
    while (due := life.next_due(now)) is not None:
        now = due
        step = life.steps[life.taken]
        life.taken += 1
        yield Happening(now, life.number, _event(life, step, names, number), step.delivery)


def _event(life: Life, step: Step, names: _Names, number: int) -> Draft:
    about = life.conversation
    is_reply = step.what == "reply"
    fields = {name: value for name, value in step.fields.items() if value is not None}
    if is_reply:
        given = fields.get("message_id")
        fields["message_id"] = names.reply(given)
    of_message = life.prompted and step.what != "typing"
    client = about.client_message_id
    return Draft(
        _KINDS.get(step.what, str(step.name)),
        step.channel or about.channel,
        user=names.user(about.user),
        business=None if about.business == BUSINESS else about.business,
        message_id=_named(about.message_id, f"m{number}") if of_message else None,
        client_message_id=_named(client, f"c{number}") if of_message and client else None,
        prompted=is_reply and life.prompted,
        status=step.name if step.what == "status" else "",
        code=step.code,
        fields=fields if is_reply else {},
    )
