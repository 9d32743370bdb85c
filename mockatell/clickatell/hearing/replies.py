"""What a person wrote, as it was received: the fields of a reply by their names in a scenario."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from mockatell.clickatell import statuses
from mockatell.clickatell.events import Contact
from mockatell.clickatell.hearing.words import Heard, altered, at, is_word, text
from mockatell.clickatell.media import CONTENT_TYPES, LEAST, MOST

_LONGEST: Final = 20_000  # characters of a text that are heard; an SMS has at most some 1,600
_CHARSET: Final = re.compile(
    r"(?:ascii|cp|gsm|iso|latin|ucs|us-ascii|utf|windows)[a-z0-9_-]{0,12}", re.IGNORECASE
)
_UDH: Final = re.compile(r"(?:[0-9a-fA-F]{2}){1,20}")
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]+)?")
_FAMILY: Final = {"image": "image/jpeg", "audio": "audio/ogg", "video": "video/mp4"}
_NETWORK: Final = re.compile(r"[0-9]{1,9}")

_TEXTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "moText": {"content": ("content",), "charset": ("charset",), "udh": ("sms", "udh")},
    "moMedia": {"caption": ("caption",)},
    "moLocation": {
        "location_name": ("locationName",),
        "location_address": ("locationAddress",),
        "longitude": ("longitude",),
        "charset": ("charset",),
    },
    "moContacts": {"charset": ("charset",)},
    "moSuggestedResponse": {
        "content": ("content",),
        "postback_data": ("postbackData",),
        "charset": ("charset",),
    },
    "moListPickerResponse": {},
    "moButtonResponse": {
        "postback_data": ("selectedItem", "postbackData"),
        "item_content": ("selectedItem", "content"),
    },
}
"""Where the text fields of each kind stand, by their names in a scenario."""
_SHAPED: Final = {"charset": _CHARSET, "udh": _UDH, "longitude": _DEGREES, "latitude": _DEGREES}


def reply(heard: Heard, event: dict[str, Any], odd: list[str]) -> Heard:
    """What an MO event holds.

    Args:
        heard: Its kind, channel and time.
        event: As it was received.
        odd: Takes what a scenario cannot say, in words.
    """
    ears = _Ears(odd)
    ears.listen(heard, event)
    if event.get("encryptionKey"):
        ears.is_sealed()
    return altered(
        heard,
        message_id=text(event.get("relatedMessageId")),
        client_message_id=text(event.get("relatedClientMessageId")) or None,
        own_id=text(event.get("messageId")),
        user=text(event.get("from")),
        business=text(event.get("to")),
        fields=ears.fields,
        quirks={**heard.quirks, **ears.quirks},
    )


class _Ears:
    """Listens to one reply."""

    def __init__(self, odd: list[str]) -> None:
        self._odd = odd
        self.fields: dict[str, Any] = {}
        self.quirks: dict[str, str | bool] = {}

    def listen(self, heard: Heard, event: dict[str, Any]) -> None:
        """Take its fields."""
        for name, path in _TEXTS[heard.kind].items():
            if name != "udh" or heard.channel == statuses.SMS:
                self._take(name, at(event, *path))
        if heard.channel == statuses.WHATSAPP:
            self._take("profile_name", at(event, "whatsapp", "profileName"))
            self.fields["referral"] = isinstance(at(event, "whatsapp", "referralInfo"), dict)
        if self.fields.get("charset") == "UTF-8":  # as it is where nothing is said
            del self.fields["charset"]
        if heard.kind == "moText" and heard.channel == statuses.SMS:
            self._network(at(event, "sms", "network"))
        self._special(heard.kind, event)

    def _special(self, kind: str, event: dict[str, Any]) -> None:
        """What is not a text that stands by itself."""
        match kind:
            case "moLocation":
                self._latitude(event)
            case "moMedia":
                self._media(event)
            case "moContacts":
                self._contacts(event)
            case "moListPickerResponse":
                self._chosen(event)
            case "moButtonResponse":
                empty = at(event, "selectedItem", "content") is None
                self.quirks["button_content"] = "null" if empty else "text"

    def is_sealed(self) -> None:
        """Its content is encrypted, so what it says is not known."""
        self.fields.pop("content", None)
        self.fields["encrypted"] = True
        self._odd.append("an encrypted reply: what it says is made up")

    def _take(self, name: str, value: Any) -> None:
        """A text, where it is one that a scenario's field can hold."""
        if value is None:
            return
        shape = _SHAPED.get(name)
        if not isinstance(value, str) or (shape and not shape.fullmatch(value)):
            self._odd.append(f"a {name} of another shape")
            return
        if len(value) > _LONGEST:
            self._odd.append(f"a {name} longer than {_LONGEST:,} characters, cut off here")
        self.fields[name] = value[:_LONGEST]

    def _network(self, network: Any) -> None:
        as_text = isinstance(network, str) and bool(_NETWORK.fullmatch(network))
        if as_text or (type(network) is int and 0 <= network < 2**31):
            self.fields["network"] = int(network)
            self.quirks["network"] = "text" if as_text else "number"
        elif network is not None:
            self._odd.append("a network of another shape")

    def _latitude(self, event: dict[str, Any]) -> None:
        spelt = [key for key in ("latitude", "latitute") if event.get(key) is not None]
        if spelt:
            self.quirks["latitude"] = "both" if len(spelt) > 1 else spelt[0]
            self._take("latitude", event[spelt[0]])

    def _media(self, event: dict[str, Any]) -> None:
        files = event.get("files")
        if isinstance(files, list):
            self._by_reference(files)
            return
        self.fields["by"] = "inline"
        self.quirks["inline_hash"] = event.get("sha256Hash") is not None
        self._type(event.get("contentType"))
        base64 = text(event.get("content"))
        self._size(len(base64) * 3 // 4 - base64[-2:].count("="))

    def _by_reference(self, files: list[Any]) -> None:
        if len(files) != 1 or not isinstance(files[0], dict):
            self._odd.append("a moMedia with more or less than one file: one is sent")
        file = {"file": files[0] if files else None}
        self.fields["by"] = "reference"
        self._type(at(file, "file", "contentType"))
        self._size(at(file, "file", "byteSize"))
        self._take("file_name", at(file, "file", "fileName"))

    def _type(self, content_type: Any) -> None:
        bare = text(content_type).partition(";")[0].strip().lower()
        family = _FAMILY.get(bare.partition("/")[0], "application/pdf")
        self.fields["content_type"] = bare if bare in CONTENT_TYPES else family
        if bare not in CONTENT_TYPES:
            self._odd.append(f"media of a type that cannot be made: {family} is sent")

    def _size(self, size: Any) -> None:
        given = size if type(size) is int else 0
        self.fields["size"] = min(max(given, LEAST), MOST)
        if self.fields["size"] != given:
            self._odd.append(f"media of a size that cannot be made ({LEAST:,} to {MOST:,} bytes)")

    def _contacts(self, event: dict[str, Any]) -> None:
        given = event.get("contacts")
        cards = [_bare(card) for card in given] if isinstance(given, list) else None
        try:
            msgspec.convert(cards, tuple[Contact, ...])
        except msgspec.ValidationError:
            self._odd.append("contacts of another shape: made-up ones are sent")
        else:
            self.fields["contacts"] = tuple(cards or ())

    def _chosen(self, event: dict[str, Any]) -> None:
        items = event.get("selectedItems")
        if not isinstance(items, list) or len(items) != 1:
            self._odd.append("a moListPickerResponse with more or less than one item: one is sent")
        chosen = {"item": items[0] if isinstance(items, list) and items else None}
        self._take("postback_data", at(chosen, "item", "postbackData"))
        self._take("item_content", at(chosen, "item", "content"))


def _bare(value: Any) -> Any:
    """A contact card without nulls, and without what no key of one is called."""
    if isinstance(value, dict):
        kept = ((key, own) for key, own in value.items() if own is not None and is_word(key))
        return {key: _bare(own) for key, own in kept}
    return [_bare(item) for item in value] if isinstance(value, list) else value
