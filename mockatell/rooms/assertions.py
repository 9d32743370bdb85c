"""What the fixture asserts of a test's journal, and what a test that failed should show of it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from mockatell.core.differences import shown
from mockatell.core.failure import explain
from mockatell.core.render.sentences import printable
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mockatell.model import Attempt, Expectation
    from mockatell.rooms.rehearsal import Rehearsal

MOST_TRACEBACKS: Final = 3
_MOST_UNSENT: Final = 10
_REMEDY: Final = "resume(), or let the clock advance"


def all_acknowledged(rehearsal: Rehearsal) -> None:
    """Every delivery was acknowledged in the end, and none was lost to a redirect.

    Raises:
        AssertionError: One was not, nothing was sent, or something still waits.
    """
    __tracebackhide__ = True
    if not rehearsal.journal:
        unsent = held_back(rehearsal)
        raise AssertionError(
            "\n".join([f"nothing was sent yet: {_REMEDY}", *unsent])
            if unsent
            else "nothing was sent, so nothing was acknowledged"
        )
    if unacked := rehearsal.journal.unacked:
        raise AssertionError(_explained(rehearsal, "not acknowledged", unacked))
    if rehearsal.agenda.next_due() is not None:
        raise AssertionError(f"deliveries still wait: {_REMEDY}")


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
        AssertionError: It was not, or nothing was sent about it at all.
        ConfigurationError: `times` is no number of times.
    """
    __tracebackhide__ = True
    is_number = isinstance(times, int) and not isinstance(times, bool)
    if times is not None and not (is_number and times >= 0):
        raise ConfigurationError(f"times is a number from 0, not {shown(times)}")
    if (problem := rehearsal.unknown(message_id)) is not None:
        raise AssertionError(problem)
    attempts = rehearsal.journal.by_message.get(message_id, [])
    seen = sum(attempt.number > 1 for attempt in attempts)
    if seen != times if times is not None else not seen:
        wanted = "at least once" if times is None else f"{times} times"
        what = f"message {message_id} was retried {seen} times, not {wanted}"
        raise AssertionError(_explained(rehearsal, what, attempts))


def sections(rehearsal: Rehearsal, shown: str, raised: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What a failed test should show: titles and texts.

    Args:
        rehearsal: What was sent.
        shown: What it shows already; that is not said again.
        raised: Tracebacks of the app's from elsewhere.
    """
    told = {f"in delivery #{n}, attempt {m}": it for (n, m), it in rehearsal.tracebacks.items()}
    told |= {f"by the app ({number})": it for number, it in enumerate(raised, 1)}
    unsent = held_back(rehearsal)
    waiting = [("mockatell: held back, and never sent", "\n".join([*unsent, _REMEDY]))]
    if not unsent or unsent[0] in shown:
        waiting = []
    return [*_deliveries(rehearsal, shown), *waiting, *_tracebacks(told, shown)]


def held_back(rehearsal: Rehearsal) -> list[str]:
    """What was put on the agenda and never sent, a line each."""
    unsent = rehearsal.unsent()
    lines = [
        f"  #{each.seq} {each.callback.kind} of message {printable(each.callback.message_id)} "
        f"to the {each.callback.role} endpoint"
        for each in unsent[:_MOST_UNSENT]
    ]
    more = len(unsent) - len(lines)
    return [*lines, f"  and {more} more"] if more else lines


def _deliveries(rehearsal: Rehearsal, shown: str) -> Iterator[tuple[str, str]]:
    journal = rehearsal.journal
    if not journal:
        return
    if unacked := journal.unacked:
        title, text = "not acknowledged", _explained(rehearsal, "not acknowledged", unacked)
    else:
        title, text = "what was sent", _explained(rehearsal, "acknowledged", journal)
    of_deliveries = text.splitlines()[1:-1]
    if not any(line in shown for line in of_deliveries):
        yield f"mockatell: {title}", text


def _tracebacks(told: Mapping[str, str], shown: str) -> Iterator[tuple[str, str]]:
    for where, text in islice(told.items(), MOST_TRACEBACKS):
        if _flat(text) not in _flat(shown):
            yield f"mockatell: raised {where}", text


def _flat(text: str) -> str:
    return " ".join(text.split())


def _explained(rehearsal: Rehearsal, what: str, attempts: Sequence[Attempt]) -> str:
    journal = rehearsal.journal
    return explain(what, attempts, journal, journal.started.replay)
