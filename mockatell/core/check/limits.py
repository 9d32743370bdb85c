"""Clauses that find a limit by bisection: the largest body, the highest burst."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final

from mockatell.clickatell.media import LEAST, MOST
from mockatell.core.check.judging import (
    broken,
    ending,
    endings,
    held,
    not_exercised,
    patiently,
)
from mockatell.core.check.rows import for_each, kind_clause
from mockatell.core.check.words import Clause, Seen, Sending, Step, Weight
from mockatell.model import Role

if TYPE_CHECKING:
    from collections.abc import Generator

    from mockatell.core.check.bench import Bench
    from mockatell.core.check.words import Ruling, Script

MOST_AT_ONCE: Final = 200
_FILM: Final = "video/mp4"
_CLOSE: Final = 1.02  # two sizes of which the larger is that many times the smaller
_LONGEST: Final = 60.0  # seconds that the search for one limit may wait for answers
_REST: Final = 1.0  # seconds after a burst that was too high
_RESTS: Final = 5


def largest_body(bench: Bench) -> Script:
    """A film of 16 MiB inline, or else the largest that is acknowledged."""
    top = yield from _film(bench, MOST)
    if top.acknowledged:
        size = len(top.sending.callback.body)
        return held(f"{size:,} bytes acknowledged, the most there can be", largest_bytes=size)
    low = yield from _film(bench, LEAST)
    if not low.acknowledged:
        return not_exercised(f"the smallest film: {ending(low)}", [low])
    return (yield from _between(bench, low, top))


def _between(bench: Bench, low: Seen, high: Seen) -> Script:
    """Bisect until the two are close, by their ratio: limits are round in any unit."""
    sizes, waited = [LEAST, MOST], high.answer.took
    while sizes[1] / sizes[0] > _CLOSE and waited < _LONGEST:
        size = int(sqrt(sizes[0] * sizes[1]))
        seen = yield from _film(bench, size)
        waited += seen.answer.took
        low, high = (seen, high) if seen.acknowledged else (low, seen)
        sizes[0 if seen.acknowledged else 1] = size
    return _limited(low, high)


def _limited(low: Seen, high: Seen) -> Ruling:
    most, least = len(low.sending.callback.body), len(high.sending.callback.body)
    told = f"{most:,} bytes are acknowledged, {least:,} are not: {ending(high)}"
    numbers = {"largest_bytes": most, "refused_bytes": least}
    if high.answer.status_code is None and high.answer.trouble is not None:
        told += f" ({high.answer.detail}); a slow line does that, too"
    return broken(told, [high], **numbers)


def _film(bench: Bench, size: int) -> Generator[Step, tuple[Seen, ...], Seen]:
    form = bench.form_of("moMedia", fields={"by": "inline", "content_type": _FILM})
    callback = bench.event("moMedia", form, size=size)
    return (yield from patiently(Sending(callback, f"a film of {size:,} bytes inline")))


def highest_burst(bench: Bench) -> Script:
    """Twice as many at once every time, up to 200, and then in between."""
    good, size = 1, 2
    bad: tuple[Seen, ...] = ()
    while not bad:
        seen = yield from _burst(bench, size)
        if all(each.acknowledged for each in seen):
            good = size
            if good == MOST_AT_ONCE:
                return held(f"{good} at once are acknowledged: more were not tried", burst=good)
            size = min(2 * size, MOST_AT_ONCE)
        else:
            bad = seen
    return (yield from _between_bursts(bench, good, bad))


def _between_bursts(bench: Bench, good: int, bad: tuple[Seen, ...]) -> Script:
    while len(bad) - good > max(1, good // 10):
        rested = yield from _rest(bench)
        if not rested:
            break
        seen = yield from _burst(bench, (good + len(bad)) // 2)
        if all(each.acknowledged for each in seen):
            good = len(seen)
        else:
            bad = seen
    told = f"{good} at once are acknowledged, {len(bad)} are not: {endings(bad)}"
    return broken(told, bad, burst=good, refused_burst=len(bad))


def _burst(bench: Bench, size: int) -> Generator[Step, tuple[Seen, ...], tuple[Seen, ...]]:
    sendings = tuple(bench.plain(f"{size} at once") for _ in range(size))
    return (yield Step(sendings, at_once=True))


def _rest(bench: Bench) -> Generator[Step, tuple[Seen, ...], bool]:
    """Wait until one alone is acknowledged again."""
    for _ in range(_RESTS):
        (seen,) = yield Step((bench.plain("has it recovered?"),), pause=_REST)
        if seen.acknowledged:
            return True
    return False


LIMITS: Final = (
    Clause(
        id="largest-body",
        roles=(Role.REPLY,),
        rule="A callback with 16 MiB of media inline is acknowledged.",
        meaning=(
            "A film may have 16 MB, and base64 makes a third more of it. Web servers and "
            "frameworks have limits of their own, often 1 MB (nginx) or 2.5 MB (Django): what is "
            "larger is retried, given up, and lost. Raise the limit for this one path."
        ),
        row="media-inline-or-by-reference",
        needs=(kind_clause("moMedia"), "media-inline"),
        play=largest_body,
        limit=True,
    ),
    *for_each(
        "highest-burst",
        highest_burst,
        rule=f"{MOST_AT_ONCE} callbacks at once are acknowledged.",
        meaning=(
            "How many requests the platform makes at once is not documented. What is turned away "
            "(429, 503, a reset) comes again minutes later, with what else has gathered by then: "
            "queue rather than refuse."
        ),
        weight=Weight.ADVICE,
        row="connections-at-once",
        crowd=True,
        limit=True,
    ),
)
