"""The faults that are on: what they do to callbacks that are planned, and to exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockatell.core import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockatell.core.scenario.spec import FaultSpec
    from mockatell.model import Conduct, Delivery


class Troubles:
    """Faults in the order in which they were given.

    Args:
        specs: As a scenario would hold them.
        seed: What their chance follows from.
        since: When they were switched on; an outage's `at` counts from there.
        told: The same as they were told, to be shown.
    """

    def __init__(
        self,
        specs: Sequence[FaultSpec],
        seed: int,
        since: float = 0.0,
        told: tuple[dict[str, Any], ...] = (),
    ) -> None:
        self._specs = specs
        self._seed = seed
        self._conduct = faults.conductor(specs, seed)
        self.since = since
        self.told = told

    def apply(self, deliveries: Iterator[Delivery]) -> Iterator[Delivery]:
        """Deliveries in order of due time, as the faults leave them."""
        return faults.apply(deliveries, self._specs, self._seed)

    def conduct(self, delivery: Delivery, number: int, due: float) -> Conduct:
        """Which of them an exchange is under."""
        return self._conduct(delivery, number, due - self.since)
