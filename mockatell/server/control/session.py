"""Logging in, for the page: a token becomes a cookie, since a feed's request takes no headers."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import Field

from mockatell.core.sidecar.views import STRICT
from mockatell.server.access import COOKIE, Access
from mockatell.server.control.common import problems

ROUTER: Final = APIRouter()


@dataclass(frozen=True, slots=True)
class Login:
    """The token that `mockatell serve` was given."""

    __pydantic_config__: ClassVar = STRICT

    token: Annotated[str, Field(min_length=1, max_length=1000, repr=False)]


@ROUTER.post("/session", tags=["sidecar"], status_code=204, responses=problems(401))
async def log_in(request: Request, login: Login) -> Response:
    """Have the token kept by the browser, out of reach of any script, until it is closed."""
    access: Access = request.app.state.access
    if not access.admits(login.token):
        raise HTTPException(401, "this is not the token")
    response = Response(status_code=204)
    if access.token is not None:
        response.set_cookie(
            COOKIE, login.token, path="/mockatell", httponly=True, samesite="strict"
        )
    return response
