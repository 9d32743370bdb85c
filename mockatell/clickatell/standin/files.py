"""Media: `POST /v1/media`, `GET /v1/media/{fileId}` and `GET /v1/media?fileId=…&sha256Hash=…`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.clickatell.media import media_for
from mockatell.clickatell.standin.handled import Handled, error
from mockatell.clickatell.standin.numbers import MSISDN
from mockatell.clickatell.standin.refusals import Refusal, Refused, refuse
from mockatell.clickatell.standin.uploads import MB, MOST_UPLOADED, bare_type, new_upload
from mockatell.clickatell.standin.wire import ApiRequest, ApiResponse, json_response

if TYPE_CHECKING:
    from mockatell.clickatell.standin.state import State

_NOT_FOUND: Final = 404


def upload(state: State, request: ApiRequest, now_ms: int, _: str) -> Handled:
    """`POST /v1/media?fileName=…&to=…`, or `&broadcastAllowed=true`: the body is the file."""
    refusal = _unfit(request)
    if refusal is not None:
        return refused_media(refusal)
    given = request.parameters
    content_type = bare_type(request.header("content-type"))
    only_to = None if _broadcast(given) else given["to"]
    new = new_upload(state.stream(), request.body, given["fileName"], content_type, only_to, now_ms)
    state.uploads.add(new)
    answer = {"fileId": new.file_id, "accepted": True, "error": None}
    return Handled(json_response(200, answer), uploaded=new)


def _unfit(request: ApiRequest) -> Refusal | None:
    given = request.parameters
    if not given.get("fileName"):
        return refuse(23, "fileName")
    to = given.get("to")
    if to is None and not _broadcast(given):
        return refuse(23, "to")
    if to is not None and not MSISDN.fullmatch(to):
        return refuse(25, to)
    if not request.body:
        return refuse(21)
    return refuse(31, MOST_UPLOADED) if len(request.body) > MOST_UPLOADED * MB else None


def _broadcast(given: dict[str, str]) -> bool:
    return given.get("broadcastAllowed", "").lower() in ("true", "1")


def metadata(state: State, _: ApiRequest, now_ms: int, file_id: str) -> Handled:
    """`GET /v1/media/{fileId}` of an uploaded file; `expirationTime` is in seconds."""
    found = state.uploads.find(file_id, now_ms)
    if found is None:
        return _missing()
    answer = {"expirationTime": found.expires_ms // 1000, "broadcastAllowed": found.to is None}
    return Handled(json_response(200, answer))


def download(state: State, request: ApiRequest, now_ms: int, _: str) -> Handled:
    """`GET /v1/media?fileId=…&sha256Hash=…[&source=client]`: uploads, and what users sent."""
    given = request.parameters
    absent = next((name for name in ("fileId", "sha256Hash") if not given.get(name)), None)
    if absent is not None:
        return refused_media(refuse(23, absent))
    file = state.uploads.find(given["fileId"], now_ms) or media_for(given["fileId"])
    if file is None or file.sha256 != given["sha256Hash"].lower():
        return _missing()
    return Handled(ApiResponse(200, (("Content-Type", file.content_type),), file.body))


def refused_media(refusal: Refusal, status: int | None = None) -> Handled:
    """The answer to a request about media that is refused."""
    answer = {"fileId": None, "accepted": False, "error": error(refusal)}
    return Handled(json_response(status or refusal.http, answer, (Refused(refusal),)))


def _missing() -> Handled:
    """The media page lists 404 for a file that is not there; the errors table has 400."""
    return refused_media(refuse(33), _NOT_FOUND)
