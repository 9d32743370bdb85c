"""Where a request goes: a URL whose path and query stay exactly as they were written."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from mockatell.core.scenario.urls import flaw, masked
from mockatell.errors import ConfigurationError
from mockatell.model import Frozen

_ORIGIN: Final = re.compile(r"^https?://[^/?#]*", re.IGNORECASE)
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_IN_PROCESS: Final = "testserver"  # the host that Starlette's and Django's test clients use


class Location(Frozen, frozen=True):
    """A URL, taken apart.

    Args:
        scheme: `http` or `https`.
        host: To connect to; no brackets around an IPv6 address.
        port: To connect to.
        authority: What the `Host` header says.
        target: Path and query, byte for byte.
    """

    scheme: str
    host: str
    port: int
    authority: bytes
    target: bytes

    @property
    def origin(self) -> tuple[str, str, int]:
        """What one connection can serve."""
        return self.scheme, self.host, self.port

    @property
    def path(self) -> bytes:
        """The target up to the query, still percent-encoded."""
        return self.target.partition(b"?")[0]

    @property
    def query(self) -> bytes:
        """The target after its first question mark."""
        return self.target.partition(b"?")[2]


def locate(url: str) -> Location:
    """Take a URL apart; user name and password are never part of a request.

    Raises:
        ConfigurationError: A scenario would refuse it, too. The message shows no secret.
    """
    if found := flaw(url):
        problem, remedy = found
        raise ConfigurationError(f"{masked(url)!r} {problem} ({remedy})")
    parts = urlsplit(url)
    assert parts.hostname is not None
    default = DEFAULT_PORTS[parts.scheme]
    authority = parts.netloc.rpartition("@")[2].lower().removesuffix(f":{default}")
    target = _ORIGIN.sub("", url)
    return Location(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or default,
        authority=authority.encode("ascii"),
        target=(target if target.startswith("/") else f"/{target}").encode("ascii"),
    )


def locate_in_process(url: str) -> Location:
    """Where an app in process is asked: the URL's path and query, on a host that any app serves.

    `url` may lack its host, or be empty: then the path is `/`.
    """
    scheme = "https" if url.lower().startswith("https://") else "http"
    target = _ORIGIN.sub("", url)
    if not target.startswith(("/", "?")):
        target = f"/{target}"
    return locate(f"{scheme}://{_IN_PROCESS}{target}")
