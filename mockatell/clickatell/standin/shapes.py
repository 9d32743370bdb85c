"""What may stand in a send request: field names and types, as far as anyone has shown them.

Sources: the vendor's parameter pages, and third parties' request objects where it shows none.
A type that is not as here is a wrong parameter: numbers are not taken for text, nor lists for one.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1)]
Some = Annotated[dict[str, Any], msgspec.Meta(min_length=1)]


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of all; null is as good as absent, unknown fields are passed over."""


class MediaFile(Shape, frozen=True, kw_only=True):
    """Media that was uploaded before."""

    file_id: Text
    content_type: str | None = None
    caption: str | None = None
    sha256_hash: str | None = msgspec.field(default=None, name="sha256Hash")


class TemplateHeader(Shape, frozen=True, kw_only=True):
    """A template's header: text with parameters, or media."""

    type: str | None = None
    text: Any = None
    media: MediaFile | None = None


class TemplateBody(Shape, frozen=True, kw_only=True):
    """What a template's blanks are filled with, by number."""

    parameters: dict[str, str] | None = None


class TemplateButton(Shape, frozen=True, kw_only=True):
    """Which of a template's buttons a value is for; the first is 1.

    What else it holds is not shown: `postback_data` may be anything, and counts if it is a text.
    """

    list_position: Annotated[int, msgspec.Meta(ge=1)]
    postback_data: Any = None


class Template(Shape, frozen=True, kw_only=True):
    """A WhatsApp template."""

    template_name: Text
    header: TemplateHeader | None = None
    body: TemplateBody | None = None
    buttons: list[TemplateButton] | None = None


class StructuredMessage(Shape, frozen=True, kw_only=True):
    """`hsm`, the older way to name a template."""

    template: Text
    parameters: dict[str, str] | None = None


class Location(Shape, frozen=True, kw_only=True):
    """A place; coordinates as numbers or as text."""

    latitude: str | float
    longitude: str | float
    name: str | None = None
    address: str | None = None


class Contact(Shape, frozen=True, kw_only=True):
    """A contact card; only its name is required."""

    name: Annotated[dict[str, str], msgspec.Meta(min_length=1)]


class ButtonItem(Shape, frozen=True, kw_only=True):
    """One button."""

    type: str = "reply"
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    postback_data: Annotated[str, msgspec.Meta(max_length=256)] | None = None


class Button(Shape, frozen=True, kw_only=True):
    """A text with one to three buttons."""

    body: Text | Some
    items: Annotated[list[ButtonItem], msgspec.Meta(min_length=1, max_length=3)]


class Item(Shape, frozen=True, kw_only=True):
    """One of a request's `messages`."""

    to: str
    channel: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    content: str | None = None
    client_message_id: str | None = None
    related_message_id: str | None = None
    scheduled_delivery_time: str | None = None
    validity_period: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    charset: str | None = None
    user_data_header: Annotated[str, msgspec.Meta(pattern="^([0-9A-Fa-f]{2})+$")] | None = None
    binary: bool | None = None
    preview_first_url: bool | None = None
    encryption_key: Text | None = None
    content_type: Text | None = None
    caption: str | None = None
    media: MediaFile | None = None
    template: Template | None = None
    hsm: StructuredMessage | None = None
    location: Location | None = None
    contacts: Annotated[list[Contact], msgspec.Meta(min_length=1)] | None = None
    list_picker: Some | None = None
    button: Button | None = None
    fallback: Some | None = None


class Batch(Shape, frozen=True, kw_only=True):
    """A send request; the messages are read one by one, so that each can be refused."""

    messages: list[msgspec.Raw]


class ReadMark(Shape, frozen=True, kw_only=True):
    """What the business says of a message that it has read."""

    channel: str
    status_code: int
    message_id: Text
    client_event_id: str | None = None


class Marks(Shape, frozen=True, kw_only=True):
    """The events of a notification."""

    message_status_update: list[msgspec.Raw]


class Notification(Shape, frozen=True, kw_only=True):
    """A request to `POST /v1/notification`."""

    event: Marks


_PATH: Final = re.compile(r" - at `\$\.?([^`]*)`$")
_REQUIRED: Final = re.compile(r"missing required field `([^`]*)`")


def place(error: msgspec.ValidationError) -> str:
    """The parameter that an error is about, for example `button.items[0].title`."""
    text = str(error)
    path = _PATH.search(text)
    missing = _REQUIRED.search(text)
    parts = (path[1].removesuffix("[...]") if path else "", missing[1] if missing else "")
    return ".".join(filter(None, parts))
