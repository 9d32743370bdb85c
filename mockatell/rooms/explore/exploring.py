"""The room where an endpoint is searched for the delivery schedule that breaks it.

Every conversation of a scenario is had by the simplest schedules first, then by those that
Hypothesis draws. What breaks is made as small as can be, run again to see how often it breaks, and
kept if nothing of its kind was found before; from then on, schedules that do as much are passed
over, so that one bug does not hide the others.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from mockatell.core.coverage import total
from mockatell.core.discoveries import Discovery
from mockatell.core.endings import Finding
from mockatell.core.render.schedule import in_words
from mockatell.core.render.sentences import count
from mockatell.core.scenario.units import format_seconds
from mockatell.core.schedules import Leeway, in_order
from mockatell.core.shrinking import simpler
from mockatell.errors import ConfigurationError, UnreachableError
from mockatell.model import Frozen
from mockatell.rng import Purpose, Stream
from mockatell.rooms.explore.candidates import Search
from mockatell.rooms.explore.experiment import BlindError, Experiment
from mockatell.rooms.explore.explored import Explored
from mockatell.shell.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockatell.core.drafts import Draft
    from mockatell.core.endings import Ending
    from mockatell.core.schedules import Schedule
    from mockatell.model import Attempt
    from mockatell.rooms.explore.takes import Company

MOST_RETRIES: Final = 2  # of one event's attempts that fail in a schedule
_SIMPLE: Final = 0.6  # of the budget: the share for the simplest schedules
_PER_LANE: Final = 4  # schedules in a batch
_FEW, _MANY = 4, 19  # runs that confirm a finding: as many if it always breaks, or never mind
_SURE: Final = 0.05  # the chance that shrinking takes a flaky schedule for a sound one
_MOST_TRIES: Final = 10
_MOST_SHOWN: Final = 3  # schedules that were in flight
_GRACE: Final = 10.0  # seconds that a finding is given to be confirmed when time is up


class Limits(Frozen, frozen=True):
    """How long to search.

    Args:
        seconds: By the clock on the wall.
        schedules: Most to try.
        discoveries: As many are enough.
    """

    seconds: float
    schedules: float = math.inf
    discoveries: float = math.inf


class Exploration:
    """The search in one endpoint.

    Args:
        company: Who takes part.
        conversations: What is had.
        retries: For an event, how many of its attempts may fail.
        limits: How long to search.
        told: Called after every batch, and for every discovery.
    """

    def __init__(
        self,
        company: Company,
        conversations: Sequence[tuple[Draft, ...]],
        retries: Callable[[Draft], int],
        limits: Limits,
        told: Callable[[Explored], None] = lambda _: None,
    ) -> None:
        self._company = company
        self._limits = limits
        self._told = told
        self._begun = monotonic()
        self._retries = retries
        self._conversations = conversations
        self._searches: list[Search] = []
        self._discoveries: dict[object, Discovery] = {}
        self._pending: Discovery | None = None
        self._unconfirmed = 0
        self._known_refused: set[tuple[str, str | int]] = set()
        self._known_causes: set[str] = set()
        self._blind: list[BlindError] = []
        self._skipped: list[str] = []
        self._in_flight: tuple[Sequence[Draft], Sequence[Schedule]] = ((), ())

    def run(self) -> Explored:
        """Search until time is up, nothing is left, or somebody interrupts.

        Raises:
            ConfigurationError: There is nothing to compare with.
            UnreachableError: The endpoint is down.
        """
        try:
            self._open()
            self._check_evidence()
            self._search()
            self._check_evidence()
        except UnreachableError as error:
            raise UnreachableError(self._gone(error)) from None
        except KeyboardInterrupt:
            if self._pending is not None:
                self._keep(self._pending)
            return self.so_far(interrupted=True)
        return self.so_far()

    def so_far(self, *, interrupted: bool = False) -> Explored:
        """How it stands."""
        searches = self._searches
        tried = sum(search.tried for search in searches)
        return Explored(
            tried=tried,
            conversations=len(self._conversations),
            exhaustive=bool(searches) and all(search.exhausted for search in searches),
            searched=any(search.searched for search in searches),
            coverage=total(search.coverage for search in searches),
            discoveries=tuple(self._discoveries.values()),
            unconfirmed=self._unconfirmed,
            unseen=sum(search.experiment.unseen for search in searches),
            seconds=monotonic() - self._begun,
            interrupted=interrupted,
            skipped=tuple(self._skipped),
            unmatched=tuple(self._company.witness.unmatched) if tried else (),
        )

    @property
    def _left(self) -> float:
        return self._limits.seconds - (monotonic() - self._begun)

    @property
    def _used(self) -> float:
        """The share of the budget that is used up."""
        tried = sum(search.tried for search in self._searches)
        time = 1 - self._left / self._limits.seconds
        found = len(self._discoveries) / self._limits.discoveries
        return max(time, tried / self._limits.schedules, math.floor(found))

    def _open(self) -> None:
        """See how each conversation ends in order, and what of it is not even taken then."""
        for events in self._conversations:
            try:
                self._open_one(events)
            except BlindError as error:
                self._blind.append(error)
                self._skipped.append(f"{_named(events)} ({error})")
            self._told(self.so_far())

    def _open_one(self, events: tuple[Draft, ...]) -> None:
        taken = self._taken(events)
        if not taken:
            return
        experiment = Experiment(self._company, taken)
        reference = experiment.begin(self._left) if self._used < 1 else None
        if reference is not None and not reference.is_sound:
            self._refused_whole(taken, reference)
            taken = tuple(event for at, event in enumerate(taken) if at not in reference.refused)
            experiment = Experiment(self._company, taken)
            reference = experiment.begin(self._left) if taken else None
        if reference is not None:
            stream = Stream(self._company.seed, Purpose.SEARCH, len(self._searches))
            self._searches.append(Search(experiment, self._leeway(taken), stream))
        elif taken and len(self._discoveries) < self._limits.discoveries:
            self._skipped.append(f"{_named(events)} (it had not settled within the budget)")

    def _check_evidence(self) -> None:
        """See that what found nothing has at least looked.

        Raises:
            ConfigurationError: There was nothing to see, or no time.
        """
        if self._discoveries or (self._left > 0 and self._searches):
            return
        if len(self._blind) == len(self._conversations):
            raise self._blind[0]
        if not any(search.tried for search in self._searches):
            raise ConfigurationError(
                "no reference in time: delivery in order and once each had not settled within the "
                f"budget of {format_seconds(self._limits.seconds)}: give it a longer --budget (or "
                "--ignore what goes on changing for ever)"
            )

    def _gone(self, error: UnreachableError) -> str:
        """That the endpoint went away, and what was sent to it then."""
        tried = self.so_far().tried
        if not tried:
            return str(error)
        events, schedules = self._in_flight
        lines = [f"  {'; '.join(in_words(each, events))}" for each in schedules[:_MOST_SHOWN]]
        lines += [f"  and {len(schedules) - _MOST_SHOWN} more"] * (len(schedules) > _MOST_SHOWN)
        kept = count(len(self._discoveries), "finding")
        gone = str(error).replace("cannot be reached:", "cannot be reached any more:")
        until = f"{gone}, after {count(tried, 'schedule')} and {kept}; in flight when it went:"
        return "\n".join([until, *lines])

    def _taken(self, events: tuple[Draft, ...]) -> tuple[Draft, ...]:
        """The events, unless none is taken even when it comes alone; then that is the finding."""
        alone = Experiment(self._company, events).alone(self._left)
        known = [each for each in alone if each is not None]
        if known and not any(ending.is_sound for ending, _ in known):
            self._refused_for_a_cause(events, alone)
            return ()
        for event, each in enumerate(alone):
            if each is not None and not each[0].is_sound:
                self._refused((event,), events, *each)
        return events

    def _refused_for_a_cause(
        self,
        events: tuple[Draft, ...],
        alone: Sequence[tuple[Ending, tuple[Attempt, ...]] | None],
    ) -> None:
        """Keep one finding for each way in which everything is refused."""
        for event, each in enumerate(alone):
            cause = _refusal(each[1]) if each is not None else ""
            if each is not None and cause not in self._known_causes:
                self._known_causes.add(cause)
                self._refused((event,), events, *each)

    def _refused_whole(self, events: tuple[Draft, ...], reference: Ending) -> None:
        everything = tuple(range(len(events)))
        self._refused(everything, events, reference, ())

    def _refused(
        self,
        kept: tuple[int, ...],
        events: tuple[Draft, ...],
        got: Ending,
        attempts: Sequence[Attempt],
    ) -> None:
        """Keep that events are refused in order, unless their like is known to be."""
        new = {(events[event].kind, events[event].status) for event in got.refused}
        if new <= self._known_refused:
            return
        self._known_refused |= new
        finding = Finding(in_order(kept), events, got, got, True, "", "")
        self._keep(Discovery(finding, 1, 1, 0, in_order=True, refusal=_refusal(attempts)))

    def _leeway(self, events: Sequence[Draft]) -> Leeway:
        retries = tuple(min(MOST_RETRIES, self._retries(event)) for event in events)
        return Leeway(len(events), retries=retries, races=self._company.theatre.races)

    def _search(self) -> None:
        active = list(self._searches)
        size = _PER_LANE * self._company.theatre.lanes
        while active and self._used < 1:
            for search in list(active):
                most = min(size, self._limits.schedules - self.so_far().tried)
                batch = search.batch(int(most), simple=self._used < _SIMPLE)
                if not batch:
                    active.remove(search)
                    continue
                self._in_flight = (search.experiment.events, batch)
                for schedule, ending in search.judged(batch, self._left):
                    if self._used >= 1 and self._discoveries:
                        break
                    self._look_into(search, schedule, ending)
                self._told(self.so_far())
                if self._used >= 1:
                    break

    def _look_into(self, search: Search, schedule: Schedule, ending: Ending) -> None:
        """Make a schedule that broke a discovery, if it is one."""
        if search.explains(schedule):
            return
        seconds = max(self._left, _GRACE)
        experiment = search.experiment
        self._in_flight = (experiment.events, [schedule])
        after = search.tried
        self._pending = _discovery(experiment, schedule, ending, 1, 1, after)
        experiment.settle(schedule.events, seconds)
        broke, of = _rate(experiment, schedule, seconds)
        small = schedule
        if broke:
            small, ending = self._shrunk(experiment, schedule, ending, _tries(broke / of), seconds)
            experiment.settle(small.events, seconds)
        found = _discovery(experiment, small, ending, 1, 1, after)
        if broke and found.kind not in self._discoveries:
            broke, of = _rate(experiment, small, seconds, patient=True)
        self._pending = None
        if not broke:
            self._unconfirmed += 1
            return
        search.known.append(small)
        self._keep(_discovery(experiment, small, ending, broke + 1, of + 1, after))

    def _shrunk(
        self,
        experiment: Experiment,
        schedule: Schedule,
        ending: Ending,
        tries: int,
        seconds: float,
    ) -> tuple[Schedule, Ending]:
        """The smallest schedule that still breaks, and how it ended."""
        lanes = self._company.theatre.lanes
        while True:
            steps = simpler(schedule)
            for start in range(0, len(steps), lanes):
                found = _first_broken(experiment, steps[start : start + lanes], tries, seconds)
                if found is not None:
                    schedule, ending = found
                    self._pending = _discovery(experiment, schedule, ending, 1, 1, 0)
                    break
            else:
                return schedule, ending

    def _keep(self, discovery: Discovery) -> None:
        if self._discoveries.setdefault(discovery.kind, discovery) is discovery:
            self._told(self.so_far())


def _named(events: Sequence[Draft]) -> str:
    """A conversation in words."""
    return " ".join(str(event.status or event.kind) for event in events)


def _refusal(attempts: Sequence[Attempt]) -> str:
    """How the last attempt ended, in words."""
    if not attempts:
        return ""
    last = attempts[-1]
    status = f" with {last.status_code}" if last.status_code else ""
    return f"was {last.outcome.replace('_', ' ')}{status}".replace("was timed out", "timed out")


def _discovery(
    experiment: Experiment, schedule: Schedule, ending: Ending, broke: int, of: int, after: int
) -> Discovery:
    expected = experiment.reference(schedule.events)
    finding = Finding(schedule, experiment.events, expected, ending, broke == of, "", "")
    return Discovery(finding, broke, of, after)


def _rate(
    experiment: Experiment, schedule: Schedule, seconds: float, *, patient: bool = False
) -> tuple[int, int]:
    """In how many runs it breaks, and of how many; one after the other.

    With patience, the first of them is given all the time that the endpoint may work on.
    """
    broke = 0
    for run in range(_MANY):
        [ending] = experiment.endings([schedule], seconds, patient=patient and run == 0)
        broke += ending is not None
        if run + 1 == broke == _FEW:
            return broke, broke
    return broke, _MANY


def _tries(rate: float) -> int:
    """How many runs of a schedule show that it does not break, where another breaks so often."""
    if rate == 1:
        return 1
    return min(_MOST_TRIES, math.ceil(math.log(_SURE) / math.log(1 - rate)))


def _first_broken(
    experiment: Experiment, steps: Sequence[Schedule], tries: int, seconds: float
) -> tuple[Schedule, Ending] | None:
    endings: list[Ending | None] = [None] * len(steps)
    for _ in range(tries):
        again = experiment.endings(steps, seconds)
        endings = [known or new for known, new in zip(endings, again, strict=True)]
    found = zip(steps, endings, strict=True)
    return next(((step, ending) for step, ending in found if ending is not None), None)
