"""The messages of a scenario as they come: when each arrives, and what will happen to it."""

from __future__ import annotations

import heapq
import math
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from mockatell.clickatell.events import FALLBACK, ROLE_OF, STATUS, TYPING
from mockatell.clickatell.lifecycles import lifecycle
from mockatell.core.scenario.spec import ReplyFields
from mockatell.model import Frozen
from mockatell.rng import Purpose, Stem, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockatell.clickatell.lifecycles import Stage
    from mockatell.clickatell.platform import Conversation, Platform
    from mockatell.core.scenario.spec import DeliverySpec, MessageSpec, Scenario, StepSpec
    from mockatell.model import Role

DEFAULT_LIFECYCLES = {"sms": "delivered", "whatsapp": "read"}


class Step(Frozen, frozen=True):
    """One thing that happens to a message, `low` to `high` seconds after the step before it.

    `channel` is the one it is reported on, where that is not the message's own (after a fallback);
    `delivery` says how, where nothing is left to chance.
    """

    what: str
    name: str | int
    low: float
    high: float
    code: int | None = None
    fields: Mapping[str, Any] = {}
    channel: str = ""
    delivery: DeliverySpec | None = None


class Life:
    """A message on its way through its steps."""

    __slots__ = ("conversation", "number", "prompted", "steps", "stream", "taken")

    def __init__(
        self,
        number: int,
        conversation: Conversation,
        steps: tuple[Step, ...],
        stream: Stream,
        *,
        prompted: bool,
    ) -> None:
        self.number = number
        self.conversation = conversation
        self.steps = steps
        self.stream = stream
        self.prompted = prompted
        self.taken = 0

    def next_due(self, now: float) -> float | None:
        """When the next step happens, or None: the life is over."""
        if self.taken == len(self.steps):
            return None
        step = self.steps[self.taken]
        return now + self.stream.uniform(step.low, step.high)


def lives(scenario: Scenario, platform: Platform, seed: int) -> Iterator[tuple[float, Life]]:
    """Every message of the scenario as it comes, in order of arrival."""
    streams = [_arrivals(spec, i, seed) for i, spec in enumerate(scenario.messages)]
    number = count()
    casts = [_Cast(spec, i, platform, seed) for i, spec in enumerate(scenario.messages)]
    for at, index, ordinal in heapq.merge(*streams):
        yield at, casts[index].life(next(number), ordinal)


def _arrivals(spec: MessageSpec, index: int, seed: int) -> Iterator[tuple[float, int, int]]:
    """When the messages of one spec come: `(time, index of the spec, ordinal within it)`."""
    if spec.rate and spec.for_ == math.inf:
        yield from ((spec.at + n / spec.rate, index, n) for n in count())
    most = message_count(spec)
    window = (spec.for_ if spec.rate else spec.over) or 0.0
    if spec.arrivals == "constant" or not window:
        gap = window / most
        yield from ((spec.at + n * gap, index, n) for n in range(most))
    else:
        stream = Stream(seed, Purpose.ARRIVAL, index)
        yield from (
            (spec.at + at, index, n) for n, at in enumerate(_scattered(stream, most, window))
        )


def _scattered(stream: Stream, most: int, window: float) -> Iterator[float]:
    """So many independent arrivals in a window, in order: a Poisson process given its count.

    Each is the least of those that are left, so that none need be held and sorted.
    """
    at = 0.0
    for left in range(most, 0, -1):
        at += (window - at) * (1 - (1 - stream.random()) ** (1 / left))
        yield at


def message_count(spec: MessageSpec) -> int:
    """How many messages a spec stands for; one that goes on for ever has no count."""
    if spec.rate is not None:
        return int(spec.rate * (spec.for_ or 0.0) + 1e-9)
    return 1 if spec.count is None else spec.count


class Extent(NamedTuple):
    """What a message is on average: how many callbacks it has, how many seconds it lasts.

    `longest` is the most seconds that one can last.
    """

    callbacks: float
    seconds: float
    longest: float


def extent(spec: MessageSpec) -> Extent:
    """What a spec's messages are on average."""
    before, callbacks, seconds, longest = 0.0, 0.0, 0.0, 0.0
    for upto, steps in _life_choices(spec):
        share, before = upto - before, upto
        callbacks += share * len(steps)
        seconds += share * sum((step.low + step.high) / 2 for step in steps)
        longest = max(longest, sum(step.high for step in steps))
    return Extent(callbacks, seconds, longest)


class _Cast:
    """Makes the messages of one spec."""

    def __init__(self, spec: MessageSpec, index: int, platform: Platform, seed: int) -> None:
        self._spec = spec
        self._prompted = prompted = spec.reply is None
        self._user = spec.to if prompted else spec.from_
        self._business = spec.from_ if prompted else spec.to
        self._platform = platform
        self._stem = Stem(seed, Purpose.MESSAGE, index)
        self._lives = _life_choices(spec)

    def life(self, number: int, ordinal: int) -> Life:
        """The n-th message of the spec, with ids and numbers of its own."""
        spec = self._spec
        stream = self._stem.stream(ordinal)
        conversation = self._platform.conversation(
            stream,
            spec.channel,
            user=self._user,
            business=self._business,
            message_id=_nth(spec.message_id, ordinal),
            client_message_id=_nth(spec.client_message_id, ordinal) or None,
            has_client_message_id=spec.client_message_id != "",
        )
        return Life(number, conversation, self._choose(stream), stream, prompted=self._prompted)

    def _choose(self, stream: Stream) -> tuple[Step, ...]:
        if len(self._lives) == 1:
            return self._lives[0][1]
        draw = stream.random()
        return next((steps for upto, steps in self._lives if draw < upto), self._lives[-1][1])


def _nth(template: str | None, ordinal: int) -> str | None:
    return None if template is None else template.replace("{n}", str(ordinal + 1))


def _life_choices(spec: MessageSpec) -> list[tuple[float, tuple[Step, ...]]]:
    """The lives that a spec's messages may have, each with its cumulated share."""
    if spec.reply is not None:
        told = Step("reply", spec.reply, 0.0, 0.0, fields=_given(spec), delivery=spec.delivery)
        return [(1.0, (told,))]
    if spec.steps is not None:
        return [(1.0, tuple(map(_step, spec.steps)))]
    choice = spec.lifecycle or DEFAULT_LIFECYCLES[spec.channel]
    shares = {choice: 1.0} if isinstance(choice, str) else choice
    upto = 0.0
    choices = []
    for name, share in shares.items():
        upto += share
        stages = lifecycle(name, spec.channel)
        choices.append((upto, tuple(map(_staged, stages))))
    return choices


def _staged(stage: Stage) -> Step:
    return Step(stage.what, stage.name, stage.low, stage.high, channel=stage.channel)


def _step(spec: StepSpec) -> Step:
    low, high = spec.after
    if spec.status is not None:
        return Step("status", spec.status, low, high, spec.code, delivery=spec.delivery)
    if spec.typing is not None:
        return Step("typing", "", low, high, delivery=spec.delivery)
    if spec.fallback is not None:
        return Step("fallback", "", low, high, delivery=spec.delivery)
    fields = {"message_id": spec.message_id, **_given(spec)}
    return Step("reply", spec.reply or "", low, high, fields=fields, delivery=spec.delivery)


def _given(spec: ReplyFields) -> dict[str, Any]:
    """What a reply is told to hold."""
    return {name: getattr(spec, name) for name in ReplyFields.__struct_fields__}


_KINDS = {"status": STATUS, "typing": TYPING, "fallback": FALLBACK}


def kinds_of(scenario: Scenario) -> frozenset[str]:
    """The event kinds that a scenario may send, before any fault."""
    return frozenset(_KINDS.get(step.what, str(step.name)) for step in _steps_of(scenario))


def encrypts(scenario: Scenario) -> bool:
    """Whether a scenario has encrypted replies."""
    return any(step.fields.get("encrypted") for step in _steps_of(scenario))


def tells_deliveries(scenario: Scenario) -> bool:
    """Whether a scenario says outright how a callback is delivered."""
    return any(step.delivery for step in _steps_of(scenario))


def _steps_of(scenario: Scenario) -> Iterator[Step]:
    return (step for spec in scenario.messages for _, life in _life_choices(spec) for step in life)


def roles_of(scenario: Scenario) -> frozenset[Role]:
    """The endpoints that a scenario needs."""
    return frozenset(ROLE_OF[kind] for kind in kinds_of(scenario))
