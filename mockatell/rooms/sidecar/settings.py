"""What a sidecar is told when it is started."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from mockatell.clickatell.platform import MEDIA_BASE_URL
from mockatell.clickatell.standin import StandinSettings
from mockatell.core.scenario.spec import Scenario
from mockatell.core.scenario.urls import flaw, masked
from mockatell.errors import ConfigurationError


class SidecarSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a sidecar is set up.

    Args:
        standin: The send side: keys, numbers, lives, pace.
        scenario: What a scenario would say of `integration`, `endpoints`, `retry`, `quirks`,
            `encryption` and `faults`; its messages are not played.
        status_url: URL of the status endpoint; goes before the scenario's.
        reply_url: URL of the reply endpoint; likewise.
        retry: A preset's name, or a `RetryPolicy`; goes before the scenario's.
        seed: What all ids, times and chance follow from; drawn when None.
        keep_messages: Most messages that are held once they are settled.
        keep_deliveries: Most deliveries that are held once they are over.
        most_pending: Deliveries that may be pending; beyond them, messages are refused (43).
        keep_age: Seconds after which what is over is dropped.
        allow_hosts: Where callbacks may go besides the endpoints' own hosts, loopback and private
            ranges: names, `*.example.com`, addresses, or networks such as `203.0.113.0/24`.
        annotate: Whether requests say which delivery and attempt they are (`X-Mockatell-*`).
        public_url: Where the app reaches the sidecar: what `downloadUrl` in a callback begins with.
        guessed_url: Whether that is a guess, which gives way to the `Host` of what the app sends.
        scenarios: A folder whose scenarios can be started by name, or None.
        environment: What `${VAR}` in those is looked up in.

    Raises:
        ConfigurationError: No link can begin with the public URL.
    """

    standin: StandinSettings = StandinSettings()
    scenario: Scenario = Scenario()
    status_url: str | None = None
    reply_url: str | None = None
    retry: Any = None
    seed: int | None = None
    keep_messages: int = 10_000
    keep_deliveries: int = 20_000
    most_pending: int = 100_000
    keep_age: float = math.inf
    allow_hosts: tuple[str, ...] = ()
    annotate: bool = False
    public_url: str = MEDIA_BASE_URL
    guessed_url: bool = False
    scenarios: str | None = None
    environment: dict[str, str] = {}

    def __post_init__(self) -> None:
        if found := flaw(self.public_url) or _tail(self.public_url):
            problem, remedy = found
            raise ConfigurationError(
                f"the public URL {masked(self.public_url)!r} {problem} ({remedy})"
            )


def _tail(url: str) -> tuple[str, str] | None:
    return ("has a query", "leave it out: links have their own") if "?" in url else None
