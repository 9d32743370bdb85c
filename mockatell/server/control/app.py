"""The control API put together: its resources, its description, and its errors."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from fastapi import Depends, FastAPI, Response
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from mockatell._version import __version__
from mockatell.errors import ConflictError, InputError, MockatellError, UnknownError
from mockatell.server.control import deliveries, feed, runs, session, world
from mockatell.server.control.common import problems
from mockatell.server.control.names import UNKNOWN, only_known, unknown_key
from mockatell.server.problems import Problem, invalid, place, problem

if TYPE_CHECKING:
    from fastapi import Request

    from mockatell.rooms.sidecar import Sidecar
    from mockatell.server.access import Access
    from mockatell.server.answers import Answer
    from mockatell.server.control.feed import Readers
    from mockatell.server.ending import Ending

ABOUT: Final = """\
Drives, waits and asserts: what a test tells the sidecar, and what it asks it.

Times are Unix milliseconds of the sidecar's clock, lengths of time are seconds. Errors are problem
details (RFC 9457). No call blocks but `wait`, and that one no longer than its timeout.
"""
_ROUTERS: Final = (
    world.ROUTER,
    deliveries.ROUTER,
    runs.ROUTER,
    feed.ROUTER,
    session.ROUTER,
)


def control_app(sidecar: Sidecar, access: Access, readers: Readers, ending: Ending) -> FastAPI:
    """The control API of a sidecar.

    Args:
        sidecar: What it talks to.
        access: Whose token makes a session.
        readers: Of the feed.
        ending: Of the server.
    """
    app = FastAPI(
        title="mockatell",
        version=__version__,
        description=ABOUT,
        docs_url=None,  # its scripts come from elsewhere, and the sidecar works offline
        redoc_url=None,
        responses=problems(400, 401, 403, 413, 422),
        servers=[{"url": "/mockatell/api"}],
        root_path_in_servers=False,
        dependencies=[Depends(only_known)],
    )
    app.state.sidecar, app.state.access = sidecar, access
    app.state.readers, app.state.ending = readers, ending
    for router in _ROUTERS:
        app.include_router(router)
    for error, handler in _HANDLERS.items():
        app.add_exception_handler(error, handler)
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Put the shape of errors into the description, in place of FastAPI's own."""
    described = app.openapi()
    schemas = described["components"]["schemas"]
    schemas[Problem.__name__] = TypeAdapter(Problem).json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


async def _http_error(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    methods = ", ".join(_methods(request))
    if known.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not methods:
        return _response(problem(known.status_code, str(known.detail), known.headers))
    path = request.scope["path"].removeprefix(request.scope["root_path"])
    told = f"{request.method} is no method of {path}; these are: {methods}"
    return _response(problem(known.status_code, told, {"Allow": methods}))


def _methods(request: Request) -> list[str]:
    """The methods that a request's path has."""
    routes = [each for router in _ROUTERS for each in router.routes if isinstance(each, Route)]
    matching = (each for each in routes if each.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for each in matching for method in each.methods or ()})


async def _invalid(request: Request, error: Exception) -> Response:
    errors: list[Any] = list(cast("RequestValidationError", error).errors())
    told = (_unknown_key(request, each) or invalid(each) for each in errors)
    return _response(problem(422, "; ".join(told)))


def _unknown_key(request: Request, error: Any) -> str | None:
    if error["type"] != UNKNOWN:
        return None
    *steps, key = error["loc"]
    return unknown_key(request, place(steps), key)


async def _wrong_input(_: Request, error: Exception) -> Response:
    return _response(problem(422, str(error)))


async def _unknown(_: Request, error: Exception) -> Response:
    return _response(problem(404, str(error)))


async def _conflict(_: Request, error: Exception) -> Response:
    return _response(problem(409, str(error)))


async def _failed(_: Request, error: Exception) -> Response:
    return _response(problem(503, str(error)))


async def _unforeseen(_: Request, __: Exception) -> Response:
    return _response(problem(500, "a bug of mockatell's; its log says more"))


_HANDLERS: Final = {
    HTTPException: _http_error,
    RequestValidationError: _invalid,
    UnknownError: _unknown,
    ConflictError: _conflict,
    InputError: _wrong_input,
    MockatellError: _failed,
    Exception: _unforeseen,
}


def _response(answer: Answer) -> Response:
    headers = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
    return Response(answer.body, answer.status, headers)
