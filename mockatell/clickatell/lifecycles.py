"""Plausible lives of a message: which stages follow each other on a channel, and how fast.

The vendor documents the statuses but neither their sequences nor their paces: both are assumed
(rows `lifecycle-…` of the fidelity ledger). Paces suit a run on the real clock.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Final, Literal

from mockatell.clickatell.statuses import CHANNELS, SMS, STATUSES, WHATSAPP, Status
from mockatell.errors import InputError
from mockatell.model import Frozen


class Stage(Frozen, frozen=True):
    """One stage of a life.

    Args:
        what: What happens.
        name: The status name, or the kind of reply; "" for typing and fallback.
        low: Least seconds after the stage before.
        high: Most seconds after the stage before.
        channel: The channel that it is reported on; "" for the message's own.
    """

    what: Literal["status", "typing", "fallback", "reply"]
    name: str
    low: float
    high: float
    channel: str = ""


_QUEUED: Final = Stage("status", "QUEUED", 0.05, 0.5)
_SENT: Final = Stage("status", "SENT_TO_SUPPLIER", 0.2, 2.0)
_DELIVERED: Final = Stage("status", "DEVICE_ACK", 0.5, 8.0)
_READ: Final = Stage("status", "READ", 2.0, 30.0)
_TYPING: Final = Stage("typing", "", 1.0, 10.0)
_ANSWER: Final = Stage("reply", "moText", 2.0, 20.0)

_ON_BOTH: Final[dict[str, tuple[Stage, ...]]] = {
    "queued": (_QUEUED, _SENT, _DELIVERED),
    "sent": (_SENT,),
    "delivered": (_SENT, _DELIVERED),
    "failed": (_SENT, Stage("status", "DELIVERY_FAILURE", 1.0, 10.0)),
    "expired": (_SENT, Stage("status", "EXPIRED", 30.0, 60.0)),
    "emulated": (Stage("status", "EMULATED", 0.2, 2.0),),
    "scheduled": (
        Stage("status", "SCHEDULED", 0.05, 0.5),
        Stage("status", "QUEUED", 10.0, 30.0),
        _SENT,
        _DELIVERED,
    ),
}
_ON_ONE: Final[dict[str, dict[str, tuple[Stage, ...]]]] = {
    SMS: {"replied": (_SENT, _DELIVERED, _ANSWER)},
    WHATSAPP: {
        "read": (_SENT, _DELIVERED, _READ),
        "replied": (_SENT, _DELIVERED, _READ, _TYPING, _ANSWER),
        "fallback": (
            _SENT,
            Stage("fallback", "", 5.0, 15.0),
            Stage("status", "SENT_TO_SUPPLIER", 0.2, 2.0, SMS),
            Stage("status", "DEVICE_ACK", 0.5, 8.0, SMS),
        ),
    },
}

# Found out by the platform itself, so the message is never handed to a supplier.
_BEFORE_SENDING: Final = frozenset({
    *range(21, 23), *range(25, 29), 29, *range(60, 63), *range(80, 83), *range(84, 87), 100,
})  # fmt: skip


def _failing_life(status: Status) -> tuple[Stage, ...]:
    if status.code in _BEFORE_SENDING:
        return (Stage("status", status.name, 0.2, 3.0),)
    return (_SENT, Stage("status", status.name, 1.0, 10.0))


@cache
def _lives(channel: str) -> dict[str, tuple[Stage, ...]]:
    failing = {
        status.name: _failing_life(status)
        for status in STATUSES
        if status.failing and channel in status.channels
    }
    return _ON_BOTH | _ON_ONE[channel] | failing | {"EXPIRED": _ON_BOTH["expired"]}


def names(channel: str) -> tuple[str, ...]:
    """The lifecycles of a channel; none for a channel that does not exist."""
    return tuple(_lives(channel)) if channel in CHANNELS else ()


def lifecycle(name: str, channel: str) -> tuple[Stage, ...]:
    """The stages of a lifecycle on a channel.

    Raises:
        InputError: The channel has no such lifecycle; the message names the nearest one.
    """
    if name in (known := names(channel)):
        return _lives(channel)[name]
    near = get_close_matches(name, known, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise InputError(f"no lifecycle {name!r} on channel {channel!r}{hint}")
