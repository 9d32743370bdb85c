"""Reading callbacks back: which events a body holds, and what they say of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

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
