"""Between a driver's words and the wire's: exchanges become requests, replies become answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from mockatell.model import Answer, Conduct, Trouble
from mockatell.shell.senders import words
from mockatell.shell.senders.base import Annotate, Scrub, as_is
from mockatell.shell.senders.location import Location, locate
from mockatell.shell.senders.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockatell.model import Endpoint, Exchange, Role
    from mockatell.shell.senders.wire import Header, Reply, Request


class Manner(TypedDict, total=False):
    """What may be said of a sender besides where it sends.

    Attributes:
        scrub: Takes the secrets out of what is shown of an answer.
        annotate: Headers that say which exchange a request is; without it there are none.
        virtual: Time is virtual: an exchange takes none, or its whole timeout.
        locate: Where an endpoint's URL points.
        whole: Whether answers keep their headers and the start of their bodies.
    """

    scrub: Scrub
    annotate: Annotate
    virtual: bool
    locate: Callable[[str], Location]
    whole: bool


class Translator:
    """Knows the endpoints, what is secret and whether time is real.

    Args:
        endpoints: Where the callbacks of each role go.
        manner: See `Manner`.

    Raises:
        ConfigurationError: An endpoint's URL or headers cannot be sent.
    """

    def __init__(self, endpoints: Mapping[Role, Endpoint], **manner: Unpack[Manner]) -> None:
        self._endpoints = endpoints
        find = manner.get("locate", locate)
        self._prepared = {
            role: Prepared(endpoint, find(endpoint.url)) for role, endpoint in endpoints.items()
        }
        self._scrub = manner.get("scrub", as_is)
        self._annotate = manner.get("annotate")
        self._virtual = manner.get("virtual", False)
        self._whole = manner.get("whole", False)

    def request(self, exchange: Exchange) -> Request:
        """What to send; under `lose_ack` the connection is dropped afterwards."""
        callback = exchange.callback
        return self._prepared[callback.role].request(
            callback.body,
            notes=() if self._annotate is None else self._annotate(exchange),
            keep=exchange.conduct is not Conduct.LOSE_ACK,
        )

    def answer(self, reply: Reply, exchange: Exchange) -> Answer:
        """What a driver is to know of a reply."""
        waited, took = reply.waited, reply.took
        if self._virtual:
            timed_out = reply.trouble is Trouble.TIMEOUT
            waited, took = 0.0, self._endpoints[exchange.callback.role].timeout * timed_out
        return Answer(
            reply.status_code,
            reply.trouble,
            words.detail(reply, self._scrub),
            waited,
            took,
            None if reply.raised is None else self._scrub(reply.raised.traceback),
            _decoded(reply.headers) if self._whole else (),
            reply.body if self._whole else b"",
        )


def _decoded(headers: Iterable[Header]) -> tuple[tuple[str, str], ...]:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])
