"""Which names a request to the control API may use: one that is misspelt is not passed over."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from fastapi import HTTPException, Request

from mockatell.core.scenario.near import quoted, suggestion
from mockatell.core.sidecar.views import EventRequest

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapi.routing import APIRoute

UNKNOWN: Final = "unexpected_keyword_argument"
"""What pydantic calls a key that a body may not have."""


def only_known(request: Request) -> None:
    """See that a request has no parameters but those of its operation.

    Raises:
        HTTPException: 422, with the name of one that it has all the same.
    """
    route: APIRoute = request.scope["route"]
    known = [each.alias for each in route.dependant.query_params]
    for name in request.query_params:
        if name not in known:
            raise HTTPException(
                422, f"query: there is no parameter {quoted(name)} {_near(name, known)}"
            )


def unknown_key(request: Request, place: str, key: str) -> str:
    """What to say of a key that a request's body may not have.

    Args:
        request: Whose body it is.
        place: Where in the request that is.
        key: The key.
    """
    route: APIRoute = request.scope["route"]
    shape = _shape(route.dependant.body_params[0].field_info.annotation)
    near = _near(key, [each.name for each in fields(shape)])
    told = f"{place}: there is no key {quoted(key)} {near}"
    if shape is not EventRequest:
        return told
    return f"{told}; what the event holds belongs into `fields`"


def _near(name: str, known: Collection[str]) -> str:
    return f"({suggestion(name, known)})" if known else "(it takes none)"


def _shape(annotation: Any) -> Any:
    """The dataclass that a body is of, which may be left out."""
    return next(each for each in (annotation, *get_args(annotation)) if is_dataclass(each))
