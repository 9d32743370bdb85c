"""How much a sidecar holds: so many of what is over, and none of it for longer than so long."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mockatell.model import Frozen

if TYPE_CHECKING:
    from mockatell.core.sidecar.tracks import Track


class Retention(Frozen, frozen=True):
    """What is held of messages and deliveries that are over; what is pending always is.

    Args:
        messages: Most messages.
        deliveries: Most deliveries, each with its attempts.
        age: Seconds after which what is over is dropped, however few there are.
    """

    messages: int = 10_000
    deliveries: int = 20_000
    age: float = math.inf

    def too_many_deliveries(self, held: int, oldest: Track, now: float) -> bool:
        """Whether the delivery that has been over for the longest is to go."""
        return held > self.deliveries or oldest.ended < now - self.age

    def too_many_messages(self, held: int, settled: float, now: float) -> bool:
        """Whether the message that has been settled for the longest is to go."""
        return held > self.messages or settled < now - self.age
