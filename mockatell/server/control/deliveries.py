"""Messages, deliveries and single events, over HTTP."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query

from mockatell.core.sidecar.views import (
    DeliveryDetail,
    DeliveryView,
    EventRequest,
    MessageView,
    RefusalView,
    State,
)
from mockatell.model import Outcome
from mockatell.server.control.common import (
    BeforeSeq,
    Here,
    Limit,
    Name,
    Seq,
    found,
    problems,
)

ROUTER: Final = APIRouter()


@ROUTER.get("/messages", tags=["messages"])
async def messages(
    sidecar: Here,
    limit: Limit = 100,
    before: Name = None,
    direction: Literal["sent", "received"] | None = None,
    to: Name = None,
    run: Name = None,
) -> list[MessageView]:
    """Messages, the newest first; `before` is the id of the last one that is known already."""
    return list(sidecar.messages(limit=limit, before=before, direction=direction, to=to, run=run))


@ROUTER.get("/messages/{message_id}", tags=["messages"], responses=problems(404))
async def message(sidecar: Here, message_id: str) -> MessageView:
    """One message."""
    return found(sidecar.message(message_id), f"message {message_id!r}")


@ROUTER.get("/refusals", tags=["messages"])
async def refusals(sidecar: Here) -> list[RefusalView]:
    """What the One API has refused since the start or a reset: the latest 200, newest first."""
    return list(sidecar.refusals())


@ROUTER.get("/deliveries", tags=["deliveries"])
async def deliveries(
    sidecar: Here,
    limit: Limit = 100,
    before: BeforeSeq = None,
    message: Annotated[
        str | None,
        Query(
            max_length=256,
            description="A message's id or client id: all of it, or its beginning, in any case.",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        Query(
            max_length=256, description="One of the platform's event kinds, or one that was sent."
        ),
    ] = None,
    role: Literal["status", "reply"] | None = None,
    state: State | None = None,
    outcome: Outcome | None = None,
    run: Name = None,
) -> list[DeliveryView]:
    """Deliveries, the newest first; `before` is the `seq` of the last one that is known already."""
    return list(
        sidecar.deliveries(
            limit=limit,
            before=before,
            message=message,
            kind=kind,
            role=role,
            state=state,
            outcome=outcome,
            run=run,
        )
    )


@ROUTER.get("/deliveries/{seq}", tags=["deliveries"], responses=problems(404))
async def delivery(sidecar: Here, seq: Seq) -> DeliveryDetail:
    """One delivery with its body and every attempt."""
    return found(sidecar.delivery(seq), f"delivery {seq}")


@ROUTER.post(
    "/deliveries/{seq}/redeliver",
    tags=["deliveries"],
    status_code=202,
    responses=problems(404, 409),
)
async def redeliver(sidecar: Here, seq: Seq) -> DeliveryView:
    """Send the same bytes once more, as a delivery of its own."""
    return await sidecar.redeliver(seq)


@ROUTER.post("/events", tags=["messages"], status_code=202)
async def emit(sidecar: Here, event: EventRequest) -> list[DeliveryView]:
    """Let one event happen now, and send its callback."""
    return list(await sidecar.emit(event))
