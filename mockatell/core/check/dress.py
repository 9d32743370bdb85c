"""How an endpoint is addressed differently: without credentials, with wrong ones, other headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockatell.core.check.words import Dress
from mockatell.core.secrets import TELLING

if TYPE_CHECKING:
    from mockatell.model import Endpoint

_WRONG: Final = "wrong"
_PAIR: Final = re.compile(r"([^=&]+)=([^&]*)")


def dressed(endpoint: Endpoint, dress: Dress, timeout: float | None = None) -> Endpoint:
    """The endpoint, addressed so.

    Args:
        endpoint: As it is configured.
        dress: What is to be different.
        timeout: Seconds for an exchange, instead of the endpoint's.
    """
    changed = _changed(endpoint, dress)
    return changed if timeout is None else replace(changed, timeout=timeout)


def has_credentials(endpoint: Endpoint) -> bool:
    """Whether there is anything that tells the platform from a stranger."""
    return _changed(endpoint, Dress.STRANGER) != endpoint


def _changed(endpoint: Endpoint, dress: Dress) -> Endpoint:
    match dress:
        case Dress.STRANGER:
            return _stripped(endpoint)
        case Dress.IMPOSTOR:
            return _falsified(endpoint)
        case Dress.CHARSET:
            return _with_header(endpoint, "Content-Type", "application/json; charset=UTF-8")
        case Dress.CLOSING:
            return _with_header(endpoint, "Connection", "close")
        case Dress.TRUSTING_NOBODY:
            return replace(endpoint, tls=replace(endpoint.tls, insecure=False))
        case Dress.PLAIN:
            return endpoint


def _stripped(endpoint: Endpoint) -> Endpoint:
    url, question, query = endpoint.url.partition("?")
    kept = [part for part in query.split("&") if not _tells(part.partition("=")[0])]
    return replace(
        endpoint,
        url=url + question * bool(kept) + "&".join(kept),
        headers=tuple(header for header in endpoint.headers if not _tells(header[0])),
        basic_auth=None,
    )


def _falsified(endpoint: Endpoint) -> Endpoint:
    url, question, query = endpoint.url.partition("?")
    auth = endpoint.basic_auth
    return replace(
        endpoint,
        url=url + question + _PAIR.sub(_false_value, query),
        headers=tuple((n, _WRONG if _tells(n) else value) for n, value in endpoint.headers),
        basic_auth=None if auth is None else (auth[0], _WRONG),
    )


def _false_value(pair: re.Match[str]) -> str:
    return f"{pair[1]}={_WRONG}" if _tells(pair[1]) else pair[0]


def _with_header(endpoint: Endpoint, name: str, value: str) -> Endpoint:
    others = tuple(each for each in endpoint.headers if each[0].lower() != name.lower())
    return replace(endpoint, headers=(*others, (name, value)))


def _tells(name: str) -> bool:
    """Whether a header or a parameter of this name is likely to be a secret."""
    return any(word in name.lower() for word in TELLING)
