"""Reading callbacks back: which events a body holds, and what they say of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_MESSAGE: Final = {k: k for k in ("messageId", "clientMessageId", "status", "statusCode")}
_OF_REPLY: Final = {"replyId": "messageId", "from": "from", "to": "to"}

FACTS: Final = (*_OF_MESSAGE, *_OF_REPLY)
"""What can be said of a message, by the names that a probe's placeholders use."""


def events_of(body: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The events of a callback, as `(kind, fields)`, in the order in which they stand in it."""
    envelope = msgspec.json.decode(body)
    return [(kind, event) for kind, batch in envelope["event"].items() for event in batch]


def of_message(event: Mapping[str, Any]) -> dict[str, str]:
    """What a status event says of the message that the customer sent."""
    return _texts(event, _OF_MESSAGE)


def of_reply(event: Mapping[str, Any]) -> dict[str, str]:
    """What an MO event says of the message that the customer received."""
    return _texts(event, _OF_REPLY)


def _texts(event: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    return {to: str(event[name]) for to, name in names.items() if event.get(name) is not None}


class Said(Frozen, frozen=True, kw_only=True):
    """What a callback's first event says, as far as it does; "" and None for what it does not.

    Args:
        message_id: Of the message that a status is about, or that the user wrote.
        client_message_id: Of the message that it is about, or that it answers.
        user: Who wrote.
        business: To whom.
        content: What they wrote, where that is text, or the title of what they chose.
    """

    channel: str = ""
    message_id: str = ""
    client_message_id: str | None = None
    status: str | None = None
    user: str = ""
    business: str = ""
    content: str | None = None


class _Choice(msgspec.Struct):
    content: str | None = None


class _Event(msgspec.Struct, rename="camel"):
    channel: str = ""
    message_id: str = ""
    client_message_id: str | None = None
    related_client_message_id: str | None = None
    status: str | None = None
    from_: str = msgspec.field(default="", name="from")
    to: str = ""
    content: str | None = None
    selected_item: _Choice | None = None
    selected_items: list[_Choice] | None = None


class _Envelope(msgspec.Struct):
    event: dict[str, list[_Event]]


TEXTS: Final = frozenset({"moText", "moSuggestedResponse"})
"""Kinds of event whose `content` is what a user wrote, or chose to have written."""
_envelope: Final = msgspec.json.Decoder(_Envelope)


def said(body: bytes) -> Said:
    """What a callback says; nothing where it holds no event, or one of another shape."""
    try:
        kind, [event, *_] = next(iter(_envelope.decode(body).event.items()))
    except (msgspec.DecodeError, StopIteration, ValueError):
        return Said()
    return Said(
        channel=event.channel.strip(),
        message_id=event.message_id,
        client_message_id=event.client_message_id or event.related_client_message_id,
        status=event.status,
        user=event.from_,
        business=event.to,
        content=event.content if kind in TEXTS else _title(event),
    )


def _title(event: _Event) -> str | None:
    chosen = (event.selected_item, *(event.selected_items or ()))
    return next((each.content for each in chosen if each is not None and each.content), None)
