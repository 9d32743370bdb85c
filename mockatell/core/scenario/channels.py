"""Which channel a message is on when the scenario does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.clickatell import lifecycles, statuses

if TYPE_CHECKING:
    from mockatell.core.scenario.place import Place
    from mockatell.core.scenario.spec import MessageSpec, Scenario


def settle_channels(scenario: Scenario, place: Place) -> Scenario:
    """A message without a channel is an SMS, unless its lifecycle occurs on WhatsApp alone."""
    messages = (
        message
        if (place / "messages" / index).gives("channel")
        else replace(message, channel=_channel(message))
        for index, message in enumerate(scenario.messages)
    )
    return replace(scenario, messages=tuple(messages))


def _channel(message: MessageSpec) -> str:
    named = message.lifecycle or ()
    wanted = {named} if isinstance(named, str) else set(named)
    if wanted <= set(lifecycles.names(statuses.SMS)):
        return statuses.SMS
    on_whatsapp = wanted <= set(lifecycles.names(statuses.WHATSAPP))
    return statuses.WHATSAPP if on_whatsapp else statuses.SMS
