"""The One API's door: HTTP in, the stand-in's answer out, with nothing in between but limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.clickatell.standin.handled import refused_send
from mockatell.clickatell.standin.refusals import refuse
from mockatell.clickatell.standin.uploads import MB, MOST_UPLOADED
from mockatell.clickatell.standin.wire import ApiRequest
from mockatell.server.answers import Answer, send_answer
from mockatell.server.bodies import Body, BodyError
from mockatell.shell.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from mockatell.clickatell.standin.wire import ApiResponse
    from mockatell.server.bodies import Room
    from mockatell.server.lines import Lines

    Handle = Callable[[ApiRequest], Awaitable[ApiResponse]]

LIMIT: Final = MOST_UPLOADED * MB
"""Bytes of a request; a longer one is cut, which makes it too large (31) or malformed (21)."""
_CROWDED: Final = 503
_JSON: Final = (b"content-type", b"application/json")
_INERT: Final = (
    (b"content-security-policy", b"sandbox"),
    (b"x-content-type-options", b"nosniff"),
)
"""A file that anyone has uploaded does nothing as a page, for the control API has its origin."""


class OneApi:
    """An ASGI app that carries the One API.

    Args:
        handle: Answers a request.
        room: Where bodies are read.
        lines: Where it is told what was refused.
    """

    def __init__(self, handle: Handle, room: Room, lines: Lines) -> None:
        self._handle = handle
        self._room = room
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await self._room.read(receive, dict(scope["headers"]), LIMIT)
        except BodyError as error:
            if error.status == _CROWDED:
                await _respond(send, refused_send(refuse(19)).response, complete=False)
                return
            body = Body(b"", complete=False)  # to the vendor, what cannot be read is malformed
        response = await self._handle(_request(scope, body.content))
        for refused in response.refused:
            self._lines.refused(monotonic(), refused)
        await _respond(send, response, complete=body.complete)


def _request(scope: Scope, body: bytes) -> ApiRequest:
    return ApiRequest(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode(errors="replace"),
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ),
        body=body,
    )


async def _respond(send: Send, response: ApiResponse, *, complete: bool) -> None:
    headers = tuple((name.lower().encode(), value.encode()) for name, value in response.headers)
    if _JSON not in headers:
        headers += _INERT
    await send_answer(send, Answer(response.status, headers, response.body, keep_alive=complete))
