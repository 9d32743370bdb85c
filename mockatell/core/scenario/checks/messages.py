"""Whether messages can be what they say: how many, when, to whom, and what happens to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mockatell.clickatell import lifecycles, statuses
from mockatell.core.scenario.checks.amounts import (
    check_at_most_one,
    check_between,
    check_exactly_one,
    check_printable,
    check_together,
)
from mockatell.core.scenario.checks.replies import check_reply
from mockatell.core.scenario.near import nearest, quoted, suggestion
from mockatell.core.scenario.units import format_share

if TYPE_CHECKING:
    from mockatell.clickatell.quirks import Quirks
    from mockatell.core.scenario.place import Place
    from mockatell.core.scenario.spec import DeliverySpec, MessageSpec, StepSpec

MOST_MESSAGES: Final = 1_000_000_000
MOST_CODE: Final = 2**31 - 1
MOST_FAILING: Final = 100
MOST_COPIES: Final = 100
_MSISDN = re.compile(r"[0-9]{3,15}")
_NEARLY_ALL: Final = 1e-6
_EVERYDAY: Final = {
    "SENT": "SENT_TO_SUPPLIER",
    "DELIVERED": "DEVICE_ACK",
    "SEEN": "READ",
    "FAILED": "DELIVERY_FAILURE",
    "REJECTED": "DELIVERY_FAILURE",
    "UNDELIVERED": "DELIVERY_FAILURE",
    "BLOCKED": "STOPPED_BY_USER",
}
"""What other platforms call a status; by its letters alone DELIVERED is near DELIVERY_FAILURE."""


def check_message(message: MessageSpec, place: Place, quirks: Quirks) -> None:
    """Check messages of one sort."""
    check_at_most_one(place, ("lifecycle", "steps", "reply"))
    _check_amount(message, place)
    _check_identity(message, place)
    check_reply(message, place, message.channel)
    check_together(place, "delivery", "reply")
    _check_delivery(message.delivery, place / "delivery")
    _check_lifecycle(message, place / "lifecycle", quirks)
    if message.steps == ():
        raise (place / "steps").error("is empty", "write for example - {status: READ, after: 2s}")
    for index, step in enumerate(message.steps or ()):
        at = place / "steps" / index
        _check_step(step, at, message.channel, quirks)
        if step.message_id is not None and _several(message):
            problem = "every message's reply would have the same id"
            raise (at / "message_id").error(problem, "leave it out")


def _check_amount(message: MessageSpec, place: Place) -> None:
    check_at_most_one(place, ("count", "rate"))
    check_between(1, message.count, MOST_MESSAGES, place / "count")
    check_together(place, "over", "count")
    check_together(place, "rate", "for")
    check_together(place, "for", "rate")
    if place.gives("arrivals") and not (place.gives("over") or place.gives("rate")):
        raise (place / "arrivals").error("'arrivals' needs 'rate', or 'count' with 'over'")
    if message.rate is not None and message.for_ is not None:
        many = message.rate * message.for_
        if many < 1 - _NEARLY_ALL:
            raise (place / "rate").error("makes not one message in that time", "raise rate or for")
        if many > MOST_MESSAGES:
            raise (place / "rate").error(f"makes more than {MOST_MESSAGES} messages")


def _check_identity(message: MessageSpec, place: Place) -> None:
    for key, number in (("to", message.to), ("from", message.from_)):
        if number is not None:
            _check_msisdn(number, place / key)
    if message.reply is not None and message.client_message_id is not None:
        raise (place / "client_message_id").error("an unprompted reply has no client message id")
    # An empty client message id says that the customer gave none.
    ids = (
        ("message_id", message.message_id),
        ("client_message_id", message.client_message_id or None),
    )
    for key, text in ids:
        check_printable(text, place / key)
        if text is not None and "{n}" not in text and _several(message):
            problem = "every message would have the same id"
            raise (place / key).error(problem, f"write {text}-{{n}}; {{n}} is the message's number")


def _several(message: MessageSpec) -> bool:
    return message.rate is not None or (message.count or 1) > 1


def _check_msisdn(number: str, place: Place) -> None:
    if number.startswith(("+", "00")):
        raise place.error(f"{place.shown} has a prefix", "leave + and 00 out, write 27999000001")
    if not _MSISDN.fullmatch(number):
        hint = "digits alone, country code first, write 27999000001"
        raise place.error(f"{place.shown} is not a number of 3 to 15 digits", hint)


def _check_lifecycle(message: MessageSpec, place: Place, quirks: Quirks) -> None:
    if isinstance(message.lifecycle, str):
        _check_lifecycle_name(message.lifecycle, message.channel, place, place.shown)
        _check_numbered(message.lifecycle, place, quirks)
    elif message.lifecycle is not None:
        for name in message.lifecycle:
            _check_lifecycle_name(name, message.channel, place / name, quoted(name))
            _check_numbered(name, place / name, quirks)
        total = sum(message.lifecycle.values())
        if abs(total - 1) > _NEARLY_ALL:
            raise place.error(f"the shares make {format_share(total)}", "they must make 100%")


def _check_lifecycle_name(name: str, channel: str, place: Place, shown: str) -> None:
    if name in lifecycles.names(channel):
        return
    elsewhere = [other for other in statuses.CHANNELS if name in lifecycles.names(other)]
    if elsewhere:
        hint = f"it is one of {elsewhere[0]}: write channel: {elsewhere[0]}"
    else:
        hint = suggestion(name, (n for n in lifecycles.names(channel) if n.islower()))
    raise place.error(f"no lifecycle {shown} on {channel}", hint)


def _check_numbered(name: str, place: Place, quirks: Quirks) -> None:
    """A lifecycle of a failing status is called by the status's name; two have no number."""
    status = statuses.find(name, quirks)
    if status is not None and status.code is None:
        raise place.error(
            f"the number of status {name} is not documented", "give it in quirks.status_codes"
        )


def _check_step(step: StepSpec, place: Place, channel: str, quirks: Quirks) -> None:
    check_exactly_one(place, ("status", "reply", "typing", "fallback"))
    check_together(place, "code", "status")
    check_together(place, "message_id", "reply")
    check_printable(step.message_id, place / "message_id")
    check_between(0, step.code, MOST_CODE, place / "code")
    check_reply(step, place, channel)
    _check_delivery(step.delivery, place / "delivery")
    for key in ("typing", "fallback"):
        if getattr(step, key):
            raise (place / key).error("takes no settings", f"write {key}: {{}}")
    if step.status is not None:
        _check_status(step.status, step.code, place / "status", channel, quirks)


def _check_delivery(delivery: DeliverySpec | None, place: Place) -> None:
    if delivery is None:
        return
    check_between(0, delivery.lost_acks, MOST_FAILING, place / "lost_acks")
    check_between(0, delivery.refused, MOST_FAILING, place / "refused")
    if len(delivery.again) > MOST_COPIES:
        raise (place / "again").error(f"holds more than {MOST_COPIES} times")


def _check_status(
    name: str | int, code: int | None, place: Place, channel: str, quirks: Quirks
) -> None:
    status = statuses.find(name, quirks)
    if status is None and isinstance(name, str) and code is not None:
        return  # one of the future: with a code, any name goes
    if status is None:
        raise place.error(f"no status {place.shown}", _meant(name, quirks))
    if channel not in status.channels:
        raise place.error(
            f"{channel} has no status {place.shown}", f"it is one of {status.channels[0]}"
        )
    if status.code is None and code is None:
        hint = "give the step a code, or set it in quirks.status_codes"
        raise place.error(f"{place.shown} has no number that is known", hint)


def _meant(name: str | int, quirks: Quirks) -> str:
    if isinstance(name, int):
        return "write a name, for example DEVICE_ACK"
    valid = (*statuses.names(), *quirks.status_codes)
    near = nearest(name, (*valid, *_EVERYDAY))
    if near is None or near in valid:
        return suggestion(name, valid)
    return f"did you mean '{_EVERYDAY[near]}'?"
