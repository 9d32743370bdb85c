"""What the platform refuses of a message that can be read, in the order in which it looks."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from mockatell.clickatell import sms
from mockatell.clickatell.standin.magic import magic
from mockatell.clickatell.standin.messages import bearers
from mockatell.clickatell.standin.moments import moment
from mockatell.clickatell.standin.numbers import MSISDN, SENDER
from mockatell.clickatell.standin.refusals import Refusal, refuse
from mockatell.clickatell.standin.uploads import MB, MOST_INLINE, whatsapp_limit
from mockatell.clickatell.statuses import CHANNELS, SMS
from mockatell.errors import InputError
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.clickatell.standin.shapes import Item, Location, MediaFile
    from mockatell.clickatell.standin.state import State

CHARSETS: Final = frozenset({"ASCII", "UCS2-BE", "UTF-8", "Windows-1252"})
_NUMBER: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,30})?")
_MOST_TEXT: Final = 4096
# Text of that length in UTF-8, an IV and a tag, in base64.
_MOST_SEALED: Final = 4 * (4 * _MOST_TEXT + 48) // 3


class Examined(Frozen, frozen=True):
    """A message under examination."""

    item: Item
    channel: str
    state: State
    now_ms: int


def _recipient(examined: Examined) -> Refusal | None:
    to = examined.item.to
    return None if MSISDN.fullmatch(to) else refuse(25, to)


def _channel(examined: Examined) -> Refusal | None:
    settings = examined.state.settings
    if examined.channel not in CHANNELS:
        return refuse(23, "channel")
    if examined.channel not in settings.channels:
        return refuse(39)
    return refuse(38) if examined.channel in settings.inactive else None


def _sender(examined: Examined) -> Refusal | None:
    sender, settings = examined.item.from_, examined.state.settings
    if sender is None:
        return None
    if not SENDER.fullmatch(sender):
        return refuse(23, "from")
    if sender in settings.suspended:
        return refuse(44)
    return refuse(45) if settings.numbers and sender not in settings.numbers else None


def _charset(examined: Examined) -> Refusal | None:
    charset = examined.item.charset
    return None if charset is None or charset in CHARSETS else refuse(40, charset)


def _schedule(examined: Examined) -> Refusal | None:
    time = examined.item.scheduled_delivery_time
    return None if time is None or moment(time) is not None else refuse(23, "scheduledDeliveryTime")


def _kind(examined: Examined) -> Refusal | None:
    """That it says exactly one thing, of a kind that the channel can carry."""
    found = bearers(examined.item)
    if not found:
        return refuse(23, "content")
    if len(found) > 1:
        return refuse(23, [*found][1])
    (kind,) = found.values()
    rich = examined.channel == SMS and kind != "text"
    return refuse(38) if rich or kind in examined.state.settings.inactive else None


def _content(examined: Examined) -> Refusal | None:
    item = examined.item
    if not item.content:
        return None
    if item.content_type is not None:
        return _inline(item.content, item.content_type)
    if item.encryption_key is not None:
        return refuse(24) if len(item.content) > _MOST_SEALED else None
    if examined.channel == SMS:
        return _parts(item.content, examined.state.settings.most_parts)
    return refuse(24) if len(item.content) > _MOST_TEXT else None


def _parts(text: str, most: int) -> Refusal | None:
    longest = 160 * most  # counting the parts of a novel takes time
    try:
        fits = len(text) <= longest and len(sms.parts(text, 0)) <= most
    except InputError:
        fits = False
    return None if fits else refuse(100)


def _inline(content: str, content_type: str) -> Refusal | None:
    limit = whatsapp_limit(content_type)
    if limit is None:
        return refuse(30)
    if len(content) > 4 * (MOST_INLINE * MB // 3 + 1):
        return refuse(32, MOST_INLINE)
    try:
        size = len(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError):
        return refuse(23, "content")
    return refuse(31, limit) if size > limit * MB else None


def _media(examined: Examined) -> Refusal | None:
    item = examined.item
    header = item.template.header if item.template is not None else None
    named = (item.media, header.media if header is not None else None)
    refusals = (_file(media, examined) for media in named if media is not None)
    return next(filter(None, refusals), None)


def _file(media: MediaFile, examined: Examined) -> Refusal | None:
    upload = examined.state.uploads.find(media.file_id, examined.now_ms)
    if upload is None:
        return refuse(33)
    limit = whatsapp_limit(media.content_type or upload.content_type)
    if limit is None:
        return refuse(30)
    return refuse(31, limit) if len(upload.body) > limit * MB else None


def _location(examined: Examined) -> Refusal | None:
    location = examined.item.location
    if location is None:
        return None
    wrong = next(filter(None, _beyond(location)), None)
    return None if wrong is None else refuse(23, f"location.{wrong}")


def _beyond(location: Location) -> tuple[str | None, str | None]:
    return (
        None if _degrees(location.latitude, 90) else "latitude",
        None if _degrees(location.longitude, 180) else "longitude",
    )


def _degrees(value: str | float, limit: int) -> bool:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return False
    return -limit <= float(value) <= limit


def _permitted(examined: Examined) -> Refusal | None:
    to, state = examined.item.to, examined.state
    if state.people.opted_out(to):
        return refuse(26)
    found = magic(to, examined.channel, state.settings)
    return None if found is None or found.refused is None else refuse(found.refused, to)


CHECKS: Final[tuple[Callable[[Examined], Refusal | None], ...]] = (
    _recipient, _channel, _sender, _charset, _schedule, _kind, _content, _media, _location,
    _permitted,
)  # fmt: skip
"""Every check, in order; the first that refuses is the one that is told."""


def first_refusal(examined: Examined) -> Refusal | None:
    """Why a message is refused; None when it is accepted."""
    return next(filter(None, (check(examined) for check in CHECKS)), None)
