"""How bytes become an HTTP/1.1 answer; knows no socket and no clock.

`AnswerReader` is the whole seam: a faster parser replaces it by doing the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import h11

from mockatell.model import Trouble

if TYPE_CHECKING:
    from mockatell.shell.senders.wire import Header

HEAD_LIMIT: Final = 64 * 1024
"""Bytes that the head of an answer, or of a chunk, may have."""

_STRIDE: Final = 4096  # h11 looks at the limit between strides: it must not depend on the network
_START: Final = b"HTTP/"
_ASKED: Final = h11.Request(method="POST", target="/", headers=[("Host", "-")])
_ASKED_WHOLE: Final = h11.EndOfMessage()


class AnswerReader:
    """Reads one answer from a connection's bytes.

    1xx answers are passed over. A body counts as whole at `limit` bytes; the connection can then
    not be used again.

    Attributes:
        whole: Whether the answer is there.
        trouble: Why it never will be, with `words`.
        status_code: Of the final answer, once its head is there.
        headers: Likewise.
    """

    __slots__ = (
        "_begun",
        "_h11",
        "_kept",
        "_limit",
        "_size",
        "headers",
        "status_code",
        "trouble",
        "whole",
        "words",
    )

    def __init__(self, limit: int) -> None:
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        self._h11.send(_ASKED)  # h11 reads an answer only to a question
        self._h11.send(_ASKED_WHOLE)
        self._limit = limit
        self._kept: list[bytes] = []
        self._size = 0
        self._begun = False
        self.whole = False
        self.trouble: Trouble | None = None
        self.words = ""
        self.status_code: int | None = None
        self.headers: tuple[Header, ...] = ()

    @property
    def over(self) -> bool:
        """Whether there is nothing more to read."""
        return self.whole or self.trouble is not None

    @property
    def body(self) -> bytes:
        """The answer's body, up to the limit."""
        return b"".join(self._kept)[: self._limit]

    @property
    def reusable(self) -> bool:
        """Whether the connection can carry another exchange: nothing came after the answer."""
        done = self.whole and self._h11.their_state is h11.DONE
        return done and not self._h11.trailing_data[0]

    def feed(self, data: bytes) -> None:
        """Take what came; `b""` is the end of the connection."""
        if not self._begun and not _START.startswith(data[: len(_START)]):
            self._fail(Trouble.NOT_HTTP, "the answer does not begin with HTTP/")
            return
        self._begun = self._begun or bool(data)
        for start in range(0, max(len(data), 1), _STRIDE):
            self._take(data[start : start + _STRIDE])

    def _take(self, data: bytes) -> None:
        if self.over:
            return
        self._h11.receive_data(data)
        try:
            self._read()
        except h11.RemoteProtocolError as error:
            self._fail(*self._blame(error, ended=not data))
        except Exception as error:  # noqa: BLE001 -- h11 0.14 lets int() and others speak for it
            self._fail(Trouble.NOT_HTTP, f"the answer cannot be parsed ({type(error).__name__})")

    def _read(self) -> None:
        while not self.over:
            match self._h11.next_event():
                case h11.Response(status_code=status_code, headers=headers):
                    self.status_code = status_code
                    self.headers = tuple(headers.raw_items())
                case h11.Data(data=data):
                    self._kept.append(bytes(data))
                    self._size += len(data)
                    self.whole = self._size > self._limit
                case h11.EndOfMessage():
                    self.whole = True
                case h11.NEED_DATA | h11.PAUSED:
                    return

    def _blame(self, error: h11.RemoteProtocolError, *, ended: bool) -> tuple[Trouble, str]:
        if ended:
            return Trouble.CLOSED, self._how_far()
        if error.error_status_hint == 431:  # noqa: PLR2004 -- h11's word for "over the limit"
            return Trouble.NOT_HTTP, f"a head of over {HEAD_LIMIT // 1024} KiB"
        return Trouble.NOT_HTTP, str(error)

    def _how_far(self) -> str:
        if self.status_code is not None:
            return f"closed in the middle of the body, after status {self.status_code}"
        return "closed in the middle of the head" if self._begun else "closed before an answer"

    def _fail(self, trouble: Trouble, words: str) -> None:
        self.trouble, self.words = trouble, words
