"""How bytes become an HTTP/1.1 answer, by httptools; whatever is out of the ordinary, h11 judges.

So it says of every answer what `AnswerReader` would say, in a fraction of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httptools

from mockatell.shell.senders.answers import HEAD_LIMIT, AnswerReader

if TYPE_CHECKING:
    from mockatell.model import Trouble
    from mockatell.shell.senders.wire import Header

_FIRST: Final = 100
_FIRST_FINAL: Final = 200  # statuses below are of answers that another one follows
_H: Final = ord("H")
_CODING: Final = b"transfer-encoding"


class FastReader:
    """Does what `AnswerReader` does, and has its attributes.

    What has come is kept until the answer is whole, and given to an `AnswerReader` when it is not
    for httptools: an error, the end of the connection, more than a head may have.
    """

    __slots__ = (
        "_headers",
        "_keep",
        "_kept",
        "_limit",
        "_parser",
        "_pieces",
        "_raw",
        "_size",
        "_slow",
        "_trailing",
        "headers",
        "status_code",
        "trouble",
        "whole",
        "words",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parser: Any = httptools.HttpResponseParser(self)
        self._slow: AnswerReader | None = None
        self._pieces: list[bytes] = []
        self._raw = 0
        self._headers: list[Header] = []
        self._kept: list[bytes] = []
        self._size = 0
        self._keep = False
        self._trailing = False
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
        if self._slow is not None:
            return self._slow.body
        return b"".join(self._kept)[: self._limit]

    @property
    def reusable(self) -> bool:
        """Whether the connection can carry another exchange: nothing came after the answer."""
        return self.whole and self._keep and not self._trailing

    def feed(self, data: bytes) -> None:
        """Take what came; `b""` is the end of the connection."""
        if self._slow is None and self._ordinary(data):
            try:
                self._parser.feed_data(data)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade):
                if not self.whole:  # else what comes after the answer is wrong
                    self._judge(self._replayed())
        else:
            slow = self._slow or self._replayed()
            slow.feed(data)
            self._judge(slow)
        if self.over:
            self._parser = None  # it points back here, and only the collector ends a circle

    def _ordinary(self, data: bytes) -> bool:
        """Whether it is httptools' to read: not the end, the start of HTTP, and not too much."""
        if not data or (not self._pieces and data[0] != _H):
            return False
        self._raw += len(data)
        if self._raw > HEAD_LIMIT:
            return False
        self._pieces.append(data)
        return True

    def _replayed(self) -> AnswerReader:
        slow = self._slow = AnswerReader(self._limit)
        for piece in self._pieces:
            slow.feed(piece)
        self._pieces.clear()
        return slow

    def _judge(self, slow: AnswerReader) -> None:
        """Say what h11 says."""
        self.whole, self.trouble, self.words = slow.whole, slow.trouble, slow.words
        self.status_code, self.headers = slow.status_code, slow.headers
        self._keep = slow.reusable

    # What httptools calls

    def on_message_begin(self) -> None:
        """Something begins; after an answer, that is one too many."""
        self._trailing = self._trailing or self.whole

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or after the body a trailer."""
        self._headers.append((name, value.rstrip(b" \t")))
        if len(name) == len(_CODING) and name.lower() == _CODING and value.lower() != b"chunked":
            raise ValueError("h11 knows no other coding")

    def on_headers_complete(self) -> None:
        """The head is there."""
        status_code = self._parser.get_status_code()
        if status_code < _FIRST:
            raise ValueError("h11 says why not")
        if status_code >= _FIRST_FINAL and not self.whole:
            self.status_code = status_code
            self.headers = tuple(self._headers)
        self._headers.clear()

    def on_body(self, data: bytes) -> None:
        """A part of the body; over the limit, it counts as whole."""
        if not self.whole:
            self._kept.append(data)
            self._size += len(data)
            self.whole = self._size > self._limit

    def on_message_complete(self) -> None:
        """The answer is there, or a 1xx that another one follows."""
        if self.status_code is not None and not self.whole:
            self.whole = True
            self._keep = self._parser.should_keep_alive()
