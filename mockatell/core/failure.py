"""What a failed assertion says: the deliveries concerned, how each attempt went, how to replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockatell.clickatell.reading import events_of, of_message
from mockatell.core.render.sentences import printable
from mockatell.core.scenario.units import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockatell.core.journal import Journal
    from mockatell.model import Attempt

MOST = 10  # deliveries, and attempts of each


def explain(what: str, concerned: Iterable[Attempt], journal: Journal, replay: str) -> str:
    """A failure in words.

    Args:
        what: What is wrong, to be read after the number of deliveries.
        concerned: Attempts of the deliveries to show.
        journal: All attempts.
        replay: The line that runs the test again.
    """
    numbers = list(dict.fromkeys(attempt.delivery for attempt in concerned))
    lines = [f"{what}: {len(numbers)} of {len({a.delivery for a in journal})} deliveries"]
    for number in numbers[:MOST]:
        lines += _delivery([a for a in journal if a.delivery == number])
    if len(numbers) > MOST:
        lines.append(f"  and {len(numbers) - MOST} more")
    return "\n".join([*lines, f"replay: {replay}"])


def _delivery(attempts: Sequence[Attempt]) -> Iterator[str]:
    first = attempts[0]
    copy = ", a duplicate" if first.cause == "duplicate" else ""
    about = f" of message {first.message_id}" if first.message_id else ""
    event = f"{first.kind}{_status(first)}{about}"
    yield f"  #{first.delivery} {event} to the {first.role} endpoint{copy}"
    for attempt in attempts[:MOST]:
        yield f"    {_attempt(attempt)}"
    if len(attempts) > MOST:
        yield f"    and {len(attempts) - MOST} attempts more, the last {_attempt(attempts[-1])}"


def _status(attempt: Attempt) -> str:
    """The status that a callback tells; "" where it tells none, or is not one of ours."""
    try:
        [(_, event)] = events_of(bytes(attempt.body or b""))
        return f" {printable(of_message(event)['status'])}"
    except (msgspec.DecodeError, ValueError, LookupError, TypeError, AttributeError):
        return ""


def _attempt(attempt: Attempt) -> str:
    status = f" with {attempt.status_code}" if attempt.status_code else ""
    detail = f": {printable(attempt.detail)}" if attempt.detail else ""
    at = format_seconds(attempt.sent_at)
    return f"attempt {attempt.number} at {at}: {attempt.outcome.replace('_', ' ')}{status}{detail}"
