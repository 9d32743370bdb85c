"""What came of a request: the answer to it, and what the door has to know besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.clickatell.standin.refusals import Refusal, Refused
from mockatell.clickatell.standin.wire import json_response
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.clickatell.standin.messages import SentMessage
    from mockatell.clickatell.standin.uploads import Upload
    from mockatell.clickatell.standin.wire import ApiResponse


class BusinessRead(Frozen, frozen=True):
    """The business says that it has read a user's message.

    Args:
        api_event_id: The id that was handed out for it.
        message_id: Id of the user's message, as its callback had it.
        client_event_id: The business's own id of the event, or None.
    """

    api_event_id: str
    message_id: str
    client_event_id: str | None


class Handled(Frozen, frozen=True):
    """What came of one request.

    Args:
        response: The answer.
        accepted: Messages whose lives begin now, in the order of the request.
        uploaded: The file that was uploaded.
        read: Users' messages that the business has read.
    """

    response: ApiResponse
    accepted: tuple[SentMessage, ...] = ()
    uploaded: Upload | None = None
    read: tuple[BusinessRead, ...] = ()


def error(refusal: Refusal) -> dict[str, object]:
    """A refusal as an answer's `error` has it."""
    return {"code": refusal.code, "description": refusal.description}


def refused_send(refusal: Refusal) -> Handled:
    """The answer to a send request that is refused as a whole, and to one for no resource."""
    answer = {"messages": [], "error": error(refusal)}
    return Handled(json_response(refusal.http, answer, (Refused(refusal),)))


def refused(refusal: Refusal) -> Handled:
    """The answer to any other request that is refused as a whole."""
    return Handled(json_response(refusal.http, {"error": error(refusal)}, (Refused(refusal),)))


def batch_status(outcomes: Sequence[object]) -> int:
    """The HTTP status of a request whose parts were refused, or accepted, one by one.

    207 when one of several was refused. That a request all of whose parts were refused gets 207
    as well follows the errors page; the guide can be read otherwise (row `send-all-refused`).
    """
    refusals = [each for each in outcomes if isinstance(each, Refusal)]
    if not refusals:
        return 202
    return 207 if len(outcomes) > 1 else refusals[0].http
