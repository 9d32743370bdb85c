"""What the control API shows of a world: its records as views, secrets masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mockatell.clickatell.reading import said
from mockatell.core.sidecar.requests import request_of
from mockatell.core.sidecar.views import (
    AttemptView,
    DeliveryDetail,
    DeliveryView,
    MessageView,
    RunView,
)
from mockatell.model import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockatell.core.sidecar.rows import AttemptRow
    from mockatell.core.sidecar.runs import Run
    from mockatell.core.sidecar.talks import Talk
    from mockatell.core.sidecar.tracks import Track
    from mockatell.core.sidecar.world import World

    Headers = tuple[tuple[str, str], ...]
    HeadersOf = Callable[[Exchange, str | None], Headers]


def delivery_view(world: World, track: Track) -> DeliveryView:
    """A delivery, and how it stands."""
    row, last = track.row, track.last
    told = said(row.body)
    return DeliveryView(
        seq=row.seq,
        state=track.state,
        cause=row.cause,
        role=row.role,
        kind=row.kind,
        message_id=row.message_id or row.about,
        client_message_id=told.client_message_id,
        status=told.status,
        run=row.run,
        origin=row.twin,
        due_ms=world.at_ms(row.due),
        next_due_ms=None if track.next_due is None else world.at_ms(track.next_due),
        attempts=len(track.attempts),
        last_outcome=None if last is None else last.outcome,
        last_status_code=None if last is None else last.status_code,
        latency=None if last is None else last.ended_at - last.due,
    )


def delivery_detail(
    world: World, track: Track, *, url: str, scrub: Callable[[str], str], sent: HeadersOf
) -> DeliveryDetail:
    """A delivery with everything that is known of it.

    Args:
        world: Whose it is.
        track: The delivery.
        url: Where it goes, masked.
        scrub: Takes secrets out of a text.
        sent: The headers of the request of an exchange of a run's.
    """
    return DeliveryDetail(
        delivery=delivery_view(world, track),
        url=url,
        body=_readable(track.row.body),
        tries=tuple(
            _attempt_view(
                world, row, _scrubbed(sent(_exchange(track, row), track.row.run), scrub), scrub
            )
            for row in track.attempts
        ),
    )


def _exchange(track: Track, row: AttemptRow) -> Exchange:
    return Exchange(track.delivery, row.number, row.due)


def _attempt_view(
    world: World, row: AttemptRow, sent: Headers, scrub: Callable[[str], str]
) -> AttemptView:
    return AttemptView(
        number=row.number,
        due_ms=world.at_ms(row.due),
        sent_ms=world.at_ms(row.sent_at),
        ended_ms=world.at_ms(row.ended_at),
        outcome=row.outcome,
        status_code=row.status_code,
        detail=row.detail,
        request_headers=sent,
        response_headers=_scrubbed(row.headers, scrub),
        response_body=scrub(row.body.decode(errors="replace")),
    )


def _scrubbed(headers: Iterable[tuple[str, str]], scrub: Callable[[str], str]) -> Headers:
    return tuple((name, scrub(value)) for name, value in headers)


def _readable(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode(errors="replace")


def message_view(world: World, talk: Talk) -> MessageView:
    """A message, and how it stands."""
    row = talk.row
    tracks = world.tracks.of(row.id)
    return MessageView(
        id=row.id,
        direction="sent" if row.direction == "sent" else "received",
        channel=row.channel,
        kind=row.kind,
        user=row.user,
        business=row.business,
        client_message_id=row.client_message_id,
        content=row.content,
        status=talk.status,
        at_ms=world.at_ms(row.at),
        run=row.run,
        settled=world.talks.settled(talk),
        deliveries=len(tracks),
        acknowledged=sum(track.state == "acknowledged" for track in tracks),
        request=request_of(row),
    )


def run_view(world: World, run: Run) -> RunView:
    """A run, and how it stands."""
    progress, tallies = run.progress, run.tallies
    return RunView(
        id=run.row.id,
        scenario=run.scenario.name,
        seed=run.row.seed,
        state=progress.state,
        started_ms=world.at_ms(run.row.start),
        ended_ms=None if progress.ended is None else world.at_ms(progress.ended),
        deliveries=tallies.deliveries,
        attempts=tallies.attempts,
        acknowledged=tallies.ends["acknowledged"],
        redirected=tallies.ends["redirected"],
        exhausted=tallies.ends["exhausted"],
        pending=tallies.pending,
        verdict=progress.verdict,
        exit_code=progress.exit_code,
        error=progress.error,
        endpoints=run.endpoints,
        notes=run.notes,
    )
