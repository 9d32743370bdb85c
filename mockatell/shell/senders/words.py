"""How trouble, answers and exceptions are told in words that are short and safe to show."""

from __future__ import annotations

import os
import re
import socket
import ssl
import sysconfig
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

import mockatell
from mockatell.model import Trouble
from mockatell.shell.senders.wire import Raised

if TYPE_CHECKING:
    from mockatell.shell.senders.base import Scrub
    from mockatell.shell.senders.wire import Reply

EXCERPT: Final = 200
"""Characters of an answer that are shown."""

_LOOKED_AT: Final = 4096  # bytes: a secret that begins in the excerpt ends in here
_LONGEST_PATH: Final = 80  # characters of a file's that are shown
_PACKAGES: Final = re.compile(r".*[/\\](?:site|dist)-packages[/\\]", re.DOTALL)
_OURS: Final = f"{Path(mockatell.__file__).parent}{os.sep}"
_PYTHONS: Final = f"{sysconfig.get_path('stdlib')}{os.sep}"
_NOT_THE_USERS: Final = (_OURS, _PYTHONS, "<frozen ")


def detail(reply: Reply, scrub: Scrub) -> str | None:
    """What to tell of a reply: what was raised, the trouble, where it redirects, how it begins."""
    if reply.raised is not None:
        place = reply.raised.place
        return shown(reply.raised.words, scrub, limit=EXCERPT - len(place)) + place
    text = reply.words or _redirects(reply) or reply.body[:_LOOKED_AT].decode(errors="replace")
    return shown(text, scrub) if text else None


def shown(text: str, scrub: Scrub, *, limit: int = EXCERPT) -> str:
    """The start of a text without secrets and in one line; nothing in it steers a terminal."""
    text = " ".join(scrub(text).split())
    if not text.isprintable():
        text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return text[:limit]


def _redirects(reply: Reply) -> str:
    if reply.status_code is None or reply.status_code // 100 != 3:  # noqa: PLR2004 -- 3xx
        return ""
    places = [value for name, value in reply.headers if name.lower() == b"location"]
    return f"Location: {places[0][:_LOOKED_AT].decode(errors='replace')}" if places else ""


def while_connecting(error: OSError | UnicodeError) -> tuple[Trouble, str]:
    """The trouble, and its words, that kept a connection from coming about.

    The words come from the error's number where it has one: asyncio's also name the address.
    """
    match error:
        case socket.gaierror():
            return Trouble.DNS, numbered(error)
        case UnicodeError():
            return Trouble.DNS, "no name has this form"
        case TimeoutError():
            return Trouble.CONNECT, numbered(error)
        case _:
            return Trouble.REFUSED, numbered(error)


def once_connected(error: OSError) -> tuple[Trouble, str]:
    """The trouble, and its words, that ended a connection before its time."""
    match error:
        case ssl.SSLCertVerificationError():
            return Trouble.TLS, error.verify_message
        case ssl.SSLError():
            reason = getattr(error, "reason", None)  # OpenSSL's, for example UNKNOWN_CA
            return Trouble.TLS, reason.replace("_", " ").lower() if reason else str(error)
        case _:
            return Trouble.RESET, numbered(error)


def while_laying(error: OSError, *, secure: bool) -> tuple[Trouble, str]:
    """The trouble, and its words, between the connection and its first use."""
    if not secure or isinstance(error, ssl.SSLError):
        return once_connected(error)
    return Trouble.TLS, "the connection was closed during the handshake"


def numbered(error: OSError) -> str:
    """`[Errno 111] Connection refused`: the system's words for an error."""
    if error.errno is None or isinstance(error, socket.gaierror):
        return str(error)
    return f"[Errno {error.errno}] {os.strerror(error.errno)}"


def raised(error: BaseException) -> Raised:
    """What to tell of an exception: its own words, and the last line of the user's that it left.

    One that was never in the user's code, as when a framework refuses what a view returned, is said
    to be outside of it.
    """
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    said = "".join(traceback.format_exception_only(error)).strip()
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if _is_the_users(frame.filename)]
    outside = "" if theirs else " (outside your code)"
    last = (theirs or frames)[-1:]
    place = "".join(f" at {_named(at.filename)}:{at.lineno} in {at.name}{outside}" for at in last)
    return Raised(said, place, "".join(traceback.format_exception(error)))


def _is_the_users(file: str) -> bool:
    return not file.startswith(_NOT_THE_USERS) and _PACKAGES.match(file) is None


def _named(file: str) -> str:
    """A file as one would name it: `flask/app.py` in a library, else from the current folder."""
    short = _PACKAGES.sub("", file)
    for folder, prefix in ((_OURS, f"mockatell{os.sep}"), (_PYTHONS, ""), (_here(), "")):
        if folder and short.startswith(folder):
            short = prefix + short.removeprefix(folder)
    return (
        short if len(short) <= _LONGEST_PATH else f"\N{HORIZONTAL ELLIPSIS}{short[-_LONGEST_PATH:]}"
    )


def _here() -> str:
    try:
        return f"{Path.cwd()}{os.sep}"
    except OSError:  # it has been removed
        return ""
