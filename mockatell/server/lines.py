"""Which requests, and refusals, get a line in the log: each, until nobody could read them all."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from mockatell.core.scenario.near import quoted

if TYPE_CHECKING:
    from mockatell.clickatell.standin.refusals import Refused

LOG: Final = logging.getLogger("mockatell.server")
MOST: Final = 100
"""Lines a second, on the level that is written by default; whoever reads them slowly would hold up
the answers, and every request is in the metrics."""
_READ: Final = frozenset({"one_api", "control"})


class Lines:
    """Writes a line for each request to the doors that people want to read of."""

    def __init__(self) -> None:
        self._second = -1
        self._written = 0

    def write(
        self, now: float, door: str, method: str, path: str, status: int, took: float
    ) -> None:
        """Write one; what goes beyond the limit is only for those who debug.

        Args:
            now: Seconds from no particular start.
            door: Which one the request came to.
            method: The request's.
            path: Without the query: it may hold a key.
            status: The answer's.
            took: Seconds until that.
        """
        level = logging.INFO if door in _READ and self._room(now) else logging.DEBUG
        extra = {"door": door, "seconds": round(took, 6)}
        LOG.log(level, "%s %s %d", method, path, status, extra=extra)

    def refused(self, now: float, each: Refused) -> None:
        """Write what a request, or one message of it, was refused for; within the same limit."""
        refusal = each.refusal
        named = {"to": each.to, "clientMessageId": each.client_message_id}
        about = [f"{name} {quoted(value)}" for name, value in named.items() if value is not None]
        said = quoted(refusal.description)[1:-1]  # it may repeat what the app sent
        told = "; ".join(filter(None, (said, refusal.why, *about)))
        level = logging.INFO if self._room(now) else logging.DEBUG
        LOG.log(level, "refused: %d %s", refusal.code, told, extra={"code": refusal.code, **named})

    def _room(self, now: float) -> bool:
        if int(now) != self._second:
            self._second, self._written = int(now), 0
        self._written += 1
        if self._written == MOST + 1:
            LOG.info("more than %d requests in a second: the others are in the metrics", MOST)
        return self._written <= MOST
