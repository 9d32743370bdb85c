"""How much a plan may take to be drawn: what is held to it stops no event loop for long."""

from __future__ import annotations

from typing import Final

from mockatell.errors import ScenarioError

MOST_BETWEEN: Final = 20_000
"""Messages and events that are worked out from one delivery to the next, at most: half a second."""
SLICE: Final = 500
"""Messages and events after which a draw leaves the rest for the next turn: some milliseconds."""

GLANCE: Final = 100
"""The same of what is drawn only to be passed over, for seconds on end: under a millisecond."""


class Effort:
    """Counts the messages that come and the events that happen while a plan is drawn.

    Args:
        name: What the scenario is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.spent = 0
        self._since = 0

    def spend(self) -> None:
        """One more.

        Raises:
            ScenarioError: Too many since the last delivery.
        """
        self.spent += 1
        self._since += 1
        if self._since > MOST_BETWEEN:
            raise ScenarioError(
                f"too much happens at one time: a sidecar works out {MOST_BETWEEN:,} messages and"
                " events at most before the delivery that comes next (spread the messages with"
                " `over` or `rate`, or play it with `mockatell run`)",
                file=self._name,
            )

    def rest(self) -> None:
        """A delivery has come of it."""
        self._since = 0
