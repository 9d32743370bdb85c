"""A scenario as endless traffic: the same mix, ids of its own, at the beat that is given."""

from collections import Counter
from itertools import count, islice

import msgspec
import pytest

from mockatell import parse, plan
from mockatell.core.load.arrivals import arrivals
from mockatell.core.load.result import Stage
from mockatell.core.load.traffic import MOST_ALIVE, endless
from mockatell.core.plan import plan as drawn
from mockatell.core.scenario.spec import Scenario
from mockatell.errors import ConfigurationError

MIX = """
messages:
  - {count: 30, channel: whatsapp, lifecycle: {read: 50%, replied: 50%}}
  - {count: 10, lifecycle: failed, client_message_id: "order-{n}"}
  - {count: 5, reply: moText}
  - channel: whatsapp
    message_id: m1
    client_message_id: c1
    steps: [{status: DEVICE_ACK}, {status: READ}]
"""


def deliveries(scenario, number, rate=1_000.0, seed=1):
    beat = arrivals(rate, [Stage(number / rate, rate)])
    return list(drawn(endless(scenario, rate), seed=seed, epoch_ms=0, beat=beat))


def kinds(those):
    counts = Counter(delivery.callback.kind for delivery in those)
    return {kind: n / len(those) for kind, n in counts.items()}


def test_the_beat_says_when_and_how_many():
    those = deliveries(parse(MIX), 5_000)
    assert [delivery.due for delivery in those] == pytest.approx([n / 1_000 for n in range(5_000)])
    event = next(iter(msgspec.json.decode(those[2_500].callback.body)["event"].values()))[0]
    assert event["timestamp"] == 2_500


def test_the_mix_is_the_scenario_s():
    once = kinds(list(plan(parse(MIX), seed=1)))
    endlessly = kinds(deliveries(parse(MIX), 20_000)[10_000:])
    assert endlessly == pytest.approx(once, abs=0.05)


def test_every_body_and_every_message_is_its_own():
    those = deliveries(parse(MIX), 5_000)
    assert len({delivery.callback.body for delivery in those}) == 5_000
    of = {}
    for delivery in those:
        if delivery.callback.kind == "messageStatusUpdate":
            of.setdefault(delivery.callback.message_id, delivery.conversation)
            assert of[delivery.callback.message_id] == delivery.conversation


def test_statuses_keep_their_order():
    ranks = {"SENT_TO_SUPPLIER": 0, "DEVICE_ACK": 1, "READ": 2}
    last = {}
    scenario = parse("messages: [{count: 1, channel: whatsapp, lifecycle: read}]")
    for delivery in deliveries(scenario, 6_000, rate=100_000.0):
        event = msgspec.json.decode(delivery.callback.body)["event"]["messageStatusUpdate"][0]
        assert ranks[event["status"]] == last.get(event["messageId"], -1) + 1
        last[event["messageId"]] = ranks[event["status"]]


def test_the_same_seed_gives_the_same_bodies():
    first, again, other = (deliveries(parse(MIX), 500, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_no_more_are_alive_than_can_be_held():
    scenario = parse("messages: [{channel: whatsapp, lifecycle: read}]")
    alive = set()
    most = 0
    beat = (n / 100_000 for n in count())
    for delivery in islice(
        drawn(endless(scenario, 100_000.0), seed=1, epoch_ms=0, beat=beat), 30_000
    ):
        done = b'"READ"' in delivery.callback.body
        (alive.discard if done else alive.add)(delivery.conversation)
        most = max(most, len(alive))
    assert MOST_ALIVE / 4 < most < 2 * MOST_ALIVE


def test_faults_come_on_top():
    scenario = parse(MIX + "faults: [{duplicate: {probability: 50%, within: 10ms}}]")
    those = deliveries(scenario, 2_000)
    assert 2_900 < len(those) < 3_100


def test_nothing_makes_no_load():
    with pytest.raises(ConfigurationError, match="has no messages"):
        endless(Scenario(), 10.0)
