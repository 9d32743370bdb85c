"""One connection of our own, a lane, and the exchange that it carries."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
from typing import TYPE_CHECKING, Final, cast

from mockatell.model import Trouble
from mockatell.shell.senders import words
from mockatell.shell.senders.answers import AnswerReader
from mockatell.shell.senders.wire import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.fast.reading import FastReader

_Reader: type[AnswerReader | FastReader]
try:
    from mockatell.shell.senders.fast.reading import FastReader as _Reader
except ModuleNotFoundError:  # httptools comes with the extra `load`
    _Reader = AnswerReader

IDLE_LIMIT: Final = 1.0
"""Seconds after which an idle lane is not used again: a request that meets one which its endpoint
has just closed is lost, and common servers close theirs after 2 s (gunicorn), 5 s and more."""

_CHUNK: Final = 64 * 1024


class Lane(asyncio.Protocol):
    """A connection that carries one exchange at a time.

    Args:
        timer: What an exchange's times are taken from.
        body_limit: Bytes of an answer's body to read.
        on_lost: Told when the connection is gone.

    Attributes:
        open: Whether it can still be written to.
        sent_at: When the exchange's first byte left, by the timer.
        gone: Done when the connection is.
    """

    def __init__(self, timer: Timer, body_limit: int, on_lost: Callable[[Lane], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer = timer
        self._body_limit = body_limit
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._reader = _Reader(body_limit)
        self._reply: asyncio.Future[Reply] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._flush: asyncio.Future[None] | None = None
        self._writable = True
        self.open = False
        self.sent_at = 0.0
        self._idle_since = 0.0
        self.gone: asyncio.Future[None] = self._loop.create_future()

    # What its owner does with it

    def begin(self, data: bytes) -> asyncio.Future[Reply]:
        """Send a request, or all of it but a last part; returns what will come of it.

        No timeout counts until `allow` sets one.
        """
        self._reader = _Reader(self._body_limit)
        self._reply = self._loop.create_future()
        self.release(data)
        return self._reply

    def release(self, data: bytes) -> None:
        """Send on; the exchange's time counts from here."""
        self.sent_at = self._timer()
        if self._transport is not None:
            self._transport.write(data)

    def allow(self, timeout: float) -> None:
        """Give the exchange so many seconds from now."""
        if self._busy:
            self._alarm = self._loop.call_later(timeout, self._ring, timeout)

    async def flushed(self, patience: float) -> None:
        """Until the operating system has taken what was sent, or the exchange is over.

        An endpoint that reads nothing is waited for no longer than `patience`, in seconds.
        """
        if self._busy and not self._writable:
            self._flush = self._loop.create_future()
            await asyncio.wait([self._flush], timeout=patience)

    def settle(self, *, keep: bool) -> bool:
        """After an exchange: whether the lane can carry another; it is closed if not."""
        reusable = keep and self.open and self._writable and self._reader.reusable
        if reusable:
            self._idle_since = self._timer()
        else:
            self.abort()
        return reusable

    def wake(self) -> bool:
        """After idling: whether the lane can be trusted with a request; it is closed if not."""
        rested = self._timer() - self._idle_since
        trusted = self.open and rested <= IDLE_LIMIT and not self._heard_while_idle()
        if not trusted:
            self.abort()
        return trusted

    def abort(self) -> None:
        """Close the connection at once."""
        self.open = False
        self._silence()
        if self._transport is not None:
            self._transport.abort()

    # What asyncio tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; its buffer counts as full with a byte in it, for `flushed`."""
        transport = cast("asyncio.Transport", transport)  # uvloop's is one, but not by descent
        transport.set_write_buffer_limits(high=1, low=0)
        self._transport = transport
        self.open = True

    def data_received(self, data: bytes) -> None:
        """Read on; a connection that speaks unasked is of no use."""
        if self._busy:
            self._read(data)
        else:
            self.abort()

    def eof_received(self) -> None:
        """The endpoint has said all that it will; asyncio closes the connection."""
        self.open = False
        if self._busy:
            self._read(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, by an error if one is given."""
        if self._busy:
            self._lose(exc)
        self.open = False
        self._silence()
        self._transport = None
        self.gone.set_result(None)
        self._on_lost(self)

    def pause_writing(self) -> None:
        """The operating system takes no more for now."""
        self._writable = False

    def resume_writing(self) -> None:
        """The operating system has taken everything."""
        self._writable = True
        self._wake()

    # How an exchange ends

    @property
    def _busy(self) -> bool:
        return self._reply is not None and not self._reply.done()

    def _heard_while_idle(self) -> bool:
        """Whether bytes, an end or an error have come that asyncio has not told of yet."""
        assert self._transport is not None
        look = select.poll()
        look.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(look.poll(0))

    def _read(self, data: bytes) -> None:
        reader = self._reader
        reader.feed(data)
        if reader.trouble is not None:
            self._fail(reader.trouble, reader.words)
        elif reader.whole:
            self._end(Reply(reader.status_code, reader.headers, reader.body, took=self._took()))

    def _lose(self, exc: Exception | None) -> None:
        if exc is None:
            self._read(b"")
        elif isinstance(exc, OSError):
            self._salvage()
            if self._busy:
                self._fail(*words.once_connected(exc))
        elif self._reply is not None:
            self._reply.set_exception(exc)  # an error of ours

    def _salvage(self) -> None:
        """An endpoint may answer early and reset what is still being sent; its answer counts.

        When a write fails, asyncio drops what the kernel has received: it is read here.
        """
        transport = self._transport
        if transport is None or transport.get_extra_info("ssl_object") is not None:
            return
        descriptor = transport.get_extra_info("socket").fileno()
        with contextlib.suppress(OSError):
            while self._busy and (data := os.read(descriptor, _CHUNK)):
                self._read(data)

    def _ring(self, timeout: float) -> None:
        came = self._reader.status_code
        what = "no answer" if came is None else f"status {came}, but not all of its body"
        self._fail(Trouble.TIMEOUT, f"{what} within {timeout:g} s")
        self.abort()

    def _fail(self, trouble: Trouble, why: str) -> None:
        self._end(Reply(trouble=trouble, words=why, took=self._took()))

    def _end(self, reply: Reply) -> None:
        assert self._reply is not None
        self._reply.set_result(reply)
        self._silence()
        self._wake()

    def _took(self) -> float:
        return self._timer() - self.sent_at

    def _silence(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _wake(self) -> None:
        if self._flush is not None and not self._flush.done():
            self._flush.set_result(None)
