"""The synchronous sender: everything happens on the calling thread, without an event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from mockatell.shell.senders.translate import Manner, Translator
from mockatell.shell.senders.wire import late

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.model import Answer, Endpoint, Exchange, Role
    from mockatell.shell.senders.wire import Reply, Request
    from mockatell.shell.senders.wsgi import WsgiTransport


class SyncTransportSender:
    """A `SyncSender` to a WSGI app.

    An app on the calling thread cannot be cut off: one that took longer than the timeout counts as
    timed out when it has returned.

    Args:
        endpoints: Where the callbacks of each role go.
        transport: What carries them; closed with the sender.
        manner: See `Manner`.

    Raises:
        ConfigurationError: An endpoint's URL or headers cannot be sent.
    """

    def __init__(
        self,
        endpoints: Mapping[Role, Endpoint],
        transport: WsgiTransport,
        **manner: Unpack[Manner],
    ) -> None:
        self._translator = Translator(endpoints, **manner)
        self._transport = transport

    def send(self, exchange: Exchange) -> Answer:
        """Carry out one exchange."""
        request = self._translator.request(exchange)
        reply = _in_time(self._transport.exchange(request), request)
        return self._translator.answer(reply, exchange)

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()


def _in_time(reply: Reply, request: Request) -> Reply:
    if reply.took <= request.timeout:
        return reply
    return late(request.timeout, waited=reply.waited, took=reply.took)
