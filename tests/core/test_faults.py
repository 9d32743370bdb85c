from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockatell.clickatell.reading import events_of
from mockatell.core.faults import apply, conductor
from mockatell.core.scenario.spec import (
    BatchSpec,
    DelaySpec,
    DuplicateSpec,
    FaultSpec,
    FutureSpec,
    LoseAckSpec,
    OutageSpec,
    RaceSpec,
    ReorderSpec,
)
from mockatell.core.scenario.units import Probability, Seconds, Span
from mockatell.model import Callback, Cause, Conduct, Delivery, Role


def body(origin):
    fields = f'{{"channel":"sms","timestamp":{origin},"statusCode":5,"status":"DEVICE_ACK"'
    return (
        '{"integrationId":"i","integrationName":"n","event":{"messageStatusUpdate":['
        f'{fields},"messageId":"m{origin}","clientMessageId":null}}]}}}}'
    ).encode()


def delivery(origin, due, role=Role.STATUS, conversation=0):
    callback = Callback(role, "messageStatusUpdate", f"m{origin}", body(origin))
    return Delivery(0, due, Cause.ORIGINAL, callback, origin, conversation=conversation)


def faulted(faults, deliveries, seed=1):
    return list(apply(iter(deliveries), faults, seed))


HALF = Probability(0.5)
plans = st.lists(st.floats(0, 20, allow_nan=False), max_size=25).map(
    lambda dues: [
        delivery(n, due, Role.STATUS if n % 3 else Role.REPLY, conversation=n % 4)
        for n, due in enumerate(sorted(dues))
    ]
)
seeds = st.integers(0, 2**32)
moving = st.sampled_from([
    FaultSpec(duplicate=DuplicateSpec(probability=HALF, within=Seconds(3), copies=2)),
    FaultSpec(reorder=ReorderSpec(probability=HALF, within=Seconds(4))),
    FaultSpec(delay=DelaySpec(probability=HALF, by=Span(1, 9))),
    FaultSpec(race=RaceSpec(probability=HALF, copies=3)),
])  # fmt: skip
batching = FaultSpec(future=FutureSpec(batch=BatchSpec(size=3, probability=HALF)))
chains = st.lists(moving, max_size=4)


@given(plans, chains, seeds)
def test_nothing_is_invented_or_lost(plan, faults, seed):
    after = faulted(faults, plan, seed)
    originals = [d for d in after if d.cause is Cause.ORIGINAL]
    assert sorted(d.origin for d in originals) == [d.origin for d in plan]
    by_origin = {d.origin: d.callback for d in plan}
    assert all(d.callback is by_origin[d.origin] for d in after), "the very same bytes"


@given(plans, st.lists(moving | st.just(batching), max_size=4), seeds)
def test_what_comes_out_is_in_order_of_due_time(plan, faults, seed):
    dues = [d.due for d in faulted(faults, plan, seed)]
    assert dues == sorted(dues)


@given(plans, chains, seeds)
def test_nothing_is_sent_before_it_happened(plan, faults, seed):
    happened = {d.origin: d.due for d in plan}
    assert all(d.due >= happened[d.origin] for d in faulted(faults, plan, seed))


@given(plans, chains, seeds)
def test_a_seed_replays_the_faults(plan, faults, seed):
    assert faulted(faults, plan, seed) == faulted(faults, plan, seed)


@given(plans, chains, seeds)
def test_every_delivery_has_a_stream_of_its_own(plan, faults, seed):
    after = faulted(faults, plan, seed)
    assert len({(d.origin, d.copy) for d in after}) == len(after)


@given(plans, seeds, st.integers(2, 4))
def test_batches_keep_every_event(plan, seed, size):
    fault = FaultSpec(future=FutureSpec(batch=BatchSpec(size=size, probability=HALF)))
    after = faulted([fault], plan, seed)

    def told(deliveries):
        events = (
            (d.callback.role, event["messageId"])
            for d in deliveries
            for _, event in events_of(d.callback.body)
        )
        return Counter(events)

    assert told(after) == told(plan)
    assert all(len(events_of(d.callback.body)) <= size for d in after)


def test_duplicates_are_counted_and_near():
    fault = FaultSpec(duplicate=DuplicateSpec(within=Seconds(2), copies=2))
    after = faulted([fault], [delivery(0, 1.0)])
    assert [d.cause for d in after] == [Cause.ORIGINAL, Cause.DUPLICATE, Cause.DUPLICATE]
    assert all(1.0 <= d.due <= 3.0 for d in after)


@pytest.mark.parametrize("probability", [0.0, 0.2, 1.0])
def test_probability_is_a_share(probability):
    fault = FaultSpec(duplicate=DuplicateSpec(probability=Probability(probability)))
    copies = len(faulted([fault], [delivery(n, float(n)) for n in range(5000)])) - 5000
    assert abs(copies - 5000 * probability) <= 120


def test_reorder_puts_a_delivery_behind_the_next_of_its_conversation():
    plan = [delivery(0, 0.0), delivery(1, 1.0), delivery(2, 2.0, conversation=9)]
    fault = FaultSpec(reorder=ReorderSpec(within=Seconds(3)))
    for seed in range(50):
        after = faulted([fault], plan, seed)
        order = [d.origin for d in after]
        assert order.index(0) > order.index(1), "overtaken by its successor"
        moved = next(d for d in after if d.origin == 0)
        assert 1.0 < moved.due <= 3.0


@given(plans, seeds, st.sampled_from([0.3, 0.7, 1.0]))
def test_whatever_reorder_moves_is_overtaken(plan, seed, probability):
    fault = FaultSpec(reorder=ReorderSpec(probability=Probability(probability), within=Seconds(5)))
    after = faulted([fault], plan, seed)
    place = {d.origin: n for n, d in enumerate(after)}
    was = {d.origin: d for d in plan}
    for d in after:
        if d.due != was[d.origin].due:
            later = [p for p in plan if p.conversation == d.conversation and p.origin > d.origin]
            assert any(place[p.origin] < place[d.origin] for p in later)


def test_a_duplicate_cannot_overtake_its_original():
    faults = [
        FaultSpec(duplicate=DuplicateSpec(within=Seconds(1))),
        FaultSpec(reorder=ReorderSpec(within=Seconds(3))),
    ]
    plan = [delivery(0, 0.0)]
    assert [d.due for d in faulted(faults, plan) if d.copy == 0] == [0.0]


@given(plans, seeds)
def test_duplicates_are_copies_whatever_the_future_brings(plan, seed):
    future = FutureSpec(unknown_events=HALF, extra_fields=HALF, batch=BatchSpec(probability=HALF))
    faults = [
        FaultSpec(duplicate=DuplicateSpec(within=Seconds(3), copies=2)),
        FaultSpec(future=future),
    ]
    bodies = {}
    for d in faulted(faults, plan, seed):
        bodies.setdefault(d.origin, set()).add(d.callback.body)
    assert all(len(different) == 1 for different in bodies.values())


def test_reorder_leaves_alone_what_nothing_can_overtake():
    plan = [delivery(0, 0.0), delivery(1, 1.0, conversation=1), delivery(2, 9.0)]
    fault = FaultSpec(reorder=ReorderSpec(within=Seconds(3)))
    assert faulted([fault], plan) == plan


def test_reorder_works_on_simultaneous_deliveries():
    plan = [delivery(0, 1.0), delivery(1, 1.0)]
    fault = FaultSpec(reorder=ReorderSpec(probability=HALF, within=Seconds(0)))
    orders = {tuple(d.origin for d in faulted([fault], plan, seed)) for seed in range(40)}
    assert orders == {(0, 1), (1, 0)}


def test_delay_moves_the_due_time_alone():
    after = faulted([FaultSpec(delay=DelaySpec(by=Span(5, 6)))], [delivery(0, 1.0)])
    assert 6.0 <= after[0].due <= 7.0
    assert events_of(after[0].callback.body)[0][1]["timestamp"] == 0


def test_races_come_last_and_stay_together():
    faults = [
        FaultSpec(race=RaceSpec(copies=3)),
        FaultSpec(delay=DelaySpec(probability=HALF, by=Span(1, 5))),
    ]
    after = faulted(faults, [delivery(n, n / 10) for n in range(20)])
    groups = [after[n : n + 3] for n in range(0, 60, 3)]
    assert all(len({(d.race, d.due, d.origin) for d in group}) == 1 for group in groups)
    assert len({d.race for d in after}) == 20


def test_outage_is_by_due_time_and_role():
    conduct = conductor(
        [FaultSpec(outage=OutageSpec(at=Seconds(2), for_=Seconds(3), role="reply"))], 1
    )
    reply, status = delivery(0, 0.0, Role.REPLY), delivery(1, 0.0)
    seen = [conduct(reply, 1, due) for due in (1.9, 2.0, 4.9, 5.0)]
    assert seen == [Conduct.PLAIN, Conduct.OUTAGE, Conduct.OUTAGE, Conduct.PLAIN]
    assert conduct(status, 1, 3.0) is Conduct.PLAIN


def test_an_outage_is_severer_than_a_lost_acknowledgement():
    faults = [
        FaultSpec(lose_ack=LoseAckSpec()),
        FaultSpec(outage=OutageSpec(at=Seconds(0), for_=Seconds(1))),
    ]
    conduct = conductor(faults, 1)
    assert conduct(delivery(0, 0.0), 1, 0.5) is Conduct.OUTAGE
    assert conduct(delivery(0, 0.0), 1, 1.5) is Conduct.LOSE_ACK


def test_lose_ack_is_drawn_for_every_attempt():
    conduct = conductor([FaultSpec(lose_ack=LoseAckSpec(probability=HALF))], 1)
    lost = [conduct(delivery(0, 0.0), number, 0.0) for number in range(1, 401)]
    assert 150 < lost.count(Conduct.LOSE_ACK) < 250


@settings(max_examples=20)
@given(seeds)
def test_the_unknown_comes_on_top_of_the_known(seed):
    all_of_it = FutureSpec(
        unknown_events=Probability(1), unknown_statuses=Probability(1), extra_fields=Probability(1)
    )
    after = faulted([FaultSpec(future=all_of_it)], [delivery(5, 1.0)], seed)
    event, status, known = (events_of(d.callback.body)[0] for d in after)
    assert event[0] not in ("messageStatusUpdate", "messageFallback", "statusIsTyping")
    assert status[0] == "messageStatusUpdate"
    assert status[1]["statusCode"] != 5
    assert status[1]["timestamp"] < 5, "so that a receiver that sorts by time ends where it should"
    assert known[1].items() >= {"statusCode": 5, "status": "DEVICE_ACK", "timestamp": 5}.items()
    assert len(known[1]) > 6


def test_memory_holds_no_more_than_a_fault_moves():
    drawn = 0

    def endless():
        nonlocal drawn
        for drawn in range(10_000_000):
            yield delivery(drawn, drawn / 10, conversation=drawn % 7)

    faults = [
        FaultSpec(duplicate=DuplicateSpec(within=Seconds(2))),
        FaultSpec(reorder=ReorderSpec(within=Seconds(3))),
        FaultSpec(delay=DelaySpec(by=Span(0, 4))),
    ]
    after = apply(endless(), faults, 1)
    for _ in range(500):
        next(after)
    assert drawn < 400
