"""One event that was received, as a scenario could say it, and how to look into foreign JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.clickatell.replies import FIELDS_OF
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_]{0,47}")


class Heard(Frozen, frozen=True, kw_only=True):
    """One event, as far as a scenario can say it.

    Args:
        kind: One of the ten.
        channel: `sms` or `whatsapp`.
        timestamp: Its own, Unix time in milliseconds, where it has one.
        message_id: Of the message that a status is about, or that a reply answers; "" for none.
        client_message_id: The customer's own id of that; None where it says that there is none.
        own_id: A reply's.
        user: The person's number; "" where it is not told.
        business: The customer's number, likewise.
        status: Its name, of a status.
        code: The number that came with the status, where that is not the table's.
        fields: What a reply holds, by the names of a scenario's step.
        quirks: Which side of the vendor's inconsistencies it shows.
    """

    kind: str
    channel: str
    timestamp: int | None = None
    message_id: str = ""
    client_message_id: str | None = None
    own_id: str = ""
    user: str = ""
    business: str = ""
    status: str = ""
    code: int | None = None
    fields: Mapping[str, Any] = {}
    quirks: Mapping[str, str | bool] = {}

    @property
    def is_reply(self) -> bool:
        """Whether a person wrote it."""
        return self.kind in FIELDS_OF


class Letter(Frozen, frozen=True):
    """What one body tells.

    Args:
        events: In its order, those that a scenario can say.
        odd: What it holds besides, a few words each.
        integration: Id and name of the integration, "" where they are not told.
        quirks: Which side of the vendor's inconsistencies the envelope shows.
    """

    events: tuple[Heard, ...] = ()
    odd: tuple[str, ...] = ()
    integration: tuple[str, str] = ("", "")
    quirks: Mapping[str, str | bool] = {}


def altered(heard: Heard, **changes: Any) -> Heard:
    """The same event, told otherwise."""
    return msgspec.structs.replace(heard, **changes)


def is_word(name: str) -> bool:
    """Whether it can be the name of a kind or a field, rather than something about a person."""
    return bool(_WORD.fullmatch(name))


def named(name: str) -> str:
    """The name of a kind or a field, where it looks like one: else who knows what it holds."""
    return f"'{name}'" if is_word(name) else "(a name that is not shown)"


def text(value: Any) -> str:
    """A text; "" for anything else."""
    return value if isinstance(value, str) else ""


def at(event: dict[str, Any], *path: str) -> Any:
    """What stands at the end of a path of keys, or None."""
    value: Any = event
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
