"""A message that was accepted: what it holds, and what will become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from mockatell.clickatell.platform import Conversation
from mockatell.model import Frozen

if TYPE_CHECKING:
    from mockatell.clickatell.lifecycles import Stage
    from mockatell.clickatell.standin.shapes import Item

Kind = Literal["text", "media", "template", "location", "contacts", "list_picker", "buttons"]

DEFAULT_VALIDITY: Final = 1440
"""Minutes, where a message says nothing (documented)."""


class SentMessage(Frozen, frozen=True, kw_only=True):
    """One message that the platform took.

    Args:
        api_message_id: The platform's id, which every status will carry.
        client_message_id: The business's own id, or None.
        channel: `sms` or `whatsapp`.
        to: The user's number.
        from_: `from` as given, or None.
        business: The number that it comes from: `from`, or the integration's own.
        kind: What it is.
        content: Its text, or its base64 where it is media or encrypted; None where it has none.
        plain: What encrypted content says, where a key service was there to read it.
        encrypted: Whether it carries an `encryptionKey`.
        accepted_ms: When it was taken, Unix time in milliseconds.
        scheduled_ms: When it is to be sent, or None for at once.
        validity_minutes: How long it may take.
        has_fallback: Whether it may go over another channel.
        raw: Its JSON as it came.
        destiny: The stages of its life, none where nothing is ever heard of it.
        answer: Fields of the reply in its destiny, by the names of `Platform.reply`.
    """

    api_message_id: str
    client_message_id: str | None
    channel: str
    to: str
    from_: str | None
    business: str
    kind: Kind
    content: str | None
    plain: str | None
    encrypted: bool
    accepted_ms: int
    scheduled_ms: int | None
    validity_minutes: int
    has_fallback: bool
    raw: bytes
    destiny: tuple[Stage, ...]
    answer: dict[str, str]

    @property
    def conversation(self) -> Conversation:
        """What the platform's callbacks about it are made from."""
        return Conversation(
            channel=self.channel,
            message_id=self.api_message_id,
            client_message_id=self.client_message_id,
            user=self.to,
            business=self.business,
        )


def bearers(item: Item) -> dict[str, Kind]:
    """The fields that hold what a message is to say, and what kind of message each makes it."""
    candidates: tuple[tuple[str, object, Kind], ...] = (
        ("content", item.content, "text" if item.content_type is None else "media"),
        ("media", item.media, "media"),
        ("template", item.template, "template"),
        ("hsm", item.hsm, "template"),
        ("location", item.location, "location"),
        ("contacts", item.contacts, "contacts"),
        ("listPicker", item.list_picker, "list_picker"),
        ("button", item.button, "buttons"),
    )
    return {name: kind for name, value, kind in candidates if value}
