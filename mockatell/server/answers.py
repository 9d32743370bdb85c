"""Whole answers, as ASGI sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.model import Frozen

if TYPE_CHECKING:
    from starlette.types import Send


class Answer(Frozen, frozen=True):
    """One answer that is known as a whole.

    Args:
        status: HTTP status.
        headers: Names in lower case; the length is added.
        body: Its bytes.
        keep_alive: Whether the connection can serve another request.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    keep_alive: bool = True


def text_answer(status: int, text: str) -> Answer:
    """A plain text."""
    return Answer(status, ((b"content-type", b"text/plain; charset=utf-8"),), text.encode())


async def send_answer(send: Send, answer: Answer) -> None:
    """Send it."""
    headers = [*answer.headers, (b"content-length", str(len(answer.body)).encode())]
    if not answer.keep_alive:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
