"""The synchronous sender: everything happens on the calling thread, without an event loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, Unpack

import httpx

from mockatell.model import Answer, Role
from mockatell.shell.senders.foreign import AnySyncTransport
from mockatell.shell.senders.translate import Manner, Translator
from mockatell.shell.senders.wire import late
from mockatell.shell.senders.wsgi import WsgiTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.model import Endpoint, Exchange
    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.wire import Reply, Request

SyncTransports: TypeAlias = httpx.BaseTransport | Mapping[Role, httpx.BaseTransport]


class _Exchanger(Protocol):
    def exchange(self, request: Request) -> Reply: ...

    def close(self) -> None: ...


class SyncTransportSender:
    """A `SyncSender` over one transport, or one for each role.

    An app on the calling thread cannot be cut off: one that took longer than the timeout counts as
    timed out when it has returned.

    Args:
        endpoints: Where the callbacks of each role go.
        transports: What carries them; closed with the sender.
        timer: Monotonic seconds.
        manner: See `Manner`.

    Raises:
        ConfigurationError: An endpoint's URL or headers cannot be sent.
    """

    def __init__(
        self,
        endpoints: Mapping[Role, Endpoint],
        transports: SyncTransports,
        *,
        timer: Timer,
        **manner: Unpack[Manner],
    ) -> None:
        self._translator = Translator(endpoints, **manner)
        self._timer = timer
        if isinstance(transports, httpx.BaseTransport):
            transports = dict.fromkeys(endpoints, transports)
        self._carriers: dict[Role, _Exchanger] = {
            role: transport
            if isinstance(transport, WsgiTransport)
            else AnySyncTransport(transport, timer)
            for role, transport in transports.items()
        }

    def send(self, exchange: Exchange) -> Answer:
        """Carry out one exchange."""
        request = self._translator.request(exchange)
        reply = self._carriers[exchange.callback.role].exchange(request)
        return self._translator.answer(_in_time(reply, request), exchange)

    def race(self, exchanges: Sequence[Exchange]) -> Sequence[tuple[float, Answer]]:
        """Carry out exchanges one after the other; no two can be released together here.

        Returns for each, in order, the seconds from the first release to its own, and its answer.
        """
        finishes = [(self._timer(), self.send(exchange)) for exchange in exchanges]
        released = [begun + answer.waited for begun, answer in finishes]
        return [
            (at - released[0], answer) for at, (_, answer) in zip(released, finishes, strict=True)
        ]

    def close(self) -> None:
        """Close every transport."""
        for carrier in self._carriers.values():
            carrier.close()


def _in_time(reply: Reply, request: Request) -> Reply:
    if reply.took <= request.timeout:
        return reply
    return late(request.timeout, waited=reply.waited, took=reply.took)
