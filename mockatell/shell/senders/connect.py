"""How a TCP connection comes about and whom it trusts: addresses in turn, and TLS contexts."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mockatell.errors import ConfigurationError
from mockatell.model import Trouble
from mockatell.shell.senders import words
from mockatell.shell.senders.wire import Reply

if TYPE_CHECKING:
    from mockatell.model import Tls
    from mockatell.shell.senders.location import Location

_Address: TypeAlias = tuple[socket.AddressFamily, Any]

Allows: TypeAlias = Callable[[str, str], bool]
"""Whether a host, by its name and by an address, may be connected to."""

_OUR_LIMITS: Final = frozenset({errno.EMFILE, errno.ENFILE})


class Unconnected(Exception):  # noqa: N818 -- an outcome on its way up, not an error of ours
    """No connection came about."""

    def __init__(self, trouble: Trouble, words: str) -> None:
        super().__init__(words)
        self._trouble = trouble
        self._words = words

    def reply(self, waited: float = 0.0) -> Reply:
        """What came of a request that was to use the connection."""
        return Reply(trouble=self._trouble, words=self._words, waited=waited)


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """A client's TLS context: the system's authorities, or only those of `tls.ca`.

    Raises:
        ConfigurationError: A file is not there, not readable or not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except OSError as error:
        raise _bad_file("CA certificates", tls.ca, error) from error
    context.set_alpn_protocols(["http/1.1"])
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.cert is not None:
        _show_certificate(context, tls.cert, tls.key)
    return context


def _show_certificate(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    try:
        # An empty password: OpenSSL would ask for one on the terminal.
        context.load_cert_chain(cert, key, password="")
    except OSError as error:
        files = cert if key is None else f"{cert} with key {key}"
        raise _bad_file("client certificate", files, error) from error


def _bad_file(what: str, files: str | None, error: OSError) -> ConfigurationError:
    why = "not PEM, or encrypted" if isinstance(error, ssl.SSLError) else error.strerror
    return ConfigurationError(f"tls: cannot use the {what} in {files}: {why}")


async def reach(location: Location, allows: Allows | None = None) -> socket.socket:
    """A TCP connection to the first of the host's addresses that takes one.

    Args:
        location: Where to.
        allows: Says whether a host may be connected to at an address; None: all may.

    Raises:
        Unconnected: None of them did, or there is none.
        ConfigurationError: This process may not open another socket.
    """
    try:
        addresses = await _addresses(location)
        if allows is not None:
            addresses = _allowed(addresses, location.host, allows)
        return await _first(addresses)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno in _OUR_LIMITS:
            raise ConfigurationError(
                "too many open files: raise the limit (ulimit -n) or lower max_in_flight"
            ) from error
        raise Unconnected(*words.while_connecting(error)) from error


def _allowed(addresses: list[_Address], host: str, allows: Allows) -> list[_Address]:
    """The addresses that may be connected to; looked up before, so that no name deceives."""
    allowed = [each for each in addresses if allows(host, each[1][0])]
    if addresses and not allowed:
        raise Unconnected(Trouble.REFUSED, f"{host} is not a host that may be sent to")
    return allowed


async def _first(addresses: list[_Address]) -> socket.socket:
    refusal: OSError = socket.gaierror(socket.EAI_NONAME, "the name has no address")
    for address in addresses:
        try:
            return await _open(address)
        except OSError as error:
            refusal = error
    raise refusal


async def _addresses(location: Location) -> list[_Address]:
    try:
        literal = ipaddress.ip_address(location.host)
    except ValueError:
        return await _looked_up(location)
    family = socket.AF_INET if literal.version == 4 else socket.AF_INET6  # noqa: PLR2004 -- IPv4
    return [(family, (location.host, location.port))]


async def _looked_up(location: Location) -> list[_Address]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(location.host, location.port, type=socket.SOCK_STREAM)
    except OSError:
        # A resolver that may open no file blames the name, or is "busy": this tells the truth.
        socket.socket().close()
        raise
    return [(family, address) for family, _, _, _, address in found]


async def _open(address: _Address) -> socket.socket:
    family, place = address
    # Naming TCP matters: asyncio turns Nagle's algorithm off only where it is named, and a race's
    # last byte must not wait for an acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, place)
    except BaseException:
        sock.close()
        raise
    return sock
