"""How a schedule ended, and what there is to say when it did not end as delivery in order does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockatell.core.differences import differences
from mockatell.core.render.schedule import in_words, named
from mockatell.core.render.sentences import count, printable
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mockatell.core.drafts import Draft
    from mockatell.core.journal import Journal
    from mockatell.core.schedules import Schedule
    from mockatell.model import Attempt

MOST_PATHS: Final = 20
CRASH: Final = 500  # the status that says: something was raised


class Ending(Frozen, frozen=True):
    """What a schedule left behind.

    Args:
        state: What was seen of the customer's state, plain.
        unacknowledged: Events of which a delivery was not acknowledged in the end.
        crashed: Events that were answered 500 at least once.
        unseen: Why parts of the state could not be seen.
    """

    state: Any
    unacknowledged: tuple[int, ...] = ()
    crashed: tuple[int, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[int, ...]:
        """Events that were not acknowledged in the end, or answered 500 on the way."""
        return self.unacknowledged + self.crashed

    @property
    def is_sound(self) -> bool:
        """Whether it can be a reference: everything was acknowledged, and nothing raised."""
        return not self.refused


class Finding(Frozen, frozen=True):
    """A schedule that does not end as delivery in order does.

    Args:
        schedule: The smallest that was found.
        events: The conversation.
        expected: How its events end, delivered in order and once each.
        got: How they ended instead.
        confirmed: Whether it ended otherwise a second time, too.
        scenario: YAML that plays it.
        test: A pytest file that plays it.
        raised: What the app raised, and where, by event.
    """

    schedule: Schedule
    events: tuple[Draft, ...]
    expected: Ending
    got: Ending
    confirmed: bool
    scenario: str
    test: str
    raised: Mapping[int, str] = {}


def ended(schedule: Schedule, journal: Journal, state: Any, unseen: Sequence[str] = ()) -> Ending:
    """How a schedule ended, from the journal of its deliveries and a look at the state."""
    kept = schedule.events

    def of(attempts: Iterable[Attempt]) -> tuple[int, ...]:
        origins = {attempt.origin for attempt in attempts}
        return tuple(event for rank, event in enumerate(kept) if rank in origins)

    crashed = of(attempt for attempt in journal if attempt.status_code == CRASH)
    return Ending(state, of(journal.unacked), crashed, tuple(unseen))


def raised(schedule: Schedule, journal: Journal) -> dict[int, str]:
    """What came with the first 500 for an event: the app's exception, or the start of the body."""
    told: dict[int, str] = {}
    for attempt in journal:
        if attempt.status_code == CRASH and attempt.detail:
            assert isinstance(attempt.origin, int)
            told.setdefault(schedule.events[attempt.origin], printable(attempt.detail))
    return told


def explained(finding: Finding, tried: int, replay: str) -> str:
    """A finding in words, with the scenario that plays it."""
    return "\n".join(_lines(finding, tried, replay))


def _lines(finding: Finding, tried: int, replay: str) -> Iterator[str]:
    yield "the endpoint does not converge: how it ends depends on how Clickatell delivers."
    numbers = " (events have numbers as they happened)" if finding.schedule.disorder else ""
    yield f"Of {count(tried, 'schedule')} tried, this is the smallest that shows it{numbers}:"
    yield from (f"  {line}" for line in in_words(finding.schedule, finding.events))
    yield "Delivered in order and once each, the same events end otherwise:"
    yield from (f"  {line}" for line in how_they_differ(finding))
    if not finding.confirmed:
        yield "  (not the second time: the endpoint does not always do the same)"
    yield "To see it again, as a scenario:"
    yield from (f"  {line}" for line in finding.scenario.splitlines() if not line.startswith("#"))
    yield f"replay: {replay}"


def how_they_differ(finding: Finding) -> list[str]:
    """What differs, one line each."""
    expected, got, events = finding.expected, finding.got, finding.events
    lines = list(map(str, differences(expected.state, got.state)))
    lines[MOST_PATHS:] = [f"and {len(lines) - MOST_PATHS} places more"] * (len(lines) > MOST_PATHS)
    lines += [f"{named(events[e])} was answered {_crash(finding, e)}" for e in got.crashed]
    unanswered = (e for e in got.unacknowledged if e not in got.crashed)
    return lines + [f"{named(events[e])} was never acknowledged" for e in unanswered]


def _crash(finding: Finding, event: int) -> str:
    in_vain = ", and never acknowledged" if event in finding.got.unacknowledged else ""
    said = finding.raised.get(event)
    return f"{CRASH}{in_vain}" + (f": {said}" if said else "")
