"""Magic recipients: numbers whose last three digits say what becomes of a message to them.

One rule covers most: 0 to 149 is the number of the status in which the message ends, 9 and two
digits is the code of the error with which it is refused, 7 and two digits is a kind of reply.
Nothing like it exists on the real platform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.clickatell import lifecycles
from mockatell.clickatell.standin.refusals import RULES
from mockatell.clickatell.statuses import CHANNELS, STATUSES, WHATSAPP
from mockatell.model import Frozen

if TYPE_CHECKING:
    from mockatell.clickatell.standin.settings import StandinSettings

_WA: Final = (WHATSAPP,)
CHOICES: Final = frozenset({"moButtonResponse", "moListPickerResponse", "moSuggestedResponse"})
"""Replies that choose the first of what the message offers, and are a text where it offers none."""


class Magic(Frozen, frozen=True, kw_only=True):
    """What becomes of a message to one of these numbers.

    Args:
        does: In a sentence.
        life: The lifecycle that it has; "" where nothing is ever heard of it.
        reply: The kind of the reply at the end of that life, where it has one.
        fields: What the reply holds.
        refused: Code of the error with which it is refused, or None.
        channels: Where the number is magic; elsewhere it is like any other.
    """

    does: str
    life: str = ""
    reply: str = ""
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    refused: int | None = None
    channels: tuple[str, ...] = CHANNELS


def _ends(status_name: str, meaning: str) -> Magic:
    life = "expired" if status_name == "EXPIRED" else status_name
    channels = tuple(each for each in CHANNELS if life in lifecycles.names(each))
    return Magic(does=f"Ends {status_name}: {meaning}.", life=life, channels=channels)


def _replies(
    does: str, kind: str, fields: dict[str, str], channels: tuple[str, ...] = _WA
) -> Magic:
    return Magic(does=does, life="replied", reply=kind, fields=fields, channels=channels)


MAGIC: Final[dict[str, Magic]] = {
    "002": Magic(does="Is accepted, stays QUEUED, and is never heard of again."),
    "003": Magic(does="Is SCHEDULED, QUEUED, sent and delivered.", life="scheduled"),
    "004": Magic(does="Is sent, and nothing more: no receipt from the handset.", life="sent"),
    "005": Magic(does="Is sent and delivered, and never read.", life="delivered"),
    "006": Magic(does="Is sent, delivered and read.", life="read", channels=_WA),
    "024": Magic(does="Ends EMULATED, as in a sandbox.", life="emulated"),
    **{
        f"{status.code:03}": _ends(status.name, status.meaning)
        for status in STATUSES
        if status.failing and status.code is not None
    },
    "700": _replies("Replies with a text.", "moText", {}, CHANNELS),
    "701": _replies("Replies YES.", "moText", {"content": "YES"}, CHANNELS),
    "702": _replies("Replies STOP, which opts out.", "moText", {"content": "STOP"}, CHANNELS),
    "703": _replies("Replies START.", "moText", {"content": "START"}, CHANNELS),
    "704": _replies("Taps the first button that the message has.", "moButtonResponse", {}),
    "705": _replies("Chooses the first of the message's list.", "moListPickerResponse", {}),
    "706": _replies(
        "Replies with a picture, to be downloaded.",
        "moMedia",
        {"by": "reference", "content_type": "image/jpeg"},
    ),
    "707": _replies("Replies with a location.", "moLocation", {}),
    "708": _replies("Replies with a contact card.", "moContacts", {}),
    "709": _replies("Taps the first button, as a quick reply.", "moSuggestedResponse", {}),
    "800": Magic(does="Falls back to SMS, where it is delivered.", life="fallback", channels=_WA),
    **{
        f"9{rule.code:02}": Magic(does=f"Is refused: {rule.text}.", refused=rule.code)
        for rule in RULES.values()
        if rule.code < 100  # noqa: PLR2004 -- two digits
        and rule.level != "global"
        and rule.code not in (23, 31, 32, 40)  # they name what is wrong, and nothing is
    },
}  # fmt: skip
"""What becomes of a message, by the last three digits of its recipient."""


def magic(number: str, channel: str, settings: StandinSettings) -> Magic | None:
    """What is special about a number on a channel; None for nothing."""
    if not number.startswith(settings.magic_prefix):
        return None
    found = MAGIC.get(number[-3:])
    return found if found is not None and channel in found.channels else None
