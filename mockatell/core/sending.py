"""What an app sent to the stand-in and how that was answered, in words, for a test that failed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.core.render.sentences import count, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.clickatell.standin import ApiRequest, Handled, SentMessage

MOST: Final = 10  # requests, and messages or errors of each
_LONGEST: Final = 100  # characters of what others wrote


class _Error(msgspec.Struct):
    code: int
    description: str


class _Part(msgspec.Struct):
    error: _Error | None = None


class _Answer(_Part):
    messages: list[_Part] = []


_decode: Final = msgspec.json.Decoder(_Answer).decode


class Requests:
    """The last requests; neither keys nor queries, which may hold one."""

    def __init__(self) -> None:
        self._number = 0
        self._last: deque[tuple[str, ...]] = deque(maxlen=MOST)

    def add(self, request: ApiRequest, handled: Handled) -> None:
        """Keep one, and how it was answered."""
        self._number += 1
        asked = _short(f"{request.method} {request.path}")
        lines = [_accepted(message) for message in handled.accepted]
        lines += _errors(handled.response.body)
        more = [f"and {len(lines) - MOST} more"] if len(lines) > MOST else []
        told = (f"  {line}" for line in (*lines[:MOST], *more))
        self._last.append((f"{asked}: answered {handled.response.status}", *told))

    def told(self) -> list[str]:
        """The lines about them; none where there was no request."""
        before = self._number - len(self._last)
        left_out = [f"({count(before, 'request')} before these)"] if before else []
        return left_out + [line for lines in self._last for line in lines]


def _accepted(message: SentMessage) -> str:
    own = f" ({message.client_message_id})" if message.client_message_id else ""
    content = f": {message.content!r}" if message.content and message.kind == "text" else ""
    about = f"{message.channel} {message.kind} to {message.to}{own}"
    return _short(f"accepted {message.api_message_id}, {about}{content}")


def _errors(body: bytes) -> Iterator[str]:
    try:
        answer: Any = _decode(body)
    except msgspec.DecodeError:  # a file, or nothing that has an error
        return
    for part in (answer, *answer.messages):
        if part.error is not None:
            yield _short(f"error {part.error.code}: {part.error.description}")


def _short(text: str) -> str:
    return printable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
