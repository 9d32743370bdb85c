"""What passes between the stand-in and whoever carries its HTTP: a request in, a response out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import msgspec

from mockatell.model import Frozen

if TYPE_CHECKING:
    from mockatell.clickatell.standin.refusals import Refused

_MOST_PARAMETERS: Final = 100
_encode: Final = msgspec.json.Encoder().encode


class ApiRequest(msgspec.Struct, frozen=True, dict=True):
    """One request, as it came.

    Args:
        method: As on the request line; capitals.
        path: Without the query, percent-decoded.
        query: What stands after the question mark, as it came.
        headers: Name and value; names in any case.
        body: Its bytes, decompressed.
    """

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of this name (given in lower case)."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, the first of each name; none where it has absurdly many."""
        query = self.query.encode(errors="replace").decode()
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
        except ValueError:
            return {}
        return dict(reversed(pairs))


class ApiResponse(Frozen, frozen=True):
    """One answer; `Content-Length` is left to whoever sends it.

    Args:
        refused: What of the request it refuses.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    refused: tuple[Refused, ...] = ()


def json_response(status: int, body: Any, refused: tuple[Refused, ...] = ()) -> ApiResponse:
    """An answer in compact JSON."""
    return ApiResponse(status, (("Content-Type", "application/json"),), _encode(body), refused)
