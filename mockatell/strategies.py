"""Hypothesis strategies for callbacks, conversations and schedules, and what plays an example.

Needs the extra `explore`: `pip install 'mockatell[explore]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockatell.clickatell import statuses
from mockatell.clickatell.events import ROLE_OF, STATUS
from mockatell.core import factories
from mockatell.core.plan import platform_of
from mockatell.core.scenario.spec import Scenario
from mockatell.core.schedules import Leeway, Schedule
from mockatell.rng import Purpose, Stream
from mockatell.rooms.explore import searching
from mockatell.rooms.fixture.alone import rehearse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

    from mockatell.core.drafts import Draft
    from mockatell.model import Callback

__all__ = ["callbacks", "conversations", "rehearse", "schedules"]

st = searching.strategies()

_EPOCH_MS = 1_767_225_600_000  # 2026-01-01: where an event's time begins
_YEAR_MS = 366 * 86_400_000
_SEEDS = st.integers(0, 2**31 - 1)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
_UNSENT = (None, 1)  # without a number; UNKNOWN, which only answers a query
_PLATFORM = platform_of(Scenario())


def callbacks(kind: str | None = None) -> SearchStrategy[Callback]:
    """One request body of the platform's, of any of the ten kinds, or of this one.

    What is random in it is realistic; the shortest text and the earliest time are the simplest.
    """
    kinds = st.sampled_from([STATUS, *_others()] if kind is None else [kind])
    found: SearchStrategy[Callback] = st.builds(
        _callback,
        kinds.flatmap(_drafts),
        _SEEDS.map(lambda seed: Stream(seed, Purpose.SEARCH)),
        st.integers(0, _YEAR_MS),
    )
    return found


def conversations(channel: factories.Channel | None = None) -> SearchStrategy[tuple[Draft, ...]]:
    """A message's statuses, in the order in which they happen, and perhaps a reply to it."""
    channels = st.sampled_from(statuses.CHANNELS if channel is None else [channel])
    found: SearchStrategy[tuple[Draft, ...]] = channels.flatmap(_conversations)
    return found


def schedules(
    conversation: Sequence[Draft], *, duplicates: int = 2, retries: int = 2, whole: bool = False
) -> SearchStrategy[Schedule]:
    """The ways in which Clickatell may deliver a conversation, parts of it included.

    Parts, since which statuses are pushed is a setting of the customer's: a schedule may leave any
    event out, unless it is to be `whole`. They shrink to fewer callbacks, fewer faults, and the
    order in which things happened.

    Args:
        conversation: Its events; a schedule names them by index.
        duplicates: Most duplicates in one schedule.
        retries: Most acknowledgements lost, and attempts that nobody answers, of one event.
        whole: Whether every event comes in each schedule.
    """
    count = len(conversation)
    return searching.within(Leeway(count, duplicates, (retries,) * count), whole=whole)


def _others() -> list[str]:
    return sorted(set(ROLE_OF) - {STATUS})


def _callback(draft: Draft, stream: Stream, at_ms: int) -> Callback:
    return draft.happen(_PLATFORM, stream, _EPOCH_MS + at_ms)


def _drafts(kind: str) -> Any:
    make = getattr(factories, kind)
    if kind == STATUS:
        return st.one_of(*(_statuses(channel) for channel in statuses.CHANNELS))
    if kind in ("moText", "moSuggestedResponse"):
        return st.builds(make, _TEXTS)
    return st.builds(make)


def _statuses(channel: str) -> Any:
    known = [s.name for s in statuses.STATUSES if channel in s.channels and s.code not in _UNSENT]
    named = st.sampled_from(known)
    return st.builds(factories.messageStatusUpdate, named, channel=st.just(channel))


def _conversations(channel: str) -> Any:
    most = len(factories.LIFE) if channel == statuses.WHATSAPP else len(factories.LIFE) - 1
    return st.builds(
        factories.conversation,
        message_id=_SEEDS.map(lambda seed: Stream(seed, Purpose.SEARCH).hex_id()),
        channel=st.just(channel),
        statuses=st.integers(1, most).map(lambda length: factories.LIFE[:length]),
        reply=st.none() | _TEXTS,
    )
