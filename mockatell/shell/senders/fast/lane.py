"""A connection for load: carries one exchange at a time and calls back when it is over."""

from __future__ import annotations

import asyncio
import math
import os
from typing import TYPE_CHECKING, Final, cast

from mockatell.model import Answer, Conduct, Trouble
from mockatell.shell.senders import words
from mockatell.shell.senders.fast.reading import FastReader
from mockatell.shell.senders.wire import BODY_LIMIT

if TYPE_CHECKING:
    from mockatell.model import Exchange
    from mockatell.shell.senders.fast.pool import Pool, Way
    from mockatell.shell.senders.fast.race import Race

_MOST_KNOWN: Final = 256
_LONGEST_KNOWN: Final = 1024
_HUNG_UP: Final = frozenset({Trouble.CLOSED, Trouble.RESET})  # how one ends whose half we closed
_LOSE_ACK: Final = Conduct.LOSE_ACK  # a global is found in a third of the time of an enum's member


class FastLane(asyncio.Protocol):
    """One connection, from before it is there until it is gone.

    Args:
        pool: Where it belongs: told what came of each exchange, and that the lane is free or gone.
        way: Where it leads.

    Attributes:
        connecting: What brings the connection about.
        connected: Whether there was ever a connection.
        open: Whether there is one that can be used.
        exchange: What it carries, or is to carry once it is there; None while it is idle.
        deadline: When its owner gives up on it.
        looked_at: The wheel's.
    """

    __slots__ = (
        "_data",
        "_fd",
        "_last",
        "_loop",
        "_plain",
        "_pool",
        "_race",
        "_reader",
        "_transport",
        "_unsent",
        "_used",
        "connected",
        "connecting",
        "deadline",
        "exchange",
        "looked_at",
        "open",
        "sent_at",
        "way",
    )

    def __init__(self, pool: Pool, way: Way) -> None:
        self._pool = pool
        self.way = way
        self._transport: asyncio.Transport | None = None
        self._fd = -1
        self._used = False
        self._plain = True
        self._unsent = False
        self._reader: FastReader | None = None
        self._data = b""
        self._last = b""
        self._race: Race | None = None
        self.connecting: asyncio.Task[None] | None = None
        self.connected = False
        self.open = False
        self.exchange: Exchange | None = None
        self.deadline = math.inf
        self.looked_at = math.inf
        self.sent_at = 0.0

    # What its owner does with it

    def carry(self, exchange: Exchange, way: Way, data: bytes, race: Race | None = None) -> None:
        """Send a request, now or when there is a connection; in a race, all but its last byte."""
        self.exchange, self.way, self._data, self._race = exchange, way, data, race
        self._plain = race is None and exchange.conduct is not _LOSE_ACK
        if self._transport is None:
            self._pool.wheel.set(self, self._pool.timer() + way.connect_timeout)
            return
        self._pool.reused += 1
        if self._plain:
            self._send(data)
        else:
            self._begin()

    def release(self) -> None:
        """Send a race's last byte; the exchange's time counts from here."""
        last, self._last, self._race = self._last, b"", None
        if last:
            self._send(last)

    def drop(self) -> None:
        """Close the connection and forget what it carries: it is neither told nor sent again."""
        self.exchange = self._race = None
        self.abort()

    def abort(self) -> None:
        """Close the connection at once, or stop trying to have one."""
        self.open = False
        self.deadline = math.inf
        if self.connecting is not None and not self.connected:
            self.connecting.cancel()
        if self._transport is not None:
            self._transport.abort()

    def expire(self) -> None:
        """Time is up, for the connection or for the answer."""
        way, reader = self.way, self._reader
        if self._transport is None:
            self.fail(Trouble.CONNECT, f"no connection within {way.connect_timeout:g} s")
        else:
            came = None if reader is None else reader.status_code
            what = "no answer" if came is None else f"status {came}, but not all of its body"
            self.fail(Trouble.TIMEOUT, f"{what} within {way.timeout:g} s")

    def fail(self, trouble: Trouble, why: str) -> None:
        """The exchange is over, without an answer."""
        exchange, pool = self.exchange, self._pool
        if exchange is None:
            return
        now = pool.timer()
        if self._transport is None:
            self.sent_at = now
        took = now - self.sent_at
        if exchange.conduct is _LOSE_ACK and trouble in _HUNG_UP:
            self._end(Answer(took=took))  # it was not waited for
        else:
            self._end(Answer(None, trouble, words.shown(why, pool.scrub), 0.0, took))

    # What asyncio tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, and send what waits for it."""
        transport = cast("asyncio.Transport", transport)  # uvloop's is one, but not by descent
        self._transport = transport
        self.connected = self.open = True
        self._pool.opened += 1
        if transport.get_extra_info("ssl_object") is None:
            self._fd = transport.get_extra_info("socket").fileno()
        if self.exchange is None:
            transport.abort()
        else:
            self._begin()

    def data_received(self, data: bytes) -> None:
        """Read on; a connection that speaks unasked is of no use."""
        pool = self._pool
        pool.bytes_in += len(data)
        if self.exchange is None:
            self.abort()
            return
        reader = self._reader
        if reader is None:
            # Endpoints say the same thing over and over: bytes that were a whole answer before,
            # from a fresh start, are one again.
            status_code = pool.known.get(data)
            if status_code is not None:
                answer = Answer(status_code, None, None, 0.0, pool.timer() - self.sent_at)
                self._end(answer, keep=self._plain and not self._unsent)
                return
            reader = self._reader = FastReader(BODY_LIMIT)
            reader.feed(data)
            if reader.reusable and len(data) <= _LONGEST_KNOWN and reader.status_code:
                self._remember(data, reader.status_code)
        else:
            reader.feed(data)
        self._look(reader)

    def eof_received(self) -> None:
        """The endpoint has said all that it will; asyncio closes the connection."""
        self.open = False
        self._lose(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, by an error if one is given."""
        self.open = False
        self._fd = -1
        self._lose(exc)
        self.deadline = math.inf
        self._pool.gone(self)

    # How an exchange goes

    def _begin(self) -> None:
        """As soon as there is a connection; in a race, all but the last byte is sent."""
        data, exchange, race = self._data, self.exchange, self._race
        assert exchange is not None
        if race is None:
            self._send(data)
            if exchange.conduct is _LOSE_ACK and self.exchange is exchange:
                self._hang_up()
            return
        self._last = data[-1:]
        self._send(data[:-1])
        if self.exchange is exchange:  # else the connection is gone already
            self.deadline = math.inf  # it counts from the release
            race.ready(self)

    def _hang_up(self) -> None:
        """Close our half, which TLS cannot: whatever the endpoint says now is lost."""
        if self._fd >= 0 and self._transport is not None:
            self._transport.write_eof()

    def _send(self, data: bytes) -> None:
        """Send past the event loop, which would send only after all else that is to be done now.

        So `sent_at` is when it was sent, and a race is one.
        """
        pool, transport = self._pool, self._transport
        assert transport is not None
        self.sent_at = now = pool.timer()
        self.deadline = deadline = now + self.way.timeout
        if deadline < self.looked_at:
            pool.wheel.look(self)
        if transport.is_closing():  # asyncio has yet to say so, and its descriptor may be another's
            self._lose(None)
            return
        pool.bytes_out += len(data)
        if self._fd < 0 or self._unsent:
            transport.write(data)
            return
        try:
            sent = os.write(self._fd, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._lose(error)
            transport.abort()
            return
        if sent < len(data):
            self._unsent = True
            transport.write(data[sent:])

    def _look(self, reader: FastReader) -> None:
        if reader.trouble is not None:
            self.fail(reader.trouble, reader.words)
        elif reader.whole:
            assert reader.status_code is not None
            self._answered(reader.status_code, reusable=reader.reusable)

    def _answered(self, status_code: int, *, reusable: bool) -> None:
        transport = self._transport
        assert transport is not None
        if self._unsent:
            self._unsent = transport.get_write_buffer_size() > 0
        answer = Answer(status_code, None, None, 0.0, self._pool.timer() - self.sent_at)
        self._end(answer, keep=reusable and self._whole and not self._unsent)

    @property
    def _whole(self) -> bool:
        """Whether all of the request was sent, and our half is still open."""
        exchange = self.exchange
        return not self._last and exchange is not None and exchange.conduct is not _LOSE_ACK

    def _end(self, answer: Answer, *, keep: bool = False) -> None:
        exchange, race = self.exchange, self._race
        assert exchange is not None
        self.exchange = self._race = self._reader = None
        self._last = b""
        self.deadline = math.inf
        if keep:
            self._used = True
            self.way.idle.append(self)
        else:
            self.abort()
        self._pool.landed(exchange, answer, self.sent_at)
        if race is not None:
            race.withdraw(self)

    def _lose(self, error: Exception | None) -> None:
        if self.exchange is None:
            return
        reader = self._reader
        if reader is None and self._used and self.exchange.conduct is not _LOSE_ACK:
            self._again()
        elif isinstance(error, OSError):
            self.fail(*words.once_connected(error))
        elif reader is None:
            self.fail(Trouble.CLOSED, "closed before an answer")
        else:
            reader.feed(b"")
            self._look(reader)

    def _again(self) -> None:
        """The connection was closed while it was idle: nothing came of the request but silence."""
        exchange, race = self.exchange, self._race
        assert exchange is not None
        self.exchange = self._race = None
        self._last = b""
        self.deadline = math.inf
        self._pool.again(exchange, self.way, self._data)
        if race is not None:
            race.withdraw(self)

    def _remember(self, data: bytes, status_code: int) -> None:
        known = self._pool.known
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[data] = status_code
