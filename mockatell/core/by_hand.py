"""What a test sends by hand, checked before anything is sent: which events, when, and how often.

Everything here is refused in one sentence that says what is taken instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from mockatell.clickatell.events import ROLE_OF
from mockatell.clickatell.statuses import CHANNELS
from mockatell.core.differences import shown
from mockatell.core.drafts import Draft
from mockatell.core.scenario.near import quoted, suggestion
from mockatell.core.scenario.spec import ReplyFields
from mockatell.core.scenario.units import MAX_SECONDS, UnitError, parse_seconds
from mockatell.errors import ConfigurationError
from mockatell.model import Callback, Cause, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TIMES: Final = 10_000  # of copies, or of lost acknowledgements, of one event

_SUCH_AS: Final = "moText(...), messageStatusUpdate(...) or what conversation(...) returns"


class _Fields(ReplyFields, frozen=True):
    message_id: str | None = None


class _Shape(msgspec.Struct):
    """What a `Draft` must hold, by type."""

    user: str | None
    business: str | None
    message_id: str | None
    client_message_id: str | None
    timestamp: Annotated[int, msgspec.Meta(ge=0)] | None
    status: str | int
    code: int | None
    fields: _Fields


_OF_A_REPLY: Final = {
    "user": "from_",
    "business": "to",
    "message_id": "related_message_id",
    "client_message_id": "related_client_message_id",
}
"""What the factories of replies call the fields of a `Draft`."""


def sendable(events: Any) -> tuple[Draft | Callback, ...]:
    """The events, of which there are some, and each of which can be sent.

    Raises:
        ConfigurationError: One cannot, or there is none.
    """
    several = tuple(events) if _is_several(events) else (events,)
    if not several:
        raise ConfigurationError(f"there is nothing to send: give {_SUCH_AS}")
    for event in several:
        if isinstance(event, Draft):
            _check_draft(event)
        elif not isinstance(event, Callback):
            raise ConfigurationError(f"a {type(event).__name__} is no event: {_remedy(event)}")
    return several


def _remedy(event: object) -> str:
    if isinstance(event, Mapping):
        return f"give {_SUCH_AS}; a body of your own is Callback(role, kind, message_id, body)"
    return "put a star before it, as in send(*events)" if _is_several(event) else f"give {_SUCH_AS}"


def named(message_id: object) -> str:
    """A message's id, where there must be one.

    Raises:
        ConfigurationError: It is none.
    """
    if not isinstance(message_id, str) or not message_id:
        raise ConfigurationError(
            f"a status is of a message: give its id, such as 'm1', not {shown(message_id)}"
        )
    return message_id


def _is_several(events: object) -> bool:
    return isinstance(events, Iterable) and not isinstance(events, str | bytes)


def _check_draft(draft: Draft) -> None:
    if draft.kind not in ROLE_OF:
        raise ConfigurationError(
            f"there is no kind {quoted(str(draft.kind))} ({suggestion(str(draft.kind), ROLE_OF)})"
        )
    if draft.channel not in CHANNELS:
        raise ConfigurationError(
            f"{draft.kind}: the channel is 'sms' or 'whatsapp', not {shown(draft.channel)}"
        )
    try:
        msgspec.convert(msgspec.structs.asdict(draft), _Shape)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).replace("`", "").replace("null", "None").partition(" - at $")
        *_, name = place.strip(".").removeprefix("fields.").split(".")
        if ROLE_OF[draft.kind] is Role.REPLY and "fields" not in place:
            name = _OF_A_REPLY.get(name, name)
        words = problem[0].lower() + problem[1:]
        raise ConfigurationError(f"{draft.kind}: {name}: {words}") from None


def in_order(order: Iterable[int] | None, among: int) -> list[int]:
    """Events by index, in the order of sending; as they happened where there is no order.

    Raises:
        ConfigurationError: The order does not name each of them, or something else.
    """
    if order is None:
        return list(range(among))
    if not _is_several(order):
        raise ConfigurationError(
            f"order is a sequence of indexes such as (1, 0), not {shown(order)}"
        )
    turns = [_index("order", index, among) for index in order]
    if missing := set(range(among)) - set(turns):
        raise ConfigurationError(
            f"order leaves out event {min(missing)}: it names each of the {among}, from 0, and an "
            "index that comes again is a duplicate"
        )
    return turns


def by_index(what: str, times: int | Mapping[int, int], among: int) -> Mapping[int, int]:
    """How often something happens to each event, from a number for all or numbers by index.

    Raises:
        ConfigurationError: It is no such number, or names an event that there is not.
    """
    if not isinstance(times, Mapping):
        return dict.fromkeys(range(among), _number(what, times))
    return {_index(what, index, among): _number(what, number) for index, number in times.items()}


def _number(what: str, times: Any) -> int:
    if isinstance(times, bool) or not isinstance(times, int):
        raise ConfigurationError(
            f"{what} is a number for all events, or numbers by index such as {{0: 2}}, "
            f"not {shown(times)}"
        )
    if not 0 <= times <= MOST_TIMES:
        bound = f"less than 0, as {times} is" if times < 0 else f"more than {MOST_TIMES}"
        raise ConfigurationError(f"{what} cannot be {bound}")
    return times


def _index(what: str, index: Any, among: int) -> int:
    if isinstance(index, bool) or not isinstance(index, int) or index not in range(among):
        raise ConfigurationError(
            f"{what} names event {shown(index)}, but there are {among}, from 0"
        )
    return index


def causes(turns: Iterable[int]) -> Iterator[tuple[int, Cause]]:
    """Events by index, in order of sending, each with whether it comes again."""
    seen: set[int] = set()
    for index in turns:
        yield index, Cause.DUPLICATE if index in seen else Cause.ORIGINAL
        seen.add(index)


def seconds(what: str, length: Any) -> float:
    """A length of time that a test gives, in seconds.

    Args:
        what: What it is the length of.
        length: A text with its unit, such as `"5m"`, or seconds.

    Raises:
        ConfigurationError: It is neither, or less than nothing, or more than a year.
    """
    if isinstance(length, str):
        try:
            return parse_seconds(length)
        except UnitError as error:
            raise ConfigurationError(f"{what}: {error}") from None
    is_number = isinstance(length, int | float) and not isinstance(length, bool)
    if not is_number or not 0 <= length <= MAX_SECONDS:
        raise ConfigurationError(
            f"{what} is a length of time from 0s to 366d, such as '5m' or a number of seconds, "
            f"not {shown(length)}"
        )
    return float(length)
