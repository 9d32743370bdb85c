"""What the vendor announces for some day: other kinds, fields, statuses, channels, and batches.

Every function adds to a callback and takes nothing away: all events that it came with are still in
the body, with all their fields, so that a receiver that copes has recorded every one of them.
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

_KINDS: Final[dict[Role, tuple[str, ...]]] = {
    Role.REPLY: ("moFutureThing", "moReaction", "moOrder", "moFormResponse", "moSticker"),
    Role.STATUS: ("messageFutureThing", "messageRevoked", "templateStatusUpdate", "userOptedOut"),
}
_CHANNELS: Final = ("rcs", "applemessages", "futurechannel")
_STATUSES: Final = ((7, "PLAYED"), (299, "FUTURE_STATUS"), (150, "WHATSAPP_FUTURE_ERROR"))
_FIELDS: Final[tuple[tuple[str, Any], ...]] = (
    ("futureText", "Привет, 世界"),
    ("futureNumber", 9_007_199_254_740_993),  # one more than a double can tell apart
    ("futureShare", 0.25),
    ("futureFlag", True),
    ("futureNothing", None),
    ("futureList", ["a", 1, None]),
    ("futureObject", {"id": "a", "deeper": {"still": []}}),
)


class _Body(msgspec.Struct):
    """A body taken apart; what is not looked into stays as the bytes it was."""

    envelope: dict[str, msgspec.Raw]
    events: dict[str, list[msgspec.Raw]]

    @classmethod
    def of(cls, callback: Callback) -> _Body:
        envelope = msgspec.json.decode(callback.body, type=dict[str, msgspec.Raw])
        return cls(envelope, msgspec.json.decode(envelope["event"], type=_Events))

    def first(self) -> dict[str, Any]:
        """The fields of the first event."""
        events = next(iter(self.events.values()))
        fields: dict[str, Any] = msgspec.json.decode(events[0])
        return fields

    def back_in(self, callback: Callback) -> Callback:
        """The callback with this for its body."""
        whole = self.envelope | {"event": _raw(self.events)}
        body = msgspec.json.encode(whole)
        return Callback(callback.role, callback.kind, callback.message_id, body)


_Events: Final = dict[str, list[msgspec.Raw]]


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def unknown_event(callback: Callback, stream: Stream) -> Callback:
    """Add an event of a kind that does not exist, before or after those that are there."""
    body = _Body.of(callback)
    known = body.first()
    event = {
        "channel": known.get("channel"),
        "messageId": stream.hex_id(),
        "timestamp": known.get("timestamp"),
        "thing": {"id": stream.hex_id(), "parts": [1, "two", None]},
    }
    added = {stream.pick(_KINDS[callback.role]): [_raw(event)]}
    body.events = added | body.events if stream.chance(0.5) else body.events | added
    return body.back_in(callback)


def unknown_channel(callback: Callback, stream: Stream) -> Callback:
    """Add an event like the first one, but of another message, on a channel that does not exist."""
    body = _Body.of(callback)
    event = body.first() | {"channel": stream.pick(_CHANNELS)}
    if "messageId" in event:
        event["messageId"] = stream.hex_id()
    next(iter(body.events.values())).append(_raw(event))
    return body.back_in(callback)


def unknown_status(callback: Callback, stream: Stream) -> Callback:
    """Add a status that does not exist to the first status update's message, 1 ms before it.

    The later one still says how the message stands. Other callbacks come back as they are.
    """
    body = _Body.of(callback)
    if STATUS not in body.events:
        return callback
    known = msgspec.json.decode(body.events[STATUS][0])
    code, name = stream.pick(_STATUSES)
    event = known | {"timestamp": known["timestamp"] - 1, "statusCode": code, "status": name}
    body.events[STATUS].insert(0, _raw(event))
    return body.back_in(callback)


def extra_fields(callback: Callback, stream: Stream) -> Callback:
    """Add a field to the envelope, to every event, and to every object inside an event."""
    body = _Body.of(callback)
    events = {
        kind: [_raw(_extended(msgspec.json.decode(event), stream)) for event in events]
        for kind, events in body.events.items()
    }
    name, value = stream.pick(_FIELDS)
    return _Body(body.envelope | {name: _raw(value)}, events).back_in(callback)


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
    whole = _Body({}, {})
    for body in map(_Body.of, callbacks):
        whole.envelope |= body.envelope
        for kind, events in body.events.items():
            whole.events.setdefault(kind, []).extend(events)
    return whole.back_in(callbacks[0])
