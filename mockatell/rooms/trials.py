"""Having a conversation with an endpoint by one schedule after the other, and how each ended."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.core.casting import Cast
from mockatell.core.differences import differences
from mockatell.core.endings import Ending, Finding, ended, how_they_differ, raised
from mockatell.core.plan import platform_of
from mockatell.core.render.schedule import as_scenario, as_test
from mockatell.core.schedules import GAP, Schedule, deliveries, in_order
from mockatell.errors import ConfigurationError
from mockatell.model import Frozen
from mockatell.rng import Purpose, Stream
from mockatell.rooms.looking import Eyes
from mockatell.rooms.rehearsal import Rehearsal
from mockatell.shell.clock import RealClock, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockatell.core.drafts import Draft
    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import Callback
    from mockatell.rooms.looking import Normalise, State
    from mockatell.rooms.players import Player


_OWN_IDS: Final = (
    "Every schedule has the conversation under message ids of its own: for an app that must have "
    "known them before, give reset=..., a function that puts the app back to where the "
    "conversation begins; the ids are then kept as they were given."
)
_LOOK_AGAIN: Final = 0.02  # seconds between two looks at a state that is not there yet


class Stage(Frozen, frozen=True):
    """Where a conversation is had, again and again.

    Args:
        player: Plays to the target.
        target: An app, or a URL.
        config: Its endpoints, retry policy, integration and quirks hold.
        seed: What everything that is left out is drawn from.
        replay: The line that runs the test again.
        runs: Numbers that no two runs share.
        tracebacks: Where to put what the app raised in the schedule that is told.
    """

    player: Player
    target: Any
    config: Scenario
    seed: int
    replay: str
    runs: Iterator[int]
    tracebacks: list[str]


class Question(Frozen, frozen=True):
    """What is asked.

    Args:
        events: The conversation, in the order in which it happens.
        state: A callable, or a URL template: what shows the state of one message, given
            `messageId`, `clientMessageId`, `replyId`, `from`, `to` as far as they are known.
        reset: Puts the app back to its beginning; without one, every schedule has fresh ids.
        normalise: What of a look is compared: a callable, or a JMESPath expression.
        within: Seconds that the app may go on working after its last answer.
    """

    events: tuple[Draft, ...]
    state: State
    reset: Callable[[], Any] | None = None
    normalise: Normalise | None = None
    within: float = 0.0


class Trials:
    """Schedules that were played, and how they ended."""

    def __init__(self, stage: Stage, asked: Question) -> None:
        self._stage = stage
        self._asked = asked
        self._platform = platform_of(stage.config)
        self._own = zlib.crc32(stage.replay.encode())  # a live target outlives the test
        self._eyes = Eyes(stage.player, stage.target, asked.state, asked.normalise)
        self._references: dict[tuple[int, ...], Ending] = {}
        self._tracebacks: list[str] = []  # of the schedule that was played last
        self._endings: dict[Schedule, Ending | None] = {}  # None: as its events in order end

    @property
    def tried(self) -> int:
        """How many schedules were compared with delivery in order."""
        return len(self._endings)

    def breaks(self, schedule: Schedule) -> bool:
        """Whether a schedule ends otherwise than its events do in order.

        A part of the conversation that fails in order as well proves nothing.
        """
        if schedule not in self._endings:
            reference = self._reference(schedule.events)
            ending = self._play(schedule, reference) if reference.is_sound else reference
            self._endings[schedule] = None if ending == reference else ending
        return self._endings[schedule] is not None

    def is_known(self, schedule: Schedule, *, or_if: Callable[[], bool]) -> bool:
        """As `breaks`, for a schedule that is known already or may still be tried."""
        return (schedule in self._endings or or_if()) and self.breaks(schedule)

    def check_reference(self) -> None:
        """See that the whole conversation, in order and once each, can be compared with.

        Raises:
            ConfigurationError: Its state cannot be seen, or is another one every time.
            AssertionError: The endpoint does not even take that.
        """
        whole = tuple(range(len(self._asked.events)))
        reference = self._reference(whole)
        if not reference.is_sound:
            raise AssertionError(self._unsound(whole, reference))
        self._check_deterministic(whole)
        if reference.unseen:
            raise ConfigurationError(
                f"the state cannot be seen after delivery in order: {reference.unseen[0]}"
            )
        if reference.state == self._before(whole).state:
            raise ConfigurationError(
                "the state is the same before the conversation as after it, so it shows nothing "
                f"of the conversation: {reference.state!r}"
            )

    def _unsound(self, events: tuple[int, ...], reference: Ending) -> str:
        schedule = in_order(events)
        _, said = self._played(schedule, reference)
        self._tell()
        broken = Finding(schedule, self._asked.events, reference, reference, True, "", "", said)
        lines = ["the endpoint does not take the conversation in order and once each:"]
        lines += [f"  {line}" for line in how_they_differ(broken)]
        lines += [_OWN_IDS] if self._asked.reset is None else []
        return "\n".join([*lines, f"replay: {self._stage.replay}"])

    def _tell(self) -> None:
        """Let a failure show what the app raised in the schedule that was played last."""
        self._stage.tracebacks[:] = self._tracebacks

    def _check_deterministic(self, events: tuple[int, ...]) -> None:
        first = self._reference(events)
        second = self._play(in_order(events), first)
        if first == second:
            return
        paths = [str(each) for each in differences(first.state, second.state)] or ["its answers"]
        raise ConfigurationError(
            "the endpoint does not do the same twice when the same events come in order and once "
            f"each, so nothing can be compared with that: {'; '.join(paths)} "
            "(leave out of the state what is new every time: normalise=..., a function or a "
            "JMESPath expression)"
        )

    def found(self, schedule: Schedule) -> Finding:
        """A finding, confirmed by playing it again.

        Raises:
            ConfigurationError: The events in order do not end the same twice.
        """
        self._check_deterministic(schedule.events)
        expected, got = self._reference(schedule.events), self._endings[schedule]
        assert got is not None
        asked, config = self._asked, self._stage.config
        again, said = self._played(schedule, expected)
        self._tell()
        finding = Finding(schedule, asked.events, expected, got, again != expected, "", "", said)
        why = how_they_differ(finding)
        shown = asked.state if isinstance(asked.state, str) else None
        return msgspec.structs.replace(
            finding,
            scenario=as_scenario(schedule, asked.events, config, why),
            test=as_test(schedule, asked.events, shown, why),
        )

    def _reference(self, events: tuple[int, ...]) -> Ending:
        if events not in self._references:
            self._references[events] = self._play(in_order(events))
        return self._references[events]

    def _play(self, schedule: Schedule, expected: Ending | None = None) -> Ending:
        """As `_played`, without what the app raised."""
        return self._played(schedule, expected)[0]

    def _before(self, events: tuple[int, ...]) -> Ending:
        """What is seen when nothing has been sent."""
        return self._played(in_order(events), sending=False)[0]

    def _played(
        self, schedule: Schedule, expected: Ending | None = None, *, sending: bool = True
    ) -> tuple[Ending, dict[int, str]]:
        """Have the schedule's events delivered, on a clock of its own, and look what came of it.

        Returns:
            How it ended, and what the app raised, by event.
        """
        stage, asked = self._stage, self._asked
        keep = asked.reset is not None
        run = 0 if keep else next(stage.runs)
        stream = Stream(stage.seed, Purpose.SEARCH, self._own, run)
        cast = Cast([asked.events[event] for event in schedule.events], stream, keep=keep)
        if asked.reset is not None:
            asked.reset()
        rehearsal = Rehearsal(
            stage.config,
            VirtualClock(),
            stage.seed,
            stage.replay,
            live=expected is None and isinstance(stage.target, str),
        )
        callbacks = self._callbacks(schedule, cast, rehearsal.clock.epoch_ms)
        for delivery in deliveries(schedule, callbacks) if sending else ():
            rehearsal.agenda.add(delivery)
        stage.player.drive(rehearsal)

        def look() -> Ending:
            state, unseen = self._eyes.look(cast, list(callbacks.values()))
            return ended(schedule, rehearsal.journal, state, unseen)

        ending = self._settled(look, expected) if sending and asked.within else look()
        self._tracebacks = list(map(cast.uncast, rehearsal.tracebacks.values()))
        said = raised(schedule, rehearsal.journal) if ending.crashed else {}
        return ending, {event: cast.uncast(text) for event, text in said.items()}

    def _settled(self, look: Callable[[], Ending], expected: Ending | None) -> Ending:
        """How it has ended when the app is no longer at work, or once that is as expected."""
        clock = RealClock()
        if expected is None:
            clock.wait(self._asked.within)
            return look()
        ending = look()
        while ending.state != expected.state and clock.now() < self._asked.within:
            clock.wait(clock.now() + _LOOK_AGAIN)
            ending = look()
        return ending

    def _callbacks(self, schedule: Schedule, cast: Cast, epoch_ms: int) -> dict[int, Callback]:
        """The callbacks by event; whatever their ids, all else is the same in every run."""
        return {
            event: cast.events[rank].happen(
                self._platform,
                Stream(self._stage.seed, Purpose.MESSAGE, self._own, event),
                epoch_ms + int(rank * GAP * 1000),
            )
            for rank, event in enumerate(schedule.events)
        }
