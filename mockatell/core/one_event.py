"""One event as a scenario, from its kind and its fields by name: the vendor's or a scenario's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from mockatell.clickatell.events import FALLBACK, KINDS, ROLE_OF, STATUS, TYPING
from mockatell.clickatell.statuses import find
from mockatell.core.scenario.near import suggestion
from mockatell.errors import ConfigurationError
from mockatell.model import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ON_SMS: Final = ("moText", STATUS)
_NUMBERS: Final = frozenset({"network", "size", "code", "status_code"})
_FLAGS: Final = frozenset({"referral", "encrypted"})


def one_event(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario that sends one event of a kind, as data.

    Args:
        kind: One of the ten.
        fields: Values as they are, or as text.

    Raises:
        ConfigurationError: There is no such kind.
    """
    if kind not in KINDS:
        raise ConfigurationError(f"there is no kind '{kind}' ({suggestion(kind, KINDS)})")
    given = dict(_field(name, value) for name, value in fields.items())
    given.setdefault("channel", _channel(kind, given))
    message = _status(kind, given) if ROLE_OF[kind] is Role.STATUS else _reply(kind, given)
    return {"name": f"send {kind}", "messages": [message]}


def _channel(kind: str, given: dict[str, Any]) -> str:
    """Where an event of which no channel is said happens: on SMS, if it can."""
    named = given.get("status", given.get("status_code"))
    status = find(named) if isinstance(named, str | int) else None
    on_sms = kind in _ON_SMS and (status is None or "sms" in status.channels)
    return "sms" if on_sms else "whatsapp"


def _field(name: str, value: Any) -> tuple[str, Any]:
    name = _WORDS.sub("_", name).lower()
    if not isinstance(value, str):
        return name, _literal(value)
    if name in _NUMBERS and value.isdecimal():
        return name, int(value)
    if name in _FLAGS:
        return name, value.lower() in ("true", "yes", "1")
    return name, int(value) if name == "status" and value.isdecimal() else _literal(value)


def _literal(value: Any) -> Any:
    """A value in which a scenario takes no `$` for a variable of the environment."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {name: _literal(each) for name, each in value.items()}
    return [_literal(each) for each in value] if isinstance(value, list) else value


def _status(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """A message with one step; a typing event's `from` is whom the message went to."""
    if kind == TYPING:
        step: dict[str, Any] = {"typing": {}}
        given["to"] = given.pop("from", given.pop("to", None))
    elif kind == FALLBACK:
        step = {"fallback": {}}
    else:
        code = given.pop("status_code", None)
        step = {"status": given.pop("status", code or "DEVICE_ACK")}
        if code is not None and step["status"] != code:
            step["code"] = code
    return {name: value for name, value in given.items() if value is not None} | {"steps": [step]}


def _reply(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """An MO event; one with related ids answers the message of those ids."""
    related = {
        name: given.pop(f"related_{name}")
        for name in ("message_id", "client_message_id")
        if f"related_{name}" in given
    }
    if not related:
        return {"reply": kind, **given}
    message = {
        "channel": given.pop("channel"),
        # Sender and receiver of the reply are receiver and sender of the message it answers.
        "to": given.pop("from", None),
        "from": given.pop("to", None),
        **related,
    }
    shown = {name: value for name, value in message.items() if value is not None}
    return {**shown, "steps": [{"reply": kind, **given}]}
