"""What goes over the wire and what comes back: one HTTP request made ready, and its reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from mockatell.model import Frozen, Trouble

if TYPE_CHECKING:
    from mockatell.shell.senders.location import Location

Header: TypeAlias = tuple[bytes, bytes]

BODY_LIMIT: Final = 64 * 1024
"""Bytes of an answer's body that are read; what lies beyond is not waited for."""


class Request(Frozen, frozen=True):
    """One HTTP request, complete.

    Args:
        location: Where it goes.
        headers: All of them, in the order of the wire.
        body: Its bytes.
        timeout: Seconds for the exchange, first byte sent to answer read.
        connect_timeout: Seconds for a connection, TLS included.
        method: In capitals.
        keep: Whether the connection may serve another request afterwards.
    """

    location: Location
    headers: tuple[Header, ...]
    body: bytes
    timeout: float
    connect_timeout: float
    method: str = "POST"
    keep: bool = True

    def rendered(self) -> bytes:
        """The request as HTTP/1.1 writes it."""
        lines = b"".join([b"%b: %b\r\n" % header for header in self.headers])
        start = b"%b %b HTTP/1.1\r\n" % (self.method.encode("ascii"), self.location.target)
        return b"%b%b\r\n%b" % (start, lines, self.body)


class Raised(Frozen, frozen=True):
    """What an app in process raised.

    Args:
        words: The exception and its message.
        place: The last line of the user's that it left, for example ` at app.py:12 in handler`.
        traceback: As Python prints it.
    """

    words: str
    place: str
    traceback: str


class Reply(Frozen, frozen=True):
    """What came of a request: a status with the start of its body, or trouble in words.

    Args:
        status_code: The final status, or None when `trouble` is set.
        headers: The answer's.
        body: The answer's body, or as much of it as was read.
        trouble: Why there is no answer.
        words: The trouble, explained.
        waited: Seconds from hand-over to the first byte sent.
        took: Seconds from the first byte sent to the end.
        raised: What the app raised, where it runs in process.
    """

    status_code: int | None = None
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    trouble: Trouble | None = None
    words: str = ""
    waited: float = 0.0
    took: float = 0.0
    raised: Raised | None = None


def late(timeout: float, *, waited: float = 0.0, took: float) -> Reply:
    """The reply where an answer was not there, or not whole, within the timeout."""
    why = f"no whole answer within {timeout:g} s"
    return Reply(trouble=Trouble.TIMEOUT, words=why, waited=waited, took=took)
