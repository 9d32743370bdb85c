"""Listening on a port, or one sentence that says why not."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from typing import Final

from mockatell.errors import ConfigurationError

_BACKLOG: Final = 2048
_REASONS: Final = {
    errno.EADDRINUSE: "--port {port}: something listens there already; give another, or 0 for any",
    errno.EACCES: "--port {port}: only root may listen there; give one above 1023",
    errno.EADDRNOTAVAIL: "--host {host}: this is not an address of this machine",
}


def bind(host: str, port: int) -> socket.socket:
    """Listen there.

    Raises:
        ConfigurationError: It cannot be.
    """
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = found[0]
        both = family == socket.AF_INET6 and ipaddress.ip_address(address[0]).is_unspecified
        listener = socket.create_server(
            address[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both
        )
    except (socket.gaierror, UnicodeError):
        raise ConfigurationError(f"--host {host}: there is no address of that name") from None
    except OSError as error:
        reason = _REASONS.get(error.errno or 0)
        if reason is None:
            reason = "--host {host} --port {port}: " + os.strerror(error.errno or 0)
        raise ConfigurationError(reason.format(host=host, port=port)) from None
    # Its connections inherit this. An answer's head and body are two writes: with Nagle's
    # algorithm the second waits for the client's delayed acknowledgement, 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def on_loopback(listener: socket.socket) -> bool:
    """Whether only this machine can connect."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def url_of(listener: socket.socket) -> str:
    """How this machine gets there."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        return f"http://127.0.0.1:{port}"
    return f"http://[{host}]:{port}" if address.version == 6 else f"http://{host}:{port}"  # noqa: PLR2004
