"""The room where a conversation is had by one schedule after the other, and each ending compared.

The reference is delivery in order and once each. How long the endpoint goes on working after its
last answer is measured first, so that one with a queue is looked at when it is done.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.differences import differences
from mockatell.core.oracle import NOT_FOUND
from mockatell.core.schedules import Schedule, in_order
from mockatell.errors import ConfigurationError, UnreachableError
from mockatell.model import Trouble
from mockatell.rooms.explore.takes import QUIET, Take, Watch
from mockatell.shell.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mockatell.core.drafts import Draft
    from mockatell.core.endings import Ending
    from mockatell.model import Attempt
    from mockatell.rooms.explore.takes import Company
    from mockatell.rooms.explore.theatre import Played

    Events = tuple[int, ...]

_PATIENCE: Final = 0.01  # seconds that an ending which differs is given to come right
_MARGIN: Final = 2.0  # times as long as the endpoint was seen to work on
_LONG_QUIET: Final = 0.5  # seconds without a change that end another look
_NO_TALK: Final = frozenset({Trouble.TLS, Trouble.NOT_HTTP, Trouble.CLOSED, Trouble.RESET})


class BlindError(ConfigurationError):
    """Nothing is seen of one conversation."""


class Experiment:
    """A conversation, had again and again.

    Args:
        company: Who takes part.
        events: The conversation.

    Attributes:
        plays: How many schedules were played, references included.
        unseen: Of how many the state could not be seen, although it can in order.
    """

    def __init__(self, company: Company, events: tuple[Draft, ...]) -> None:
        self.events = events
        self._company = company
        self._lag = 0.0
        self._came_to_rest = False
        self._references: dict[Events, Ending] = {}
        self._settled: set[Events] = set()
        self.plays = 0
        self.unseen = 0

    def alone(self, seconds: float) -> list[tuple[Ending, tuple[Attempt, ...]] | None]:
        """How each event ends when it is all that comes, with its attempts.

        Raises:
            UnreachableError: The endpoint is down.
        """
        takes = [self._take(in_order((event,))) for event in range(len(self.events))]
        played = self._perform(takes, lambda _: lambda *_: True, seconds)
        check_reachable([attempt for each in played if each for attempt in each.attempts])
        return [
            None if each is None else (take.ending(each.attempts, each.sights), each.attempts)
            for take, each in zip(takes, played, strict=True)
        ]

    def begin(self, seconds: float) -> Ending | None:
        """The reference of the whole conversation; None where there was no time for it.

        Raises:
            ConfigurationError: It shows nothing, or another thing every time.
            UnreachableError: The endpoint is down.
        """
        whole = in_order(range(len(self.events)))
        take = self._take(whole)
        [before] = self._perform([take], lambda _: lambda *_: True, seconds, sending=False)
        if before is None:
            return None
        state = take.ending((), before.sights).state
        until = monotonic() + seconds
        first = self._watched(whole, state, until)
        if first is None:
            return None
        second = self._once(whole, self._until(first), until - monotonic())
        if second is not None and second != first and self._came_to_rest:  # it went on after it
            first = self._watched(whole, state, until, _LONG_QUIET)
            second = self._watched(whole, state, until, _LONG_QUIET)
        if first is None or second is None:
            return None
        if second != first:
            raise ConfigurationError(_not_the_same(first, second))
        self._references[whole.events] = first
        self._settled.add(whole.events)
        return first

    def _watched(
        self, whole: Schedule, before: Any, until: float, quiet: float = QUIET
    ) -> Ending | None:
        """How delivery in order ends when all is quiet; None where the time is too short for that.

        Half of the time that is left may go into it, so that a state which never changes is known
        before time is up.
        """
        left = until - monotonic()
        watch = Watch(before, min(self._company.within, left / 2), quiet)
        ending = self._once(whole, watch, left)
        self._came_to_rest = watch.settled
        if watch.settled:
            self._lag = max(self._lag, _MARGIN * watch.changed)
        if ending is None:
            return None
        cut = left / 2 < self._company.within
        self._check_seen(ending, before, f"{left / 2:.1f}s, as the budget allows" if cut else "")
        return None if cut and not watch.settled and ending.is_sound else ending

    def endings(
        self, schedules: Sequence[Schedule], seconds: float, *, patient: bool = False
    ) -> list[Ending | None]:
        """How schedules end, where that is otherwise than their events do in order; else None.

        A part of the conversation that is refused in order as well proves nothing, and neither
        does a state that could not be seen.
        """
        self._refer({schedule.events for schedule in schedules}, seconds)
        told = [at for at, each in enumerate(schedules) if self._is_sound(each.events)]
        takes = [self._take(schedules[at]) for at in told]
        played = self._perform(takes, lambda t: self._compare(t, patient=patient), seconds)
        found: list[Ending | None] = [None] * len(schedules)
        for at, take, each in zip(told, takes, played, strict=True):
            if each is None:
                continue
            check_connected(each.attempts)
            ending = take.ending(each.attempts, each.sights)
            if ending.unseen:
                self.unseen += 1
            elif ending != self.reference(take.schedule.events):
                found[at] = ending
            elif patient:  # it works on for longer than was seen
                self._lag = max(self._lag, _MARGIN * (each.seen_after - self._lag - _PATIENCE))
        return found

    def reference(self, events: Events) -> Ending:
        """How these events end when they come in order and once each."""
        return self._references[events]

    def settle(self, events: Events, seconds: float) -> None:
        """See that a reference is the same again, given time.

        Raises:
            ConfigurationError: It is another one every time.
        """
        if events in self._settled:
            return
        known = self._references[events]
        for _ in range(2):
            again = self._once(in_order(events), self._until(known, self._company.within), seconds)
            if again is None or again == known:
                self._settled.add(events)
                return
            before, known = known, again
            self._references[events] = again
        raise ConfigurationError(_not_the_same(before, known))

    def _refer(self, wanted: Iterable[Events], seconds: float) -> None:
        """Find out how parts of the conversation end in order."""
        new = sorted(set(wanted) - self._references.keys())
        takes = [self._take(in_order(events)) for events in new]
        played = self._perform(takes, lambda _: lambda *_: True, seconds)
        for take, each in zip(takes, played, strict=True):
            if each is not None:
                ending = take.ending(each.attempts, each.sights)
                self._references[take.schedule.events] = ending

    def _is_sound(self, events: Events) -> bool:
        reference = self._references.get(events)
        return reference is not None and reference.is_sound and not reference.unseen

    def _compare(self, take: Take, *, patient: bool) -> Callable[[float, Ending], bool]:
        reference = self._references[take.schedule.events]
        return self._until(reference, self._company.within if patient else None)

    def _until(
        self, wanted: Ending, longest: float | None = None
    ) -> Callable[[float, Ending], bool]:
        patience = self._lag + _PATIENCE if longest is None else longest
        if longest is not None and not self._lag:
            patience = min(longest, 5 * QUIET)  # it was never seen to work on
        return lambda elapsed, ending: ending.state == wanted.state or elapsed >= patience

    def _once(
        self, schedule: Schedule, enough: Callable[[float, Ending], bool], seconds: float
    ) -> Ending | None:
        take = self._take(schedule)
        [played] = self._perform([take], lambda _: enough, seconds)
        if played is None:
            return None
        check_reachable(played.attempts)
        return take.ending(played.attempts, played.sights)

    def _take(self, schedule: Schedule) -> Take:
        return Take(self._company, self.events, schedule)

    def _perform(
        self,
        takes: Sequence[Take],
        enough: Callable[[Take], Callable[[float, Ending], bool]],
        seconds: float,
        *,
        sending: bool = True,
    ) -> list[Played | None]:
        self.plays += len(takes) if sending else 0
        plays = [take.play(enough(take), self._lag, sending=sending) for take in takes]
        company = self._company
        if company.reset is None:
            return company.theatre.perform(plays, seconds=seconds)
        played = []
        for play in plays:
            company.reset()
            played += company.theatre.perform([play], seconds=seconds)
        return played

    def _check_seen(self, reference: Ending, before: Any, looked: str) -> None:
        if reference.unseen:
            raise BlindError(
                f"the state cannot be seen after delivery in order: {reference.unseen[0]}"
            )
        if reference.state == before and not self._company.witness.is_blind:
            seen = list(reference.state.values())
            unknown = bool(seen) and all(each == f"answered {NOT_FOUND}" for each in seen)
            hint = " (is the probe's URL right?)" if unknown else ""
            hint = hint or ("" if seen else " (no message has what is asked for)")
            hint += f"; it was looked at for {looked}" if looked else ""
            raise BlindError(
                "the state is the same before the conversation as after it, so it shows nothing "
                f"of the conversation: {reference.state!r}{hint}"
            )


def check_reachable(attempts: Sequence[Attempt]) -> None:
    """See that some attempt got to the endpoint.

    Raises:
        UnreachableError: None did.
    """
    troubles = [attempt.trouble for attempt in attempts]
    if troubles and all(each and (not each.connected or each in _NO_TALK) for each in troubles):
        raise UnreachableError(f"the endpoint cannot be reached: {attempts[0].detail}")


def check_connected(attempts: Sequence[Attempt]) -> None:
    """See that the endpoint is still there: of some attempt, the connection came about.

    Raises:
        UnreachableError: It is not.
    """
    real = [each for each in attempts if each.trouble is not Trouble.OUTAGE]
    if real and all(each.trouble and not each.trouble.connected for each in real):
        raise UnreachableError(f"the endpoint cannot be reached any more: {real[-1].detail}")


def _not_the_same(first: Ending, second: Ending) -> str:
    said = "; ".join(map(str, differences(first.state, second.state))) or "its answers"
    looks = first.state.keys() & second.state.keys()
    paths = {
        each.path for look in looks for each in differences(first.state[look], second.state[look])
    }
    wild = {re.sub(r"\[\d+\]", "[*]", path) for path in paths}
    flags = " ".join(f"--ignore '{path}'" for path in sorted(filter(None, wild)))
    hint = f" (leave out of the state what is new every time: {flags})" if flags else ""
    return (
        "the endpoint does not do the same twice when the same events come in order and once "
        f"each, so nothing can be compared with that: {said}{hint}"
    )
