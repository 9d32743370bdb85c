import re

import pytest

from mockatell.clickatell.contract import PRESETS
from mockatell.clickatell.events import KINDS
from mockatell.clickatell.ledger import LEDGER, assumptions
from mockatell.clickatell.quirks import Quirks
from mockatell.clickatell.statuses import STATUSES
from mockatell.core.scenario.spec import (
    EndpointsSpec,
    FaultSpec,
    MessageSpec,
    ReplyFields,
    RetrySpec,
    Scenario,
)
from mockatell.core.scenario.units import Seconds

IDS = [row.id for row in LEDGER]


@pytest.mark.parametrize("row", LEDGER, ids=IDS)
def test_a_row_says_all_that_it_must(row):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id)
    assert row.behaviour.endswith(".")
    assert row.basis in {"documented", "observed", "assumed"}
    assert re.match(r"https://[a-z.]+/", row.source)
    assert row.default
    assert set(row.about) <= {*KINDS, "encrypted"}


def test_ids_are_unique():
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("row", [row for row in LEDGER if row.setting], ids=lambda row: row.id)
def test_a_setting_is_a_key_of_the_scenario(row):
    first, *rest = row.setting.split(".")
    assert first in Scenario.__struct_fields__
    inner = {"messages": MessageSpec, "faults": FaultSpec, "retry": RetrySpec}.get(first)
    if rest:
        inner = inner or type(getattr(Scenario(), first))
        assert rest[0] in inner.__struct_fields__


def test_every_quirk_has_a_row_with_its_default():
    settings = {row.setting for row in LEDGER}
    assert {f"quirks.{name}" for name in Quirks.__struct_fields__} <= settings


def test_numbers_without_a_source_are_named():
    rows = {row.id: row for row in LEDGER}
    inferred = [row.code for row in STATUSES if row.basis == "inferred"]
    named = set()
    for low, high in re.findall(r"(\d+)(?: to (\d+))?", rows["status-numbers-inferred"].default):
        named |= set(range(int(low), int(high or low) + 1))
    assert named == set(inferred)
    unknown = ", ".join(row.name for row in STATUSES if row.basis == "unknown")
    assert rows["status-numbers-unknown"].default == unknown


def test_the_default_of_every_setting_is_not_settled():
    assumed = assumptions(Scenario())
    assert set(assumed) == {row.id for row in LEDGER if row.basis == "assumed"}
    assert list(assumed) == [row for row in IDS if row in set(assumed)]


@pytest.mark.parametrize(
    ("scenario", "settled"),
    [
        (Scenario(endpoints=EndpointsSpec(timeout=Seconds(9.0))), {"timeout"}),
        (Scenario(endpoints=EndpointsSpec(max_in_flight=1)), {"connections-at-once"}),
        (Scenario(retry="fast"), {"retry-schedule"}),
        (
            Scenario(retry=RetrySpec(schedule=(Seconds(1.0),), jitter=0.1)),
            {"retry-schedule", "retry-no-jitter"},
        ),
        (Scenario(quirks=Quirks(channel_blank=True)), {"channel-blank"}),
        (
            Scenario(quirks=Quirks(status_codes={"STOP_MARKETING_MESSAGES": 32})),
            {"status-numbers-inferred", "status-numbers-unknown"},
        ),
        (Scenario(seed=1, name="x"), set()),
    ],
    # Workers of one run must name a test alike, and a set names its members in any order.
    ids=lambda given: "+".join(sorted(given)) if isinstance(given, set) else "scenario",
)
def test_what_a_scenario_settles_is_assumed_no_more(scenario, settled):
    assert set(assumptions(Scenario())) - set(assumptions(scenario)) == settled


def test_only_what_a_run_is_about():
    sms = set(assumptions(Scenario(), {"messageStatusUpdate"}))
    assert {"timeout", "retry-schedule", "lifecycle-paces"} <= sms
    assert sms.isdisjoint({"encryption-layout", "fallback-content", "referral", "sms-udh"})
    assert "encryption-layout" in assumptions(Scenario(), {"moText", "encrypted"})
    assert set(assumptions(Scenario(), {*KINDS, "encrypted"})) == set(assumptions(Scenario()))


def test_the_assumed_schedule_is_the_presets():
    rows = {row.id: row for row in LEDGER}
    assert PRESETS["one-api"].basis == rows["retry-schedule"].basis == "assumed"


def test_what_a_reply_may_be_told_is_called_by_its_key():
    told = {row.setting.partition(".")[2] for row in LEDGER if row.setting.startswith("messages.")}
    assert told <= set(MessageSpec.__struct_fields__) | set(ReplyFields.__struct_fields__)
