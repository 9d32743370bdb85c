"""The dry run: a plan as a picture of its timeline, as a table, or as JSON lines.

Every rendering is a stream of lines without their newline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.journal import embed
from mockatell.core.render.picture import first_event, timeline
from mockatell.core.render.sentences import printable
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Cause, Delivery, Frozen, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_TABLE: Final = "{:>6}  {:>12}  {:<9}  {:<6}  {:<20}  {:<32}  {}"


class PlannedLine(Frozen, frozen=True):
    """A planned delivery as a line of JSON; `body` is the callback's own, byte for byte."""

    delivery: int
    due: float
    cause: Cause
    role: Role
    kind: str
    message_id: str
    body: msgspec.Raw


def json_lines(deliveries: Iterable[Delivery]) -> Iterator[str]:
    """One planned delivery a line: `delivery, due, cause, role, kind, message_id, body`."""
    encoder = msgspec.json.Encoder()
    for delivery in deliveries:
        callback = delivery.callback
        line = PlannedLine(
            delivery.seq,
            delivery.due,
            delivery.cause,
            callback.role,
            callback.kind,
            callback.message_id,
            embed(callback),
        )
        yield encoder.encode(line).decode()


def table(deliveries: Iterable[Delivery]) -> Iterator[str]:
    """One planned delivery a line, for people."""
    yield _TABLE.format("#", "due", "cause", "role", "kind", "message", "status")
    for delivery in deliveries:
        callback = delivery.callback
        line = _TABLE.format(
            delivery.seq,
            format_seconds(delivery.due),
            delivery.cause,
            callback.role,
            callback.kind,
            callback.message_id,
            first_event(delivery).get("status", ""),
        )
        yield printable(line.rstrip())


PLAN_FORMATS: Final[dict[str, Callable[[Iterable[Delivery]], Iterator[str]]]] = {
    "timeline": timeline,
    "table": table,
    "json": json_lines,
}
"""What `mockatell plan --format` knows."""
