"""From a scenario to its deliveries: a stream in order of due time, drawn as it is needed.

    messages ──▶ arrivals ──▶ steps of their lives ──▶ callbacks ──▶ faults ──▶ numbered deliveries

Memory holds the messages that are alive at one time, never the whole plan.
"""

from __future__ import annotations

import heapq
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.clickatell.encryption import DEFAULT_MASTER, LocalKeyService
from mockatell.clickatell.platform import MEDIA_BASE_URL, Platform
from mockatell.core import faults
from mockatell.core.lives import Life, Step, lives, tells_deliveries
from mockatell.core.telling import as_told
from mockatell.model import Cause, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockatell.core.scenario.spec import DeliverySpec, Scenario
    from mockatell.model import Callback

    Alive = list[tuple[float, int, Life]]  # a heap: when the next step is due, number, life


def plan(
    scenario: Scenario,
    *,
    seed: int,
    epoch_ms: int,
    beat: Iterator[float] | None = None,
    platform: Platform | None = None,
    spend: Callable[[], None] | None = None,
) -> Iterator[Delivery]:
    """A scenario's deliveries, faults applied, numbered from 1 in order of due time.

    Args:
        scenario: What is to happen.
        seed: The same seed and epoch give the same deliveries, to the byte, in any process.
        epoch_ms: Unix time in milliseconds of the run's time 0; the events' timestamps rest on it.
        beat: When the events happen, one after the other, instead of at the scenario's own times,
            which then only put them in order. The plan ends with it.
        platform: Whose callbacks they are, if not that of the scenario.
        spend: Called for every message that comes and every event that happens; what it raises
            ends the plan.
    """
    told = _told(scenario, platform or platform_of(scenario), seed, epoch_ms, beat, spend)
    says = tells_deliveries(scenario)
    untroubled = as_told(told) if says else map(itemgetter(0), told)
    return _numbered(faults.apply(untroubled, scenario.faults, seed))


def plan_without_faults(
    scenario: Scenario, *, seed: int, epoch_ms: int, platform: Platform | None = None
) -> Iterator[Delivery]:
    """Every event once and in order of its timestamp, not numbered; otherwise as `plan`."""
    told = _told(scenario, platform or platform_of(scenario), seed, epoch_ms)
    return map(itemgetter(0), told)


def _told(
    scenario: Scenario,
    platform: Platform,
    seed: int,
    epoch_ms: int,
    beat: Iterator[float] | None = None,
    spend: Callable[[], None] | None = None,
) -> Iterator[tuple[Delivery, DeliverySpec | None]]:
    """Every event once, as it happens, and what the scenario says of its delivery."""
    coming = lives(scenario, platform, seed)
    turns = _turns(coming) if spend is None else _counted(_turns(_counted(coming, spend)), spend)
    if beat is not None:
        turns = zip(beat, map(itemgetter(1), turns), strict=False)
    original = Cause.ORIGINAL  # looked up once: an enum's member is slow to find
    for ordinal, (due, life) in enumerate(turns):
        step = life.steps[life.taken]
        callback = _callback(platform, life, step, epoch_ms + int(due * 1000))
        yield (
            Delivery(0, due, original, callback, ordinal, 0, None, life.number),
            step.delivery,
        )


def _counted(
    lived: Iterator[tuple[float, Life]], spend: Callable[[], None]
) -> Iterator[tuple[float, Life]]:
    for each in lived:
        spend()
        yield each


def platform_of(scenario: Scenario, media_base_url: str = MEDIA_BASE_URL) -> Platform:
    """The Clickatell that a scenario describes; media are downloaded from that URL on."""
    return Platform(
        integration_id=scenario.integration.id,
        integration_name=scenario.integration.name,
        quirks=scenario.quirks,
        media_base_url=media_base_url,
        encryption=LocalKeyService(
            scenario.encryption.master_key or DEFAULT_MASTER, mode=scenario.encryption.mode
        ),
    )


def later(deliveries: Iterator[Delivery], start: float, after: int) -> Iterator[Delivery]:
    """The same plan, `start` seconds later and numbered on from `after`."""
    for delivery in deliveries:
        race = None if delivery.race is None else delivery.race + after
        due, seq = delivery.due + start, delivery.seq + after
        yield replace(delivery, due=due, seq=seq, race=race)


def _numbered(deliveries: Iterator[Delivery]) -> Iterator[Delivery]:
    """Number deliveries from 1; a race takes the number of its first delivery.

    Numbered after the faults: otherwise a duplicate would share its twin's random stream.
    """
    races: tuple[int, int] = (0, 0)  # the race that is passing by, and its number
    for seq, delivery in enumerate(deliveries, 1):
        if delivery.race is None:
            yield replace(delivery, seq=seq)
            continue
        if delivery.race != races[0]:
            races = (delivery.race, seq)
        yield replace(delivery, seq=seq, race=races[1])


def _turns(arriving: Iterator[tuple[float, Life]]) -> Iterator[tuple[float, Life]]:
    """Whose next step happens, and when, in order of time."""
    alive: Alive = []
    for arrival, life in arriving:
        while alive and (first := alive[0])[0] <= arrival:
            yield first[0], first[2]
            _live_on(alive)
        due = life.next_due(arrival)
        if due is not None:
            heapq.heappush(alive, (due, life.number, life))
    while alive:
        yield alive[0][0], alive[0][2]
        _live_on(alive)


def _live_on(alive: Alive) -> None:
    """The first life has taken its step."""
    now, number, life = alive[0]
    life.taken += 1
    due = life.next_due(now)
    if due is None:
        heapq.heappop(alive)
    else:
        heapq.heapreplace(alive, (due, number, life))


def _callback(platform: Platform, life: Life, step: Step, at_ms: int) -> Callback:
    conversation = life.conversation
    if step.channel:
        conversation = conversation.on(step.channel)
    match step.what:
        case "status":
            return platform.status(conversation, step.name, at_ms, step.code)
        case "typing":
            return platform.typing(conversation, at_ms)
        case "fallback":
            return platform.fallback(conversation, at_ms)
        case _:
            # An unprompted reply is the message itself: its id is the conversation's.
            own = {} if life.prompted else {"message_id": conversation.message_id}
            return platform.reply(
                str(step.name),
                conversation,
                at_ms,
                life.stream,
                {**step.fields, **own},
                prompted=life.prompted,
            )
