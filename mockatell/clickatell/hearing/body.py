"""What a callback that was received tells, in a scenario's words, and what those cannot say.

Nothing is taken for granted here: whatever came over the wire is heard as far as it can be. What is
odd is named by kind and field, never by value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.clickatell import statuses
from mockatell.clickatell.events import KINDS, STATUS, TYPING, WITH_BLANK
from mockatell.clickatell.hearing.replies import reply
from mockatell.clickatell.hearing.words import Heard, Letter, altered, named, text
from mockatell.clickatell.replies import FIELDS_OF

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_LAST_MS: Final = 253_402_300_799_999
_STATUS: Final = re.compile(r"[A-Z][A-Z_]{1,63}")
_KEYS_OF_ID: Final = ("integrationId", "integrationID")
_PARTS: Final = {"sms": {"udh", "network"}, "whatsapp": {"profileName", "referralInfo"}}


def hear(body: bytes) -> Letter:
    """Listen to a request body, whatever it is."""
    try:
        whole = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Letter(odd=("a body that is not JSON",))
    batches = whole.get("event") if isinstance(whole, dict) else None
    if not isinstance(batches, dict):
        return Letter(odd=("a body without events",))
    ears = _Ears()
    events = tuple(ears.events(batches))
    ears.unknown("the envelope", whole, {*_KEYS_OF_ID, "integrationName", "event"})
    key = next((key for key in _KEYS_OF_ID if key in whole), _KEYS_OF_ID[0])
    integration = (text(whole.get(key)), text(whole.get("integrationName")))
    return Letter(events, tuple(ears.odd), integration, {"integration_key": key})


class _Ears:
    """Listens to the events of one body, and keeps what is odd."""

    def __init__(self) -> None:
        self.odd: list[str] = []

    def events(self, batches: dict[str, Any]) -> Iterator[Heard]:
        """Those that a scenario can say."""
        told = [
            (kind, each) for kind, batch in batches.items() for each in self._batch(kind, batch)
        ]
        if len(told) > 1:
            self.odd.append("several events in one body: they are sent one by one")
        for kind, event in told:
            if kind not in KINDS:
                self.odd.append(f"an event of the unknown kind {named(kind)}")
            elif not isinstance(event, dict):
                self.odd.append(f"a {kind} that is no object")
            elif (heard := self._event(kind, event)) is not None:
                yield heard

    def unknown(self, where: str, given: dict[str, Any], known: Collection[str]) -> None:
        """Keep the names of fields that nobody announced."""
        new = (key for key in given if key not in known)
        self.odd += [f"the unknown field {named(key)} of {where}" for key in new]

    def _batch(self, kind: str, batch: Any) -> list[Any]:
        if not isinstance(batch, list):
            self.odd.append("events that are no list")
            return []
        if not batch:
            self.odd.append(f"an empty list of {named(kind)}")
        return batch

    def _event(self, kind: str, event: dict[str, Any]) -> Heard | None:
        self.unknown(kind, event, {key for s in KINDS[kind] for key in s.__struct_encode_fields__})
        spelt = text(event.get("channel"))
        channel = spelt.strip().lower()
        if channel not in statuses.CHANNELS:
            self.odd.append(f"a {kind} on the unknown channel {named(channel)}")
            return None
        blank = {"channel_blank": spelt.endswith(" ")} if kind in WITH_BLANK else {}
        at_ms = self._timestamp(event.get("timestamp"))
        heard = Heard(kind=kind, channel=channel, timestamp=at_ms, quirks=blank)
        if kind in FIELDS_OF:
            for part, known in _PARTS.items():
                if isinstance(event.get(part), dict):
                    self.unknown(f"{kind}'s {part}", event[part], known)
            return reply(heard, event, self.odd)
        if kind == TYPING:
            return altered(heard, user=text(event.get("from")))
        heard = _about_message(heard, event)
        return self._status(heard, event) if kind == STATUS else _fallback(heard, event)

    def _timestamp(self, at_ms: Any) -> int | None:
        if type(at_ms) is int and 0 <= at_ms <= _LAST_MS:
            return at_ms
        self.odd.append("an event without a timestamp in milliseconds")
        return None

    def _status(self, heard: Heard, event: dict[str, Any]) -> Heard | None:
        name, code = text(event.get("status")), event.get("statusCode")
        row = statuses.find(name)
        if type(code) is not int or not 0 <= code < 2**31:
            self.odd.append("a status without a number")
            code = None if row is None else row.code
        if code is None or not _STATUS.fullmatch(name):
            self.odd.append("a status without a name and number that can be sent")
            return None
        if row is not None and heard.channel not in row.channels:
            self.odd.append(f"status {name} on {heard.channel}")
            return None
        if row is None or row.code != code:
            self.odd.append(f"status {name} with the number {code}, which is not known")
            return altered(heard, status=name, code=code)
        return altered(heard, status=name)


def _fallback(heard: Heard, event: dict[str, Any]) -> Heard:
    as_text = isinstance(event.get("statusDescription"), str)
    said = {"fallback_description": "text" if as_text else "number"}
    return altered(heard, quirks={**heard.quirks, **said})


def _about_message(heard: Heard, event: dict[str, Any]) -> Heard:
    client_id = event.get("clientMessageId")
    none = {"no_client_message_id": "null" if "clientMessageId" in event else "absent"}
    return altered(
        heard,
        message_id=text(event.get("messageId")),
        client_message_id=text(client_id) or None,
        quirks={**heard.quirks, **(none if client_id is None else {})},
    )
