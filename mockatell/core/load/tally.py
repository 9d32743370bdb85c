"""The recorder of a load: takes attempts as they begin and end, keeps counts and forgets them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from mockatell.core.load.outages import resilience
from mockatell.core.load.result import Ends, LoadResult, Snapshot, Timings, Totals, Traffic
from mockatell.core.load.series import Series
from mockatell.core.load.spread import Counts, buckets_of
from mockatell.core.load.validity import judged
from mockatell.model import Cause, Outcome, Role, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockatell.core.load.result import Offer
    from mockatell.core.load.series import Count
    from mockatell.model import Attempt, Exchange, RunStarted

_BATCH: Final = 200  # few enough that counting them is no lag itself
_RECENT: Final = 60
_GOOD: Final = frozenset({Outcome.ACKNOWLEDGED, Outcome.REDIRECTED})
_MOST_KINDS: Final = 100  # kinds of a day to come are made up without end
_OTHER: Final = "(other)"


class _Times:
    """Times of one kind of event."""

    __slots__ = ("lag", "latency", "service")

    def __init__(self) -> None:
        self.lag, self.latency, self.service = Counts(), Counts(), Counts()


class _Ends:
    """What attempts of one role came to."""

    __slots__ = ("outcomes", "status_codes", "troubles")

    def __init__(self) -> None:
        self.outcomes: Counter[Outcome] = Counter()
        self.status_codes: Counter[int] = Counter()
        self.troubles: Counter[Trouble] = Counter()

    def add(self, other: _Ends) -> None:
        """Count another role's as well."""
        self.outcomes.update(other.outcomes)
        self.status_codes.update(other.status_codes)
        self.troubles.update(other.troubles)

    def told(self) -> Ends:
        """As plain data, in order."""
        return Ends(
            {str(outcome): n for outcome, n in sorted(self.outcomes.items())},
            {str(code): n for code, n in sorted(self.status_codes.items())},
            {str(trouble): n for trouble, n in sorted(self.troubles.items())},
        )


class Tally:
    """Counts a load as it goes on, in memory that grows with its seconds alone.

    What a driver tells is laid down, and counted in batches: those that have the same marks are
    counted as one, which takes a third of the time.
    """

    def __init__(self) -> None:
        self._begun: list[tuple[Exchange, float, bool]] = []
        self._ended: list[Attempt] = []
        self._times: dict[Role, dict[str, _Times]] = {role: {} for role in Role}
        self._series = Series()
        self._offered: Counter[Cause] = Counter()
        self._last_end = 0.0
        self._sent = 0
        self._retries = 0
        self._held = 0
        self._cut = 0
        self._uncounted = False
        self._ends = {role: _Ends() for role in Role}
        self._settled: Counter[Outcome] = Counter()  # deliveries by their last attempt's outcome
        self._details: dict[Trouble, str] = {}

    # What a driver tells

    def begun(self, exchange: Exchange, now: float, *, held: bool) -> None:
        """An attempt is handed to its connection; `held`: it had to wait for a free place."""
        self._begun.append((exchange, now, held))

    def ended(self, attempt: Attempt) -> None:
        """An attempt is over."""
        self._ended.append(attempt)
        if len(self._ended) >= _BATCH:
            self._fold()

    def left(self, exchanges: Iterable[Exchange], *, uncounted: bool) -> None:
        """What was due and was never begun; `uncounted`: there is more of it."""
        self._count_due(exchanges)
        self._uncounted = uncounted

    def cut(self, in_flight: int) -> None:
        """So many exchanges had not ended when they were cut off."""
        self._cut = in_flight

    def tick(self, now: float, busy: float) -> None:
        """A second is over, or more; `busy` is our share of a core since the last tick."""
        self._fold()
        self._series.close(now, busy)

    # What it tells

    def now(self, at: float) -> Snapshot:
        """How things stand."""
        self._fold()
        seconds = tuple(self._series.seconds())
        latency, lag = self._latency_and_lag()
        p50, p99, p999 = latency.quantiles(0.5, 0.99, 0.999)
        last, ends = seconds[-1], self._all_ends()
        return Snapshot(
            at=at,
            offered=self._offered.total(),
            sent=self._sent,
            completed=ends.outcomes.total(),
            acknowledged=self._settled[Outcome.ACKNOWLEDGED],
            errors=sum(n for outcome, n in ends.outcomes.items() if outcome not in _GOOD),
            in_flight=last.in_flight,
            waiting=last.waiting,
            retries_pending=last.retries_pending,
            p50=p50,
            p99=p99,
            p999=p999,
            lag_p99=lag.quantiles(0.99)[0],
            troubles=ends.told().troubles,
            recent=seconds[:-1][-_RECENT:],
        )

    def result(
        self,
        started: RunStarted,
        offer: Offer,
        *,
        took: float,
        offered_for: float,
        busy: float,
        traffic: Traffic,
        resent: int,
        peak_memory: int,
        interrupted: bool,
    ) -> LoadResult:
        """What was measured.

        Args:
            started: What was played.
            offer: How the load was asked for.
            took: Seconds from its beginning to its end.
            offered_for: Of these, those in which callbacks came.
            busy: Share of a core that we used.
            traffic: What the sender counted.
            resent: Likewise.
            peak_memory: In bytes.
            interrupted: Whether it was stopped before its time.
        """
        self._fold()
        seconds = tuple(self._series.seconds())
        answered_for = max(self._last_end, min(offered_for, took))
        ends = self._all_ends().told()
        totals = self._totals(sum(ends.outcomes.values()), resent)
        timings = _timings(t for kinds in self._times.values() for t in kinds.values())
        return LoadResult(
            started=started,
            offer=offer,
            took=took,
            interrupted=interrupted,
            totals=totals,
            offered=_rate(totals.deliveries, offered_for),
            achieved=_rate(totals.attempts, answered_for),
            goodput=_rate(totals.acknowledged, answered_for),
            answered_for=answered_for,
            timings=timings,
            roles={
                str(role): _timings(kinds.values()) for role, kinds in self._times.items() if kinds
            },
            kinds={kind: _timings(times) for kind, times in sorted(self._by_kind().items())},
            status_codes=ends.status_codes,
            outcomes=ends.outcomes,
            troubles=ends.troubles,
            ends={str(role): of.told() for role, of in self._ends.items() if of.outcomes},
            details={str(trouble): text for trouble, text in sorted(self._details.items())},
            traffic=traffic,
            seconds=seconds,
            validity=judged(offer, timings, totals.attempts, busy, ends.troubles),
            resilience=resilience(
                seconds, attempts=totals.attempts, deliveries=self._sent - self._retries
            ),
            peak_memory=peak_memory,
        )

    def _all_ends(self) -> _Ends:
        ends = _Ends()
        for each in self._ends.values():
            ends.add(each)
        return ends

    def _totals(self, attempts: int, resent: int) -> Totals:
        deliveries = self._offered.total()
        acknowledged = self._settled[Outcome.ACKNOWLEDGED]
        redirected = self._settled[Outcome.REDIRECTED]
        exhausted = self._settled.total() - acknowledged - redirected
        return Totals(
            callbacks=deliveries - self._offered[Cause.DUPLICATE],
            deliveries=deliveries,
            attempts=attempts,
            acknowledged=acknowledged,
            redirected=redirected,
            exhausted=exhausted,
            pending=deliveries - self._settled.total(),
            retries=self._retries,
            duplicates=self._offered[Cause.DUPLICATE],
            resent=resent,
            held=self._held,
            cut=self._cut,
            uncounted=self._uncounted,
        )

    # What a batch comes to

    def _fold(self) -> None:
        begun, self._begun = self._begun, []
        ended, self._ended = self._ended, []
        self._count_begun(begun)
        self._count_ended(ended)

    def _count_begun(self, begun: list[tuple[Exchange, float, bool]]) -> None:
        self._count_due([exchange for exchange, _, _ in begun])
        self._sent += len(begun)
        lags: defaultdict[tuple[Role, str, int], list[float]] = defaultdict(list)
        for exchange, now, held in begun:
            if exchange.number > 1:
                self._series.at(now).retried += 1
                self._retries += 1
            if held:
                self._series.at(now).sent += 1
                self._held += 1
            else:
                callback = exchange.delivery.callback
                lags[callback.role, callback.kind, int(now)].append(now - exchange.due)
        for (role, kind, second), times in lags.items():
            self._times_of(role, kind).lag.add(times)
            count = self._series.at(second)
            count.sent += len(times)
            count.lag = max(count.lag, *times)

    def _count_due(self, exchanges: Iterable[Exchange]) -> None:
        dues = Counter([(int(e.due), e.number == 1, e.delivery.cause) for e in exchanges])
        for (second, first, cause), n in dues.items():
            count = self._series.at(second)
            count.due += n
            if first:
                count.offered += n
                self._offered[cause] += n

    def _count_ended(self, ended: list[Attempt]) -> None:
        marks = [
            (int(a.ended_at), a.role, a.outcome, a.status_code, a.next_due is None) for a in ended
        ]
        if ended:
            self._last_end = max(self._last_end, ended[-1].ended_at)
        for (second, role, outcome, status_code, settled), n in Counter(marks).items():
            self._count_outcome(self._series.at(second), outcome, n, settled=settled)
            self._ends[role].outcomes[outcome] += n
            if status_code is not None:
                self._ends[role].status_codes[status_code] += n
        answered: defaultdict[tuple[Role, str], list[Attempt]] = defaultdict(list)
        for attempt in ended:
            if attempt.outcome in _GOOD or self._connected(attempt):
                answered[attempt.role, attempt.kind].append(attempt)
        for (role, kind), attempts in answered.items():
            times = self._times_of(role, kind)
            latencies = buckets_of(a.ended_at - a.due for a in attempts)
            times.latency.update(latencies)
            self._series.latencies(latencies)
            times.service.add(a.ended_at - a.sent_at for a in attempts)

    def _count_outcome(self, second: Count, outcome: Outcome, n: int, *, settled: bool) -> None:
        second.completed += n
        if settled:
            self._settled[outcome] += n
            second.settled += n
        else:
            second.failed += n
        if outcome is Outcome.ACKNOWLEDGED:
            second.acknowledged += n
        elif outcome not in _GOOD:
            second.errors += n

    def _connected(self, attempt: Attempt) -> bool:
        """Whether the endpoint was reached; the trouble is counted."""
        trouble = attempt.trouble
        if trouble is None:
            return True
        self._ends[attempt.role].troubles[trouble] += 1
        if trouble not in self._details and attempt.detail:
            self._details[trouble] = attempt.detail.partition(": ")[2]
        return trouble.connected

    def _times_of(self, role: Role, kind: str) -> _Times:
        kinds = self._times[role]
        times = kinds.get(kind)
        if times is None:
            name = kind if len(kinds) < _MOST_KINDS else _OTHER
            times = kinds.setdefault(name, _Times())
        return times

    def _by_kind(self) -> dict[str, list[_Times]]:
        kinds: dict[str, list[_Times]] = {}
        for times_of in self._times.values():
            for kind, times in times_of.items():
                kinds.setdefault(kind, []).append(times)
        return kinds

    def _latency_and_lag(self) -> tuple[Counts, Counts]:
        latency, lag = Counts(), Counts()
        for kinds in self._times.values():
            for times in kinds.values():
                latency.merge(times.latency)
                lag.merge(times.lag)
        return latency, lag


def _timings(all_times: Iterable[_Times]) -> Timings:
    latency, service, lag = Counts(), Counts(), Counts()
    for times in all_times:
        latency.merge(times.latency)
        service.merge(times.service)
        lag.merge(times.lag)
    return Timings(latency.spread(), service.spread(), lag.spread())


def _rate(count: int, seconds: float) -> float:
    return count / seconds if seconds > 0 else 0.0
