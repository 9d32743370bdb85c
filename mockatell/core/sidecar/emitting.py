"""One event by hand: a callback of any kind, filled in from the message that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockatell.clickatell.events import ROLE_OF, TYPING
from mockatell.core.one_event import one_event
from mockatell.core.plan import plan_without_faults
from mockatell.core.scenario.load import parse_keys
from mockatell.model import Role

if TYPE_CHECKING:
    from mockatell.clickatell.platform import Platform
    from mockatell.core.sidecar.rows import MessageRow
    from mockatell.core.sidecar.views import EventRequest
    from mockatell.model import Callback


def callback_of(
    event: EventRequest,
    about: MessageRow | None,
    platform: Platform,
    *,
    seed: int,
    at_ms: int,
) -> Callback:
    """The callback that tells of an event.

    Args:
        event: As it was asked for.
        about: The message that it is about, where that is known.
        platform: Whose callback it is.
        seed: Draws what is left out.
        at_ms: When it happens, Unix time in milliseconds.

    Raises:
        InputError: There is no such kind, or a field is wrong.
    """
    fields = _known(event, about) | dict(event.fields)
    if event.channel is not None:
        fields["channel"] = event.channel
    scenario = parse_keys(one_event(event.kind, fields), name=f"event {event.kind}")
    told = plan_without_faults(scenario, seed=seed, epoch_ms=at_ms, platform=platform)
    return next(told).callback


def _known(event: EventRequest, about: MessageRow | None) -> dict[str, Any]:
    """What follows from the message that an event is about."""
    if event.message_id is None:
        return {}
    related = "" if ROLE_OF.get(event.kind) is Role.STATUS else "related_"
    if about is None:
        return {} if event.kind == TYPING else {f"{related}message_id": event.message_id}
    if event.kind == TYPING:
        return {"channel": about.channel, "from": about.user}
    whose = {} if not related else {"from": about.user, "to": about.business}
    return {
        "channel": about.channel,
        f"{related}message_id": about.id,
        f"{related}client_message_id": about.client_message_id or "",
        **whose,
    }
