"""How most clauses are played and judged: send, and all of it must be acknowledged."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from mockatell.core.check.words import Ruling, Seen, Sending, Step, Verdict
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Outcome, Trouble

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from mockatell.core.check.words import Evidence, Script

    Part = Generator[Step, tuple[Seen, ...], tuple[Seen, ...]]

PATIENCE: Final = 20.0  # seconds that one clause may wait for answers
_UNANSWERED: Final = 2  # so many answers that never come are enough to know
_EVIDENCE: Final = 5
_TOO_MANY: Final = 429
# A server may close a connection that we are about to use again, above all after a failure.
_BROKEN_OFF: Final = (Trouble.RESET, Trouble.CLOSED)
_PAUSES: Final = (0.5, 1.0, 2.0)  # seconds, before what was answered 429 is sent again

_ENDINGS: Final = {
    Trouble.REFUSED: "connection refused",
    Trouble.DNS: "no address for the name",
    Trouble.CONNECT: "no connection in time",
    Trouble.TLS: "no trusted TLS session",
    Trouble.RESET: "connection reset",
    Trouble.CLOSED: "closed before a whole answer",
    Trouble.NOT_HTTP: "not HTTP",
    Trouble.OUTAGE: "nothing was sent",
    Trouble.TIMEOUT: "no answer in time",
}


def held(reason: str, seen: Sequence[Seen] = (), **numbers: float) -> Ruling:
    """It is as it should be."""
    return Ruling(Verdict.HELD, reason, _kept(seen), numbers)


def broken(reason: str, seen: Sequence[Seen], **numbers: float) -> Ruling:
    """It is not; the evidence is what was not acknowledged, and all else only if that is none."""
    guilty = [each for each in seen if not each.acknowledged]
    return Ruling(Verdict.BROKEN, reason, _kept(guilty or seen), numbers)


def not_exercised(reason: str, seen: Sequence[Seen] = ()) -> Ruling:
    """Nothing is known."""
    return Ruling(Verdict.NOT_EXERCISED, reason, _kept(seen))


def in_turn(sendings: Iterable[Sending]) -> Part:
    """Send one after the other, each `patiently`, until patience is at its end."""
    seen: list[Seen] = []
    for sending in sendings:
        seen.append((yield from patiently(sending)))
        unanswered = sum(each.answer.trouble is Trouble.TIMEOUT for each in seen)
        if (
            unanswered >= _UNANSWERED
            or not seen[-1].connected
            or sum(each.answer.took for each in seen) > PATIENCE
        ):
            break
    return tuple(seen)


def patiently(sending: Sending, pause: float = 0.0) -> Generator[Step, tuple[Seen, ...], Seen]:
    """Send one, and what is answered 429 again after a pause; first wait for `pause` seconds.

    How many requests an endpoint takes in a second is a clause of its own. A connection that breaks
    off is given a second chance.
    """
    (seen,) = yield Step((sending,), pause=pause)
    if seen.answer.trouble in _BROKEN_OFF:
        (seen,) = yield Step((sending,))
    for rest in _PAUSES:
        if seen.answer.status_code != _TOO_MANY:
            break
        (seen,) = yield Step((sending,), pause=rest)
    return seen


def all_acknowledged(tried: Sequence[Sending], prepared: Sequence[Sending] = ()) -> Script:
    """Send in turn and judge; what is prepared must be acknowledged for the rest to be tried."""
    before = yield from in_turn(prepared)
    if len(before) < len(prepared) or not all(each.acknowledged for each in before):
        return not_exercised(f"what goes before it was not acknowledged: {endings(before)}", before)
    after = yield from in_turn(tried)
    return judged(after, len(tried))


def judged(seen: Sequence[Seen], expected: int) -> Ruling:
    """Every one of them must be acknowledged."""
    bad = [each for each in seen if not each.acknowledged]
    if any(each.connected for each in bad):
        return broken(endings(seen), seen)
    if bad:
        return not_exercised(f"the endpoint was not there: {endings(bad)}", bad)
    if len(seen) < expected:
        return not_exercised(
            f"{len(seen)} of {expected} were acknowledged in {format_seconds(PATIENCE)}, the rest"
            " was left out",
            seen,
        )
    return held(endings(seen), seen)


def endings(seen: Sequence[Seen]) -> str:
    """How requests ended, counted: `5 acknowledged, slowest 3ms`, `2 of 5: answered 404`."""
    bad = Counter(ending(each) for each in seen if not each.acknowledged)
    if not bad:
        slowest = format_seconds(max((each.answer.took for each in seen), default=0.0))
        many = f"{len(seen)} acknowledged, slowest" if len(seen) > 1 else "acknowledged in"
        return f"{many} {slowest}"
    if len(seen) == 1:
        return next(iter(bad))
    return ", ".join(f"{times} of {len(seen)}: {how}" for how, times in bad.items())


def ending(seen: Seen) -> str:
    """How one request ended that was not acknowledged."""
    answer = seen.answer
    if answer.status_code is None:
        return "no answer" if answer.trouble is None else _ENDINGS[answer.trouble]
    redirected = seen.outcome is Outcome.REDIRECTED
    return f"answered {answer.status_code}" + (", a redirect: lost for good" if redirected else "")


def _kept(seen: Sequence[Seen]) -> tuple[Evidence, ...]:
    return tuple(each.evidence() for each in seen[:_EVIDENCE])
