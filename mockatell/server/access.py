"""Who is let in to what is ours: the token's holders, and no page of another site."""

from __future__ import annotations

import ipaddress
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mockatell.model import Frozen
from mockatell.server.problems import problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.server.answers import Answer

COOKIE: Final = "mockatell_token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Access(Frozen, frozen=True):
    """What a request needs to have.

    Args:
        token: The token that requests carry, as `Authorization: Bearer` or, from the page, in a
            cookie; None: none is needed.
        loopback: Whether only this machine is served. Then a name that is not this machine's is
            not answered to, for a page of elsewhere may have had its own name lead here.
    """

    token: str | None = None
    loopback: bool = True

    def refusal(self, method: str, headers: Mapping[bytes, bytes]) -> Answer | None:
        """The answer to a request that is not let in, or None."""
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if self.loopback and self.token is None and not is_loopback(_name(host)):
            return problem(403, f"served to this machine only, and {host!r} is not its name")
        if method not in _SAFE and _from_elsewhere(host, headers):
            return problem(403, "a page of another site may not do this")
        if self.token is not None and not self.admits(_token(headers)):
            detail = "the token is missing or wrong (send it as Authorization: Bearer <token>)"
            return problem(401, detail, {"WWW-Authenticate": 'Bearer realm="mockatell"'})
        return None

    def admits(self, token: str) -> bool:
        """Whether this is the token, told in the same time for any that is not."""
        return self.token is None or compare_digest(token.encode(), self.token.encode())

    def __repr__(self) -> str:
        token = None if self.token is None else "***"
        return f"Access(token={token}, loopback={self.loopback})"


def is_loopback(host: str) -> bool:
    """Whether a host's name or address can only be this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _from_elsewhere(host: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser says that a page of another origin makes the request."""
    if headers.get(b"sec-fetch-site") == b"cross-site":
        return True
    origin = headers.get(b"origin")
    return origin is not None and origin.decode("latin-1").lower().partition("://")[2] != host


def _name(host: str) -> str:
    """A Host header without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _token(headers: Mapping[bytes, bytes]) -> str:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else _cookie(headers)


def _cookie(headers: Mapping[bytes, bytes]) -> str:
    try:
        found = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
