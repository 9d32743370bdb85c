"""The asynchronous sender: over our lanes, an app in process, or any transport of httpx's kind."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, Unpack

import httpx

from mockatell.model import Answer, Role
from mockatell.shell.senders.bridge import ExchangeTransport
from mockatell.shell.senders.foreign import AnyTransport
from mockatell.shell.senders.lane import LaneTransport
from mockatell.shell.senders.translate import Manner, Translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.model import Endpoint, Exchange
    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.wire import Reply, Request

Transports: TypeAlias = httpx.AsyncBaseTransport | Mapping[Role, httpx.AsyncBaseTransport]


class _Exchanger(Protocol):
    async def exchange(self, request: Request) -> Reply: ...

    async def aclose(self) -> None: ...


class TransportSender:
    """An `AsyncSender` over one transport, or one for each role.

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
        transports: Transports,
        *,
        timer: Timer,
        **manner: Unpack[Manner],
    ) -> None:
        self._translator = Translator(endpoints, **manner)
        if isinstance(transports, httpx.AsyncBaseTransport):
            transports = dict.fromkeys(endpoints, transports)
        self._carriers: dict[Role, _Exchanger] = {
            role: transport
            if isinstance(transport, ExchangeTransport)
            else AnyTransport(transport, timer)
            for role, transport in transports.items()
        }

    async def send(self, exchange: Exchange) -> Answer:
        """Carry out one exchange; cancelling it closes its connection."""
        carrier = self._carriers[exchange.callback.role]
        reply = await carrier.exchange(self._translator.request(exchange))
        return self._translator.answer(reply, exchange)

    async def race(self, exchanges: Sequence[Exchange]) -> Sequence[tuple[float, Answer]]:
        """Release copies of one callback together: on lanes, within microseconds.

        Returns for each, in order, the seconds from the first release to its own, and its answer.
        """
        carrier = self._carriers[exchanges[0].callback.role]
        if isinstance(carrier, LaneTransport):
            finishes = await carrier.race([self._translator.request(each) for each in exchanges])
            return [
                (offset, self._translator.answer(reply, exchange))
                for exchange, (offset, reply) in zip(exchanges, finishes, strict=True)
            ]
        answers = await asyncio.gather(*(self.send(exchange) for exchange in exchanges))
        first = min(answer.waited for answer in answers)
        return [(answer.waited - first, answer) for answer in answers]

    async def aclose(self) -> None:
        """Close every transport."""
        for carrier in self._carriers.values():
            await carrier.aclose()


def socket_sender(
    endpoints: Mapping[Role, Endpoint], *, timer: Timer, **manner: Unpack[Manner]
) -> TransportSender:
    """A sender over real sockets; endpoints that trust alike share their connections.

    Raises:
        ConfigurationError: A URL, a header or a certificate file cannot be used.
    """
    secure = {each.tls for each in endpoints.values() if each.url.lower().startswith("https:")}
    lanes = {
        tls: LaneTransport(timer, tls=tls if tls in secure else None)
        for tls in {each.tls for each in endpoints.values()}
    }
    transports = {role: lanes[each.tls] for role, each in endpoints.items()}
    return TransportSender(endpoints, transports, timer=timer, **manner)
