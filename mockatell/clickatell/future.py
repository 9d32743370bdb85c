"""What the vendor announces for some day: other kinds, statuses, channels and fields, and batches.

Nothing is lost by any of it: what is unknown makes a callback of its own, to be sent beside the
one that it is modelled on; added fields and batches leave all that was there in its place.
https://help.clickatell.com/developers-api-reference/reference/one-api-client-callbacks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.clickatell.events import STATUS
from mockatell.model import Callback, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.rng import Stream

UNKNOWN_KINDS: Final[dict[Role, tuple[str, ...]]] = {
    Role.REPLY: ("moFutureThing", "moReaction", "moOrder", "moFormResponse", "moSticker"),
    Role.STATUS: ("messageFutureThing", "messageRevoked", "templateStatusUpdate", "userOptedOut"),
}
UNKNOWN_CHANNELS: Final = ("rcs", "applemessages", "futurechannel")
UNKNOWN_STATUSES: Final = ((7, "PLAYED"), (299, "FUTURE_STATUS"), (150, "WHATSAPP_FUTURE_ERROR"))
_FIELDS: Final[tuple[tuple[str, Any], ...]] = (
    ("futureText", "Привет, 世界"),
    ("futureNumber", 9_007_199_254_740_993),  # one more than a double can tell apart
    ("futureShare", 0.25),
    ("futureFlag", True),
    ("futureNothing", None),
    ("futureList", ["a", 1, None]),
    ("futureObject", {"id": "a", "deeper": {"still": []}}),
)


class Body(msgspec.Struct):
    """A body taken apart: the envelope's keys, and under each kind its events.

    What is not looked into stays as the bytes it was.
    """

    envelope: dict[str, msgspec.Raw]
    events: dict[str, list[msgspec.Raw]]

    @classmethod
    def of(cls, callback: Callback) -> Body:
        """A callback's body."""
        envelope = msgspec.json.decode(callback.body, type=dict[str, msgspec.Raw])
        return cls(envelope, msgspec.json.decode(envelope["event"], type=_Events))

    def first(self) -> dict[str, Any]:
        """The fields of the first event."""
        events = next(iter(self.events.values()))
        fields: dict[str, Any] = msgspec.json.decode(events[0])
        return fields

    def with_only(self, kind: str, event: dict[str, Any]) -> Body:
        """The same envelope around another event."""
        return Body(self.envelope, {kind: [_raw(event)]})

    def closed(self, role: Role, kind: str, message_id: str) -> Callback:
        """The callback that has this for its body."""
        body = msgspec.json.encode(self.envelope | {"event": _raw(self.events)})
        return Callback(role, kind, message_id, body)


_Events: Final = dict[str, list[msgspec.Raw]]


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def unknown_event(callback: Callback, stream: Stream) -> Callback:
    """An event of a kind that does not exist, at the time and place of a known one.

    Half of them are on a channel that does not exist either.
    """
    body = Body.of(callback)
    known = body.first()
    kind, message_id = stream.pick(UNKNOWN_KINDS[callback.role]), stream.hex_id()
    event = {
        "channel": known["channel"] if stream.chance(0.5) else stream.pick(UNKNOWN_CHANNELS),
        "messageId": message_id,
        "timestamp": known["timestamp"],
        "thing": {"id": stream.hex_id(), "parts": [1, "two", None]},
    }
    return body.with_only(kind, event).closed(callback.role, kind, message_id)


def unknown_status(callback: Callback, stream: Stream) -> Callback:
    """A status that does not exist, 1 ms before a known one of the same message.

    The known one is later, so it still says how the message stands.

    Args:
        callback: A `messageStatusUpdate`.
        stream: Draws the status.
    """
    body = Body.of(callback)
    known = body.first()
    code, name = stream.pick(UNKNOWN_STATUSES)
    event = known | {"timestamp": known["timestamp"] - 1, "statusCode": code, "status": name}
    return body.with_only(STATUS, event).closed(callback.role, STATUS, callback.message_id)


def extra_fields(callback: Callback, stream: Stream) -> Callback:
    """Add a field to the envelope, to every event, and to every object inside an event."""
    body = Body.of(callback)
    events = {
        kind: [_raw(_extended(msgspec.json.decode(event), stream)) for event in events]
        for kind, events in body.events.items()
    }
    name, value = stream.pick(_FIELDS)
    extended = Body(body.envelope | {name: _raw(value)}, events)
    return extended.closed(callback.role, callback.kind, callback.message_id)


def _extended(value: Any, stream: Stream) -> Any:
    """The same JSON value with one more field in each of its objects."""
    if isinstance(value, list):
        return [_extended(each, stream) for each in value]
    if not isinstance(value, dict):
        return value
    name, extra = stream.pick(_FIELDS)
    return {key: _extended(each, stream) for key, each in value.items()} | {name: extra}


def batch(callbacks: Sequence[Callback]) -> Callback:
    """One callback with the events of several, of one role: each kind one array, in order.

    It takes kind and message id of the first.

    Raises:
        ValueError: There are none, or they go to different endpoints.
    """
    if len({callback.role for callback in callbacks}) != 1:
        raise ValueError("a batch is of one role")
    whole = Body({}, {})
    for body in map(Body.of, callbacks):
        whole.envelope |= body.envelope
        for kind, events in body.events.items():
            whole.events.setdefault(kind, []).extend(events)
    first = callbacks[0]
    return whole.closed(first.role, first.kind, first.message_id)
