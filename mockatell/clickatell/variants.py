"""Callbacks in shapes that the vendor's rules do not forbid, though none of its examples has them.

https://help.clickatell.com/developers-api-reference/reference/one-api-client-callbacks
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.clickatell.future import Body

if TYPE_CHECKING:
    from mockatell.model import Callback


def of_kind(callback: Callback, kind: str) -> Callback:
    """The same event under the name of another kind."""
    body = Body.of(callback)
    renamed = Body(body.envelope, {kind: next(iter(body.events.values()))})
    return renamed.closed(callback.role, kind, callback.message_id)


def without_events(callback: Callback) -> Callback:
    """The kind is named, and its array is empty."""
    body = Body.of(callback)
    emptied = Body(body.envelope, {kind: [] for kind in body.events})
    return emptied.closed(callback.role, callback.kind, callback.message_id)


def without_kinds(callback: Callback) -> Callback:
    """An envelope around nothing at all."""
    bare = Body(Body.of(callback).envelope, {})
    return bare.closed(callback.role, callback.kind, callback.message_id)
