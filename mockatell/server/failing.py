"""Which failing callbacks get a line in the log: the first, and then how many, second by second."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.render.sentences import count
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.model import Attempt

    Later = Callable[[float, Callable[[], None]], object]

LOG: Final = logging.getLogger("mockatell.callbacks")
BETWEEN: Final = 1.0
"""Seconds from one line about an endpoint to the next, at least."""


class Failing:
    """Tells of the endpoints that do not accept their callbacks, and when they do again.

    Args:
        later: Calls something after so many seconds.
    """

    def __init__(self, later: Later) -> None:
        self._later = later
        self._of: dict[str, _Trouble] = {}

    def heard(self, attempt: Attempt, url: str) -> None:
        """An attempt has ended.

        Args:
            attempt: The attempt.
            url: Its endpoint's, without secrets.
        """
        accepted = attempt.outcome is Outcome.ACKNOWLEDGED
        if accepted and url not in self._of:
            return
        trouble = self._of.setdefault(url, _Trouble(url))
        if accepted:
            trouble.over = True
        else:
            trouble.add(attempt)
        if not trouble.waits:
            self._tell(trouble)

    def tell_all(self) -> None:
        """Write what has not been written yet: there is no later."""
        for trouble in self._of.values():
            trouble.write()

    def _tell(self, trouble: _Trouble) -> None:
        trouble.waits = trouble.write()
        if trouble.waits:
            self._later(BETWEEN, lambda: self._tell(trouble))
        elif trouble.over:
            del self._of[trouble.url]
            LOG.info("%s accepts callbacks again", trouble.url, extra={"endpoint": trouble.url})


class _Trouble:
    """What of one endpoint has not been written yet.

    Attributes:
        waits: Whether it is too early for another line.
        over: Whether the last callback was accepted.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.waits = False
        self.over = False
        self._failed = 0
        self._given_up = 0
        self._last: Attempt | None = None

    def add(self, attempt: Attempt) -> None:
        """One more has failed."""
        self.over = False
        self._failed += 1
        self._given_up += attempt.next_due is None
        self._last = attempt

    def write(self) -> bool:
        """Write what has failed; False: nothing has since the last line."""
        last = self._last
        if last is None:
            return False
        many = count(self._given_up, "delivery", "deliveries")
        LOG.warning(
            "%s did not accept callbacks: %s failed%s; the last was %s: %s; %s",
            self.url,
            count(self._failed, "attempt"),
            f", {many} given up" if self._given_up and self._failed > 1 else "",
            _named(last),
            _reason(last),
            _next(last),
            extra=self._facts(last),
        )
        self._failed, self._given_up, self._last = 0, 0, None
        return True

    def _facts(self, last: Attempt) -> dict[str, Any]:
        """The same for programs."""
        return {
            "endpoint": self.url,
            "failed": self._failed,
            "given_up": self._given_up,
            "delivery": last.delivery,
            "kind": last.kind,
            "message_id": last.message_id,
            "outcome": str(last.outcome),
            "status_code": last.status_code,
            "retry_in": None if last.next_due is None else round(last.next_due - last.ended_at, 3),
        }


def _named(attempt: Attempt) -> str:
    about = f" of message {attempt.message_id}" if attempt.message_id else ""
    return f"#{attempt.delivery} {attempt.kind}{about}, attempt {attempt.number}"


def _reason(attempt: Attempt) -> str:
    """Why, without what the endpoint wrote: that may be anything."""
    if attempt.status_code is not None:
        redirect = ", a redirect" if attempt.outcome is Outcome.REDIRECTED else ""
        return f"HTTP {attempt.status_code}{redirect}"
    return attempt.detail or str(attempt.outcome)


def _next(attempt: Attempt) -> str:
    if attempt.next_due is None:
        return "given up"
    return f"tried again in {format_seconds(attempt.next_due - attempt.ended_at)}"
