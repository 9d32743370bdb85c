"""Events made by hand: a factory for each kind, with typed arguments and realistic defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from msgspec.structs import replace

from mockatell.clickatell.events import FALLBACK, STATUS, TYPING
from mockatell.core.differences import shown
from mockatell.core.drafts import Draft
from mockatell.core.scenario.near import suggestion
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

Channel = Literal["sms", "whatsapp"]

LIFE = ("SENT_TO_SUPPLIER", "DEVICE_ACK", "READ")


class _OfReply(TypedDict, total=False):
    """What every reply can be given."""

    channel: Channel
    from_: str
    to: str
    message_id: str
    related_message_id: str
    related_client_message_id: str
    profile_name: str
    referral: bool
    timestamp: int


class _OfMessage(TypedDict, total=False):
    """What everything on the status endpoint can be given."""

    channel: Channel
    client_message_id: str
    timestamp: int


def _check_names(kind: str, given: Iterable[str], takes: Iterable[str]) -> None:
    for name in given:
        if name not in (names := tuple(takes)):
            raise ConfigurationError(f"{kind} takes no '{name}' ({suggestion(name, names)})")


def _reply(kind: str, channel: str, own: dict[str, Any], given: _OfReply) -> Draft:
    _check_names(kind, given, (*own, *_OfReply.__annotations__))
    shared = ("message_id", "profile_name", "referral")
    fields = own | {name: given[name] for name in shared if name in given}  # type: ignore[literal-required]
    return Draft(
        kind,
        given.get("channel", channel),
        user=given.get("from_"),
        business=given.get("to"),
        message_id=given.get("related_message_id"),
        client_message_id=given.get("related_client_message_id"),
        prompted="related_message_id" in given,
        timestamp=given.get("timestamp"),
        fields={name: value for name, value in fields.items() if value is not None},
    )


def moText(  # noqa: N802 -- the vendor's name, as are those below
    content: str | None = None,
    *,
    charset: str | None = None,
    udh: str | None = None,
    network: int | None = None,
    encrypted: bool | None = None,
    **given: Unpack[_OfReply],
) -> Draft:
    """A text message from a person, over SMS unless `channel` says otherwise."""
    own = {
        "content": content,
        "charset": charset,
        "udh": udh,
        "network": network,
        "encrypted": encrypted,
    }
    return _reply("moText", "sms", own, given)


def moMedia(  # noqa: N802
    content_type: str | None = None,
    *,
    by: Literal["inline", "reference"] | None = None,
    size: int | None = None,
    caption: str | None = None,
    file_name: str | None = None,
    encrypted: bool | None = None,
    **given: Unpack[_OfReply],
) -> Draft:
    """A picture, document, voice message or video; `size` in bytes."""
    own = {
        "content_type": content_type,
        "by": by,
        "size": size,
        "caption": caption,
        "file_name": file_name,
        "encrypted": encrypted,
    }
    return _reply("moMedia", "whatsapp", own, given)


def moLocation(  # noqa: N802
    *,
    latitude: str | None = None,
    longitude: str | None = None,
    location_name: str | None = None,
    location_address: str | None = None,
    charset: str | None = None,
    **given: Unpack[_OfReply],
) -> Draft:
    """A place; coordinates are decimal degrees as text, as the vendor has them."""
    own = {
        "latitude": latitude,
        "longitude": longitude,
        "location_name": location_name,
        "location_address": location_address,
        "charset": charset,
    }
    return _reply("moLocation", "whatsapp", own, given)


def moContacts(  # noqa: N802
    contacts: Sequence[dict[str, Any]] | None = None,
    *,
    charset: str | None = None,
    **given: Unpack[_OfReply],
) -> Draft:
    """Address cards."""
    own = {"contacts": None if contacts is None else tuple(contacts), "charset": charset}
    return _reply("moContacts", "whatsapp", own, given)


def moSuggestedResponse(  # noqa: N802
    content: str | None = None,
    *,
    postback_data: str | None = None,
    charset: str | None = None,
    encrypted: bool | None = None,
    **given: Unpack[_OfReply],
) -> Draft:
    """A quick reply that was tapped."""
    own = {
        "content": content,
        "postback_data": postback_data,
        "charset": charset,
        "encrypted": encrypted,
    }
    return _reply("moSuggestedResponse", "whatsapp", own, given)


def moListPickerResponse(  # noqa: N802
    postback_data: str | None = None, *, item_content: str | None = None, **given: Unpack[_OfReply]
) -> Draft:
    """An item of a list that was chosen."""
    own = {"postback_data": postback_data, "item_content": item_content}
    return _reply("moListPickerResponse", "whatsapp", own, given)


def moButtonResponse(  # noqa: N802
    postback_data: str | None = None, *, item_content: str | None = None, **given: Unpack[_OfReply]
) -> Draft:
    """A button that was tapped."""
    own = {"postback_data": postback_data, "item_content": item_content}
    return _reply("moButtonResponse", "whatsapp", own, given)


def messageStatusUpdate(  # noqa: N802
    status: str | int = "DEVICE_ACK",
    *,
    message_id: str | None = None,
    code: int | None = None,
    **given: Unpack[_OfMessage],
) -> Draft:
    """A status of a message, by its name or number."""
    _check_names(STATUS, given, ("message_id", "code", *_OfMessage.__annotations__))
    return Draft(
        STATUS,
        given.get("channel", "sms"),
        message_id=message_id,
        client_message_id=given.get("client_message_id"),
        timestamp=given.get("timestamp"),
        status=status,
        code=code,
    )


def messageFallback(  # noqa: N802
    *, message_id: str | None = None, **given: Unpack[_OfMessage]
) -> Draft:
    """A message that falls back from WhatsApp to SMS."""
    _check_names(FALLBACK, given, ("message_id", *_OfMessage.__annotations__))
    return Draft(
        FALLBACK,
        given.get("channel", "whatsapp"),
        message_id=message_id,
        client_message_id=given.get("client_message_id"),
        timestamp=given.get("timestamp"),
    )


def statusIsTyping(  # noqa: N802
    *, from_: str | None = None, channel: Channel = "whatsapp", timestamp: int | None = None
) -> Draft:
    """A person who is writing."""
    return Draft(TYPING, channel, user=from_, timestamp=timestamp)


def conversation(
    *,
    message_id: str,
    client_message_id: str | None = None,
    channel: str = "whatsapp",
    statuses: Sequence[str | int] = LIFE,
    reply: str | Draft | None = None,
) -> tuple[Draft, ...]:
    """A message's statuses, and a reply to it, as events in the order in which they happen.

    Args:
        message_id: The message's.
        client_message_id: The customer's own id of it.
        channel: `sms` or `whatsapp`.
        statuses: Names or numbers.
        reply: A text, or a reply of any kind; it is made an answer to the message.

    Raises:
        ConfigurationError: The statuses or the reply are something else.
    """
    _check_statuses(statuses)
    given: dict[str, Any] = {"channel": channel, "client_message_id": client_message_id}
    told = tuple(messageStatusUpdate(s, message_id=message_id, **given) for s in statuses)
    if reply is None:
        return told
    answer = replace(
        _answer(reply),
        channel=channel,
        message_id=message_id,
        client_message_id=client_message_id,
        prompted=True,
    )
    return (*told, answer)


def _check_statuses(statuses: object) -> None:
    if not isinstance(statuses, Sequence) or isinstance(statuses, str):
        raise ConfigurationError(
            f"statuses are a list of names or numbers, such as ['READ'], not {shown(statuses)}"
        )


def _answer(reply: object) -> Draft:
    draft = moText(reply) if isinstance(reply, str) else reply
    if isinstance(draft, Draft) and draft.kind.startswith("mo"):
        return draft
    raise ConfigurationError(
        "the reply of a conversation is a text, or made by moText(...), moButtonResponse(...) and "
        f"so on, not {shown(reply)}"
    )
