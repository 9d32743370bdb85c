"""Where callbacks may go: nothing that a scenario names may reach into the open network."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv6Address

    Address = IPv4Address | IPv6Address
    Network = IPv4Network | IPv6Network

# Loopback and private ranges (RFC 1918, RFC 4193). Link-local ones are not among them: clouds keep
# their machines' credentials there.
_OURS: Final = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    )
)
# What hands out credentials to whoever asks from a cloud's machine, at addresses that look private:
# AWS, Google Cloud, Oracle and Scaleway. IPv4's are link-local or public, so not ours anyhow.
_METADATA: Final = frozenset(
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"))
)
# The others, and the names that clouds' own resolvers have for them.
_METADATA_IPV4: Final = frozenset(
    map(ip_address, ("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192"))
)
_METADATA_NAMES: Final = frozenset(
    ("metadata", "metadata.google.internal", "metadata.goog", "instance-data")
)
_NUMBER: Final = re.compile(r"0x(?P<hex>[0-9a-f]+)|0(?P<octal>[0-7]*)|(?P<decimal>[1-9][0-9]*)")


class Hosts:
    """The hosts that may be sent to.

    Args:
        allowed: Names, `*.example.com` for all below one, addresses, or networks.

    Raises:
        ConfigurationError: One of them is none of these.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._names: set[str] = set()
        self._below: list[str] = []
        self._networks: list[Network] = []
        for each in allowed:
            self._allow(each.strip().lower().rstrip("."))

    def allow(self, host: str, address: str) -> bool:
        """Whether a host may be sent to.

        Args:
            host: As the URL has it.
            address: What it resolved to.
        """
        name = host.lower().rstrip(".")
        if name in self._names or name.endswith(tuple(self._below)):
            return True
        found = _address(address)
        return _is_private(found) or any(found in network for network in self._networks)

    def refuses(self, host: str) -> bool:
        """Whether a host is an address that may not be sent to; a name is judged by `allow`.

        Args:
            host: As the URL has it, without brackets.
        """
        return _is_address(host) and not self.allow(host, host)

    def _allow(self, host: str) -> None:
        if not host or any(each.isspace() for each in host) or "://" in host:
            raise ConfigurationError(
                f"{host!r} is not a host (give a name, *.name, an address or a network)"
            )
        try:
            bare = host.strip("[]")
            plain = str(_address(bare)) if _is_address(bare) else bare
            self._networks.append(ip_network(plain, strict=False))
        except ValueError:
            if "/" in host or ":" in host:
                raise ConfigurationError(
                    f"{host!r} is not a host (leave out port and path; networks are a.b.c.d/n)"
                ) from None
            if host.startswith("*."):
                self._below.append(host[1:])
            else:
                self._names.add(host)


def leaves(host: str) -> bool:
    """Whether a host is an address beyond this machine and private networks; no name is."""
    return _is_address(host) and not _is_private(_address(host))


def gives_credentials(host: str) -> bool:
    """Whether a host is known to hand a cloud's credentials to whoever asks there."""
    name = host.lower().rstrip(".")
    if not _is_address(name):
        return name in _METADATA_NAMES
    return _address(name) in _METADATA | _METADATA_IPV4


def _is_private(address: Address) -> bool:
    """Whether it is this machine's or of a private network, and gives nobody credentials."""
    return address not in _METADATA and any(address in network for network in _OURS)


def _is_address(host: str) -> bool:
    try:
        _address(host)
    except (ValueError, OverflowError):
        return False
    return True


def _address(text: str) -> Address:
    """An address; one of version 4 is undressed, whatever it is dressed up as."""
    plain = text.partition("%")[0].rstrip(".")
    try:
        address = ip_address(plain)
    except ValueError:
        return _by_the_resolver(plain)
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped


def _by_the_resolver(text: str) -> IPv4Address:
    """An address as resolvers read it, too (inet_aton(3)).

    One to four numbers, decimal, octal or hexadecimal; the last fills the bytes that are left.
    """
    *firsts, last = map(_number, text.lower().split("."))
    left = 4 - len(firsts)
    if left < 1:
        raise ValueError(text)
    return IPv4Address(bytes(firsts) + last.to_bytes(left, "big"))


def _number(text: str) -> int:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    if found["hex"]:
        return int(found["hex"], 16)
    return int(text, 10 if found["decimal"] else 8)
