"""What the pytest fixture hands to a test: verbs that send, a clock to move, and assertions.

Every verb is there twice: `mockatell.send(...)` for tests that are functions, and
`await mockatell.aio.send(...)` for tests that are coroutines.
"""

from __future__ import annotations

import math
from itertools import count
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockatell.core.by_hand import by_index, causes, in_order, named, sendable
from mockatell.core.differences import shown
from mockatell.core.factories import conversation, messageStatusUpdate
from mockatell.core.retry import RetryPolicy
from mockatell.core.schedules import Leeway, checked
from mockatell.errors import ConfigurationError
from mockatell.model import Attempt, Callback, Outcome
from mockatell.rooms import assertions
from mockatell.rooms.convergence import LONGEST, MOST_TRIED, allowed, held, question
from mockatell.rooms.fixture_aio import Aio
from mockatell.rooms.fixture_clock import TestClock
from mockatell.rooms.players import player_of
from mockatell.rooms.rehearsal import Rehearsal
from mockatell.rooms.run import Run, Settings
from mockatell.rooms.trials import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mockatell.core.drafts import Draft
    from mockatell.core.journal import Journal, Line
    from mockatell.core.scenario.spec import FaultSpec, Scenario
    from mockatell.core.schedules import Schedule
    from mockatell.model import Expectation
    from mockatell.rooms.convergence import Convergence
    from mockatell.rooms.looking import Normalise, State
    from mockatell.rooms.players import Player
    from mockatell.shell.clock import Clock

    Event = Draft | Callback


class Mockatell:
    """One test's Clickatell.

    Args:
        target: An ASGI app, a WSGI app, or a URL.
        config: A scenario; its endpoints, retry policy, integration and quirks hold throughout.
        clock: The test's time.
        seed: What everything that a test leaves out is drawn from.
        replay: The line that runs the test again.
        load: Reads a scenario from a path or a shipped name.
        scenario: What `run` plays when it is not told.
        faults: What `run` adds to the scenario's faults; nothing is sent by hand before it then.
        holding: Keys of the configuration that go before those of a scenario that `run` plays.
    """

    def __init__(
        self,
        target: Any,
        config: Scenario,
        clock: Clock,
        seed: int,
        *,
        replay: str,
        load: Callable[[Any], Scenario],
        scenario: Any = None,
        faults: Sequence[FaultSpec] = (),
        holding: Sequence[str] = (),
    ) -> None:
        self.target = target
        self._config = config
        self._replay = replay
        self._load = load
        self._scenario = scenario
        self._faults = tuple(faults)
        self._has_run = False
        self.judged: tuple[Expectation, ...] = ()
        self.assumed: tuple[str, ...] = ()
        self._held = {key: getattr(config, key) for key in holding}
        self._player = player_of(target)
        self.paused = False
        self._searches = count()
        self._tracebacks: list[str] = []
        self._is_live = isinstance(target, str)
        self.rehearsal = Rehearsal(config, clock, seed, replay, live=self._is_live)
        self.clock = TestClock(self)
        self.aio = Aio(self)
        self.seed = seed

    def __repr__(self) -> str:
        return f"<mockatell: {len(self.journal)} attempts, seed {self.seed}>"

    @property
    def journal(self) -> Journal:
        """Every attempt of this test so far, in the order in which they ended."""
        return self.rehearsal.journal

    conversation = staticmethod(conversation)

    # Verbs

    def run(self, scenario: Any = None, *, retry: str | RetryPolicy | None = None) -> Journal:
        """Play a scenario (a path, a shipped name, a `Scenario`) until nothing is left.

        Returns:
            The run's own journal, expectations judged.
        """
        self._player.refuse_a_loop("`await mockatell.arun(...)`")
        return self.played(self._player.play(self.prepared(scenario, retry), self.rehearsal))

    async def arun(
        self, scenario: Any = None, *, retry: str | RetryPolicy | None = None
    ) -> Journal:
        """As `run`, for a test that is a coroutine."""
        return await self.aio.run(scenario, retry=retry)

    def send(self, *events: Event) -> Journal:
        """Send events in this order, each once, and retry until nothing is left."""
        return self.deliver(*events)

    def status(self, message_id: str, status: str | int, **given: Any) -> Journal:
        """Send one status of a message; `given` as `messageStatusUpdate` takes it."""
        return self.send(messageStatusUpdate(status, message_id=named(message_id), **given))

    def deliver(
        self,
        *events: Event,
        order: Iterable[int] | None = None,
        duplicates: int | Mapping[int, int] = 0,
        lost_acks: int | Mapping[int, int] = 0,
    ) -> Journal:
        """Send events in another order than that in which they happened, some of them again.

        Args:
            events: They happen in this order, and have timestamps that say so.
            order: Their indexes in the order of sending; an index that comes again is a duplicate.
            duplicates: How often all, or those of these indexes, are sent again at the end.
            lost_acks: How many acknowledgements of each, or of those of these indexes, get lost on
                their way, so that it is retried although the endpoint has done its work.
        """
        self._check_loop()
        numbers = self.plan(events, order, duplicates, lost_acks)
        self._settle()
        return self.rehearsal.part(numbers)

    def follow(self, events: Sequence[Draft], schedule: Schedule) -> Journal:
        """Send events by a schedule, as `mockatell.strategies.schedules` draws them."""
        self._check_loop()
        self._check_faults()
        told = sendable(events)
        numbers = self.rehearsal.follow(told, checked(schedule, Leeway.by_hand(len(told))))
        self._settle()
        return self.rehearsal.part(numbers)

    def converges(
        self,
        events: Iterable[Draft],
        *,
        state: State,
        reset: Callable[[], Any] | None = None,
        normalise: Normalise | None = None,
        within: str | float = 0.0,
        most: int = MOST_TRIED,
        budget: str | float = LONGEST,
        only: Iterable[Schedule] | None = None,
    ) -> Convergence:
        """Every way in which Clickatell may send a conversation ends in the same state.

        That is the state in which it ends when its events come in order and once each. First every
        schedule with at most one fault is tried, the simplest first, as far as `most` and `budget`
        go; then Hypothesis, where it is installed, draws from those with more.

        Args:
            events: The conversation, in the order in which it happens. Every schedule has it under
                fresh ids, and what is seen of the state is compared under the ids given here.
            state: What shows the state of a message: a callable that is given `messageId`,
                `clientMessageId`, `replyId`, `from` and `to`, or a URL with these in braces.
            reset: Puts the app back to its beginning before every schedule; ids then stay as given.
            normalise: What of a look is compared: a callable, or a JMESPath expression.
            within: How long the app may go on working after its last answer: a state that is not as
                it is after delivery in order is looked at again until then.
            most: How many schedules to try.
            budget: How long to try them, by the clock on the wall: `"10s"`, or seconds.
            only: Try these alone.

        Returns:
            What was tried.

        Raises:
            DivergedError: An `AssertionError` with the smallest schedule that ends otherwise.
            ConfigurationError: The state cannot be seen, or differs when nothing else does.
        """
        __tracebackhide__ = True
        self._player.refuse_a_loop("`await mockatell.aio.converges(...)`")
        asked = question(events, state, reset, normalise, within)
        return held(self.stage(self._player), asked, allowed(most, budget), only)

    def pause(self) -> None:
        """Hold back what is sent from now on; time still passes when it is told to."""
        self.paused = True

    def resume(self) -> Journal:
        """Send what was held back, and retry until nothing is left."""
        self.paused = False
        return self.run_until_quiet()

    def run_until_quiet(self) -> Journal:
        """Let time pass until nothing waits for a retry."""
        self.drive(math.inf)
        return self.journal

    def run_until_acknowledged(self, message_id: str) -> Journal:
        """Let time pass until a delivery about this message is acknowledged, or nothing is left."""
        while (due := self.next_for(message_id)) is not None:
            self.drive(due)
        return self.journal

    # What verbs are made of, the same for both kinds of test

    def stage(self, player: Player) -> Stage:
        """Where a conversation is had by one schedule after the other."""
        self._check_faults()
        return Stage(
            player,
            self.target,
            self._config,
            self.seed,
            self._replay,
            self._searches,
            self._tracebacks,
        )

    def prepared(self, scenario: Any, retry: str | RetryPolicy | None) -> Run:
        """A run of a scenario on this test's clock; its attempts go to this test's journal."""
        chosen = self._scenario if scenario is None else scenario
        if chosen is None:
            raise ConfigurationError(
                "no scenario: give run() one, or the marker: @pytest.mark.mockatell(scenario=...)"
            )
        if not isinstance(retry, str | RetryPolicy | None):
            raise ConfigurationError(
                "retry is a preset's name, such as 'one-api' or 'none', or a RetryPolicy, "
                f"not {shown(retry)}"
            )
        read = self._load(chosen)
        self._has_run = True
        url = self.target if self._is_live and "endpoints" not in self._held else None
        return Run(
            replace(read, **self._held, faults=(*read.faults, *self._faults)),
            Settings(target=url, seed=self.seed, retry=retry, bodies=True, replay=self._replay),
            self.clock.inner,
            [self._keep],
            in_process=not self._is_live,
            start=self.clock.now(),
            after=self.rehearsal.numbered,
        )

    def played(self, journal: Journal) -> Journal:
        """Number what comes next after the deliveries of a run."""
        assert journal.ended is not None
        self.rehearsal.numbered += journal.ended.deliveries
        self.judged += journal.ended.expectations
        self.assumed += journal.started.assumed
        return journal

    def drive(self, until: float) -> None:
        """Send what is due by then."""
        self._check_loop()
        self._player.drive(self.rehearsal, until)

    def plan(
        self,
        events: Sequence[Event],
        order: Iterable[int] | None,
        duplicates: int | Mapping[int, int],
        lost_acks: int | Mapping[int, int],
    ) -> set[int]:
        """Put events on the agenda; gives the numbers of their deliveries.

        Raises:
            InputError: Something that was given makes no sense; then nothing is sent.
        """
        self._check_faults()
        sendable(events)
        turns = in_order(order, len(events))
        copies = by_index("duplicates", duplicates, len(events))
        turns += [index for index, times in copies.items() for _ in range(times)]
        lost = by_index("lost_acks", lost_acks, len(events))
        callbacks = [self.rehearsal.happen(event) for event in events]
        return self.rehearsal.add(callbacks, causes(turns), lost)

    def next_for(self, message_id: str) -> float | None:
        """When the next thing is due, unless the message is acknowledged or nothing is left.

        Raises:
            ConfigurationError: Nothing was sent about it.
        """
        if (problem := self.rehearsal.unknown(message_id)) is not None:
            raise ConfigurationError(problem)
        done = any(
            a.outcome is Outcome.ACKNOWLEDGED for a in self.journal.by_message.get(message_id, ())
        )
        return None if done else self.rehearsal.agenda.next_due()

    def _check_loop(self) -> None:
        self._player.refuse_a_loop("`mockatell.aio`")

    def _check_faults(self) -> None:
        """Nothing that the marker says is passed over in silence."""
        if self._faults and not self._has_run:
            raise ConfigurationError(
                "the marker's faults hold for the scenario that run() plays, and this test has not "
                "called it: give deliver() an order, duplicates and lost_acks instead"
            )

    def _settle(self) -> None:
        if not self.paused:
            self.drive(math.inf)

    def _keep(self, line: Line) -> None:
        if isinstance(line, Attempt):
            self.rehearsal.record(line)

    def close(self) -> None:
        """End the app's lifespan; nothing stays behind."""
        try:
            self._player.close()
        finally:
            self.aio.close()

    # Assertions

    def assert_all_acknowledged(self) -> None:
        """Every delivery was acknowledged in the end, and none was lost to a redirect."""
        __tracebackhide__ = True
        assertions.all_acknowledged(self.rehearsal)

    def assert_expectations_held(self) -> None:
        """Every clause of `expect` held in every scenario that was run, probes included."""
        __tracebackhide__ = True
        assertions.expectations_held(self.judged, self._replay)

    def assert_retried(self, message_id: str, times: int | None = None) -> None:
        """A delivery about this message was sent again, this many times in all if given."""
        __tracebackhide__ = True
        assertions.retried(self.rehearsal, message_id, times)

    def sections(self, shown: str = "") -> list[tuple[str, str]]:
        """What a failed test should show beside what it `shown` already: titles and texts."""
        return assertions.sections(self.rehearsal, shown, self._tracebacks)
