"""MO events: which fields each kind takes, and how an event is made from those that are given.

What is left out is made up by channel: an SMS has no profile name, a WhatsApp message no network.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from mockatell.clickatell.events import (
    ButtonResponseReply,
    Contact,
    ContactsReply,
    InlineMediaReply,
    ListPickerResponseReply,
    LocationReply,
    ReferenceMediaFile,
    ReferenceMediaReply,
    Reply,
    SelectedButtonItem,
    Sms,
    SuggestedResponseReply,
    TextReply,
)
from mockatell.clickatell.media import CONTENT_TYPES, Media, draw_file_id, media_for
from mockatell.clickatell.statuses import SMS, WHATSAPP
from mockatell.clickatell.values import user_number
from mockatell.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.clickatell.draft import Draft

_EVERY: Final = frozenset({"message_id", "profile_name", "referral"})
_MEDIA: Final = frozenset({"caption", "content_type", "size", "by", "file_name", "encrypted"})
_PLACE: Final = frozenset({"location_name", "location_address", "latitude", "longitude"})
_CHOICE: Final = frozenset({"postback_data", "item_content"})
_ONLY_ON: Final = {
    SMS: frozenset({"udh", "network"}),
    WHATSAPP: frozenset({"profile_name", "referral"}),
}

FIELDS_OF: Final[dict[str, frozenset[str]]] = {
    "moText": _EVERY | {"content", "charset", "udh", "network", "encrypted"},
    "moMedia": _EVERY | _MEDIA,
    "moLocation": _EVERY | _PLACE | {"charset"},
    "moContacts": _EVERY | {"contacts", "charset"},
    "moSuggestedResponse": _EVERY | {"content", "postback_data", "charset", "encrypted"},
    "moListPickerResponse": _EVERY | _CHOICE,
    "moButtonResponse": _EVERY | _CHOICE,
}
"""The fields (names as in a scenario) that each kind of reply can be given."""


def fields_of(kind: str, channel: str) -> frozenset[str]:
    """The fields that a reply of this kind can be given on this channel."""
    elsewhere = (fields for name, fields in _ONLY_ON.items() if name != channel)
    return FIELDS_OF[kind].difference(*elsewhere)


def _text(draft: Draft) -> Reply:
    content = draft.seal_text(draft.take("content", draft.invent.text))
    return TextReply(
        **draft.common,
        content=content,
        charset=draft.charset,
        sms=_sms(draft),
        whatsapp=draft.whatsapp(),
    )


def _sms(draft: Draft) -> Sms | UnsetType:
    if draft.channel != SMS:
        return UNSET
    network = draft.take("network", draft.invent.network)
    return Sms(
        udh=draft.fields.get("udh", UNSET),
        network=str(network) if draft.quirks.network == "text" else network,
    )


def _media(draft: Draft) -> Reply:
    content_type = draft.take("content_type", lambda: draft.stream.pick(CONTENT_TYPES))
    file_id = draw_file_id(draft.stream, content_type, draft.fields.get("size"))
    media = media_for(file_id)
    assert media is not None
    by = draft.take("by", lambda: draft.stream.pick(("inline", "reference")))
    return _inline(draft, media) if by == "inline" else _by_reference(draft, media)


def _inline(draft: Draft, media: Media) -> Reply:
    content = draft.seal(media.body)
    sha256 = media.sha256 if content is media.body else hashlib.sha256(content).hexdigest()
    return InlineMediaReply(
        **draft.common,
        content_type=media.content_type,
        content=content,
        sha256_hash=sha256 if draft.quirks.inline_hash else UNSET,
        caption=_caption(draft, media),
        whatsapp=draft.whatsapp(),
    )


def _by_reference(draft: Draft, media: Media) -> Reply:
    if draft.fields.get("encrypted"):
        raise InputError("media by reference cannot be encrypted here (say `by: inline`)")
    extension = media.file_id.rpartition(".")[2]
    query = f"fileId={media.file_id}&sha256Hash={media.sha256}&source=client"
    file = ReferenceMediaFile(
        content_type=media.content_type,
        download_url=f"{draft.media_base_url}/v1/media?{query}",
        sha256_hash=media.sha256,
        byte_size=len(media.body),
        file_name=draft.take("file_name", lambda: f"file-{media.file_id[:4]}.{extension}"),
    )
    caption = _caption(draft, media)
    return ReferenceMediaReply(
        **draft.common, files=(file,), caption=caption, whatsapp=draft.whatsapp()
    )


def _caption(draft: Draft, media: Media) -> str | UnsetType:
    """A sound has no caption unless the scenario gives it one."""
    if "caption" not in draft.fields and media.content_type.startswith("audio/"):
        return UNSET
    return draft.take("caption", draft.invent.caption)


def _location(draft: Draft) -> Reply:
    latitude = draft.take("latitude", lambda: draft.invent.degrees(90))
    spelt = draft.quirks.latitude
    return LocationReply(
        **draft.common,
        charset=draft.charset,
        location_address=draft.take("location_address", draft.invent.address),
        location_name=draft.take("location_name", draft.invent.company),
        latitude=UNSET if spelt == "latitute" else latitude,
        latitute=UNSET if spelt == "latitude" else latitude,
        longitude=draft.take("longitude", lambda: draft.invent.degrees(180)),
        whatsapp=draft.whatsapp(),
    )


def _contacts(draft: Draft) -> Reply:
    given = draft.fields.get("contacts")
    contacts = (_invented_contact(draft),) if given is None else _given_contacts(given)
    return ContactsReply(
        **draft.common, whatsapp=draft.whatsapp(), contacts=contacts, charset=draft.charset
    )


def _given_contacts(given: Any) -> tuple[Contact, ...]:
    try:
        return msgspec.convert(given, tuple[Contact, ...])
    except msgspec.ValidationError as error:
        raise InputError(f"contacts: {error}") from error


def _invented_contact(draft: Draft) -> Contact:
    invent = draft.invent
    first, last = invent.person()
    mobile = user_number(draft.stream)
    return Contact(
        addresses=(invent.place(),),
        birthday=invent.birthday(dotted=draft.quirks.birthday == "dotted"),
        emails=({"email": invent.email(), "type": "WORK"},),
        name={"firstName": first, "formattedName": f"{first} {last}", "lastName": last},
        org={"company": invent.company()},
        phones=(
            {"phone": user_number(draft.stream), "type": "WORK"},
            {"phone": mobile, "type": "CELL", "waId": mobile},
        ),
        urls=({"url": "https://www.example.com", "type": "WORK"},),
    )


def _suggested(draft: Draft) -> Reply:
    postback, title = draft.invent.choice()
    content = draft.seal_text(draft.take("content", lambda: title))
    return SuggestedResponseReply(
        **draft.common,
        content=content,
        postback_data=draft.take("postback_data", lambda: postback),
        charset=draft.charset,
        whatsapp=draft.whatsapp(),
    )


def _list_picker(draft: Draft) -> Reply:
    postback, _ = draft.invent.choice()
    item = SelectedButtonItem(
        postback_data=draft.take("postback_data", lambda: postback),
        content=draft.fields.get("item_content", UNSET),
    )
    return ListPickerResponseReply(
        **draft.common, postback_data=None, selected_items=(item,), whatsapp=draft.whatsapp()
    )


def _button(draft: Draft) -> Reply:
    postback, title = draft.invent.choice()
    content = draft.take("item_content", lambda: title)
    item = SelectedButtonItem(
        postback_data=draft.take("postback_data", lambda: postback),
        content=None if draft.quirks.button_content == "null" else content,
    )
    return ButtonResponseReply(
        **draft.common, postback_data=None, selected_item=item, whatsapp=draft.whatsapp()
    )


MAKERS: Final[dict[str, Callable[[Draft], Reply]]] = {
    "moText": _text,
    "moMedia": _media,
    "moLocation": _location,
    "moContacts": _contacts,
    "moSuggestedResponse": _suggested,
    "moListPickerResponse": _list_picker,
    "moButtonResponse": _button,
}
"""How to make each kind of reply."""
