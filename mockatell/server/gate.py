"""What requests to the control API pass: who asks, how much, and whether it is sound JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.server.answers import send_answer
from mockatell.server.bodies import MB, Body, BodyError
from mockatell.server.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mockatell.server.access import Access
    from mockatell.server.answers import Answer
    from mockatell.server.bodies import Room

PREFIX: Final = "/mockatell/api"
SESSION: Final = f"{PREFIX}/session"
LIMIT: Final = MB
_YAML: Final = f"{PREFIX}/scenarios/"
_DEEPEST: Final = 64
_JSON: Final = (b"content-type", b"application/json")


class Gate:
    """An ASGI app in front of another one.

    Args:
        app: What gets the requests that pass, each with its whole body.
        access: Who passes.
        room: Where bodies are read.
    """

    def __init__(self, app: ASGIApp, access: Access, room: Room) -> None:
        self._app = app
        self._access = access
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or say why not."""
        headers = dict(scope["headers"])
        if scope["path"] != SESSION:
            refusal = self._access.refusal(scope["method"], headers)
            if refusal is not None:
                await send_answer(send, refusal)
                return
        body = await self._body(scope, receive, headers)
        if isinstance(body, bytes):
            inner = {**scope, "root_path": PREFIX, "headers": _for_json(scope, body)}
            await self._app(inner, _replay(body, receive), send)
        else:
            await send_answer(send, body)

    async def _body(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]
    ) -> bytes | Answer:
        try:
            body = await self._room.read(receive, headers, LIMIT)
        except BodyError as error:
            return problem(error.status, error.detail, keep_alive=False)
        return _flaw(scope, body) or body.content


def _flaw(scope: Scope, body: Body) -> Answer | None:
    """What is wrong with a body, whatever it is for."""
    if len(body.content) > LIMIT:
        return problem(413, f"the body has more than {LIMIT} bytes", keep_alive=body.complete)
    if not body.content or scope["path"].startswith(_YAML):
        return None
    try:
        document = msgspec.json.decode(body.content)
    except (msgspec.DecodeError, UnicodeError) as error:
        return problem(400, f"the body is not JSON: {error}")
    except RecursionError:
        return problem(400, _TOO_DEEP)
    return problem(400, _TOO_DEEP) if _too_deep(document) else None


_TOO_DEEP: Final = f"the body nests more than {_DEEPEST} levels"


def _too_deep(document: Any) -> bool:
    level = [document]
    for _ in range(_DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _for_json(scope: Scope, body: bytes) -> list[tuple[bytes, bytes]]:
    """The headers, with the type that the body has been found to be of, whatever they say.

    curl, for one, calls everything a form.
    """
    if not body or scope["path"].startswith(_YAML):
        return list(scope["headers"])
    return [pair for pair in scope["headers"] if pair[0] != b"content-type"] + [_JSON]


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, and after that what the connection does."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay
