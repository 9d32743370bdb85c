"""The asynchronous sender: over our lanes, or to an app in process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Unpack

from mockatell.shell.senders.lane import LaneTransport
from mockatell.shell.senders.translate import Manner, Translator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockatell.model import Answer, Endpoint, Exchange, Role
    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.bridge import ExchangeTransport
    from mockatell.shell.senders.connect import Allows


class TransportSender:
    """An `AsyncSender` over a transport for each role; two roles may share one.

    Args:
        endpoints: Where the callbacks of each role go.
        transports: What carries them; closed with the sender.
        manner: See `Manner`.

    Raises:
        ConfigurationError: An endpoint's URL or headers cannot be sent.
    """

    def __init__(
        self,
        endpoints: Mapping[Role, Endpoint],
        transports: Mapping[Role, ExchangeTransport],
        **manner: Unpack[Manner],
    ) -> None:
        self._translator = Translator(endpoints, **manner)
        self._transports = transports

    async def send(self, exchange: Exchange) -> Answer:
        """Carry out one exchange; cancelling it closes its connection."""
        transport = self._transports[exchange.callback.role]
        reply = await transport.exchange(self._translator.request(exchange))
        return self._translator.answer(reply, exchange)

    async def race(self, exchanges: Sequence[Exchange]) -> Sequence[tuple[float, Answer]]:
        """Release copies of one callback together: on lanes, within microseconds.

        Returns for each, in order, the seconds from the first release to its own, and its answer.
        """
        transport = self._transports[exchanges[0].callback.role]
        if isinstance(transport, LaneTransport):
            finishes = await transport.race([self._translator.request(each) for each in exchanges])
            return [
                (offset, self._translator.answer(reply, exchange))
                for exchange, (offset, reply) in zip(exchanges, finishes, strict=True)
            ]
        answers = await asyncio.gather(*(self.send(exchange) for exchange in exchanges))
        first = min(answer.waited for answer in answers)
        return [(answer.waited - first, answer) for answer in answers]

    async def aclose(self) -> None:
        """Close every transport."""
        for transport in self._transports.values():
            await transport.aclose()


def socket_sender(
    endpoints: Mapping[Role, Endpoint],
    *,
    timer: Timer,
    allows: Allows | None = None,
    **manner: Unpack[Manner],
) -> TransportSender:
    """A sender over real sockets; endpoints that trust alike share their connections.

    Args:
        endpoints: Where the callbacks of each role go.
        timer: What times are taken from.
        allows: Says to which hosts, at which addresses, it may connect; None: to all.
        manner: See `Manner`.

    Raises:
        ConfigurationError: A URL, a header or a certificate file cannot be used.
    """
    secure = {each.tls for each in endpoints.values() if each.url.lower().startswith("https:")}
    lanes = {
        tls: LaneTransport(timer, tls=tls if tls in secure else None, allows=allows)
        for tls in {each.tls for each in endpoints.values()}
    }
    transports = {role: lanes[each.tls] for role, each in endpoints.items()}
    return TransportSender(endpoints, transports, **manner)
