"""Whether a reply's kind exists, and which fields it takes on its channel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import fields

from mockatell.clickatell.events import Contact
from mockatell.clickatell.media import CONTENT_TYPES, LEAST, MOST
from mockatell.clickatell.replies import FIELDS_OF, fields_of
from mockatell.core.scenario.checks.amounts import check_between
from mockatell.core.scenario.near import suggestion
from mockatell.core.scenario.read import read
from mockatell.core.scenario.spec import ReplyFields

if TYPE_CHECKING:
    from mockatell.core.scenario.place import Place
    from mockatell.core.scenario.spec import MessageSpec, StepSpec

_FIELDS: Final = tuple(field.encode_name for field in fields(ReplyFields))
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){1,140}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
_LIMITS: Final = {"latitude": 90.0, "longitude": 180.0}


def check_reply(spec: MessageSpec | StepSpec, place: Place, channel: str) -> None:
    """Check the reply of a message or step, and that there are no fields of one without it."""
    given = [key for key in _FIELDS if place.gives(key)]
    if spec.reply is None:
        if given:
            raise (place / given[0]).error(f"{given[0]!r} needs 'reply'")
        return
    if spec.reply not in FIELDS_OF:
        shown = (place / "reply").shown
        raise (place / "reply").error(
            f"no kind of reply {shown}", suggestion(spec.reply, FIELDS_OF)
        )
    _check_fields(spec.reply, given, place, channel)
    _check_media(spec, place)
    _check_values(spec, place)


def _check_fields(kind: str, given: list[str], place: Place, channel: str) -> None:
    taken = fields_of(kind, channel)
    for key in given:
        if key in taken:
            continue
        if key in FIELDS_OF[kind]:
            raise (place / key).error(f"{key!r} does not occur on {channel}")
        valid = sorted(taken & set(_FIELDS))
        raise (place / key).error(f"{kind} has no {key!r}", f"valid: {', '.join(valid)}")


def _check_media(spec: MessageSpec | StepSpec, place: Place) -> None:
    if spec.content_type is not None and spec.content_type not in CONTENT_TYPES:
        at = place / "content_type"
        raise at.error(f"no media of type {at.shown}", suggestion(spec.content_type, CONTENT_TYPES))
    check_between(LEAST, spec.size, MOST, place / "size")
    if spec.encrypted and spec.reply == "moMedia" and spec.by != "inline":
        raise (place / "encrypted").error("encrypted media is sent inline", "write by: inline")


def _check_values(spec: ReplyFields, place: Place) -> None:
    if spec.udh is not None and not _HEX.fullmatch(spec.udh):
        raise (place / "udh").error("is not hexadecimal", "write for example 0500034E0301")
    check_between(0, spec.network, 2**31 - 1, place / "network")
    for key, limit in _LIMITS.items():
        degrees = getattr(spec, key)
        if degrees is not None and not _within(degrees, limit):
            raise (place / key).error(f"is not a number of degrees, -{limit:g} to {limit:g}")
    if spec.contacts is not None:
        read(tuple[Contact, ...], place / "contacts")


def _within(degrees: str, limit: float) -> bool:
    return bool(_DEGREES.fullmatch(degrees)) and abs(float(degrees)) <= limit
