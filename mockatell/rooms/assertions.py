"""What the fixture asserts of a test's journal, and what a test that failed should show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.failure import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockatell.model import Attempt, Expectation
    from mockatell.rooms.rehearsal import Rehearsal

MOST_TRACEBACKS: Final = 3


def all_acknowledged(rehearsal: Rehearsal) -> None:
    """Every delivery was acknowledged in the end, and none was lost to a redirect.

    Raises:
        AssertionError: One was not, nothing was sent, or something still waits.
    """
    __tracebackhide__ = True
    if not rehearsal.journal:
        raise AssertionError("nothing was sent, so nothing was acknowledged")
    if unacked := rehearsal.journal.unacked:
        raise AssertionError(_explained(rehearsal, "not acknowledged", unacked))
    if rehearsal.agenda.next_due() is not None:
        raise AssertionError("deliveries still wait: resume(), or let the clock advance")


def expectations_held(judged: Iterable[Expectation], replay: str) -> None:
    """Every clause that was judged held.

    Raises:
        AssertionError: One did not, or there is none.
    """
    __tracebackhide__ = True
    clauses = tuple(judged)
    if not clauses:
        raise AssertionError("no scenario was run, so nothing was expected")
    broken = [each for each in clauses if not each.held]
    lines = ["\n  ".join((each.clause, *each.evidence)) for each in broken]
    if lines:
        raise AssertionError("\n".join(["did not hold:", *lines, f"replay: {replay}"]))


def retried(rehearsal: Rehearsal, message_id: str, times: int | None) -> None:
    """A delivery about this message was sent again, this many times in all if given.

    Raises:
        AssertionError: It was not.
    """
    __tracebackhide__ = True
    attempts = rehearsal.journal.by_message.get(message_id, [])
    seen = sum(attempt.number > 1 for attempt in attempts)
    if seen != times if times is not None else not seen:
        wanted = "at least once" if times is None else f"{times} times"
        what = f"message {message_id} was retried {seen} times, not {wanted}"
        raise AssertionError(_explained(rehearsal, what, attempts))


def sections(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    """What a failed test should show: titles and texts."""
    journal = rehearsal.journal
    if unacked := journal.unacked:
        told = _explained(rehearsal, "not acknowledged", unacked)
        shown = [("mockatell: not acknowledged", told)]
    elif journal:
        shown = [("mockatell: what was sent", _explained(rehearsal, "acknowledged", journal))]
    else:
        shown = []
    for (number, attempt), text in list(rehearsal.tracebacks.items())[:MOST_TRACEBACKS]:
        shown.append((f"mockatell: raised in delivery #{number}, attempt {attempt}", text))
    return shown


def _explained(rehearsal: Rehearsal, what: str, attempts: Sequence[Attempt]) -> str:
    journal = rehearsal.journal
    return explain(what, attempts, journal, journal.started.replay)
