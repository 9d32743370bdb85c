"""The fixture's clock: a test's time, which stands still until it is told to move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.by_hand import seconds

if TYPE_CHECKING:
    from mockatell.rooms.fixture import Mockatell


class TestClock:
    """The test's time: it stands still until it is told to move."""

    __test__ = False  # pytest: not a class of tests

    def __init__(self, owner: Mockatell) -> None:
        self._owner = owner
        self.inner = owner.rehearsal.clock

    def now(self) -> float:
        """Seconds since the test began."""
        return self.inner.now()

    def advance(self, by: str | float) -> None:
        """Let time pass (`"5m"`, or seconds); what becomes due meanwhile is sent."""
        until = self.after(by)
        self._owner.drive(until)
        self.inner.wait(until)

    def after(self, by: str | float) -> float:
        """The time that it will then be.

        Raises:
            ConfigurationError: It is no length of time; time cannot go back, or that far.
        """
        return self.now() + seconds("what the clock advances by", by)
