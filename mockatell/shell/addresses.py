"""Which addresses a URL's host has."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit


def addresses(url: str) -> tuple[str, ...]:
    """The addresses of a URL's host, in the system's order; none where its name has none."""
    host = urlsplit(url).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))
