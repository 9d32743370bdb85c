"""Turns the agenda on the caller's own thread, one exchange after the other.

A WSGI app, its thread-local session and its database connection then see the very thread of the
test, with no event loop running in it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mockatell.core.exchanges import OUTAGE
from mockatell.model import Conduct

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.core.agenda import Agenda
    from mockatell.model import Answer, Attempt, Exchange
    from mockatell.shell.clock import Clock
    from mockatell.shell.senders.base import SyncSender


def drive(
    agenda: Agenda,
    sender: SyncSender,
    clock: Clock,
    record: Callable[[Attempt], None],
    until: float = math.inf,
) -> None:
    """Send what the agenda holds until nothing is left; see the asynchronous driver."""
    while True:
        for group in agenda.take(clock.now()):
            for exchange in group:
                sent_at = clock.now()
                answer = _carry_out(sender, exchange)
                record(agenda.ended(exchange, answer, sent_at + answer.waited))
        if agenda.held:
            continue  # due already: the next turn has room for it
        due = agenda.next_due(until)
        if due is None:
            return
        clock.wait(due)


def _carry_out(sender: SyncSender, exchange: Exchange) -> Answer:
    if exchange.conduct is Conduct.OUTAGE:
        return OUTAGE
    return sender.send(exchange)
