"""What of an event is about somebody, and what is put in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.clickatell.hearing import Heard
    from mockatell.core.recording.disguise import Disguise

    How = Callable[[Disguise, Any], Any]

_SORTS: Final = frozenset({"CELL", "HOME", "IPHONE", "MAIN", "MOBILE", "OTHER", "WORK"})
"""What a contact card says of a number or an address, rather than of a person."""


def incognito(heard: Heard, disguise: Disguise, *, ids: bool) -> Heard:
    """The same event of nobody.

    Args:
        heard: As it was received.
        disguise: What stands for what.
        ids: Whether ids stay; they still tell the events of one message from those of another.
    """
    business = disguise.number(heard.business, business=True) if heard.business else ""
    own = {name: _HOW[name](disguise, value) for name, value in heard.fields.items()}
    return replace(
        heard,
        user=disguise.number(heard.user) if heard.user else "",
        business=business,
        fields=own,
        own_id=heard.own_id if ids else "",
    )


def _as_it_is(_: Disguise, value: Any) -> Any:
    return value


def _text(disguise: Disguise, value: str) -> str:
    return disguise.text(value)


def _name(disguise: Disguise, value: str) -> str:
    return disguise.name(value)


def _card(disguise: Disguise, value: Any, key: str = "") -> Any:
    """A contact card, or a part of it that stands under a key."""
    if isinstance(value, dict):
        return {own: _card(disguise, part, own) for own, part in value.items()}
    if isinstance(value, list):
        return [_card(disguise, part, key) for part in value]
    if key == "type" and value.upper() in _SORTS:
        return value
    return _CARD.get(key, _name)(disguise, value)


def _phone(disguise: Disguise, value: str) -> str:
    made = disguise.number(value)
    return f"+{made}" if value.startswith("+") else made


_CARD: Final[dict[str, How]] = {
    "birthday": lambda disguise, date: disguise.date(date),
    "email": lambda disguise, address: disguise.email(address),
    "phone": _phone,
    "url": lambda disguise, url: disguise.url(url),
    "waId": _phone,
}
"""What becomes of a part of a contact card; of all else, what becomes of a name."""

_HOW: Final[dict[str, How]] = {
    **dict.fromkeys(("caption", "content", "item_content", "postback_data"), _text),
    **dict.fromkeys(("location_address", "location_name", "profile_name"), _name),
    **dict.fromkeys(
        ("by", "charset", "content_type", "encrypted", "network", "referral", "size", "udh"),
        _as_it_is,
    ),
    "contacts": lambda disguise, cards: [_card(disguise, card) for card in cards],
    "file_name": lambda disguise, name: disguise.file_name(name),
    "latitude": lambda disguise, degrees: disguise.degrees(degrees, 89),
    "longitude": lambda disguise, degrees: disguise.degrees(degrees, 179),
}
"""What becomes of a field; one that is not here is refused, so that none slips through."""
