import hashlib
import subprocess
import sys
import tracemalloc
from collections import Counter
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.clickatell.reading import events_of
from mockatell.core.lives import kinds_of, message_count, roles_of
from mockatell.core.plan import plan, plan_without_faults
from mockatell.core.scenario.load import parse
from mockatell.model import Cause, Role

EPOCH = 1_767_225_600_000


def scenario(text):
    return parse(text, env={})


def planned(text, seed=1, **settings):
    return list(plan(scenario(text), seed=seed, epoch_ms=EPOCH, **settings))


def event(delivery):
    [(_, fields)] = events_of(delivery.callback.body)
    return fields


CONVERSATION = """
messages:
  - channel: whatsapp
    at: 3s
    to: "27999000001"
    from: "27999000100"
    client_message_id: order-17
    steps:
      - {status: SENT_TO_SUPPLIER, after: 200ms}
      - {status: DEVICE_ACK, after: 1s..4s}
      - {typing: {}, after: 5s}
      - {reply: moText, after: 2s, content: "Yes please"}
"""


def test_a_conversation_is_coherent():
    sent, delivered, typing, reply = planned(CONVERSATION)
    told = [event(d) for d in (sent, delivered, typing, reply)]
    assert told[0]["messageId"] == told[1]["messageId"] == told[3]["relatedMessageId"]
    assert told[0]["messageId"] == sent.callback.message_id
    assert told[3]["messageId"] == reply.callback.message_id != sent.callback.message_id
    assert {told[0]["clientMessageId"], told[3]["relatedClientMessageId"]} == {"order-17"}
    assert (told[3]["from"], told[3]["to"]) == ("27999000001", "27999000100")
    assert told[2]["from"] == "27999000001"
    assert told[3]["content"] == "Yes please"
    assert [d.callback.role for d in (sent, typing, reply)] == [
        Role.STATUS,
        Role.STATUS,
        Role.REPLY,
    ]


def test_steps_follow_each_other():
    sent, delivered, typing, reply = (d.due for d in planned(CONVERSATION))
    assert sent == pytest.approx(3.2)
    assert 1 <= delivered - sent <= 4
    assert typing - delivered == pytest.approx(5)
    assert reply - typing == pytest.approx(2)


def test_timestamps_are_event_time_even_when_delivery_is_late():
    late = CONVERSATION + "\nfaults: [{delay: {by: 1h}}]"
    on_time, delayed = planned(CONVERSATION), planned(late)
    assert [d.due for d in delayed] == pytest.approx([d.due + 3600 for d in on_time])
    for one, other in zip(on_time, delayed, strict=True):
        assert one.callback == other.callback
        assert event(one)["timestamp"] == EPOCH + int(one.due * 1000)


def test_an_unprompted_reply_is_a_message_of_its_own():
    [one] = planned(
        'messages: [{reply: moText, from: "27999000001", to: "27999000100", message_id: abc}]'
    )
    told = event(one)
    assert (told["messageId"], told["relatedMessageId"]) == ("abc", None)
    assert (told["from"], told["to"]) == ("27999000001", "27999000100")


def test_a_fallback_goes_on_over_sms():
    told = [
        (d.callback.kind, event(d)["channel"])
        for d in planned("messages: [{channel: whatsapp, lifecycle: fallback}]")
    ]
    assert told == [
        ("messageStatusUpdate", "whatsapp"),
        ("messageFallback", "whatsapp"),
        ("messageStatusUpdate", "sms"),
        ("messageStatusUpdate", "sms"),
    ]


@pytest.mark.parametrize(("how", "shown"), [("null", {"clientMessageId": None}), ("absent", {})])
def test_a_message_may_have_no_client_message_id(how, shown):
    [sent] = planned(
        f'quirks: {{no_client_message_id: "{how}"}}\n'
        'messages: [{client_message_id: "", steps: [{status: DEVICE_ACK}]}]'
    )
    assert {k: v for k, v in event(sent).items() if k == "clientMessageId"} == shown


def test_a_status_of_the_future_has_any_name_and_a_code():
    [sent] = planned("messages: [{steps: [{status: PLAYED, code: 7}]}]")
    assert (event(sent)["status"], event(sent)["statusCode"]) == ("PLAYED", 7)


ARRIVALS = "steps: [{status: DEVICE_ACK}]"


@pytest.mark.parametrize(
    ("message", "dues"),
    [
        ("{count: 1, %s}", [0]),
        ("{count: 3, at: 2s, %s}", [2, 2, 2]),
        ("{count: 4, over: 2s, %s}", [0, 0.5, 1, 1.5]),
        ("{rate: 2/s, for: 2s, at: 1s, %s}", [1, 1.5, 2, 2.5]),
        ("{rate: 30/m, for: 5s, %s}", [0, 2.5]),
    ],
)
def test_constant_arrivals(message, dues):
    assert [d.due for d in planned(f"messages: [{message % ARRIVALS}]")] == dues


def test_poisson_arrivals_are_exactly_as_many_and_irregular():
    dues = [
        d.due
        for d in planned(f"messages: [{{count: 2000, over: 100s, arrivals: poisson, {ARRIVALS}}}]")
    ]
    assert len(dues) == 2000
    assert dues == sorted(dues)
    assert dues[0] > 0
    assert dues[-1] < 100
    gaps = [b - a for a, b in pairwise(dues)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert deviation == pytest.approx(mean, rel=0.1), "an exponential distribution's own mark"


def test_a_mix_of_lifecycles_has_its_shares():
    text = (
        "messages: [{count: 2000, over: 10s, channel: whatsapp, "
        "lifecycle: {read: 70%, delivered: 20%, failed: 10%}}]"
    )
    ends = {d.conversation: event(d)["status"] for d in planned(text)}
    shares = Counter(ends.values())
    assert shares["READ"] == pytest.approx(1400, abs=80)
    assert shares["DEVICE_ACK"] == pytest.approx(400, abs=80)
    assert shares["DELIVERY_FAILURE"] == pytest.approx(200, abs=60)


def test_each_message_has_ids_and_a_number_of_its_own():
    text = "messages: [{count: 50, client_message_id: 'order-{n}', lifecycle: sent}]"
    told = [event(d) for d in planned(text)]
    assert len({t["messageId"] for t in told}) == 50
    assert {t["clientMessageId"] for t in told} == {f"order-{n}" for n in range(1, 51)}


BUSY = """
messages:
  - {count: 40, over: 10s, channel: whatsapp, lifecycle: {read: 70%, failed: 30%}}
  - {rate: 3/s, for: 5s, arrivals: poisson, channel: sms, reply: moText}
faults:
  - duplicate: {probability: 30%, within: 2s}
  - reorder: {probability: 30%, within: 5s}
  - future: {unknown_events: 10%, extra_fields: 10%}
  - race: {probability: 10%, copies: 3}
"""


def test_deliveries_are_numbered_in_order_of_due_time():
    deliveries = planned(BUSY)
    assert [d.seq for d in deliveries] == list(range(1, len(deliveries) + 1))
    dues = [d.due for d in deliveries]
    assert dues == sorted(dues)


def test_a_race_has_the_number_of_its_first_delivery():
    races = {}
    for delivery in planned(BUSY):
        if delivery.race is not None:
            races.setdefault(delivery.race, []).append(delivery)
    assert races
    for number, copies in races.items():
        assert [d.seq for d in copies] == [number, number + 1, number + 2]
        assert [d.cause for d in copies][1:] == [Cause.DUPLICATE, Cause.DUPLICATE]
        assert len({d.callback.body for d in copies}) == 1


@given(st.integers(0, 2**53 - 1))
def test_the_same_seed_gives_the_same_plan(seed):
    assert planned(BUSY, seed) == planned(BUSY, seed)


def test_another_process_plans_the_same_bytes():
    code = (
        "import sys, hashlib, mockatell\n"
        "plan = mockatell.plan(mockatell.parse(sys.stdin.read()), seed=7)\n"
        "print(hashlib.sha256(repr(list(plan)).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=BUSY,
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    here = hashlib.sha256(repr(planned(BUSY, 7)).encode()).hexdigest()
    assert digests == {here + "\n"}


def test_another_seed_gives_another_plan():
    assert planned(BUSY, 1) != planned(BUSY, 2)


def test_faults_change_nothing_but_the_faults():
    """Adding a fault must not redraw the messages."""
    calm = list(plan_without_faults(scenario(BUSY), seed=3, epoch_ms=EPOCH))
    assert calm == list(
        plan_without_faults(scenario(BUSY.partition("faults:")[0]), seed=3, epoch_ms=EPOCH)
    )


def test_a_plan_is_drawn_lazily():
    huge = scenario("messages: [{rate: 300/s, for: 30d, lifecycle: delivered}]")
    assert message_count(huge.messages[0]) == 777_600_000
    assert len(list(islice(plan(huge, seed=1, epoch_ms=EPOCH), 100))) == 100


def test_memory_holds_the_messages_that_are_alive():
    text = (
        "messages: [{rate: 1000/s, for: 1h, steps: [{status: SENT_TO_SUPPLIER}, "
        "{status: DEVICE_ACK, after: 100ms}]}]\n"
        "faults: [{duplicate: {probability: 10%, within: 200ms}}]"
    )
    deliveries = plan(scenario(text), seed=1, epoch_ms=EPOCH)
    for _ in islice(deliveries, 2_000):
        pass
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in islice(deliveries, 20_000):
        pass
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 400_000, "20,000 callbacks later, no more messages are alive than before"


@pytest.mark.parametrize(
    ("text", "kinds", "roles"),
    [
        (CONVERSATION, {"messageStatusUpdate", "statusIsTyping", "moText"}, {"status", "reply"}),
        ("messages: [{lifecycle: sent}]", {"messageStatusUpdate"}, {"status"}),
        ("messages: [{reply: moText}]", {"moText"}, {"reply"}),
    ],
)
def test_what_a_scenario_needs(text, kinds, roles):
    assert kinds_of(scenario(text)) == kinds
    assert roles_of(scenario(text)) == roles
