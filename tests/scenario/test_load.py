"""From files and shipped names to scenarios, and what their values are."""

from __future__ import annotations

import pytest

from mockatell.core.scenario import shipped
from mockatell.core.scenario.load import load, parse
from mockatell.core.scenario.spec import (
    BasicAuthSpec,
    BatchSpec,
    DelaySpec,
    DuplicateSpec,
    ExpectSpec,
    ExponentialSpec,
    FaultSpec,
    FutureSpec,
    IntegrationSpec,
    LoseAckSpec,
    MessageSpec,
    OutageSpec,
    ProbeSpec,
    RaceSpec,
    ReorderSpec,
    RetryByRoleSpec,
    RetrySpec,
    StepSpec,
)
from mockatell.core.scenario.units import Probability, Rate, Seconds, Span
from mockatell.errors import ScenarioError

DESIGN = """
name: receipts            # the first comment line of a shipped scenario says which bug it finds
seed: 7
integration: {id: fa8090815f05d5ed015f0b5b56080cd2, name: My integration}
endpoints:
  status: http://localhost:8000/clickatell/status
  reply: http://localhost:8000/clickatell/reply?key=s3cret      # the query is kept byte for byte
  basic_auth: {username: clickatell, password: "${CALLBACK_PASSWORD}"}
  headers: {X-Env: test}
  timeout: 5s
  max_in_flight: 64
retry: one-api
messages:
  - {count: 100, over: 10s, channel: whatsapp, lifecycle: read}
  - channel: sms
    at: 3s
    to: "27999000001"
    client_message_id: order-17
    steps:
      - {status: SENT_TO_SUPPLIER, after: 200ms}
      - {status: DEVICE_ACK, after: 1s..4s}
      - {typing: {}, after: 5s}
      - {reply: moText, after: 2s, content: "Yes please"}
  - {reply: moLocation, at: 4s, channel: whatsapp}              # an unprompted MO message
  - {rate: 200/s, for: 60s, lifecycle: {read: 70%, delivered: 20%, failed: 8%, expired: 2%}}
faults:
  - duplicate: {probability: 0.2, within: 2s, copies: 1}
  - reorder: {probability: 0.3, within: 5s}
  - delay: {probability: 0.05, by: 1s..30s}
  - lose_ack: {probability: 0.02}
  - outage: {at: 20s, for: 30s}
  - race: {probability: 0.01, copies: 2}
  - future: {unknown_events: 0.01, extra_fields: 0.05, batch: 2}
expect:
  - acknowledged: all
  - probe: {get: "http://localhost:8000/messages/{messageId}", json: {status: READ}, within: 5s}
"""


@pytest.fixture(scope="module")
def design():
    return parse(DESIGN, env={"CALLBACK_PASSWORD": "hunter2"})


def test_the_head_of_the_design_s_example(design):
    assert (design.name, design.seed, design.retry) == ("receipts", 7, "one-api")
    assert design.integration == IntegrationSpec(
        id="fa8090815f05d5ed015f0b5b56080cd2", name="My integration"
    )
    endpoints = design.endpoints
    assert endpoints.status == "http://localhost:8000/clickatell/status"
    assert endpoints.reply == "http://localhost:8000/clickatell/reply?key=s3cret"
    assert endpoints.basic_auth == BasicAuthSpec(username="clickatell", password="hunter2")
    assert endpoints.headers == {"X-Env": "test"}
    assert (endpoints.timeout, endpoints.max_in_flight) == (5.0, 64)


def test_the_messages_of_the_design_s_example(design):
    assert design.messages == (
        MessageSpec(count=100, over=Seconds(10), channel="whatsapp", lifecycle="read"),
        MessageSpec(
            channel="sms",
            at=Seconds(3),
            to="27999000001",
            client_message_id="order-17",
            steps=(
                StepSpec(status="SENT_TO_SUPPLIER", after=Span(0.2, 0.2)),
                StepSpec(status="DEVICE_ACK", after=Span(1.0, 4.0)),
                StepSpec(typing={}, after=Span(5.0, 5.0)),
                StepSpec(reply="moText", after=Span(2.0, 2.0), content="Yes please"),
            ),
        ),
        MessageSpec(reply="moLocation", at=Seconds(4), channel="whatsapp"),
        MessageSpec(
            rate=Rate(200),
            for_=Seconds(60),
            channel="whatsapp",  # where else would they be read?
            lifecycle={
                "read": Probability(0.7),
                "delivered": Probability(0.2),
                "failed": Probability(0.08),
                "expired": Probability(0.02),
            },
        ),
    )


def test_the_faults_and_clauses_of_the_design_s_example(design):
    assert design.faults == (
        FaultSpec(duplicate=DuplicateSpec(probability=Probability(0.2), within=Seconds(2))),
        FaultSpec(reorder=ReorderSpec(probability=Probability(0.3), within=Seconds(5))),
        FaultSpec(delay=DelaySpec(probability=Probability(0.05), by=Span(1.0, 30.0))),
        FaultSpec(lose_ack=LoseAckSpec(probability=Probability(0.02))),
        FaultSpec(outage=OutageSpec(at=Seconds(20), for_=Seconds(30))),
        FaultSpec(race=RaceSpec(probability=Probability(0.01), copies=2)),
        FaultSpec(
            future=FutureSpec(
                unknown_events=Probability(0.01), extra_fields=Probability(0.05), batch=2
            )
        ),
    )
    assert design.expect == (
        ExpectSpec(acknowledged="all"),
        ExpectSpec(
            probe=ProbeSpec(
                get="http://localhost:8000/messages/{messageId}",
                json={"status": "READ"},
                within=Seconds(5),
            )
        ),
    )


@pytest.mark.parametrize(
    ("yaml", "retry"),
    [
        (
            "{schedule: [2m, 4m, 8m], jitter: 0.1}",
            RetrySpec(schedule=(Seconds(120), Seconds(240), Seconds(480)), jitter=Probability(0.1)),
        ),
        (
            "{exponential: {first: 2s, factor: 2, max: 1h}, attempts: 9}",
            RetrySpec(
                exponential=ExponentialSpec(first=Seconds(2), factor=2.0, max=Seconds(3600)),
                attempts=9,
            ),
        ),
        ("{status: fast}", RetryByRoleSpec(status="fast")),
        (
            "{reply: {schedule: [1s]}}",
            RetryByRoleSpec(reply=RetrySpec(schedule=(Seconds(1),))),
        ),
    ],
)
def test_retry_policies(yaml, retry):
    assert parse(f"messages: [{{count: 1}}]\nretry: {yaml}", env={}).retry == retry


@pytest.mark.parametrize(
    ("yaml", "channel"),
    [
        ("count: 1", "sms"),
        ("lifecycle: delivered", "sms"),
        ("lifecycle: read", "whatsapp"),
        ("lifecycle: {read: 50%, sent: 50%}", "whatsapp"),
        ("lifecycle: {sent: 50%, failed: 50%}", "sms"),
        ("reply: moLocation", "sms"),
    ],
)
def test_the_channel_of_a_message_that_names_none(yaml, channel):
    assert parse(f"messages: [{{{yaml}}}]", env={}).messages[0].channel == channel


@pytest.mark.parametrize(
    ("yaml", "step"),
    [
        ("{status: 5}", StepSpec(status=5)),
        ("{status: ROUTING_ERROR, code: 101}", StepSpec(status="ROUTING_ERROR", code=101)),
        ("{status: EXPIRED, after: 1h}", StepSpec(status="EXPIRED", after=Span(3600, 3600))),
        ("{fallback: {}}", StepSpec(fallback={})),
        ("{reply: moText, udh: 0500034E0301}", StepSpec(reply="moText", udh="0500034E0301")),
        (
            "{reply: moMedia, by: inline, encrypted: true}",
            StepSpec(reply="moMedia", by="inline", encrypted=True),
        ),
        (
            "{reply: moContacts, contacts: [{name: {firstName: Ann}}]}",
            StepSpec(reply="moContacts", contacts=({"name": {"firstName": "Ann"}},)),
        ),
    ],
)
def test_steps(yaml, step):
    assert parse(f"messages: [{{steps: [{yaml}]}}]", env={}).messages[0].steps == (step,)


def test_a_status_without_a_number_of_its_own_takes_the_scenario_s():
    text = """
messages: [{channel: whatsapp, steps: [{status: ANONYMOUS_USER_ID_ERROR}, {status: NEW_ONE}]}]
quirks: {status_codes: {ANONYMOUS_USER_ID_ERROR: 33, NEW_ONE: 999}}
"""
    assert parse(text, env={}).quirks.status_codes == {
        "ANONYMOUS_USER_ID_ERROR": 33,
        "NEW_ONE": 999,
    }


def test_several_messages_with_ids_of_their_own():
    text = "messages: [{count: 3, client_message_id: 'order-{n}', message_id: 'm{n}'}]"
    assert parse(text, env={}).messages[0].client_message_id == "order-{n}"


def test_batches_by_size():
    text = "messages: [{count: 1}]\nfaults: [{future: {batch: {size: 3, probability: 20%}}}]"
    future = parse(text, env={}).faults[0].future
    assert future is not None
    assert future.batch == BatchSpec(size=3, probability=Probability(0.2))


def test_anchors_aliases_and_merge_keys():
    text = """
messages:
  - &one {count: 5, over: 2s}
  - {<<: *one, count: 7}
  - <<: [{at: 1s}, *one, {at: 9s}]
  - *one
"""
    messages = parse(text, env={}).messages
    assert [(m.count, m.over, m.at) for m in messages] == [
        (5, 2, 0),
        (7, 2, 0),
        (5, 2, 1),
        (5, 2, 0),
    ]


def test_an_error_in_what_was_merged_points_to_where_it_stands(refusal):
    text = "messages:\n  - &one\n    at: 5\n  - <<: *one\n    count: 2\n"
    assert refusal(text).startswith("s.yaml:3: messages[0].at: '5' has no unit")


@pytest.mark.parametrize(
    "text",
    [
        "messages: [{count: 1}]",
        b"messages: [{count: 1}]",
        b"\xef\xbb\xbfmessages: [{count: 1}]\r\n",
    ],
)
def test_text_and_bytes(text):
    assert parse(text, env={}).messages == (MessageSpec(count=1),)


def test_json_is_yaml():
    text = '{"name": "caf\\u00e9", "messages": [{"count": 1, "at": "5s", "to": null}]}'
    assert parse(text, env={}).name == "café"


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_a_file(tmp_path, as_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: ${NAME}\nmessages: [{count: 1}]", encoding="utf-8")
    scenario = load(as_path(path), env={"NAME": "mine"}, overrides=["seed=3"])
    assert (scenario.name, scenario.seed) == ("mine", 3)


def test_errors_in_a_file_name_it(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("messages:\n- at: 5", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path, env={})
    assert str(caught.value) == f"{path}:2: messages[0].at: '5' has no unit (write 5s)"
    assert (caught.value.line, caught.value.path) == (2, "messages[0].at")


def test_ten_megabytes_are_not_read(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * 10_000_000)
    with pytest.raises(ScenarioError, match="is longer than 1 MiB"):
        load(path, env={})


def test_a_directory(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path, env={})
    assert str(caught.value) == f"{tmp_path}: cannot be read: is a directory"


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "mine.yaml"
    path.touch()
    denied = PermissionError(13, "Permission denied")
    monkeypatch.setattr("pathlib.Path.open", lambda *_: (_ for _ in ()).throw(denied))
    with pytest.raises(ScenarioError) as caught:
        load(path, env={})
    assert str(caught.value) == f"{path}: cannot be read: permission denied"


def test_a_name_that_is_none_names_the_nearest():
    with pytest.raises(ScenarioError) as caught:
        load("recepits", env={})
    assert str(caught.value) == (
        "recepits: no such file, nor a shipped scenario of that name (did you mean 'receipts'?)"
    )


@pytest.mark.parametrize("name", ["", "\0", "x" * 10_000, "../receipts", "receipts/", "a\nb"])
def test_names_that_no_scenario_has(name):
    with pytest.raises(ScenarioError) as caught:
        load(name, env={})
    assert str(caught.value).isprintable()


def test_every_shipped_scenario_loads_and_says_what_it_finds():
    names = shipped.names()
    assert "receipts" in names
    for name in names:
        assert load(name, env={}).messages
        assert shipped.first_comment(name)


def test_a_file_goes_before_a_shipped_scenario_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "receipts").write_text("messages: [{count: 77}]", encoding="utf-8")
    assert load("receipts", env={}).messages == (MessageSpec(count=77),)


def test_a_folder_does_not_hide_a_shipped_scenario_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "receipts").mkdir()
    assert load("receipts", env={}).name == "receipts"


def test_shipped_scenarios_travel_in_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "mine.yaml").write_text("# Finds: things.\nmessages: []", encoding="utf-8")
    (folder / "mute.yaml").write_text("messages: []", encoding="utf-8")
    assert shipped.names() == ("mine", "mute")
    assert shipped.find("mine") == folder / "mine.yaml"
    assert shipped.find("../mine") is None
    assert shipped.first_comment("mine") == "Finds: things."
    assert shipped.first_comment("mute") == ""
    assert shipped.first_comment("none") == ""
