"""The ten event kinds of the One API callbacks: which fields, in which order, of which type.

Field order is the order in which the vendor's example bodies have them; field names and types are
its OpenAPI schema's (help.clickatell.com, One API Client Callbacks). `UNSET` leaves a field out,
None is written as null where the examples have null. Bytes are written in base64.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mockatell.model import Role


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of all events and of the objects inside them."""


class MessageStatus(Event, frozen=True, kw_only=True):
    """`messageStatusUpdate`: what became of a message; it names neither number nor reason."""

    channel: str
    timestamp: int
    status_code: int
    status: str
    message_id: str
    client_message_id: str | UnsetType | None = UNSET


class FallbackStatus(Event, frozen=True, kw_only=True):
    """`messageFallback`: a message went over another channel; the vendor shows no example."""

    channel: str
    timestamp: int
    status_description: int | str
    status: str
    message_id: str
    client_message_id: str | UnsetType | None = UNSET


class TypingStatus(Event, frozen=True, kw_only=True):
    """`statusIsTyping`: the user is writing; the vendor shows no example."""

    channel: str
    timestamp: int
    from_: str = msgspec.field(name="from")


class Sms(Event, frozen=True, kw_only=True):
    """What only an SMS has: the user data header in hex, and the network it came from."""

    udh: str | UnsetType = UNSET
    network: int | str | UnsetType = UNSET


class ReferralInfo(Event, frozen=True, kw_only=True):
    """The advertisement or post whose button opened the chat."""

    headline: str
    content: str
    source_type: Literal["ad", "post"]
    source_id: str
    source_url: str


class WhatsAppContent(Event, frozen=True, kw_only=True):
    """What only a WhatsApp message has."""

    profile_name: str
    referral_info: ReferralInfo | UnsetType = UNSET


class Reply(Event, frozen=True, kw_only=True):
    """What every MO event begins with; `from_` is the user, `to` the business."""

    channel: str
    message_id: str
    related_message_id: str | None
    related_client_message_id: str | None
    from_: str = msgspec.field(name="from")
    to: str
    timestamp: int
    encryption_key: str | UnsetType = UNSET


class TextReply(Reply, frozen=True, kw_only=True):
    """`moText`."""

    content: str
    charset: str
    sms: Sms | UnsetType = UNSET
    whatsapp: WhatsAppContent | UnsetType = UNSET


class InlineMediaReply(Reply, frozen=True, kw_only=True):
    """`moMedia` with the media in it; `content` is the raw bytes."""

    content_type: str
    content: bytes
    sha256_hash: str | UnsetType = msgspec.field(default=UNSET, name="sha256Hash")
    caption: str | UnsetType = UNSET
    whatsapp: WhatsAppContent | UnsetType = UNSET


class ReferenceMediaFile(Event, frozen=True, kw_only=True):
    """Where to download one file of a `moMedia` by reference; `byte_size` in bytes."""

    content_type: str
    download_url: str
    sha256_hash: str = msgspec.field(name="sha256Hash")
    byte_size: int
    file_name: str


class ReferenceMediaReply(Reply, frozen=True, kw_only=True):
    """`moMedia` with the media left on the platform."""

    files: tuple[ReferenceMediaFile, ...]
    caption: str | UnsetType = UNSET
    whatsapp: WhatsAppContent | UnsetType = UNSET


class LocationReply(Reply, frozen=True, kw_only=True):
    """`moLocation`; coordinates are decimal degrees written as strings."""

    charset: str
    location_address: str
    location_name: str
    latitude: str | UnsetType = UNSET
    latitute: str | UnsetType = UNSET
    longitude: str
    whatsapp: WhatsAppContent | UnsetType = UNSET


class Contact(Event, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One card of a `moContacts`; the vendor's schema has maps of strings inside."""

    addresses: tuple[dict[str, str], ...] | UnsetType = UNSET
    birthday: str | UnsetType = UNSET
    emails: tuple[dict[str, str], ...] | UnsetType = UNSET
    name: dict[str, str]
    org: dict[str, str] | UnsetType = UNSET
    phones: tuple[dict[str, str], ...] | UnsetType = UNSET
    urls: tuple[dict[str, str], ...] | UnsetType = UNSET


class ContactsReply(Reply, frozen=True, kw_only=True):
    """`moContacts`."""

    whatsapp: WhatsAppContent | UnsetType = UNSET
    contacts: tuple[Contact, ...]
    charset: str


class SuggestedResponseReply(Reply, frozen=True, kw_only=True):
    """`moSuggestedResponse`: a quick reply was tapped."""

    content: str
    postback_data: str
    charset: str
    whatsapp: WhatsAppContent | UnsetType = UNSET


class SelectedButtonItem(Event, frozen=True, kw_only=True):
    """What was chosen; its `content` is left out for lists and may be null for buttons."""

    postback_data: str
    content: str | UnsetType | None = UNSET


class ListPickerResponseReply(Reply, frozen=True, kw_only=True):
    """`moListPickerResponse`; the outer `postback_data` is null in the vendor's example."""

    postback_data: str | None
    selected_items: tuple[SelectedButtonItem, ...]
    whatsapp: WhatsAppContent | UnsetType = UNSET


class ButtonResponseReply(Reply, frozen=True, kw_only=True):
    """`moButtonResponse`; the outer `postback_data` is null in the vendor's example."""

    postback_data: str | None
    selected_item: SelectedButtonItem
    whatsapp: WhatsAppContent | UnsetType = UNSET


STATUS: Final = "messageStatusUpdate"
FALLBACK: Final = "messageFallback"
TYPING: Final = "statusIsTyping"

KINDS: Final[dict[str, tuple[type[Event], ...]]] = {
    "moText": (TextReply,),
    "moMedia": (InlineMediaReply, ReferenceMediaReply),
    "moLocation": (LocationReply,),
    "moContacts": (ContactsReply,),
    "moSuggestedResponse": (SuggestedResponseReply,),
    "moListPickerResponse": (ListPickerResponseReply,),
    "moButtonResponse": (ButtonResponseReply,),
    STATUS: (MessageStatus,),
    FALLBACK: (FallbackStatus,),
    TYPING: (TypingStatus,),
}
"""The shapes that an event of each kind can have, by kind, in the vendor's order."""

ROLE_OF: Final[dict[str, Role]] = {
    kind: Role.REPLY if kind.startswith("mo") else Role.STATUS for kind in KINDS
}
"""The endpoint that each kind goes to."""

WITH_BLANK: Final = frozenset({"moText", "moMedia", "moLocation", STATUS})
"""Kinds whose `channel` ends in a blank in the vendor's example."""
