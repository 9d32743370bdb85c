"""Clauses on at-least-once and unordered: copies, retries, what comes late or in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockatell.clickatell.values import user_number
from mockatell.core.check.judging import all_acknowledged, judged, patiently
from mockatell.core.check.rows import baseline, for_each
from mockatell.core.check.words import Clause, Sending, Step
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Role

if TYPE_CHECKING:
    from mockatell.core.check.bench import Bench
    from mockatell.core.check.words import Script, Seen

_OLD: Final = 76 * 3600 + 14 * 60.0  # seconds: the longest of the schedules that retries may follow
_LEAST_PAUSE, _MOST_PAUSE = 0.2, 2.0
_AGAIN: Final = "the same bytes again"


def copies(bench: Bench) -> Script:
    """The same callback, three times, for every kind that is known."""
    kinds = bench.known_kinds()
    first = [Sending(bench.usual(kind), "the original") for kind in kinds]
    again = [replace(each, what=_AGAIN) for each in first for _ in range(2)]
    return (yield from all_acknowledged(again, first))


def after_hanging_up(bench: Bench) -> Script:
    """The same callback after an exchange that was broken off, at once or in the middle."""
    numbers = bench.memory.rulings[f"{bench.role}-in-time"].numbers
    usually = numbers["p50_s"]
    pause = min(max(_LEAST_PAUSE, 2 * numbers["max_s"]), _MOST_PAUSE)
    again: list[Seen] = []
    for patience in (0.0, usually / 2):
        what = f"we hang up after {format_seconds(patience)}"
        sending = replace(bench.plain(what), hang_up_after=patience)
        yield Step((sending,))
        retry = replace(sending, what=f"{_AGAIN}, after that", hang_up_after=None)
        again.append((yield from patiently(retry, pause)))
    return judged(again, 2)


def late_statuses(bench: Bench) -> Script:
    """The final status first, and then those that went before it."""
    message = bench.message()
    sent, delivered, read = (
        bench.status(message, name) for name in ("SENT_TO_SUPPLIER", "DEVICE_ACK", "READ")
    )
    late = [
        Sending(delivered, "1 s older than the READ before it"),
        Sending(sent, "2 s older than the READ before it"),
    ]
    return (yield from all_acknowledged(late, [Sending(read, "the last status, first")]))


def late_replies(bench: Bench) -> Script:
    """A reply that is older than the one before it."""
    user = user_number(bench.stream)
    earlier = bench.plain("1 s older than the same person's before it", user=user)
    later = bench.plain("the later one", user=user)
    return (yield from all_acknowledged([earlier], [later]))


def old(bench: Bench) -> Script:
    """What a retry brings after three days."""
    return (
        yield from all_acknowledged([
            bench.plain(f"its timestamp is {format_seconds(ago)} ago", ago=ago)
            for ago in (600.0, _OLD)
        ])
    )  # fmt: skip


REPEATS: Final = (
    *for_each(
        "duplicate",
        copies,
        rule="A callback that was acknowledged is acknowledged again.",
        meaning=(
            "Delivery is at least once, so copies are normal. One that is answered 4xx or 5xx is "
            "retried like any other failure: each copy becomes a series of retries. Recognise it, "
            "do nothing, and answer 2xx."
        ),
        row="duplicates",
    ),
    *for_each(
        "retry",
        after_hanging_up,
        needs=("{role}-duplicate", "{role}-in-time"),
        rule="A callback whose first try timed out is acknowledged when it comes again.",
        meaning=(
            "We closed the connection before the answer, as the platform does when its patience "
            "ends, and then sent the same bytes. Work that was cut off must not leave a lock, an "
            "open transaction or a mark 'in progress' behind."
        ),
        row="timeout",
    ),
    Clause(
        id="status-out-of-order",
        roles=(Role.STATUS,),
        rule="Statuses in the wrong order are acknowledged.",
        meaning=(
            "Order is not kept. A state machine that raises at DELIVERED after READ makes a "
            "series of retries of it: ignore what is older, and answer 2xx."
        ),
        play=late_statuses,
        row="order",
        needs=(baseline(Role.STATUS),),
    ),
    Clause(
        id="reply-out-of-order",
        roles=(Role.REPLY,),
        rule="Replies in the wrong order are acknowledged.",
        meaning="Order is not kept: sort by timestamp, and reject nothing for its age.",
        play=late_replies,
        row="order",
        needs=(baseline(Role.REPLY),),
    ),
    *for_each(
        "old-event",
        old,
        rule="A callback whose event is three days old is acknowledged.",
        meaning=(
            "A retry has the event's first timestamp, and retries may go on for days. A check "
            "against replays that refuses old timestamps refuses every late retry."
        ),
        row="retry-schedule",
    ),
)
