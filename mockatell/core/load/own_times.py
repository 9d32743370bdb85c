"""What a scenario's own times ask of an endpoint: how much in a second, and for how long."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from mockatell.core.lives import extent, message_count

if TYPE_CHECKING:
    from mockatell.core.scenario.spec import MessageSpec, Scenario


class Demand(NamedTuple):
    """What is asked for, before faults.

    `rate` is the most callbacks that can come in one second, `seconds` is when the last one can.
    """

    rate: float
    seconds: float


class _Span(NamedTuple):
    began: float
    ended: float
    rate: float


def demand(scenario: Scenario, until: float = math.inf) -> Demand:
    """What a scenario asks for up to a time, in seconds.

    A step of each life may fall into the same second, so no second can have more than this.
    """
    spans = [span for span in map(_span, scenario.messages) if span.began < until]
    begins = [(span.began, span.rate) for span in spans]
    ends = [(max(span.ended, span.began + 1.0), -span.rate) for span in spans]
    rates = accumulate(change for _, change in sorted(begins + ends))
    ended = max((span.ended for span in spans), default=0.0)
    return Demand(max(rates, default=0.0), min(ended, until))


def _span(spec: MessageSpec) -> _Span:
    """When callbacks of these messages can come, and the most of them in a second."""
    each = extent(spec)
    window = float((spec.for_ if spec.rate else spec.over) or 0.0)
    rate = message_count(spec) * each.callbacks / max(window, 1.0)
    return _Span(float(spec.at), spec.at + window + each.longest, rate)
