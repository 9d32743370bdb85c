"""The recorder of a load: attempts in, counts out."""

import msgspec
import pytest

from mockatell.core.load.outages import resilience
from mockatell.core.load.result import Offer, Outage, Second, Spread, Timings, Traffic
from mockatell.core.load.spread import Counts
from mockatell.core.load.tally import Tally
from mockatell.core.load.validity import judged
from mockatell.model import (
    Attempt,
    Callback,
    Cause,
    Delivery,
    Exchange,
    Outcome,
    Role,
    RunStarted,
)

OPEN = Offer("open", 10.0, start=10.0, max_in_flight=10)


def exchange(seq=1, due=0.0, number=1, cause=Cause.ORIGINAL, kind="messageStatusUpdate"):
    role = Role.REPLY if kind.startswith("mo") else Role.STATUS
    callback = Callback(role, kind, "m", b"{}")
    return Exchange(Delivery(seq, due, cause, callback, seq), number, due)


def attempt(of, sent_at, took=0.1, outcome="acknowledged", status=200, detail=None, again=None):
    delivery = of.delivery
    return Attempt(
        delivery.seq, delivery.cause, delivery.callback.role, delivery.callback.kind, "m",
        of.number, of.due, sent_at, sent_at + took, Outcome(outcome), status, detail, again,
    )  # fmt: skip


def result(tally, offer=OPEN, **more):
    settings = {
        "took": 2.0, "offered_for": 1.0, "busy": 0.1, "traffic": Traffic(), "resent": 0,
        "peak_memory": 1, "interrupted": False, **more,
    }  # fmt: skip
    return tally.result(RunStarted("1", "s", 1, 0), offer, **settings)


@pytest.fixture
def told():
    """Two callbacks; one is doubled, and is acknowledged at its second attempt."""
    tally = Tally()
    first, twin = exchange(1, 0.1), exchange(2, 0.2, cause=Cause.DUPLICATE)
    reply, again = exchange(3, 0.3, kind="moText"), exchange(1, 1.2, number=2)
    tally.begun(first, 0.101, held=False)
    tally.ended(attempt(first, 0.102, outcome="rejected", status=503, again=1.2))
    tally.begun(twin, 0.2, held=False)
    tally.begun(reply, 0.8, held=True)
    tally.ended(attempt(twin, 0.2))
    refused = {"outcome": "unreachable", "status": None, "detail": "refused: [Errno 111] no"}
    tally.ended(attempt(reply, 0.8, **refused))
    tally.tick(1.0, 0.25)
    tally.begun(again, 1.2, held=False)
    tally.ended(attempt(again, 1.2, took=0.05))
    tally.left([exchange(4, 1.9)], uncounted=False)
    tally.tick(2.0, 0.5)
    return tally


def test_totals(told):
    totals = result(told).totals
    assert (totals.callbacks, totals.deliveries, totals.duplicates) == (3, 4, 1)
    assert (totals.attempts, totals.retries, totals.held) == (4, 1, 1)
    ends = (totals.acknowledged, totals.redirected, totals.exhausted, totals.pending)
    assert ends == (2, 0, 1, 1)
    assert totals.deliveries == sum(ends)


def test_rates(told):
    whole = result(told)
    assert (whole.offered, whole.answered_for) == (4.0, 1.25)  # and not the grace after it
    assert (whole.achieved, whole.goodput) == (3.2, 1.6)


def test_times_are_told_by_role_and_kind(told):
    whole = result(told)
    assert whole.timings.latency.count == 3  # the refused one never reached the endpoint
    assert whole.timings.lag.count == 3  # the one that was held was not late by our fault
    assert set(whole.roles) == {"status"}
    assert whole.kinds["messageStatusUpdate"].service.max == pytest.approx(0.1, rel=0.002)
    assert "moText" not in whole.kinds  # not a time of it is known
    assert whole.timings.latency.max == pytest.approx(0.102, rel=0.002)


def test_counts_by_cause(told):
    whole = result(told)
    assert whole.status_codes == {"200": 2, "503": 1}
    assert whole.outcomes == {"acknowledged": 2, "rejected": 1, "unreachable": 1}
    assert (whole.troubles, whole.details) == ({"refused": 1}, {"refused": "[Errno 111] no"})


def test_seconds(told):
    first, second = result(told).seconds
    assert (first.offered, first.sent, first.completed, first.errors) == (3, 3, 3, 2)
    assert (first.retries_pending, first.waiting, first.backlog, first.busy) == (1, 1, 0, 0.25)
    assert first.lag == pytest.approx(0.001)
    assert (second.offered, second.sent, second.acknowledged) == (1, 1, 1)
    assert (second.retries_pending, second.waiting, second.backlog) == (0, 1, 1)
    assert second.p50 == pytest.approx(0.05, rel=0.002)


def test_a_snapshot_says_the_same(told):
    now = told.now(2.0)
    assert (now.sent, now.completed, now.acknowledged, now.errors) == (4, 4, 2, 2)
    assert (now.in_flight, now.waiting, now.troubles) == (0, 1, {"refused": 1})
    assert [second.at for second in now.recent] == [0]


def test_what_attempts_came_to_is_told_by_role(told):
    ends = result(told).ends
    assert ends["status"].outcomes == {"acknowledged": 2, "rejected": 1}
    assert ends["status"].status_codes == {"200": 2, "503": 1}
    assert ends["reply"].outcomes == {"unreachable": 1}
    assert ends["reply"].troubles == {"refused": 1}


def test_it_survives_json(told):
    whole = result(told)
    assert msgspec.json.decode(msgspec.json.encode(whole), type=type(whole)) == whole


def test_kinds_without_end_are_not_kept_apart():
    tally = Tally()
    for number in range(300):
        each = exchange(number, kind=f"newKind{number}")
        tally.begun(each, 0.0, held=False)
        tally.ended(attempt(each, 0.0))
    told = result(tally)
    assert len(told.kinds) == 101
    assert sum(kind.latency.count for kind in told.kinds.values()) == 300


def test_it_keeps_no_attempts():
    tally = Tally()
    for number in range(5_000):
        each = exchange(number)
        tally.begun(each, 0.0, held=False)
        tally.ended(attempt(each, 0.0))
    assert len(tally._begun) + len(tally._ended) <= 500


# Outages


def seconds(*rows):
    """Seconds from `(offered, completed, errors, waiting)`."""
    blank = dict.fromkeys(Second.__struct_fields__, 0)
    return [
        Second(**{
            **blank, "at": at, "offered": offered, "completed": completed, "errors": errors,
            "waiting": waiting, "in_flight": 1,
        })
        for at, (offered, completed, errors, waiting) in enumerate(rows)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "outages"),
    [
        ([(10, 10, 0, 0)] * 3, []),
        ([(10, 10, 5, 0)] * 3, []),
        (
            [(10, 10, 0, 0), (10, 10, 10, 10), (10, 10, 9, 20), (10, 20, 2, 10), (10, 20, 0, 0)],
            [Outage(1, 3, 20, 2, 2.0)],
        ),
        ([(10, 10, 0, 3), (10, 10, 10, 9), (10, 10, 0, 3)], [Outage(1, 2, 9, 1, 1.0)]),
        ([(10, 10, 10, 9), (10, 10, 0, 9)], [Outage(0, 1, 9, 0, None)]),
        ([(10, 10, 0, 0), (10, 10, 10, 9)], [Outage(1, None, 9, 1, None)]),
        ([(10, 10, 0, 0), (10, 0, 0, 0), (10, 9, 9, 5), (9, 9, 0, 0)], [Outage(1, 3, 5, 2, 1.0)]),
        ([(10, 10, 0, 0), (10, 0, 0, 0), (10, 10, 0, 0)], []),
        (  # the second before it has some failures already
            [(10, 10, 0, 0), (10, 10, 4, 4), (10, 10, 10, 14), (10, 20, 0, 4), (10, 14, 0, 0)],
            [Outage(2, 3, 14, 2, 2.0)],
        ),
    ],
)
def test_outages(rows, outages):
    told = resilience(seconds(*rows), attempts=1, deliveries=1)
    assert list(told.outages) == outages


def test_what_failing_cost():
    told = resilience(seconds((1, 1, 1, 4), (1, 1, 1, 7), (1, 1, 0, 2)), attempts=30, deliveries=20)
    assert (told.amplification, told.backlog, told.backlog_at) == (1.5, 7, 1)
    nothing = resilience([], attempts=0, deliveries=0)
    assert (nothing.amplification, nothing.backlog) == (0.0, 0)


# Whether the figures are our own


@pytest.mark.parametrize(
    ("mode", "lag", "busy", "troubles", "valid"),
    [
        ("open", 0.002, 1.0, {}, True),
        ("open", 0.0021, 0.1, {}, False),
        ("scenario", 0.0021, 0.1, {}, False),
        ("closed", 9.0, 0.9, {}, True),
        ("closed", 0.0, 0.91, {}, False),
        ("open", 0.0, 0.1, {"no_socket": 1}, False),
        ("open", 0.0, 0.1, {"refused": 1}, True),
    ],
)
def test_when_we_were_the_limit(mode, lag, busy, troubles, valid):
    timings = Timings(lag=Spread(count=1, p99=lag))
    verdict = judged(Offer(mode, 1.0), timings, 1, busy, troubles)
    assert verdict.valid is valid
    assert bool(verdict.why) is not valid


@pytest.mark.parametrize(("service", "valid"), [(0.01, False), (0.0499, False), (0.0501, True)])
def test_lateness_is_held_against_what_the_endpoint_took(service, valid):
    timings = Timings(lag=Spread(count=1, p99=0.005), service=Spread(p99=service))
    assert judged(OPEN, timings, 1, 0.1, {}).valid is valid


@pytest.mark.parametrize(
    ("attempts", "valid"), [(100, False), (900, False), (1_100, True), (50_000, True)]
)
def test_those_that_waited_for_a_place_are_not_our_lateness(attempts, valid):
    lag = Counts()
    lag.add([0.0001] * 90 + [0.01] * 10)
    assert judged(OPEN, Timings(lag=lag.spread()), attempts, 0.1, {}).valid is valid


@pytest.mark.parametrize(("busy", "advice"), [(0.04, "a core of its own"), (0.8, "lower the rate")])
def test_what_to_do_depends_on_whether_we_had_the_time(busy, advice):
    (why,) = judged(OPEN, Timings(lag=Spread(count=1, p99=0.005)), 1, busy, {}).why
    assert advice in why
