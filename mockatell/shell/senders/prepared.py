"""What every request to one endpoint has in common, worked out once."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

from mockatell.clickatell.contract import HEADERS
from mockatell.errors import ConfigurationError
from mockatell.shell.senders.location import Location, locate
from mockatell.shell.senders.wire import Header, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockatell.model import Endpoint

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})


class Prepared:
    """Makes the requests to one endpoint.

    Clickatell's own headers come first, then the basic authentication, then the endpoint's; a
    header of the endpoint's takes the place of one of the same name.

    Args:
        endpoint: What to send with.
        location: Where to send, if not to the endpoint's URL.

    Raises:
        ConfigurationError: The URL or a header cannot be sent.
    """

    __slots__ = ("_after", "_before", "_endpoint", "_location")

    def __init__(self, endpoint: Endpoint, location: Location | None = None) -> None:
        self._endpoint = endpoint
        self._location = location or locate(endpoint.url)
        theirs = {name.lower() for name, _ in endpoint.headers}
        if framing := theirs & _FRAMING:
            raise ConfigurationError(
                f"header {min(framing)} of the {endpoint.role} endpoint cannot be set: "
                "it follows from the body"
            )
        host = ("Host", self._location.authority.decode("ascii"))
        self._before = encoded(_but(theirs, [host, *HEADERS]))
        self._after = encoded([*_but(theirs, _authorization(endpoint)), *endpoint.headers])

    def request(
        self, body: bytes, *, notes: Iterable[tuple[str, str]] = (), keep: bool = True
    ) -> Request:
        """A request with this body; `notes` are headers that only it carries."""
        endpoint = self._endpoint
        length = (b"Content-Length", b"%d" % len(body))
        return Request(
            self._location,
            (*self._before, length, *self._after, *encoded(notes)),
            body,
            endpoint.timeout,
            endpoint.connect_timeout,
            keep=keep,
        )

    def frame(self) -> tuple[bytes, bytes]:
        """What every request has before and after the number of its body's bytes.

        Rendered once, `before + b"%d" % len(body) + after + body` is a request.
        """
        start = self.request(b"").rendered()
        lengths = Request(self._location, self._before, b"", 0.0, 0.0).rendered()[:-2]
        before = lengths + b"Content-Length: "
        return before, start[len(before) + 1 :]


def encoded(headers: Iterable[tuple[str, str]]) -> tuple[Header, ...]:
    """Headers as bytes.

    Raises:
        ConfigurationError: A name or a value has characters that a header cannot have.
    """
    return tuple([_encoded(name, value) for name, value in headers])


def _encoded(name: str, value: str) -> Header:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r} cannot be the name of a header")
    if not _VALUE.fullmatch(value):
        raise ConfigurationError(f"the value of header {name} has a control character")
    return name.encode("ascii"), value.strip().encode("utf-8", errors="surrogateescape")


def _but(names: set[str], headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [header for header in headers if header[0].lower() not in names]


def _authorization(endpoint: Endpoint) -> list[tuple[str, str]]:
    if endpoint.basic_auth is None:
        return []
    pair = ":".join(endpoint.basic_auth).encode("utf-8", errors="surrogateescape")
    return [("Authorization", f"Basic {base64.b64encode(pair).decode('ascii')}")]
