"""What a load test measured: frozen structures that encode to JSON and keep no attempts.

Times are seconds, rates are things a second, shares lie between 0 and 1.
"""

from __future__ import annotations

from typing import Literal

from mockatell.model import Frozen, RunStarted


class Stage(Frozen, frozen=True):
    """A stretch of the load: the rate goes evenly to `rate`, within `for_` seconds."""

    for_: float
    rate: float


class Offer(Frozen, frozen=True):
    """How the load was asked for.

    Args:
        mode: `open`: callbacks come by a schedule, whatever the endpoint does. `closed`: each of
            `concurrency` connections sends the next one as soon as it has its answer.
            `scenario`: as the scenario's own times say.
        duration: Seconds in which callbacks come; None where the scenario's own end is the end.
        start: The rate at the beginning of an open load, in callbacks a second.
        stages: Where it goes from there.
        arrivals: How callbacks lie around that rate.
        concurrency: Connections of a closed load; 0 of any other.
        max_in_flight: Most exchanges at once, of both endpoints together.
        lowered: Whether that is all that this machine's limit of open files leaves room for.
    """

    mode: Literal["open", "closed", "scenario"]
    duration: float | None
    start: float = 0.0
    stages: tuple[Stage, ...] = ()
    arrivals: Literal["constant", "poisson"] = "constant"
    concurrency: int = 0
    max_in_flight: int = 0
    lowered: bool = False


class Totals(Frozen, frozen=True):
    """What was sent and how it ended.

    `deliveries = acknowledged + redirected + exhausted + pending` and
    `attempts = first attempts + retries`.

    Args:
        callbacks: Different callbacks that came due: deliveries without duplicates.
        deliveries: Callbacks and their duplicates that came due.
        attempts: HTTP exchanges that ended, those under an outage fault included.
        acknowledged: Deliveries that ended with a 2xx.
        redirected: Deliveries that ended with a 3xx.
        exhausted: Deliveries whose retry policy ran out.
        pending: Deliveries that had not ended when the test did.
        retries: Attempts after a delivery's first.
        duplicates: Deliveries made by a fault.
        resent: Requests sent again because their idle connection was closed before any answer.
        held: Attempts that were due and waited for a free place below `max_in_flight`.
        cut: In flight when the grace was over; their attempts are not counted.
        uncounted: Whether more deliveries were due and never begun than were counted.
    """

    callbacks: int
    deliveries: int
    attempts: int
    acknowledged: int
    redirected: int
    exhausted: int
    pending: int
    retries: int
    duplicates: int
    resent: int
    held: int
    cut: int
    uncounted: bool = False


class Spread(Frozen, frozen=True):
    """How a length of time is spread, in seconds, to three significant digits.

    Args:
        hdr: The HdrHistogram itself, of microseconds, in its V2 encoding (compressed, base64):
            what `merged` adds up and any HdrHistogram tool reads; "" where `count` is 0.
    """

    count: int = 0
    min: float = 0.0
    mean: float = 0.0
    p50: float = 0.0
    p75: float = 0.0
    p90: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    p9999: float = 0.0
    max: float = 0.0
    hdr: str = ""


class Timings(Frozen, frozen=True):
    """The times of a set of attempts.

    Args:
        latency: From due to the end of the answer, waits of ours included: what the platform's
            user would have waited (no coordinated omission).
        service: From the first byte sent to the end of the answer.
        lag: From due to hand-over: how late we were. Attempts that were held back by
            `max_in_flight` are left out, since that wait is not the generator's.

    `latency` and `service` count attempts that reached the endpoint.
    """

    latency: Spread = Spread()
    service: Spread = Spread()
    lag: Spread = Spread()


class Traffic(Frozen, frozen=True):
    """What went over the wire, heads included.

    Args:
        opened: Connections that came about.
        reused: Requests that went over a connection which had carried another one before.
    """

    bytes_out: int = 0
    bytes_in: int = 0
    opened: int = 0
    reused: int = 0


class Second(Frozen, frozen=True):
    """One second of the test.

    Args:
        at: Which second, from 0.
        offered: Deliveries that came due first in it.
        sent: Attempts that were begun in it.
        completed: Attempts that ended in it.
        acknowledged: Of these, those that acknowledged their delivery.
        errors: Of these, those that ended neither so nor with a redirect.
        in_flight: Exchanges under way at its end.
        backlog: Attempts due and not yet begun at its end.
        retries_pending: Deliveries at its end that failed before and wait for their next attempt.
        waiting: Deliveries at its end that are not over and not in flight.
        p50: Median latency of what ended in it.
        p99: Likewise.
        lag: The longest of our own lags in it.
        busy: Share of it that our process spent computing.
    """

    at: int
    offered: int
    sent: int
    completed: int
    acknowledged: int
    errors: int
    in_flight: int
    backlog: int
    retries_pending: int
    waiting: int
    p50: float
    p99: float
    lag: float
    busy: float


class Snapshot(Frozen, frozen=True):
    """How a load stands while it goes on.

    Args:
        at: Seconds since it began.
        offered: Deliveries that came due.
        sent: Attempts that were begun.
        completed: Attempts that ended.
        acknowledged: Deliveries that were acknowledged.
        errors: Attempts that ended neither so nor with a redirect.
        in_flight: Exchanges under way.
        waiting: Deliveries that are not over and not in flight.
        retries_pending: Of these, those that failed before.
        p50: Median latency, from the beginning.
        p99: Likewise.
        p999: Likewise.
        lag_p99: Of our own lag.
        troubles: Attempts without a usable answer, by cause.
        recent: The last full seconds.
    """

    at: float
    offered: int
    sent: int
    completed: int
    acknowledged: int
    errors: int
    in_flight: int
    waiting: int
    retries_pending: int
    p50: float
    p99: float
    p999: float
    lag_p99: float
    troubles: dict[str, int]
    recent: tuple[Second, ...]


class Validity(Frozen, frozen=True):
    """Whether the figures are the endpoint's, or our own.

    Args:
        valid: False when the generator was the limit.
        why: A sentence for each reason.
        lag_p99: The ninety-ninth percentile of our own lag.
        busy: Share of a core that our process used, over the whole test.
    """

    valid: bool
    why: tuple[str, ...]
    lag_p99: float
    busy: float


class Outage(Frozen, frozen=True):
    """A time in which most of what was answered, or was to be, failed.

    Args:
        began: Its first second.
        ended: The first second after it; None when it lasted to the end.
        backlog: The most deliveries that were waiting, for a place or for a retry, since `began`.
        backlog_at: In which second.
        drained: Seconds from `ended` until no more were waiting than before it; None: not in time.
    """

    began: int
    ended: int | None
    backlog: int
    backlog_at: int
    drained: float | None


class Resilience(Frozen, frozen=True):
    """What failing costs.

    Args:
        amplification: Attempts over deliveries: 1.0 when nothing had to be tried again.
        backlog: The most deliveries that were waiting at the end of a second.
        backlog_at: In which second.
        outages: Times of failing, in order.
    """

    amplification: float
    backlog: int
    backlog_at: int
    outages: tuple[Outage, ...] = ()


class Ends(Frozen, frozen=True):
    """What attempts came to.

    Args:
        outcomes: Attempts by outcome.
        status_codes: Answers by HTTP status.
        troubles: Attempts without a usable answer, by cause.
    """

    outcomes: dict[str, int]
    status_codes: dict[str, int]
    troubles: dict[str, int]


class LoadResult(Frozen, frozen=True, tag="load", tag_field="type"):
    """A load test, as measured.

    Args:
        started: Scenario, seed, version, endpoints (masked), assumptions, and how to replay it.
        offer: How the load was asked for.
        took: Seconds that it lasted, the grace at its end included.
        interrupted: Whether it was stopped before its time.
        totals: What was sent and how it ended.
        offered: Deliveries a second that came due.
        achieved: Attempts a second that were answered or failed.
        goodput: Deliveries a second that were acknowledged.
        answered_for: Seconds that the last two are of: from the beginning to the last answer.
        timings: Over all attempts.
        roles: The same by role.
        kinds: The same by event kind.
        status_codes: Answers by HTTP status.
        outcomes: Attempts by outcome.
        troubles: Attempts without a usable answer, by cause.
        ends: These three by role.
        details: An example, in words, of each trouble; secrets masked.
        traffic: Bytes and connections.
        seconds: The series.
        validity: Whether the figures are the endpoint's, or our own.
        resilience: What failing cost.
        peak_memory: Most bytes of memory that our process had resident.
    """

    started: RunStarted
    offer: Offer
    took: float
    interrupted: bool
    totals: Totals
    offered: float
    achieved: float
    goodput: float
    answered_for: float
    timings: Timings
    roles: dict[str, Timings]
    kinds: dict[str, Timings]
    status_codes: dict[str, int]
    outcomes: dict[str, int]
    troubles: dict[str, int]
    ends: dict[str, Ends]
    details: dict[str, str]
    traffic: Traffic
    seconds: tuple[Second, ...]
    validity: Validity
    resilience: Resilience
    peak_memory: int
