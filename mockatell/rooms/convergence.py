"""The room where a conversation is had by every schedule, and must end in the same state.

That is the property of a correct handler: whatever the order, the copies and the retries, it ends
where delivery in order and once each ends. Nothing else need be known of the app than its state.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from mockatell.clickatell.events import ROLE_OF
from mockatell.core.by_hand import seconds, sendable
from mockatell.core.differences import shown
from mockatell.core.drafts import Draft
from mockatell.core.endings import Finding, explained
from mockatell.core.retry import policies
from mockatell.core.schedules import Leeway, Schedule, checked, simplest_first
from mockatell.core.shrinking import smallest
from mockatell.errors import ConfigurationError
from mockatell.model import Frozen, Outcome
from mockatell.rng import Purpose, Stream
from mockatell.rooms import searching
from mockatell.rooms.looking import check_callable, check_looks
from mockatell.rooms.trials import Question, Stage, Trials
from mockatell.shell.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockatell.core.scenario.spec import Scenario
    from mockatell.rooms.looking import Normalise, State

# A test suite has several such tests: a few seconds each, and every pair of events in every order,
# copied and lost, is among the first 300.
MOST_TRIED: Final = 300
LONGEST: Final = "3s"

MOST_RETRIES: Final = 2  # of one event's attempts that fail in a schedule
_SIMPLE: Final = 0.75  # of schedules and time: the share for the simplest schedules
_DRAWN: Final = 4  # examples that Hypothesis may draw for each that is new


class Budget(Frozen, frozen=True):
    """How long to look for a schedule that breaks.

    Args:
        schedules: Most to try.
        seconds: Longest time, by the clock on the wall.
    """

    schedules: int
    seconds: float


class Convergence(Frozen, frozen=True):
    """What was tried, and what was found.

    Args:
        tried: How many schedules were compared with delivery in order.
        exhaustive: Whether those were all with at most one fault.
        searched: Whether Hypothesis looked for others, with more.
        finding: What does not converge, or None.
    """

    tried: int
    exhaustive: bool
    searched: bool
    finding: Finding | None = None


def question(
    events: Iterable[Draft],
    state: State,
    reset: Callable[[], Any] | None,
    normalise: Normalise | None,
    within: str | float = 0.0,
) -> Question:
    """Check what a test asks.

    Raises:
        ConfigurationError: It cannot be asked.
    """
    told = sendable(events)
    drafts = tuple(event for event in told if isinstance(event, Draft))
    if len(drafts) < len(told):
        raise ConfigurationError(
            "converges() takes events that have not happened yet, not a Callback: give it "
            "conversation(...), or a sequence of moText(...), messageStatusUpdate(...) and so on"
        )
    check_looks(state, normalise)
    if reset is not None:
        check_callable("reset", reset, "a function without arguments")
    if all(event.timestamp is not None for event in drafts):
        drafts = tuple(sorted(drafts, key=lambda event: event.timestamp or 0))
    return Question(drafts, state, reset, normalise, seconds("within", within))


def allowed(schedules: Any, length: Any) -> Budget:
    """A budget from what a test says.

    Raises:
        ConfigurationError: It leaves nothing to try.
    """
    longest = seconds("the budget of converges()", length)
    if isinstance(schedules, bool) or not isinstance(schedules, int) or schedules < 1:
        raise ConfigurationError(f"converges() needs most=1 or more, not {shown(schedules)}")
    if not longest:
        raise ConfigurationError("converges() needs a budget longer than 0s")
    return Budget(schedules, longest)


class DivergedError(AssertionError):
    """The endpoint does not converge.

    Args:
        finding: The smallest schedule that shows it, with a scenario and a test that play it.
        tried: How many schedules were tried.
        replay: The line that runs the test again.
    """

    __module__ = "mockatell"  # where it is imported from

    def __init__(self, finding: Finding, tried: int, replay: str) -> None:
        self.finding = finding
        super().__init__(explained(finding, tried, replay))


def held(
    stage: Stage, asked: Question, budget: Budget, only: Iterable[Schedule] | None
) -> Convergence:
    """What was tried, if nothing was found.

    Raises:
        DivergedError: Something was.
    """
    __tracebackhide__ = True
    found = converge(stage, asked, budget) if only is None else try_only(stage, asked, only)
    if found.finding is not None:
        raise DivergedError(found.finding, found.tried, stage.replay)
    return found


def converge(stage: Stage, asked: Question, budget: Budget) -> Convergence:
    """Look for a schedule that does not end as delivery in order does.

    First every schedule with at most one fault, by growing size, as far as the budget goes; then
    Hypothesis, if it is installed, draws from those with more.

    Raises:
        ConfigurationError: There is no state that could be compared: it cannot be seen, or differs
            when nothing does.
    """
    trials = Trials(stage, asked)
    trials.check_reference()
    begun = monotonic()

    def is_left(share: float = 1.0) -> bool:
        """Whether so much of the budget, in schedules and in time, is not used up."""
        return (
            trials.tried < share * budget.schedules and monotonic() - begun < share * budget.seconds
        )

    leeway = _leeway(stage.config, asked.events, races=stage.player.races)
    simple = simplest_first(leeway)
    broken = None
    for schedule in simple:
        if trials.breaks(schedule):
            broken = schedule
        if broken is not None or not is_left(_SIMPLE):
            break
    exhaustive = broken is None and next(simple, None) is None
    searched = broken is None and is_left() and searching.is_there()
    if searched:
        broken = searching.search(
            leeway,
            lambda schedule: trials.is_known(schedule, or_if=is_left),
            most=_DRAWN * (budget.schedules - trials.tried),
            random=Stream(stage.seed, Purpose.SEARCH).as_random(),
        )
    finding = None if broken is None else trials.found(smallest(broken, trials.breaks))
    return Convergence(trials.tried, exhaustive, searched, finding)


def try_only(stage: Stage, asked: Question, schedules: Iterable[Schedule]) -> Convergence:
    """Compare these schedules with delivery in order; the first that differs is the finding.

    Raises:
        ConfigurationError: They are none.
    """
    if not isinstance(schedules, Iterable):
        raise ConfigurationError("only= takes a sequence of schedules, as in only=[Schedule(...)]")
    trials = Trials(stage, asked)
    leeway = Leeway.by_hand(len(asked.events))
    for schedule in schedules:
        if trials.breaks(checked(schedule, leeway)):
            return Convergence(trials.tried, False, False, trials.found(schedule))
    return Convergence(trials.tried, False, False)


def _leeway(config: Scenario, events: Sequence[Draft], *, races: bool) -> Leeway:
    by_role = policies(config.retry)
    stream = Stream(0, Purpose.RETRY)

    def retries(event: Draft) -> int:
        policy = by_role[ROLE_OF[event.kind]]
        asked = range(1, MOST_RETRIES + 1)
        delays = (
            policy.delay(Outcome.UNREACHABLE, number=n, first_sent=0.0, ended_at=0.0, stream=stream)
            for n in asked
        )
        return sum(delay is not None for delay in delays)

    return Leeway(len(events), retries=tuple(map(retries, events)), races=races)
