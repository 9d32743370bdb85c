"""How Clickatell delivers a callback: what it sends, what it takes for an answer, when it retries.

Rules: https://help.clickatell.com/developers-api-reference/reference/one-api-client-callbacks
"""

from __future__ import annotations

from typing import Final, Literal

from mockatell.model import Frozen, Outcome, Role

HEADERS: Final[tuple[tuple[str, str], ...]] = (
    ("Content-Type", "application/json"),
    ("Accept", "*/*"),
)
"""What the vendor's sample requests carry besides Host and Content-Length; a User-Agent is not
documented, so none is sent."""


_OUTCOME_OF_CLASS: Final = {2: Outcome.ACKNOWLEDGED, 3: Outcome.REDIRECTED}
_REJECTED: Final = Outcome.REJECTED


def classify(status_code: int) -> Outcome:
    """How an attempt ended that was answered with this final HTTP status.

    Any 2xx acknowledges, 3xx is neither followed nor retried, everything else is retried.
    """
    return _OUTCOME_OF_CLASS.get(status_code // 100, _REJECTED)


class Preset(Frozen, frozen=True):
    """A retry schedule with a name.

    Args:
        delays: By role, seconds from the end of one attempt to the next; as many retries.
        basis: Whether the vendor published it for this API.
        source: Where it is from, a URL; "" for our own.
        summary: In one line.
    """

    name: str
    delays: dict[Role, tuple[float, ...]]
    basis: Literal["documented", "assumed"]
    source: str
    summary: str


_CENTRAL_SOURCE: Final = "https://github.com/arnoesterhuizen/clickatell-overview-http"
_ONE_API_SOURCE: Final = (
    "https://help.clickatell.com/developers-api-reference/reference/one-api-client-callbacks"
)


def _minutes(*minutes: float) -> tuple[float, ...]:
    return tuple(60.0 * each for each in minutes)


_CENTRAL_STATUS: Final = (*_minutes(2, 4, 8, 16, 32, 64, 128), 3 * 86_400.0)
_CENTRAL_MO: Final = _minutes(2, 4, 8, 16, 25)
_FAST: Final = (1.0, 2.0, 4.0, 8.0, 16.0)


def _both(delays: tuple[float, ...]) -> dict[Role, tuple[float, ...]]:
    return {Role.STATUS: delays, Role.REPLY: delays}


PRESETS: Final[dict[str, Preset]] = {
    preset.name: preset
    for preset in (
        Preset(
            "one-api",
            {Role.STATUS: _CENTRAL_STATUS, Role.REPLY: _CENTRAL_MO},
            "assumed",
            _ONE_API_SOURCE,
            "no schedule is published for the One API: the older API's, each for its role",
        ),
        Preset(
            "central-status",
            _both(_CENTRAL_STATUS),
            "documented",
            _CENTRAL_SOURCE,
            "status push of the older Central API: 8 retries in 76 h 14 min",
        ),
        Preset(
            "central-mo",
            _both(_CENTRAL_MO),
            "documented",
            _CENTRAL_SOURCE,
            "two-way push of the older Central API: 5 retries in 55 min",
        ),
        Preset("fast", _both(_FAST), "assumed", "", "our own, for short runs: 5 retries in 31 s"),
        Preset("none", _both(()), "assumed", "", "our own: no retry at all"),
    )
}
"""Retry schedules by name."""
