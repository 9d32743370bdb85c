"""A scenario as endless traffic: its messages are the mix, and each comes with ids of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockatell.core.lives import extent, message_count
from mockatell.core.scenario.units import Rate, Seconds
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from mockatell.core.scenario.spec import MessageSpec, Scenario

MOST_ALIVE: Final = 2_000
"""Messages that are on their way at once; at rates that need more, lives pass more quickly.

So the mix of kinds is steady, and memory full, after a few thousand callbacks."""


def endless(scenario: Scenario, rate: float) -> Scenario:
    """The scenario with its messages for ever, as many of each sort as before, at a steady rate.

    A message's callbacks stay in their order and about as far apart as its life says. Ids that the
    scenario gives are kept where they hold `{n}`, else each message has one of its own.

    Args:
        scenario: Its messages' counts and rates are taken as shares.
        rate: Callbacks a second, before faults.

    Raises:
        ConfigurationError: It has no messages.
    """
    counts = [message_count(spec) for spec in scenario.messages]
    extents = [extent(spec) for spec in scenario.messages]
    callbacks = sum(n * each.callbacks for n, each in zip(counts, extents, strict=True))
    if not callbacks:
        raise ConfigurationError(f"scenario {scenario.name} has no messages to make a load of")
    lived = sum(n * each.seconds for n, each in zip(counts, extents, strict=True))
    pace = min(rate / callbacks, MOST_ALIVE / lived if lived else math.inf)
    return replace(
        scenario,
        messages=tuple(
            _for_ever(spec, pace * n)
            for spec, n in zip(scenario.messages, counts, strict=True)
            if n
        ),
    )


def _for_ever(spec: MessageSpec, rate: float) -> MessageSpec:
    steps = spec.steps and tuple(replace(step, message_id=None) for step in spec.steps)
    return replace(
        spec,
        at=Seconds(0.0),
        count=None,
        over=None,
        rate=Rate(rate),
        for_=Seconds(math.inf),
        arrivals="constant",
        message_id=_own(spec.message_id),
        client_message_id=_own(spec.client_message_id),
        steps=steps,
    )


def _own(template: str | None) -> str | None:
    """A template that gives every message its own id; "" says that it has none."""
    return template if not template or "{n}" in template else None
