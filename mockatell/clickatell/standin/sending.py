"""Sending: `POST /v1/message`, and the same for one text by `GET /messages/http/send`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.clickatell.standin.accepting import accept
from mockatell.clickatell.standin.checks import Examined, first_refusal
from mockatell.clickatell.standin.handled import Handled, batch_status, error, refused_send
from mockatell.clickatell.standin.messages import SentMessage
from mockatell.clickatell.standin.reading import MOST_PARTS, read_batch, repeated
from mockatell.clickatell.standin.refusals import Refusal, Refused, refuse
from mockatell.clickatell.standin.shapes import Batch, Item
from mockatell.clickatell.standin.wire import ApiRequest, json_response
from mockatell.clickatell.statuses import SMS

if TYPE_CHECKING:
    from mockatell.clickatell.standin.state import State

_batch: Final = msgspec.json.Decoder(Batch)
_item: Final = msgspec.json.Decoder(Item)
_REPEATED: Final = ("to", "clientMessageId")


def send(state: State, request: ApiRequest, now_ms: int, _: str) -> Handled:
    """`POST /v1/message`."""
    items = read_batch(request.body, _items_of, _item)
    if isinstance(items, Refusal):
        return refused_send(items)
    outcomes = [_send_one(state, raw, item, now_ms) for raw, item in items]
    pairs = [(raw, outcome) for (raw, _), outcome in zip(items, outcomes, strict=True)]
    told = [_told(raw, outcome) for raw, outcome in pairs]
    refused = [_refused(raw, each) for raw, each in pairs if isinstance(each, Refusal)]
    return _handled(outcomes, {"messages": told, "error": None}, refused)


def _items_of(body: bytes) -> list[msgspec.Raw]:
    return _batch.decode(body).messages


def _send_one(state: State, raw: bytes, item: Item | Refusal, now_ms: int) -> SentMessage | Refusal:
    if isinstance(item, Refusal):
        return item
    examined = Examined(item, item.channel or SMS, state, now_ms)
    return first_refusal(examined) or accept(examined, raw)


def _refused(raw: bytes, refusal: Refusal) -> Refused:
    known = repeated(raw, _REPEATED)
    return Refused(refusal, known["to"], known["clientMessageId"])


def _handled(
    outcomes: list[SentMessage | Refusal], answer: dict[str, Any], refused: list[Refused]
) -> Handled:
    accepted = tuple(each for each in outcomes if isinstance(each, SentMessage))
    response = json_response(batch_status(outcomes), answer, tuple(refused))
    return Handled(response, accepted=accepted)


def _told(raw: bytes, outcome: SentMessage | Refusal) -> dict[str, Any]:
    """A result in the vendor's order of keys; its own id only where the business gave one."""
    if isinstance(outcome, Refusal):
        known = repeated(raw, _REPEATED)
        return {"error": error(outcome), "accepted": False} | _without_none_id(known)
    known = {"to": outcome.to, "clientMessageId": outcome.client_message_id}
    head = {"apiMessageId": outcome.api_message_id, "accepted": True}
    return head | _without_none_id(known) | {"error": None}


def _without_none_id(known: dict[str, str | None]) -> dict[str, str | None]:
    return {name: value for name, value in known.items() if name == "to" or value is not None}


def send_text(state: State, request: ApiRequest, now_ms: int, _: str) -> Handled:
    """`GET /messages/http/send?apiKey=…&to=…&content=…[&from=…]`; `to` may be several, by comma.

    The answer has the shape of the older Platform SMS API, to which this resource belongs.
    """
    given = request.parameters
    recipients = given["to"].split(",") if "to" in given else [None]
    if len(recipients) > MOST_PARTS:
        return refused_text(refuse(22))
    outcomes = [_send_text(state, given, to, now_ms) for to in recipients]
    pairs = list(zip(recipients, outcomes, strict=True))
    told = [_told_text(to, each) for to, each in pairs]
    refused = [Refused(each, to) for to, each in pairs if isinstance(each, Refusal)]
    return _handled(outcomes, {"messages": told} | _flat(None), refused)


def _send_text(
    state: State, given: dict[str, str], to: str | None, now_ms: int
) -> SentMessage | Refusal:
    if to is None:
        return refuse(23, "to")
    item = Item(to=to, content=given.get("content"), from_=given.get("from"))
    raw = msgspec.json.encode({"to": to, "content": item.content, "from": item.from_})
    return _send_one(state, raw, item, now_ms)


def refused_text(refusal: Refusal) -> Handled:
    """The same for a request that is refused as a whole."""
    answer = {"messages": []} | _flat(refusal)
    return Handled(json_response(refusal.http, answer, (Refused(refusal),)))


def _told_text(to: str | None, outcome: SentMessage | Refusal) -> dict[str, Any]:
    refusal = outcome if isinstance(outcome, Refusal) else None
    message_id = outcome.api_message_id if isinstance(outcome, SentMessage) else None
    known = {"apiMessageId": message_id, "accepted": refusal is None, "to": to}
    return known | _flat(refusal)


def _flat(refusal: Refusal | None) -> dict[str, Any]:
    code = None if refusal is None else refusal.code
    told = None if refusal is None else refusal.description
    return {"errorCode": code, "error": told, "errorDescription": told}
