"""Whether a retry policy exists, and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.clickatell.contract import PRESETS
from mockatell.core.scenario.checks.amounts import (
    check_between,
    check_exactly_one,
    check_positive,
)
from mockatell.core.scenario.near import suggestion
from mockatell.core.scenario.spec import RetryByRoleSpec, RetrySpec

if TYPE_CHECKING:
    from mockatell.core.scenario.place import Place

MOST_ATTEMPTS: Final = 10_000


def check_retry(retry: str | RetrySpec | RetryByRoleSpec, place: Place) -> None:
    """Check a policy, or that of each role."""
    if isinstance(retry, RetryByRoleSpec):
        check_retry(retry.status, place / "status")
        check_retry(retry.reply, place / "reply")
    elif isinstance(retry, RetrySpec):
        _check_own(retry, place)
    elif retry not in PRESETS:
        raise place.error(f"no retry policy {place.shown}", suggestion(retry, PRESETS))


def _check_own(retry: RetrySpec, place: Place) -> None:
    check_exactly_one(place, ("schedule", "exponential"))
    if retry.schedule == ():
        raise (place / "schedule").error("is empty", "write retry: none for no retries")
    check_between(1, retry.attempts, MOST_ATTEMPTS, place / "attempts")
    check_positive(retry.cap, place / "cap")
    check_positive(retry.horizon, place / "horizon")
    if retry.exponential is not None:
        _check_exponential(retry, place)


def _check_exponential(retry: RetrySpec, place: Place) -> None:
    growth, at = retry.exponential, place / "exponential"
    assert growth is not None
    check_positive(growth.first, at / "first")
    check_positive(growth.max, at / "max")
    check_between(1, growth.factor, 1000, at / "factor")
    if growth.max is not None and growth.max < growth.first:
        raise (at / "max").error("is less than 'first'")
    if retry.attempts is None and retry.horizon is None:
        raise place.error("would never end", "give attempts: 9, or horizon: 3d")
