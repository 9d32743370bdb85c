"""Callbacks in shapes that the vendor's rules do not forbid, though none of its examples has them.

https://help.clickatell.com/developers-api-reference/reference/one-api-client-callbacks
"""

from __future__ import annotations

import msgspec

from mockatell.model import Callback


def of_kind(callback: Callback, kind: str) -> Callback:
    """The same event under the name of another kind."""
    envelope, events = _apart(callback)
    renamed = {kind: next(iter(events.values()))}
    return _whole(Callback(callback.role, kind, callback.message_id, b""), envelope, renamed)


def without_events(callback: Callback) -> Callback:
    """The kind is named, and its array is empty."""
    envelope, events = _apart(callback)
    return _whole(callback, envelope, dict.fromkeys(events, msgspec.Raw(b"[]")))


def without_kinds(callback: Callback) -> Callback:
    """An envelope around nothing at all."""
    envelope, _ = _apart(callback)
    return _whole(callback, envelope, {})


def _apart(callback: Callback) -> tuple[dict[str, msgspec.Raw], dict[str, msgspec.Raw]]:
    envelope = msgspec.json.decode(callback.body, type=dict[str, msgspec.Raw])
    return envelope, msgspec.json.decode(envelope["event"], type=dict[str, msgspec.Raw])


def _whole(
    like: Callback, envelope: dict[str, msgspec.Raw], events: dict[str, msgspec.Raw]
) -> Callback:
    event = msgspec.Raw(msgspec.json.encode(events))
    body = msgspec.json.encode(envelope | {"event": event})
    return Callback(like.role, like.kind, like.message_id, body)
