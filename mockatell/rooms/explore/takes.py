"""One run of a schedule: who takes part, under which ids, and how long it is looked at."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from mockatell.clickatell.values import numbered_user
from mockatell.core.casting import Cast
from mockatell.core.endings import Ending, ended
from mockatell.core.journal import Journal
from mockatell.core.schedules import GAP, Schedule, deliveries
from mockatell.model import Frozen, RunStarted
from mockatell.rng import Purpose, Stream
from mockatell.rooms.explore.theatre import Play, Sight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mockatell.clickatell.platform import Platform
    from mockatell.core.drafts import Draft
    from mockatell.model import Attempt, Callback
    from mockatell.rooms.explore.theatre import Theatre
    from mockatell.rooms.explore.witness import Witness

QUIET: Final = 0.1  # seconds without a change that end a first look
_APART: Final = 100_003  # runs between those in which two persons have the same number
_STARTED: Final = RunStarted("", "", 0, 0)


class Company(Frozen, frozen=True):
    """What every experiment needs.

    Args:
        theatre: Plays schedules.
        witness: Sees what they leave behind.
        platform: Makes the callbacks.
        seed: Draws what the scenario leaves open.
        salt: Sets the ids apart from those that a target has seen before.
        epoch_ms: Unix time in milliseconds of every schedule's time 0.
        runs: Numbers that no two runs share.
        within: Longest time in seconds that the endpoint may go on working.
        reset: Puts the app back to its beginning before every schedule; ids then stay the same.
    """

    theatre: Theatre
    witness: Witness
    platform: Platform
    seed: int
    salt: int
    epoch_ms: int
    runs: Iterator[int]
    within: float
    reset: Callable[[], Any] | None = None


class Take:
    """One run of a schedule: under which ids, and what is to be looked at."""

    def __init__(self, company: Company, events: Sequence[Draft], schedule: Schedule) -> None:
        self.schedule = schedule
        self._witness = company.witness
        keep = company.reset is not None
        run = 0 if keep else next(company.runs)
        ids = Stream(company.seed, Purpose.SEARCH, company.salt, run)
        kept = [events[event] for event in schedule.events]
        self._cast = Cast(kept, ids, keep=keep, numbers=_numbers(company.salt + run))
        self.callbacks: dict[int, Callback] = {
            event: self._cast.events[rank].happen(
                company.platform,
                Stream(company.seed, Purpose.MESSAGE, event),
                company.epoch_ms + int(rank * GAP * 1000),
            )
            for rank, event in enumerate(schedule.events)
        }
        self._asked = self._witness.questions(self._cast, self._sent)

    @property
    def _sent(self) -> list[Callback]:
        return list(self.callbacks.values())

    def play(
        self, enough: Callable[[float, Ending], bool], wait: float, *, sending: bool = True
    ) -> Play:
        """What the theatre is to do."""
        return Play(
            tuple(deliveries(self.schedule, self.callbacks)) if sending else (),
            tuple(asked.look for asked in self._asked),
            lambda elapsed, sights: enough(elapsed, self.ending((), sights)),
            wait,
        )

    def ending(self, attempts: Iterable[Attempt], sights: Sequence[Sight]) -> Ending:
        """How it ended."""
        seen = self._witness.seen(self._cast, self._sent, self._asked, sights)
        return ended(self.schedule, Journal(_STARTED, attempts), seen.state, seen.unseen)


def _numbers(run: int) -> Iterator[str]:
    """Numbers that no two runs share, unless there are very many."""
    return (numbered_user(run + person * _APART) for person in count())


class Watch:
    """Looks on until nothing has changed for a while, and keeps when it last did."""

    def __init__(self, before: Any, longest: float, quiet: float = QUIET) -> None:
        self._before = before
        self._longest = longest
        self._quiet = quiet
        self.settled = False
        self._last: Any = None
        self.changed = 0.0
        self._looks = 0

    def __call__(self, elapsed: float, ending: Ending) -> bool:
        """Whether it has been looked at for long enough."""
        self._looks += 1
        if self._looks > 1 and ending.state != self._last:
            self.changed = elapsed
        self._last = ending.state
        blind = not ending.state
        is_quiet = elapsed - self.changed >= self._quiet
        self.settled = is_quiet and (blind or ending.state != self._before)
        return self.settled or elapsed >= self._longest
