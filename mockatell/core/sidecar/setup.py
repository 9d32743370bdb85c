"""What a sidecar's world is like, told once and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockatell.core.retry import RetryPolicy, policies
from mockatell.core.sidecar.retention import Retention
from mockatell.model import Frozen, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.clickatell.standin import StandinSettings
    from mockatell.core.scenario.spec import Scenario


class Setup(Frozen, frozen=True, kw_only=True):
    """What a world is like.

    Args:
        standin: The send side.
        scenario: What one would say of integration, retries, quirks and encryption.
        retry: A preset's name or a policy, which goes before the scenario's; or None.
        roles: The roles that have an endpoint.
        limits: Most exchanges at once, by role.
        retention: How much is held.
        most_pending: Deliveries that may be pending when another message is taken.
        media_base_url: Where `downloadUrl` points.
        guessed: Whether that gives way to how the app gets here, as its requests say.
    """

    standin: StandinSettings
    scenario: Scenario
    retry: Any = None
    roles: frozenset[Role]
    limits: Mapping[Role, int]
    retention: Retention = Retention()
    most_pending: int = 100_000
    media_base_url: str
    guessed: bool = False


def policies_of(setup: Setup) -> Mapping[Role, RetryPolicy]:
    """The retry policy of each role."""
    own = setup.retry or setup.scenario.retry
    return dict.fromkeys(Role, own) if isinstance(own, RetryPolicy) else policies(own)
