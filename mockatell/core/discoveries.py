"""What an exploration finds, and when two findings are one and the same."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.differences import differences
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockatell.core.endings import Finding
    from mockatell.core.schedules import Schedule

_MOST_TURNED: Final = 3  # sent at one moment: of more, the orders of arrival are too many
_NAME: Final = re.compile(r"\d+")


class Discovery(Frozen, frozen=True):
    """A finding of an exploration.

    Args:
        finding: The smallest schedule of its kind that breaks, and how it ended.
        broke: In how many runs it did.
        of: How many runs of it there were.
        after: How many schedules had been tried when it was met.
        in_order: Whether the events come in order and once each, and are refused all the same.
        refusal: How, in words.
    """

    finding: Finding
    broke: int
    of: int
    after: int
    in_order: bool = False
    refusal: str = ""

    @property
    def is_flaky(self) -> bool:
        """Whether it broke in some runs only."""
        return self.broke < self.of

    @property
    def kind(self) -> Any:
        """What it has in common with findings of the same bug: its form, and what differs."""
        finding = self.finding
        schedule, got = finding.schedule, finding.got
        rank = {event: at for at, event in enumerate(schedule.events)}
        form = [
            tuple(rank[event] for event in part)
            for part in (schedule.order, schedule.lost, schedule.refused)
        ]
        kinds = tuple(finding.events[event].kind for event in schedule.events)
        paths = {_NAME.sub("", d.path) for d in differences(finding.expected.state, got.state)}
        troubles = bool(got.unacknowledged), bool(got.crashed)
        return (*form, schedule.races, kinds, frozenset(paths), troubles)


def contains(schedule: Schedule, small: Schedule) -> bool:
    """Whether a schedule does all that a smaller one does, so that it shows nothing new."""
    if small.races:
        raced = _raced(schedule)
        enough = all(schedule.order.count(e) >= small.order.count(e) for e in small.events)
        return enough and all(raced[pair] >= times for pair, times in _raced(small).items())
    wanted = next(_arrivals(small))
    return any(_within(wanted, arrived) for arrived in _arrivals(schedule))


def _raced(schedule: Schedule) -> Counter[tuple[int, int]]:
    both = combinations(zip(schedule.order, schedule.groups, strict=True), 2)
    return Counter((min(a, b), max(a, b)) for (a, one), (b, other) in both if one == other)


def _arrivals(schedule: Schedule) -> Iterator[tuple[int, ...]]:
    """The orders in which the endpoint may get what is sent; retries come last."""
    firsts = dict(zip(reversed(schedule.order), reversed(range(len(schedule.order))), strict=True))
    groups: dict[tuple[int, int], list[int]] = {}
    for place, (event, group) in enumerate(zip(schedule.order, schedule.groups, strict=True)):
        original = firsts[event] == place
        missed = schedule.refused.count(event) * original
        taken = schedule.lost.count(event) * original + 1
        for retry in range(missed, missed + taken):
            groups.setdefault((retry, group), []).append(event)
    for turned in product(*(_turned(groups[moment]) for moment in sorted(groups))):
        yield tuple(event for group in turned for event in group)


def _turned(group: Sequence[int]) -> list[tuple[int, ...]]:
    return list(permutations(group)) if len(group) <= _MOST_TURNED else [tuple(group)]


def _within(wanted: Sequence[int], arrived: Sequence[int]) -> bool:
    left = iter(arrived)
    return all(event in left for event in wanted)
