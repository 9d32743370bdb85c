"""The room where the schedules of one conversation are chosen: which are worth trying next.

The simplest come first, then those that Hypothesis draws; what contains a schedule that is known to
break is passed over.
"""

from __future__ import annotations

from itertools import islice
from math import comb, factorial, perm
from typing import TYPE_CHECKING, Final

from mockatell.core.coverage import Coverage
from mockatell.core.discoveries import contains
from mockatell.core.schedules import of_length
from mockatell.rooms.explore import searching

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockatell.core.endings import Ending
    from mockatell.core.schedules import Leeway, Schedule
    from mockatell.rng import Stream
    from mockatell.rooms.explore.experiment import Experiment

_LARGEST: Final = 20_000  # schedules of one length; more are left to Hypothesis
_DRAWN: Final = 200  # examples that Hypothesis draws at once
_IDLE: Final = 3  # times that it may draw nothing new


class Search:
    """The search in one conversation.

    Args:
        experiment: Has the conversation.
        leeway: How far its schedules go.
        stream: What Hypothesis draws from.
    """

    def __init__(self, experiment: Experiment, leeway: Leeway, stream: Stream) -> None:
        self.experiment = experiment
        self.coverage = Coverage(leeway)
        self.known: list[Schedule] = []
        self.tried = 0
        self.exhausted = False
        self.searched = False
        self._leeway = leeway
        self._random = stream.as_random()
        self._met: set[Schedule] = set()
        self._simple = self._simplest()
        self._drawn: Iterator[Schedule] = self._draw()

    def batch(self, size: int, *, simple: bool) -> list[Schedule]:
        """The next schedules that could show something new; none when there are no more."""
        found = list(islice(self._new(self._simple), size)) if simple else []
        return found or list(islice(self._new(self._drawn), size))

    def judged(
        self, schedules: Sequence[Schedule], seconds: float
    ) -> Iterator[tuple[Schedule, Ending]]:
        """Those that end otherwise than in order, and how."""
        for schedule in schedules:
            self.coverage.add(schedule)
        self.tried += len(schedules)
        endings = self.experiment.endings(schedules, seconds)
        for schedule, ending in zip(schedules, endings, strict=True):
            if ending is not None:
                yield schedule, ending

    def explains(self, schedule: Schedule) -> bool:
        """Whether what is known to break is a part of this schedule."""
        return any(contains(schedule, small) for small in self.known)

    def _new(self, schedules: Iterator[Schedule]) -> Iterator[Schedule]:
        for schedule in schedules:
            if schedule not in self._met and not self.explains(schedule):
                self._met.add(schedule)
                yield schedule

    def _simplest(self) -> Iterator[Schedule]:
        for callbacks in range(1, self._leeway.events + 2):
            if _many(self._leeway.events, callbacks) > _LARGEST:
                return
            yield from of_length(self._leeway, callbacks)
        self.exhausted = True

    def _draw(self) -> Iterator[Schedule]:
        """What Hypothesis draws, until it draws nothing new any more."""
        if not searching.is_there():
            return
        self.searched = True
        idle = 0
        while idle < _IDLE:
            before = len(self._met)
            drawn: list[Schedule] = []
            searching.search(
                self._leeway,
                lambda each, drawn=drawn: bool(drawn.append(each)),  # type: ignore[misc]
                most=_DRAWN,
                random=self._random,
            )
            yield from drawn
            idle = idle + 1 if len(self._met) == before else 0


def _many(events: int, callbacks: int) -> int:
    """At most so many of the simplest schedules take so many requests."""
    copies = comb(events, callbacks - 1) * factorial(callbacks - 1) * (callbacks - 1)
    return perm(events, callbacks) + copies * callbacks
