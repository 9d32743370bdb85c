"""Clauses on several requests at once: of one message, of one callback, on both endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.check.bench import BASELINE
from mockatell.core.check.judging import broken, endings, held, in_turn, judged, not_exercised
from mockatell.core.check.rows import baseline, for_each
from mockatell.core.check.words import Clause, Sending, Step
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.check.bench import Bench
    from mockatell.core.check.words import Script, Seen

_ROUNDS: Final = 5
_COPIES: Final = 3
_WATCHED: Final = 10  # requests to one endpoint while the other is busy
_BUSY: Final = 400  # requests that keep the other one busy, at most


def one_message(bench: Bench) -> Script:
    """Three statuses of one message at once, several times."""
    return (yield from _rounds(_statuses(bench) for _ in range(_ROUNDS)))


def one_callback(bench: Bench) -> Script:
    """Copies of a callback at once, several times."""
    return (
        yield from _rounds(
            (bench.plain(f"{_COPIES} copies at once"),) * _COPIES for _ in range(_ROUNDS)
        )
    )


def beside_the_other(bench: Bench) -> Script:
    """Requests to one endpoint in turn, while the other has many at a time."""
    other = next(role for role in Role if role is not bench.role)
    quiet = yield from in_turn(bench.plain() for _ in range(_WATCHED))
    if not all(each.acknowledged for each in quiet):
        return not_exercised(f"while quiet: {endings(quiet)}", quiet)
    watched = tuple(bench.plain(f"the {other} endpoint is busy") for _ in range(_WATCHED))
    busy = tuple(bench.plain(role=other) for _ in range(_BUSY))
    loud = yield Step(watched, beside=busy)
    numbers = {"quiet_p50_s": _median(quiet), "busy_p50_s": _median(loud)}
    told = " and ".join(
        f"{name} {format_seconds(time)}"
        for name, time in zip(("quiet", "busy"), numbers.values(), strict=True)
    )
    if all(each.acknowledged for each in loud):
        return held(f"p50 {told}", loud[:1], **numbers)
    return broken(f"{endings(loud)}; p50 {told}", loud, **numbers)


def _statuses(bench: Bench) -> tuple[Sending, ...]:
    message = bench.message()
    return tuple(
        Sending(bench.status(message, name), f"{name}, at once with two others of its message")
        for name in ("SENT_TO_SUPPLIER", "DEVICE_ACK", "READ")
    )


def _rounds(rounds: Iterator[tuple[Sending, ...]]) -> Script:
    seen: list[Seen] = []
    for sendings in rounds:
        seen += yield Step(sendings, at_once=True)
        if not all(each.acknowledged for each in seen):
            break
    return judged(seen, len(seen))


def _median(seen: tuple[Seen, ...]) -> float:
    times = sorted(each.answer.took for each in seen)
    return times[len(times) // 2]


_BASELINES: Final = tuple(baseline(role) for role in BASELINE)

CROWDS: Final = (
    Clause(
        id="statuses-at-once",
        roles=(Role.STATUS,),
        rule="Statuses of one message that come at the same moment are acknowledged.",
        meaning=(
            "The platform does not wait for one before it sends the next. Look for a locked "
            "database, a lost update, a deadlock, an insert that two requests both make."
        ),
        play=one_message,
        row="order",
        needs=(baseline(Role.STATUS),),
        crowd=True,
    ),
    *for_each(
        "copies-at-once",
        one_callback,
        needs=("{role}-duplicate",),
        rule="Copies of a callback that come at the same moment are acknowledged.",
        meaning=(
            "Both look whether it was seen before, both see nothing, both insert: the second one "
            "fails on the unique key. Insert, and take the conflict for the answer."
        ),
        row="duplicates",
        crowd=True,
    ),
    *(
        Clause(
            id=f"{role}-beside-{other}",
            roles=(role, other),
            rule=f"A busy {other} endpoint keeps no callback from the {role} endpoint.",
            meaning=(
                "Statuses come in bursts when many messages go out, and people answer at the "
                "same time. Both endpoints share workers, connections or a lock: part them, or "
                "answer before the work."
            ),
            play=beside_the_other,
            row="two-urls",
            needs=_BASELINES,
            crowd=True,
        )
        for role, other in ((Role.REPLY, Role.STATUS), (Role.STATUS, Role.REPLY))
    ),
)
