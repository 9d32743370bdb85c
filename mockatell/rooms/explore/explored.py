"""What an exploration tried and found, and how that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.render.finding import differs, headline, how_often, sent
from mockatell.core.render.sentences import count
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.discoveries import Discovery


class Explored(Frozen, frozen=True):
    """What was tried, and what was found.

    Args:
        tried: Schedules that were compared with delivery in order.
        conversations: Conversations of the scenario, one of each sort.
        exhaustive: Whether those were all with at most one fault, in every conversation.
        searched: Whether Hypothesis drew others, with more.
        coverage: Pairs of events that met, of those there are, by the way in which they met.
        discoveries: What breaks.
        unconfirmed: Schedules that broke once and never again.
        unseen: Times that the state could not be seen, although it can in order.
        seconds: How long it took.
        interrupted: Whether it was ended early.
        skipped: Conversations that could not be explored, and why.
        unmatched: Paths to ignore that were nowhere in the state.
    """

    tried: int
    conversations: int
    exhaustive: bool
    searched: bool
    coverage: dict[str, tuple[int, int]]
    discoveries: tuple[Discovery, ...]
    unconfirmed: int
    unseen: int
    seconds: float
    interrupted: bool = False
    skipped: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """What `mockatell explore` exits with."""
        return 130 if self.interrupted else int(bool(self.discoveries))

    def __str__(self) -> str:
        """A report for people."""
        lines = [line for found in enumerate(self.discoveries, 1) for line in _found(*found)]
        return "\n".join([*lines, *self.summary])

    @property
    def summary(self) -> list[str]:
        """What was tried, and how much was found, a line each."""
        return list(_summary(self))

    @property
    def tried_pairs(self) -> str:
        """Which pairs of events have met, by the way in which they did."""
        counts = (f"{way} {seen}/{of}" for way, (seen, of) in self.coverage.items() if of)
        return f"pairs tried: {', '.join(counts)}"


def _found(number: int, found: Discovery) -> Iterator[str]:
    yield f"finding {number}: {headline(found)}"
    yield from (f"  {line}" for line in (*sent(found), *differs(found), how_often(found)))


def _summary(explored: Explored) -> Iterator[str]:
    tried = count(explored.tried, "schedule")
    told = count(explored.conversations, "conversation")
    pace = f"{explored.tried / explored.seconds:.0f} a second" if explored.seconds else ""
    found = count(len(explored.discoveries), "finding") if explored.discoveries else "nothing found"
    early = "interrupted: " if explored.interrupted else ""
    yield f"{early}{found} in {tried} of {told}, in {explored.seconds:.1f}s ({pace})"
    if explored.tried:
        yield explored.tried_pairs
    if explored.exhaustive:
        yield "every order of every part, with at most one fault, was tried"
    if not explored.searched and explored.tried:
        yield "Hypothesis did not search on: there was no time, or it is not installed"
    if explored.unconfirmed:
        once = count(explored.unconfirmed, "schedule")
        yield f"{once} ended otherwise once, and never again: not counted"
    if explored.unseen:
        yield f"the state could not be seen {count(explored.unseen, 'time')}: not counted"
    yield from (f"not explored: {each}" for each in explored.skipped)
    yield from (f"--ignore {each}: it is nowhere in the state" for each in explored.unmatched)
