"""What is neither sending nor media: a message's status, the balance, and marking as read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.clickatell.standin.handled import (
    BusinessRead,
    Handled,
    batch_status,
    error,
    refused,
)
from mockatell.clickatell.standin.reading import read_batch, repeated
from mockatell.clickatell.standin.refusals import Refusal, Refused, refuse
from mockatell.clickatell.standin.shapes import Notification, ReadMark
from mockatell.clickatell.standin.wire import ApiRequest, json_response
from mockatell.clickatell.statuses import WHATSAPP

if TYPE_CHECKING:
    from mockatell.clickatell.standin.state import State

BUSINESS_READ: Final = 1001
_notification: Final = msgspec.json.Decoder(Notification)
_mark: Final = msgspec.json.Decoder(ReadMark)


def status(state: State, _: ApiRequest, now_ms: int, message_id: str) -> Handled:
    """`GET /v1/message/{apiMessageId}`."""
    return Handled(json_response(200, state.records.answer(message_id, now_ms)))


def balance(state: State, _request: ApiRequest, _now_ms: int, _: str) -> Handled:
    """`GET /v1/balance`."""
    settings = state.settings
    answer = {"balance": settings.balance, "currency": settings.currency}
    return Handled(json_response(200, answer))


def notify(state: State, request: ApiRequest, _now_ms: int, _: str) -> Handled:
    """`POST /v1/notification`: the business has read users' WhatsApp messages."""
    marks = read_batch(request.body, _marks_of, _mark)
    if isinstance(marks, Refusal):
        return refused(marks)
    outcomes = [_accept(state, mark) for _, mark in marks]
    told = [_told(raw, outcome) for (raw, _), outcome in zip(marks, outcomes, strict=True)]
    answer = {"event": {"messageStatusUpdate": told}, "error": None}
    read = tuple(each for each in outcomes if isinstance(each, BusinessRead))
    refusals = tuple(Refused(each) for each in outcomes if isinstance(each, Refusal))
    return Handled(json_response(batch_status(outcomes), answer, refusals), read=read)


def _marks_of(body: bytes) -> list[msgspec.Raw]:
    return _notification.decode(body).event.message_status_update


def _accept(state: State, mark: ReadMark | Refusal) -> BusinessRead | Refusal:
    if isinstance(mark, Refusal):
        return mark
    if mark.channel != WHATSAPP:
        return refuse(23, "channel")
    if mark.status_code != BUSINESS_READ:
        return refuse(23, "statusCode")
    return BusinessRead(state.new_id(), mark.message_id, mark.client_event_id)


def _told(raw: bytes, outcome: BusinessRead | Refusal) -> dict[str, Any]:
    known = repeated(raw, ("messageId", "clientEventId"))
    if isinstance(outcome, Refusal):
        return {"error": error(outcome), "accepted": False} | known
    return {"apiEventId": outcome.api_event_id, "accepted": True} | known | {"error": None}
