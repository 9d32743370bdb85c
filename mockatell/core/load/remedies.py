"""What it mostly means when an attempt is not acknowledged, and what to do about it."""

from __future__ import annotations

from typing import Final

from mockatell.model import Trouble

_BODY: Final = "the handler expects another body than Clickatell's"
_CREDENTIALS: Final = "it wants credentials: give basic_auth or headers"
_FAILS: Final = "the handler fails: its own log says why"
_PATH: Final = "the path of the URL is not the handler's, or it takes no POST: check it"
_REDIRECT: Final = "a redirect is not followed and not tried again: configure the final URL"
_OTHER: Final = "anything but 2xx is tried again"

_TROUBLES: Final = {
    Trouble.REFUSED: "nothing listened there: it was down or starting, or the port is wrong",
    Trouble.DNS: "the host's name had no address",
    Trouble.CONNECT: "no connection came about in time: the listen queue was full",
    Trouble.TLS: "no trusted TLS session came about",
    Trouble.RESET: "connections were reset: look for workers that crash or are restarted",
    Trouble.CLOSED: "connections were closed before a whole answer: look for workers that die, "
    "and for a keep-alive that is shorter than the gaps between callbacks",
    Trouble.NOT_HTTP: "what came was not HTTP: a wrong port, or a TLS port addressed with http",
    Trouble.TIMEOUT: "no whole answer came within the timeout: to the platform that is a failure, "
    "and it sends the callback again: answer first, work afterwards",
    Trouble.OUTAGE: "the scenario's outage stood between, so nothing was sent",
    Trouble.NO_SOCKET: "this machine had no port or descriptor left",
}
_STATUSES: Final = {
    "400": _BODY,
    "401": _CREDENTIALS,
    "403": _CREDENTIALS,
    "404": _PATH,
    "405": _PATH,
    "413": "allow larger bodies",
    "415": _BODY,
    "422": _BODY,
    "429": "the platform takes a rate limit for a failure and comes again with more",
    "502": "a proxy answered for workers that were not there",
    "503": "it, or a proxy before it, said that it was overloaded",
    "504": "a proxy gave up waiting",
}


def of_status(code: str) -> str:
    """What an HTTP status means; "" of a 2xx."""
    if code.startswith("2"):
        return ""
    if code.startswith("3"):
        return _REDIRECT
    return _STATUSES.get(code) or (_FAILS if code.startswith("5") else _OTHER)


def of_trouble(name: str) -> str:
    """What a `Trouble` means; "" of one that is not known."""
    return _TROUBLES[Trouble(name)] if name in set(Trouble) else ""
