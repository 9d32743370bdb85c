"""Where a load may go and how much of it, unless somebody says that the endpoint is theirs."""

from __future__ import annotations

import math
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from mockatell.core.load.arrivals import highest
from mockatell.core.load.own_times import demand
from mockatell.core.scenario.units import format_seconds
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mockatell.core.load.result import Offer
    from mockatell.core.scenario.spec import Scenario

MOST_RATE: Final = 50_000.0
MOST_DURATION: Final = 3600.0
OWN: Final = "--i-own-this-endpoint"
_LOOPBACK: Final = tuple(map(ip_network, ("127.0.0.0/8", "::1/128", "0.0.0.0/32", "::/128")))
_PRIVATE: Final = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"))
)


def place(address: str) -> str:
    """Where an address is: `loopback`, `private` or `public`."""
    parsed = _parsed(address)
    for name, networks in (("loopback", _LOOPBACK), ("private", _PRIVATE)):
        if any(parsed.version == each.version and parsed in each for each in networks):
            return name
    return "public"


def is_near(_host: str, address: str) -> bool:
    """Whether an address is of this machine, or of a private network."""
    return place(address) != "public"


def told(url: str, addresses: Sequence[str]) -> str:
    """Where a URL leads: `http://app:8000/x is 172.18.0.3 (private)`."""
    shown = ", ".join(f"{each} ({place(each)})" for each in addresses)
    return f"{url} is {shown}" if addresses else f"{url} has no address"


def require_permission(targets: Mapping[str, Sequence[str]], offer: Offer) -> None:
    """See that a load may be made without anybody saying that the endpoint is theirs.

    Args:
        targets: Addresses by URL, secrets masked.
        offer: How the load is asked for.

    Raises:
        ConfigurationError: It goes to a public address, or is too much.
    """
    for url, addresses in targets.items():
        if public := _public(addresses):
            raise ConfigurationError(
                f"{url} is at {public}, which is neither loopback nor private: a load test is "
                f"an attack on anybody else's machine; {OWN} says that it is yours"
            )
    rate = highest(offer.start, offer.stages) if offer.stages else 0.0
    _require_little(rate, offer.duration or 0.0)


def require_little(scenario: Scenario, until: float | None = None) -> None:
    """See that what a scenario's own times say may be sent without anybody's permission.

    Args:
        scenario: Is played as it is, not at a rate that was asked for.
        until: Seconds after which nothing comes any more; None: its own end is the end.

    Raises:
        ConfigurationError: It is too much.
    """
    asked = demand(scenario, math.inf if until is None else until)
    _require_little(asked.rate, asked.seconds, of=f"scenario {scenario.name}: ")


def _require_little(rate: float, seconds: float, of: str = "") -> None:
    if rate > MOST_RATE:
        raise ConfigurationError(
            f"{of}{rate:,.0f}/s is more than {MOST_RATE:,.0f}/s, the most without {OWN}"
        )
    if seconds > MOST_DURATION:
        raise ConfigurationError(
            f"{of}{format_seconds(seconds)} is longer than {format_seconds(MOST_DURATION)}, "
            f"the longest without {OWN}"
        )


def _public(addresses: Iterable[str]) -> str:
    return next((address for address in addresses if place(address) == "public"), "")


def _parsed(address: str) -> IPv4Address | IPv6Address:
    """An address, without its zone; what is IPv4 in IPv6's clothes is IPv4."""
    parsed = ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
