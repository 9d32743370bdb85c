"""Turns the agenda among greenlets, each of which is one connection that asks what to send next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent.event import Event  # type: ignore[import-untyped]
from gevent.queue import SimpleQueue  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from mockatell.core.agenda import Agenda
    from mockatell.core.load.share import ShareTally, ShareTotals
    from mockatell.model import Answer, Attempt, Exchange
    from mockatell.shell.clock import Clock


class GreenletDriver:
    """Hands out what is due to those who ask, until nothing is left.

    Args:
        agenda: What is due.
        clock: When it is now.
        tally: Told of every attempt.
    """

    def __init__(self, agenda: Agenda, clock: Clock, tally: ShareTally) -> None:
        self._agenda = agenda
        self._clock = clock
        self._tally = tally
        self._asking = 0
        self._handed: SimpleQueue[Exchange | None] = SimpleQueue()
        self._given_back: set[int] = set()
        self._bell = Event()
        self._finished = False

    def now(self) -> float:
        """Seconds since the beginning."""
        return self._clock.now()

    def turn(self) -> None:
        """Hand out until the agenda is empty and nothing is under way; to be run in a greenlet."""
        while not self._is_over():
            self._bell.clear()
            self._hand_out()
            self._bell.wait(self._patience())
        self._finished = True
        for _ in range(self._asking):
            self._handed.put(None)

    def take(self) -> Exchange | None:
        """The next exchange, once it is due; None: there are no more."""
        if self._finished:
            return None
        self._asking += 1
        self._bell.set()
        try:
            exchange: Exchange | None = self._handed.get()
        except BaseException:  # the greenlet is killed while it waits
            self._asking -= 1
            raise
        if exchange is not None:
            self._count(exchange)
        return exchange

    def give_back(self, exchange: Exchange) -> None:
        """Who took it is killed before it has ended: the next one who asks sends it again."""
        self._given_back.add(exchange.delivery.seq)
        self._asking -= 1
        self._handed.put(exchange)

    def ended(self, exchange: Exchange, answer: Answer, sent_at: float) -> Attempt:
        """Say how an exchange ended.

        Args:
            exchange: One that `take` gave.
            answer: What came back.
            sent_at: When it was sent.
        """
        attempt = self._agenda.ended(exchange, answer, sent_at)
        self._tally.ended(attempt)
        self._bell.set()
        return attempt

    def totals(self) -> ShareTotals:
        """How it stands."""
        return self._tally.totals(finished=self._finished)

    def _count(self, exchange: Exchange) -> None:
        """What was given back has been counted before."""
        if exchange.delivery.seq in self._given_back:
            self._given_back.remove(exchange.delivery.seq)
        else:
            self._tally.begun(exchange, self._clock.now())

    def _hand_out(self) -> None:
        if self._asking <= 0:
            return
        for group in self._agenda.take(self._clock.now(), self._asking):
            for exchange in group:
                self._asking -= 1
                self._handed.put(exchange)

    def _patience(self) -> float | None:
        """How long nothing can be due; None: not before somebody asks, or says how one ended."""
        due = self._agenda.next_due()
        if self._is_over():
            return 0.0
        return None if due is None or self._asking <= 0 else max(0.0, due - self._clock.now())

    def _is_over(self) -> bool:
        agenda = self._agenda
        return agenda.drawn and not (agenda.waiting or agenda.held or agenda.in_flight)
