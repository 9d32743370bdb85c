"""What will become of a message that was accepted: which stages, how fast, with which reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.clickatell.lifecycles import Stage, lifecycle
from mockatell.clickatell.standin.magic import CHOICES, magic
from mockatell.clickatell.standin.offers import chosen
from mockatell.clickatell.standin.people import DAY_MS
from mockatell.clickatell.statuses import WHATSAPP, find
from mockatell.model import Frozen

if TYPE_CHECKING:
    from mockatell.clickatell.standin.magic import Magic
    from mockatell.clickatell.standin.messages import Kind
    from mockatell.clickatell.standin.offers import Option
    from mockatell.clickatell.standin.settings import StandinSettings

_CLOSED: Final = "WHATSAPP_RE_ENGAGEMENT_REQUIRED"
_EXPIRY: Final = (Stage("status", "EXPIRED", 0.0, 0.0),)


class Circumstances(Frozen, frozen=True, kw_only=True):
    """All that a message's life hangs on.

    Args:
        trouble: A status that its content brings about by itself, or "".
        wait_ms: How long it is held back first.
        last_heard: When the user last wrote, Unix milliseconds, or None.
        offered: What the user may choose from, by the kind of reply.
    """

    channel: str
    to: str
    kind: Kind
    trouble: str
    wait_ms: int
    validity_minutes: int
    has_fallback: bool
    last_heard: int | None
    sent_ms: int
    offered: dict[str, tuple[Option, ...]]


class Destiny(Frozen, frozen=True):
    """The stages of a life, and the fields of the reply among them."""

    stages: tuple[Stage, ...]
    answer: dict[str, str]


def destiny(about: Circumstances, settings: StandinSettings) -> Destiny:
    """What becomes of a message.

    What is wrong with its content comes first, then the closed 24-hour window, then the magic of
    its recipient, then the sandbox, then the channel's usual life.
    """
    found = magic(about.to, about.channel, settings)
    name = about.trouble or (_CLOSED if _closed(about, settings) else "")
    if name or found is None:
        stages = _stages(name or _usual(about, settings), about)
        return Destiny(_timed(stages, about, settings), {})
    if not found.life:
        return Destiny(_timed(_EXPIRY, about, settings) if _may_expire(settings) else (), {})
    kind, fields = _answer(found, about)
    stages = tuple(_replying(each, kind) for each in _stages(_ended(found.life, settings), about))
    return Destiny(_timed(stages, about, settings), fields)


def _may_expire(settings: StandinSettings) -> bool:
    return settings.expires == "validity"


def _ended(life: str, settings: StandinSettings) -> str:
    """A life that comes to no end, to its end."""
    return "expired" if life == "sent" and _may_expire(settings) else life


def _answer(found: Magic, about: Circumstances) -> tuple[str, dict[str, str]]:
    """The kind of a reply and its fields; nobody can choose where nothing is offered."""
    if found.reply not in CHOICES:
        return found.reply, found.fields
    options = about.offered.get(found.reply)
    return (found.reply, chosen(found.reply, options[0])) if options else ("moText", {})


def _closed(about: Circumstances, settings: StandinSettings) -> bool:
    """Whether WhatsApp's 24 hours since the user last wrote are over, and no template is used."""
    if about.channel != WHATSAPP or about.kind == "template" or settings.window == "off":
        return False
    if about.last_heard is None:
        return settings.window == "strict"
    return about.sent_ms - about.last_heard > DAY_MS


def _usual(about: Circumstances, settings: StandinSettings) -> str:
    if settings.sandbox and about.to not in settings.registered:
        return "emulated"
    return _ended(settings.life(about.channel), settings)


def _stages(life: str, about: Circumstances) -> tuple[Stage, ...]:
    """A life; one that fails on WhatsApp goes on by SMS where the message has a fallback."""
    stages = lifecycle(life, about.channel)
    if about.has_fallback and about.channel == WHATSAPP and _fails(stages):
        return lifecycle("fallback", WHATSAPP)
    return stages


def _fails(stages: tuple[Stage, ...]) -> bool:
    status = find(stages[-1].name) if stages[-1].what == "status" else None
    return status is not None and status.failing


def _replying(stage: Stage, kind: str) -> Stage:
    return msgspec.structs.replace(stage, name=kind) if stage.what == "reply" else stage


def _timed(
    stages: tuple[Stage, ...], about: Circumstances, settings: StandinSettings
) -> tuple[Stage, ...]:
    first, *others = (_paced(stage, about, settings) for stage in stages)
    wait = about.wait_ms / 1000
    held = msgspec.structs.replace(first, low=first.low + wait, high=first.high + wait)
    return (held, *others)


def _paced(stage: Stage, about: Circumstances, settings: StandinSettings) -> Stage:
    low, high = stage.low * settings.pace, stage.high * settings.pace
    if stage.name == "EXPIRED" and _may_expire(settings):
        low = high = about.validity_minutes * 60.0
    return msgspec.structs.replace(stage, low=low, high=high)
