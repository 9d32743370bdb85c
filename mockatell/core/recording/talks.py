"""Which recorded events belong to one message, and that message as a scenario has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mockatell.clickatell import statuses
from mockatell.clickatell.events import FALLBACK, STATUS, TYPING
from mockatell.clickatell.replies import fields_of
from mockatell.core.recording.timing import Arrival, Happened, happened, offset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockatell.clickatell.hearing import Heard
    from mockatell.core.recording.recorder import Taken

    Talk = list[Arrival]

_LONGEST_ID = 200


class Told(msgspec.Struct, frozen=True):
    """One message of a scenario: its own keys, its steps, and how many events that is."""

    own: dict[str, Any]
    steps: list[dict[str, Any]]
    events: int


def messages(taken: Sequence[Taken], odd: list[str], *, ids: bool) -> list[Told]:
    """The messages of a recording in the order in which they begin, the first at 0s.

    Args:
        taken: What came.
        odd: Takes what cannot be said, in words.
        ids: Whether the file has the ids that were recorded; else every run draws new ones.
    """
    arrivals = [Arrival(each.at, event, each.again) for each in taken for event in each.events]
    quickest = offset(arrivals)
    talks = [happened(talk, quickest) for talk in _talks(arrivals)]
    talks.sort(key=lambda talk: talk[0].at_ms)
    start = talks[0][0].at_ms if talks else 0
    return [told for talk in talks if (told := _message(talk, start, odd, ids=ids)) is not None]


def _talks(arrivals: Sequence[Arrival]) -> Iterable[Talk]:
    """The events of each message; whoever types writes the latest message that they answer."""
    talks: dict[tuple[str, str | int], Talk] = {}
    users = {a.event.user: a.event.message_id for a in reversed(arrivals) if _is_answer(a.event)}
    for rank, arrival in enumerate(arrivals):
        event = arrival.event
        if _is_answer(event):
            users[event.user] = event.message_id
        about = users.get(event.user, "") if event.kind == TYPING else event.message_id
        talks.setdefault(("message", about) if about else ("alone", rank), []).append(arrival)
    return talks.values()


def _is_answer(event: Heard) -> bool:
    return event.is_reply and bool(event.message_id)


def _message(talk: list[Happened], start: int, odd: list[str], *, ids: bool) -> Told | None:
    first = talk[0].arrival.event
    own = {"channel": first.channel} | _people(talk)
    at = _seconds("at", talk[0].at_ms - start)
    if first.is_reply and not first.message_id:  # alone, and unprompted
        named = {"message_id": first.own_id} if ids and _can_be_id(first.own_id) else {}
        return Told(own | named | at | _reply(first, first.channel) | _delivery(talk[0]), [], 1)
    steps = list(_steps(talk, first.channel, odd, ids=ids))
    return Told(own | _ids(talk, ids=ids) | at, steps, len(steps)) if steps else None


def _steps(
    talk: list[Happened], channel: str, odd: list[str], *, ids: bool
) -> Iterator[dict[str, Any]]:
    latest = talk[0].at_ms
    for each in talk:
        event = each.arrival.event
        if not _fits(event, channel):
            odd.append(f"status {event.status} on another channel than its message")
            continue
        if event.channel != channel:
            odd.append(f"an event of a message on {channel} that came on {event.channel}")
        step = _step(event, channel, ids=ids) | _seconds("after", each.at_ms - latest)
        yield step | _delivery(each)
        latest = each.at_ms


def _fits(event: Heard, channel: str) -> bool:
    row = statuses.find(event.status) if event.kind == STATUS else None
    return row is None or channel in row.channels


def _step(event: Heard, channel: str, *, ids: bool) -> dict[str, Any]:
    if event.kind == STATUS:
        coded = {} if event.code is None else {"code": event.code}
        return {"status": event.status} | coded
    if event.kind in (FALLBACK, TYPING):
        return {"fallback" if event.kind == FALLBACK else "typing": {}}
    named = {"message_id": event.own_id} if ids and _can_be_id(event.own_id) else {}
    return _reply(event, channel) | named


def _reply(event: Heard, channel: str) -> dict[str, Any]:
    takes = fields_of(event.kind, channel)
    return {"reply": event.kind} | {k: v for k, v in event.fields.items() if k in takes}


def _people(talk: Iterable[Happened]) -> dict[str, str]:
    """Who writes to whom, as far as it is told: in an unprompted reply, the other way round."""
    events = [each.arrival.event for each in talk]
    user = next((event.user for event in events if event.user), "")
    business = next((event.business for event in events if event.business), "")
    alone = events[0].is_reply and not events[0].message_id
    to, from_ = (business, user) if alone else (user, business)
    return {key: value for key, value in (("to", to), ("from", from_)) if value}


def _ids(talk: Iterable[Happened], *, ids: bool) -> dict[str, str]:
    """The message's ids; "" says that the customer gave it none."""
    events = [each.arrival.event for each in talk if each.arrival.event.kind != TYPING]
    client = next((event.client_message_id for event in events if event.client_message_id), "")
    none = {"client_message_id": ""} if events and not client else {}
    if not ids:
        return none
    given = {"message_id": events[0].message_id if events else "", "client_message_id": client}
    return {key: value for key, value in given.items() if _can_be_id(value)} | none


def _can_be_id(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_ID and text.isprintable() and "{n}" not in text


def _delivery(each: Happened) -> dict[str, Any]:
    said = _seconds("late", each.late_ms)
    if each.arrival.again:
        said["again"] = [_length(after) for after in each.again_ms]
    return {"delivery": said} if said else {}


def _seconds(key: str, milliseconds: int) -> dict[str, Any]:
    return {key: _length(milliseconds)} if milliseconds else {}


def _length(milliseconds: int) -> str:
    whole, rest = divmod(milliseconds, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".") + "s"
