"""The recorder of a load: takes attempts as they begin and end, keeps counts and forgets them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from mockatell.core.load.outages import resilience
from mockatell.core.load.result import LoadResult, Snapshot, Timings, Totals, Traffic
from mockatell.core.load.series import Series
from mockatell.core.load.spread import Counts
from mockatell.core.load.validity import judged
from mockatell.model import Cause, Outcome, Role, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockatell.core.load.result import Offer
    from mockatell.model import Attempt, Exchange, RunStarted

_BATCH: Final = 500  # as many as can be sorted in half a millisecond, lest that be a lag itself
_RECENT: Final = 60
_GOOD: Final = frozenset({Outcome.ACKNOWLEDGED, Outcome.REDIRECTED})
_MOST_KINDS: Final = 100  # kinds of a day to come are made up without end
_OTHER: Final = "(other)"


class _Times:
    """Times of one kind of event: those of a batch, and the counts of all before it."""

    __slots__ = ("all_lag", "all_latency", "all_service", "lag", "latency", "service")

    def __init__(self) -> None:
        self.lag: list[float] = []
        self.latency: list[float] = []
        self.service: list[float] = []
        self.all_lag, self.all_latency, self.all_service = Counts(), Counts(), Counts()

    def fold(self) -> Counts:
        """Count the batch; returns its latencies."""
        latencies = Counts()
        latencies.add(self.latency)
        self.all_latency.merge(latencies)
        self.all_service.add(self.service)
        self.all_lag.add(self.lag)
        for batch in (self.latency, self.service, self.lag):
            batch.clear()
        return latencies


class Tally:
    """Counts a load as it goes on, in memory that grows with its seconds alone."""

    def __init__(self) -> None:
        self._times: dict[Role, dict[str, _Times]] = {role: {} for role in Role}
        self._series = Series()
        self._in_batch = 0
        self._offered: Counter[Cause] = Counter()
        self._sent = 0
        self._retries = 0
        self._held = 0
        self._never_begun = 0
        self._cut = 0
        self._uncounted = False
        self._outcomes: Counter[Outcome] = Counter()
        self._ends: Counter[Outcome] = Counter()
        self._status_codes: Counter[int] = Counter()
        self._troubles: Counter[Trouble] = Counter()
        self._details: dict[Trouble, str] = {}

    # What a driver tells

    def begun(self, exchange: Exchange, now: float, *, held: bool) -> None:
        """An attempt is handed to its connection; `held`: it had to wait for a free place."""
        delivery, due = exchange.delivery, exchange.due
        self._came_due(exchange)
        second = self._series.at(now)
        second.sent += 1
        self._sent += 1
        if exchange.number > 1:
            second.retried += 1
            self._retries += 1
        if held:
            self._held += 1
            return
        lag = now - due
        self._times_of(delivery.callback.role, delivery.callback.kind).lag.append(lag)
        second.lag = max(second.lag, lag)

    def ended(self, attempt: Attempt) -> None:
        """An attempt is over."""
        outcome, ended_at = attempt.outcome, attempt.ended_at
        self._outcomes[outcome] += 1
        second = self._series.at(ended_at)
        second.completed += 1
        if attempt.next_due is None:
            self._ends[outcome] += 1
            second.settled += 1
        else:
            second.failed += 1
        if attempt.status_code is not None:
            self._status_codes[attempt.status_code] += 1
        if outcome is Outcome.ACKNOWLEDGED:
            second.acknowledged += 1
        elif outcome is not Outcome.REDIRECTED:
            second.errors += 1
            if not self._connected(attempt):
                return
        times = self._times_of(attempt.role, attempt.kind)
        times.latency.append(ended_at - attempt.due)
        times.service.append(ended_at - attempt.sent_at)
        self._in_batch += 1
        if self._in_batch >= _BATCH:
            self._fold()

    def left(self, exchanges: Iterable[Exchange], *, uncounted: bool) -> None:
        """What was due and was never begun; `uncounted`: there is more of it."""
        for exchange in exchanges:
            self._came_due(exchange)
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
        seconds = tuple(self._series.seconds())
        latency, lag = self._latency_and_lag()
        p50, p99, p999 = latency.quantiles(0.5, 0.99, 0.999)
        last = seconds[-1]
        return Snapshot(
            at=at,
            offered=self._offered.total(),
            sent=self._sent,
            completed=self._outcomes.total(),
            acknowledged=self._ends[Outcome.ACKNOWLEDGED],
            errors=sum(n for outcome, n in self._outcomes.items() if outcome not in _GOOD),
            in_flight=last.in_flight,
            waiting=last.waiting,
            retries_pending=last.retries_pending,
            p50=p50,
            p99=p99,
            p999=p999,
            lag_p99=lag.quantiles(0.99)[0],
            troubles={str(trouble): n for trouble, n in sorted(self._troubles.items())},
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
        totals = self._totals(resent)
        timings = _timings(t for kinds in self._times.values() for t in kinds.values())
        troubles = {str(trouble): n for trouble, n in sorted(self._troubles.items())}
        return LoadResult(
            started=started,
            offer=offer,
            took=took,
            interrupted=interrupted,
            totals=totals,
            offered=_rate(totals.deliveries, offered_for),
            achieved=_rate(totals.attempts, took),
            goodput=_rate(totals.acknowledged, took),
            timings=timings,
            roles={
                str(role): _timings(kinds.values()) for role, kinds in self._times.items() if kinds
            },
            kinds={kind: _timings(times) for kind, times in sorted(self._by_kind().items())},
            status_codes={str(code): n for code, n in sorted(self._status_codes.items())},
            outcomes={str(outcome): n for outcome, n in sorted(self._outcomes.items())},
            troubles=troubles,
            details={str(trouble): text for trouble, text in sorted(self._details.items())},
            traffic=traffic,
            seconds=seconds,
            validity=judged(offer, timings.lag, busy, troubles),
            resilience=resilience(
                seconds, attempts=totals.attempts, deliveries=self._sent - self._retries
            ),
            peak_memory=peak_memory,
        )

    def _totals(self, resent: int) -> Totals:
        deliveries = self._offered.total()
        acknowledged = self._ends[Outcome.ACKNOWLEDGED]
        redirected = self._ends[Outcome.REDIRECTED]
        exhausted = self._ends.total() - acknowledged - redirected
        return Totals(
            callbacks=deliveries - self._offered[Cause.DUPLICATE],
            deliveries=deliveries,
            attempts=self._outcomes.total(),
            acknowledged=acknowledged,
            redirected=redirected,
            exhausted=exhausted,
            pending=deliveries - self._ends.total(),
            retries=self._retries,
            duplicates=self._offered[Cause.DUPLICATE],
            resent=resent,
            held=self._held,
            cut=self._cut,
            uncounted=self._uncounted,
        )

    def _came_due(self, exchange: Exchange) -> None:
        second = self._series.at(exchange.due)
        second.due += 1
        if exchange.number == 1:
            second.offered += 1
            self._offered[exchange.delivery.cause] += 1

    def _connected(self, attempt: Attempt) -> bool:
        """Whether the endpoint was reached; the trouble is counted."""
        trouble = attempt.trouble
        if trouble is None:
            return True
        self._troubles[trouble] += 1
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

    def _fold(self) -> None:
        self._in_batch = 0
        for kinds in self._times.values():
            for times in kinds.values():
                if times.latency or times.lag:
                    self._series.latencies(times.fold())

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
                latency.merge(times.all_latency)
                lag.merge(times.all_lag)
        return latency, lag


def _timings(all_times: Iterable[_Times]) -> Timings:
    latency, service, lag = Counts(), Counts(), Counts()
    for times in all_times:
        latency.merge(times.all_latency)
        service.merge(times.all_service)
        lag.merge(times.all_lag)
    return Timings(latency.spread(), service.spread(), lag.spread())


def _rate(count: int, seconds: float) -> float:
    return count / seconds if seconds > 0 else 0.0
