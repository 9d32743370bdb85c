"""Taking a message: its id, what it says, and what is to become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.clickatell.encryption import decrypt_content
from mockatell.clickatell.standin.destiny import Circumstances, destiny
from mockatell.clickatell.standin.messages import DEFAULT_VALIDITY, SentMessage, bearers
from mockatell.clickatell.standin.moments import moment
from mockatell.clickatell.standin.offers import offered
from mockatell.errors import InputError

if TYPE_CHECKING:
    from mockatell.clickatell.standin.checks import Examined
    from mockatell.clickatell.standin.shapes import Item
    from mockatell.clickatell.standin.state import State


def accept(examined: Examined, raw: bytes) -> SentMessage:
    """A message with an id and a destiny; nothing is wrong with it that would refuse it."""
    item, state, now_ms = examined.item, examined.state, examined.now_ms
    plain, trouble = _opened(item, state)
    about = _circumstances(examined, trouble or _media_trouble(examined))
    fate = destiny(about, state.settings)
    message = SentMessage(
        api_message_id=state.new_id(),
        client_message_id=item.client_message_id,
        channel=examined.channel,
        to=item.to,
        from_=item.from_,
        business=item.from_ or state.settings.business,
        kind=about.kind,
        content=item.content,
        plain=plain,
        encrypted=item.encryption_key is not None,
        accepted_ms=now_ms,
        scheduled_ms=moment(item.scheduled_delivery_time or ""),
        validity_minutes=about.validity_minutes,
        has_fallback=about.has_fallback,
        raw=raw,
        destiny=fate.stages,
        answer=fate.answer,
    )
    status = "SCHEDULED" if about.wait_ms else "QUEUED"
    state.records.add(message.api_message_id, message.channel, status, now_ms)
    return message


def _circumstances(examined: Examined, trouble: str) -> Circumstances:
    item, now_ms = examined.item, examined.now_ms
    (kind,) = bearers(item).values()
    scheduled = moment(item.scheduled_delivery_time or "")
    wait = max(0, scheduled - now_ms) if scheduled is not None else 0
    return Circumstances(
        channel=examined.channel,
        to=item.to,
        kind=kind,
        trouble=trouble,
        wait_ms=wait,
        validity_minutes=item.validity_period or DEFAULT_VALIDITY,
        has_fallback=item.fallback is not None,
        last_heard=examined.state.people.last_heard(item.to),
        sent_ms=now_ms + wait,
        offered=offered(item),
    )


def _opened(item: Item, state: State) -> tuple[str | None, str]:
    """What an encrypted text says, and the status that it ends in when it cannot be read."""
    if item.encryption_key is None or state.keys is None or not item.content:
        return None, ""
    try:
        key = state.keys.decrypt(item.encryption_key)
    except InputError:
        return None, "ENCRYPTION_ACCESS_DENIED"
    try:
        plain = decrypt_content(key, item.content, state.keys.mode)
    except InputError:
        return None, "ENCRYPTION_CONTENT_ERROR"
    return (plain.decode(errors="replace") if item.content_type is None else None), ""


def _media_trouble(examined: Examined) -> str:
    """The status that a message ends in whose file is not what it says, or not for its user."""
    media = examined.item.media
    if media is None:
        return ""
    upload = examined.state.uploads.find(media.file_id, examined.now_ms)
    assert upload is not None, "else the message was refused"
    if media.sha256_hash is not None and media.sha256_hash.lower() != upload.sha256:
        return "MEDIA_CHECKSUM_FAILURE"
    return "" if upload.to in (None, examined.item.to) else "MEDIA_ACCESS_ERROR"
