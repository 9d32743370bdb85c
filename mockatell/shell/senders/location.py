"""Where a request goes: a URL whose path and query stay exactly as they were written."""

from __future__ import annotations

import re
from typing import Final

import httpx

from mockatell.errors import ConfigurationError
from mockatell.model import Frozen

_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<target>[^#]*)(#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_UNSENDABLE: Final = re.compile(rb"[\x00-\x20\x7f]")  # would break the request line
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_IN_PROCESS: Final = "testserver"  # the host that Starlette's and Django's test clients use


class Location(Frozen, frozen=True):
    """A URL, taken apart.

    Args:
        scheme: `http` or `https`.
        host: To connect to; no brackets around an IPv6 address, a name in its ASCII form.
        port: To connect to.
        authority: What the `Host` header says.
        target: Path and query, byte for byte; non-ASCII characters as UTF-8.
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
    """Take a URL apart; user name, password and fragment are never part of a request.

    Raises:
        ConfigurationError: It is not an absolute http(s) URL, or has characters that cannot be
            sent. The message leaves the query out: it may be a secret.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise ConfigurationError("an endpoint's URL must begin with http:// or https:// and a host")
    origin = _origin(match["scheme"].lower(), match["authority"].rpartition("@")[2])
    return Location(
        scheme=origin.scheme,
        host=origin.raw_host.decode("ascii"),
        port=origin.port or DEFAULT_PORTS[origin.scheme],
        authority=origin.netloc,
        target=_target(match["target"], of=str(origin)),
    )


def locate_in_process(url: str) -> Location:
    """Where an app in process is asked: the URL's path and query, on a host that any app serves.

    `url` may lack its host, or be empty: then the path is `/`.
    """
    match = _URL.fullmatch(url)
    scheme, target = (match["scheme"], match["target"]) if match else ("http", url)
    if not target.startswith(("/", "?")):
        target = f"/{target}"
    return locate(f"{scheme}://{_IN_PROCESS}{target}")


def _origin(scheme: str, authority: str) -> httpx.URL:
    if _UNSENDABLE.search(authority.encode("utf-8", errors="surrogateescape")):
        raise ConfigurationError(f"{authority!r} is not a host: it has a space")
    try:
        origin = httpx.URL(f"{scheme}://{authority}")
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"{scheme}://{authority} is not a URL: {error}") from error
    if not origin.host or not (origin.port is None or 0 < origin.port < 1 << 16):
        raise ConfigurationError(
            f"{scheme}://{authority} needs a host, and a port from 1 to 65535 if any"
        )
    return origin


def _target(written: str, *, of: str) -> bytes:
    rooted = written if written.startswith("/") else f"/{written}"
    target = rooted.encode("utf-8", errors="surrogateescape")
    if _UNSENDABLE.search(target):
        raise ConfigurationError(
            f"the URL at {of} has a space or a control character after the host; "
            "write it percent-encoded, for example %20"
        )
    return target
