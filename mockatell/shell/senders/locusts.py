"""Locust's own client as what sends: a session as each endpoint wants it, answers as ours are."""

from __future__ import annotations

import errno
import socket
import ssl
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS, FastHttpSession, LocustBadStatusCode

from mockatell.model import Answer, Trouble
from mockatell.shell.senders.connect import ssl_context
from mockatell.shell.senders.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from locust import User
    from locust.contrib.fasthttp import ResponseContextManager

    from mockatell.model import Callback, Endpoint, Role, Tls

    Wants = tuple[float, float, Tls]

_NO_SOCKET: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL})
_FRAMING: Final = frozenset({"Host", "Content-Length"})


_context = cache(ssl_context)  # reading all of the system's authorities takes its time


def require_trust(endpoints: Iterable[Endpoint]) -> None:
    """See that what TLS needs can be read.

    Raises:
        ConfigurationError: A file is not there, not readable or not what it should be.
    """
    for each in endpoints:
        _context(each.tls)


class Sessions:
    """One user's connections: one for all endpoints that want the same timeouts and trust.

    Args:
        endpoints: Where it all goes.
        user: Whose requests they are in Locust's statistics.
    """

    def __init__(self, endpoints: Mapping[Role, Endpoint], user: User) -> None:
        sessions: dict[Wants, FastHttpSession] = {}
        self._of: dict[Role, tuple[FastHttpSession, Endpoint, dict[str, str]]] = {}
        for role, each in endpoints.items():
            wants = (each.timeout, each.connect_timeout, each.tls)
            if wants not in sessions:
                sessions[wants] = _session(each, user)
            self._of[role] = (sessions[wants], each, _headers(each))

    def post(self, callback: Callback) -> ResponseContextManager:
        """Send a callback; whoever enters what is given says whether it went well.

        What the answer's body says is nothing to us, so it is read, but not as it is encoded.
        """
        session, endpoint, headers = self._of[callback.role]
        response = session.post(
            endpoint.url,
            data=cast("Any", callback.body),  # it sends bytes as they are
            name=callback.kind,
            headers=headers,
            allow_redirects=False,
            catch_response=True,
            stream=True,
        )
        if response.status_code:
            _read(response)
        return response


def answer_of(response: Any, took: float) -> Answer:
    """Locust's response as an answer; took: seconds until it was read."""
    response.request_meta["response_time"] = 1000 * took
    error = getattr(response, "error", None)
    if error is None or isinstance(error, LocustBadStatusCode):
        return Answer(status_code=response.status_code, took=took)
    return Answer(trouble=_trouble(error), detail="", took=took)


def _read(response: Any) -> None:
    try:
        response.read()
    except FAILURE_EXCEPTIONS as error:
        response.error = error
    finally:
        response.release()


def _session(endpoint: Endpoint, user: User) -> FastHttpSession:
    session = FastHttpSession(
        base_url="",
        request_event=user.environment.events.request,
        user=user,
        insecure=endpoint.tls.insecure,
        # It asks for a context that trusts its own authorities as well.
        ssl_context_factory=lambda cafile: _context(endpoint.tls),  # noqa: ARG005
        network_timeout=endpoint.timeout,
        connection_timeout=endpoint.connect_timeout,
        max_retries=0,
    )
    session.client.cookiejar = None  # the platform keeps no cookies
    return session


def _headers(endpoint: Endpoint) -> dict[str, str]:
    """The endpoint's headers but those that Locust's client makes."""
    request = Prepared(endpoint).request(b"")
    theirs = {name.decode(): value.decode("latin-1") for name, value in request.headers}
    return {name: value for name, value in theirs.items() if name not in _FRAMING}


def _trouble(error: BaseException) -> Trouble:
    match getattr(error, "original", error):  # a timeout comes as the end of all of its retries
        case socket.gaierror():
            return Trouble.DNS
        case ssl.SSLError():
            return Trouble.TLS
        case TimeoutError():
            return Trouble.TIMEOUT
        case ConnectionRefusedError():
            return Trouble.REFUSED
        case HTTPParseError() as broken:
            return _trouble_of(broken)
        case _:
            return (
                Trouble.NO_SOCKET if getattr(error, "errno", None) in _NO_SOCKET else Trouble.RESET
            )


def _trouble_of(broken: HTTPParseError) -> Trouble:
    if isinstance(broken, HTTPConnectionClosed):
        return Trouble.RESET if broken.__context__ else Trouble.CLOSED
    return Trouble.CLOSED if "Incomplete" in str(broken) else Trouble.NOT_HTTP
