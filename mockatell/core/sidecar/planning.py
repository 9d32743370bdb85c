"""From a message that was accepted to what will happen to it, and the callbacks that tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.clickatell.reading import said
from mockatell.core.sidecar.requests import kept
from mockatell.core.sidecar.rows import Happening, MessageRow
from mockatell.model import Frozen, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.clickatell.lifecycles import Stage
    from mockatell.clickatell.platform import Platform
    from mockatell.clickatell.standin import SentMessage
    from mockatell.model import Callback
    from mockatell.rng import Stream

MOST_SHOWN = 1_000
"""Characters of a message that are kept to be shown."""


class Planned(Frozen, frozen=True):
    """One thing that will happen: when, and the callback that tells of it."""

    at: float
    callback: Callback
    happening: Happening | None


def life(
    message: SentMessage, platform: Platform, stream: Stream, now: float, epoch_ms: int
) -> Iterator[Planned]:
    """A message's life, stage by stage.

    Args:
        message: As the stand-in accepted it.
        platform: Whose callbacks they are.
        stream: The message's own.
        now: When it was accepted.
        epoch_ms: Unix time in milliseconds of time 0.
    """
    at = now
    for stage in message.destiny:
        at += stream.uniform(stage.low, stage.high)
        callback = _callback(stage, message, platform, stream, epoch_ms + int(at * 1000))
        yield Planned(at, callback, _happening(stage, callback, at))


def _callback(
    stage: Stage, message: SentMessage, platform: Platform, stream: Stream, at_ms: int
) -> Callback:
    about = message.conversation
    if stage.channel:
        about = about.on(stage.channel)
    match stage.what:
        case "status":
            return platform.status(about, stage.name, at_ms)
        case "typing":
            return platform.typing(about, at_ms)
        case "fallback":
            return platform.fallback(about, at_ms)
        case "reply":
            return platform.reply(stage.name, about, at_ms, stream, message.answer)


def _happening(stage: Stage, callback: Callback, at: float) -> Happening | None:
    if stage.what == "status":
        return Happening(at, stage.name, stage.channel or None)
    return happening_of(callback, at) if stage.what == "reply" else None


def happening_of(callback: Callback, at: float, run: str | None = None) -> Happening:
    """What happens when a callback's event does: a status, or that a user writes."""
    told = said(callback.body)
    if callback.role is Role.STATUS:
        return Happening(at, told.status or "", told.channel or None)
    row = MessageRow(
        id=callback.message_id,
        number=0,
        direction="received",
        channel=told.channel,
        kind=callback.kind,
        user=told.user,
        business=told.business,
        client_message_id=told.client_message_id,
        content=shown(told.content),
        at=at,
        run=run,
    )
    return Happening(at, reply=row)


def sent_row(
    message: SentMessage, number: int, at: float, happenings: tuple[Happening, ...]
) -> MessageRow:
    """The row of a message that was accepted."""
    text = message.plain if message.encrypted else message.content
    row = MessageRow(
        id=message.api_message_id,
        number=number,
        direction="sent",
        channel=message.channel,
        kind=message.kind,
        user=message.to,
        business=message.business,
        client_message_id=message.client_message_id,
        content=shown(text) if message.kind == "text" else None,
        at=at,
        initial="SCHEDULED" if (message.scheduled_ms or 0) > message.accepted_ms else "QUEUED",
        happenings=happenings,
    )
    return replace(row, request=kept(message.raw, row))


def shown(text: str | None) -> str | None:
    """As much of a text as is shown."""
    return None if text is None else text[:MOST_SHOWN]
