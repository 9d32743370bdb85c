"""What an app in process has answered so far, and what a client over the wire would make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.model import Trouble
from mockatell.shell.senders import words
from mockatell.shell.senders.wire import Header, Reply, late

if TYPE_CHECKING:
    from mockatell.shell.senders.base import Timer

_SERVER_ERROR: Final = 500


class Collected:
    """An answer as an app gives it, piece by piece; its start is kept, the rest is let go.

    Args:
        timer: Monotonic seconds; they count from now.
        body_limit: Bytes of the body to keep; the answer counts as whole with them.

    Attributes:
        status_code: Once the app has named it.
        whole: Whether a client would have the whole answer.
        took: Seconds until then.
    """

    __slots__ = (
        "_begun",
        "_kept",
        "_limit",
        "_size",
        "_timer",
        "headers",
        "status_code",
        "took",
        "whole",
    )

    def __init__(self, timer: Timer, body_limit: int) -> None:
        self._timer = timer
        self._begun = timer()
        self._limit = body_limit
        self._kept: list[bytes] = []
        self._size = 0
        self.status_code: int | None = None
        self.headers: tuple[Header, ...] = ()
        self.whole = False
        self.took = 0.0

    def start(self, status_code: int, headers: tuple[Header, ...]) -> None:
        """The app names its status and headers."""
        self.status_code, self.headers = status_code, headers

    def add(self, part: bytes) -> None:
        """The app gives a part of the body."""
        self._kept.append(part)
        self._size += len(part)
        if self._size > self._limit:
            self.end()

    def end(self) -> None:
        """The app has given everything, or enough."""
        self.whole = True
        self.took = self._timer() - self._begun

    def reply(self, error: BaseException | None) -> Reply:
        """What came of the request when the app returned, or raised `error`.

        A status stands once its answer is whole, whatever is raised afterwards; an app that raises
        before it answers is a 500, as servers make it; a half answer is a closed connection.
        """
        raised = None if error is None else words.raised(error)
        if self.whole:
            body = b"".join(self._kept)[: self._limit]
            return Reply(self.status_code, self.headers, body, took=self.took, raised=raised)
        took = self._timer() - self._begun
        if self.status_code is None:
            why = "" if raised else "the app returned without an answer"
            return Reply(_SERVER_ERROR, words=why, took=took, raised=raised)
        why = "the app ended in the middle of its answer"
        return Reply(trouble=Trouble.CLOSED, words=why, took=took, raised=raised)

    def late(self, timeout: float) -> Reply:
        """What came of the request when the app was cut off."""
        return late(timeout, took=self._timer() - self._begun)
