"""The room where what was found, or recorded, is played again: does the endpoint still fail?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from mockatell.core.conversations import happenings, told_schedule
from mockatell.core.endings import Ending, Finding, how_they_differ
from mockatell.core.eyes import Eye, read, remedy
from mockatell.core.scenario.urls import masked
from mockatell.core.schedules import in_order
from mockatell.errors import ConfigurationError, JournalError
from mockatell.model import Callback, Cause, Conduct, Delivery, Frozen, Outcome, Trouble
from mockatell.rooms.explore.experiment import Experiment, check_reachable
from mockatell.rooms.explore.theatre import Play

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockatell.core.journal import Journal
    from mockatell.core.scenario.spec import ExpectSpec, Scenario
    from mockatell.core.schedules import Schedule
    from mockatell.model import Attempt, Endpoint, Role
    from mockatell.rooms.explore.explore import Expedition

RUNS: Final = 20  # of a schedule that does not always break
_LONGEST: Final = 3600.0  # seconds
_MOST_LINES: Final = 10


class Verdict(StrEnum):
    """What has changed since."""

    FIXED = "fixed"
    REGRESSED = "regressed"
    STILL_FAILING = "still failing"
    STILL_PASSING = "still passing"


class Replayed(Frozen, frozen=True):
    """How a replay went.

    Args:
        failed_before: Whether it failed when it was recorded.
        failures: In how many runs it failed now.
        runs: How many there were.
        evidence: What was seen, one line each.
    """

    failed_before: bool
    failures: int
    runs: int
    evidence: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What has changed since."""
        if self.failures:
            return Verdict.STILL_FAILING if self.failed_before else Verdict.REGRESSED
        return Verdict.FIXED if self.failed_before else Verdict.STILL_PASSING

    @property
    def exit_code(self) -> int:
        """1 where the endpoint fails now, whatever it did before."""
        return int(bool(self.failures))


def replay_scenario(
    expedition: Expedition, *, failed_before: bool = True, looking: bool = False
) -> Replayed:
    """Deliver a scenario's events as it says, and compare with delivery in order.

    Up to twenty runs: a flaky endpoint must not pass by luck.

    Args:
        expedition: Where it is played.
        failed_before: Whether it failed before.
        looking: Whether it was said for this replay where to look.

    Raises:
        ConfigurationError: There is nothing to compare with, or nothing to see it with.
        UnreachableError: The endpoint is down.
    """
    happened = happenings(expedition.scenario, expedition.seed)
    experiment = Experiment(expedition.company(), tuple(each.event for each in happened))
    schedule = told_schedule(happened)
    if not looking:
        _check_sight(expedition, schedule)
    reference = experiment.begin(_LONGEST)
    if reference is None:
        raise ConfigurationError("the endpoint takes longer than an hour for one conversation")
    if not reference.is_sound:
        evidence = _differences(experiment, in_order(schedule.events), reference)
        return Replayed(failed_before, 1, 1, evidence)
    if schedule == in_order(schedule.events):
        return Replayed(failed_before, 0, 1)
    return _replayed(experiment, schedule, failed_before=failed_before)


def _check_sight(expedition: Expedition, schedule: Schedule) -> None:
    """See that what fails would be seen: nothing is fixed that nobody looked at.

    Raises:
        ConfigurationError: It would not be.
    """
    needed = read(expedition.scenario.description)
    if needed is None and schedule == in_order(schedule.events):
        raise ConfigurationError(
            "the scenario delivers in order and once each, so there is nothing to play again: "
            "`mockatell run` plays it, `mockatell replay` takes a finding or a journal"
        )
    wanted = needed or frozenset({Eye.PROBES, Eye.STAND_IN})
    if wanted.isdisjoint(expedition.eyes | {Eye.ANSWERS}):
        raise ConfigurationError(f"nothing here would see whether it fails: {remedy(wanted)}")


def moved(
    scenario: Scenario, old: Mapping[Role, Endpoint], new: Mapping[Role, Endpoint]
) -> tuple[Scenario, list[str]]:
    """The scenario with its probes where the endpoints are now, and those that stay elsewhere.

    Args:
        scenario: As it was read.
        old: The endpoints that it names.
        new: Those that are played to.
    """
    origins = {_origin(old[role].url): _origin(new[role].url) for role in old.keys() & new.keys()}
    changed = any(before != after for before, after in origins.items())
    stay: list[str] = []

    def there(clause: ExpectSpec) -> ExpectSpec:
        probe = clause.probe
        if probe is None or not probe.get:
            return clause
        before = _origin(probe.get)
        if before not in origins:
            stay.extend([masked(probe.get)] * changed)
            return clause
        rest = probe.get[len("://".join(urlsplit(probe.get)[:2])) :]
        return replace(clause, probe=replace(probe, get="://".join(origins[before]) + rest))

    return replace(scenario, expect=tuple(map(there, scenario.expect))), stay


def _origin(url: str) -> tuple[str, str]:
    scheme, place = urlsplit(url)[:2]
    return scheme, place


def _replayed(experiment: Experiment, schedule: Schedule, *, failed_before: bool) -> Replayed:
    endings = [
        ending
        for run in range(RUNS)
        for ending in experiment.endings([schedule], _LONGEST, patient=run == 0)
    ]
    broken = [ending for ending in endings if ending is not None]
    evidence = _differences(experiment, schedule, broken[0]) if broken else ()
    return Replayed(failed_before, len(broken), len(endings), evidence)


def _differences(experiment: Experiment, schedule: Schedule, got: Ending) -> tuple[str, ...]:
    expected = experiment.reference(schedule.events)
    return tuple(how_they_differ(Finding(schedule, experiment.events, expected, got, True, "", "")))


def replay_journal(
    expedition: Expedition, journal: Journal, *, failed_before: bool | None = None
) -> Replayed:
    """Send what a journal holds again, in the same order: is everything acknowledged?

    Args:
        expedition: Where it is sent.
        journal: With its callbacks' bodies.
        failed_before: Whether it failed; None: as the journal says.

    Raises:
        JournalError: It holds no bodies.
        UnreachableError: The endpoint is down.
    """
    before = bool(journal.unacked) if failed_before is None else failed_before
    play = Play(tuple(_deliveries(journal)), (), lambda *_: True)
    [played] = expedition.theatre.perform([play], seconds=_LONGEST)
    if played is None:
        raise ConfigurationError("the endpoint takes longer than an hour for this journal")
    check_reachable(played.attempts)
    last = {attempt.delivery: attempt for attempt in played.attempts}.values()
    unacked = [each for each in last if each.outcome is not Outcome.ACKNOWLEDGED]
    return Replayed(before, int(bool(unacked)), 1, tuple(map(_refused, unacked[:_MOST_LINES])))


def _refused(attempt: Attempt) -> str:
    status = f" with {attempt.status_code}" if attempt.status_code else ""
    outcome = attempt.outcome.replace("_", " ")
    return f"{attempt.kind} of message {attempt.message_id} was {outcome}{status}"


def _deliveries(journal: Journal) -> Iterator[Delivery]:
    """The journal's deliveries, due when they were first sent."""
    attempts: dict[int, list[Attempt]] = {}
    for attempt in journal:
        attempts.setdefault(attempt.delivery, []).append(attempt)
    if not attempts:
        raise JournalError("the journal holds no attempts: there is nothing to send again")
    sent = sorted(attempts.values(), key=lambda tries: (tries[0].sent_at, tries[0].delivery))
    for seq, tries in enumerate(sent, 1):
        yield _delivery(seq, tries)


def _delivery(seq: int, tries: Sequence[Attempt]) -> Delivery:
    first = tries[0]
    if first.body is msgspec.UNSET:
        raise JournalError(
            "the journal does not hold the callbacks' bodies: record it with --bodies"
        )
    return Delivery(
        seq,
        first.sent_at,
        Cause(first.cause),
        Callback(first.role, first.kind, first.message_id, bytes(first.body)),
        origin=seq,
        race=None if first.race is msgspec.UNSET else first.race,
        conducts=tuple(map(_conduct, tries)),
    )


def _conduct(attempt: Attempt) -> Conduct:
    if attempt.outcome is Outcome.ACK_LOST:
        return Conduct.LOSE_ACK
    return Conduct.OUTAGE if attempt.trouble is Trouble.OUTAGE else Conduct.PLAIN
