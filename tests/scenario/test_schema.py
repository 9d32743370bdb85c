"""The published JSON Schema: what it lets in, the loader lets in, and what it refuses is wrong."""

from __future__ import annotations

import pytest
import yaml
from jsonschema import Draft202012Validator

from mockatell.core.scenario import shipped
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.schema import json_schema


@pytest.fixture(scope="module")
def validator():
    return Draft202012Validator(json_schema())


def test_the_schema_is_one():
    Draft202012Validator.check_schema(json_schema())


def test_it_explains_itself():
    definitions = json_schema()["$defs"]
    assert definitions["RetrySpec"]["title"] == "Retry"
    for definition in definitions.values():
        assert definition["description"]
        assert "Args:" not in definition["description"]


@pytest.mark.parametrize("name", shipped.names())
def test_shipped_scenarios_hold_to_it(name, validator):
    path = shipped.find(name)
    assert path is not None
    validator.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


MESSAGES = "messages: [{count: 1}]\n"


@pytest.mark.parametrize(
    "text",
    [
        MESSAGES,
        "messages: [{count: '${N}', at: '${T}', over: 5s, to: '${TO}'}]",
        "messages: [{rate: 200/s, for: 1m30s, lifecycle: {read: 70%, delivered: 0.3}}]",
        "messages: [{steps: [{typing: {}}, {status: 5}, {reply: moText, after: 1s..4s}]}]",
        MESSAGES + "retry: {schedule: [2m, 4m], jitter: 10%}",
        MESSAGES + "retry: {exponential: {first: 2s, factor: 2}, attempts: 9}",
        MESSAGES + "retry: {status: fast, reply: {schedule: [1s]}}",
        MESSAGES + "endpoints: {status: http://h/, reply: {url: http://h/, timeout: 5s}}",
        MESSAGES + "faults: [{duplicate: {}}, {future: {batch: {size: 3}}}, {future: {batch: 2}}]",
        MESSAGES + "expect: [{acknowledged: all}, {acknowledged: 99.5%}]",
        MESSAGES + "expect: [{probe: {get: http://h/, json: [1]}}]",
        MESSAGES + "quirks: {latitude: both, channel_blank: true, status_codes: {READ: 6}}",
    ],
)
def test_what_it_lets_in_loads(text, validator):
    validator.validate(yaml.safe_load(text))
    parse(text, env={"N": "5", "T": "1s", "TO": "27999000001"})


@pytest.mark.parametrize(
    "text",
    [
        "name: x",
        "messages: []",
        "messages: {}",
        "[]",
        MESSAGES + "unknown: 1",
        MESSAGES + "seed: 1.5",
        MESSAGES + "seed: x",
        MESSAGES + "retry: {}",
        MESSAGES + "retry: {schedule: []}",
        MESSAGES + "retry: {schedule: [5]}",
        MESSAGES + "retry: {schedule: [1s], exponential: {first: 1s}}",
        MESSAGES + "retry: {exponential: {}, attempts: 5}",
        MESSAGES + "endpoints: {status: {timeout: 5s}}",
        MESSAGES + "endpoints: {timeout: 5 s}",
        MESSAGES + "faults: [{}]",
        MESSAGES + "faults: [{duplicate: {}, race: {}}]",
        MESSAGES + "faults: [{duplicate: {probability: 1.4}}]",
        MESSAGES + "faults: [{duplicate: {probability: 140%}}]",
        MESSAGES + "faults: [{outage: {at: 5s}}]",
        MESSAGES + "expect: [{acknowledged: most}]",
        MESSAGES + "expect: [{acknowledged: '%'}]",
        MESSAGES + "quirks: {latitude: neither}",
        "messages: [{count: 0}]",
        "messages: [{count: 1, rate: 1/s, for: 5s}]",
        "messages: [{rate: 1/s}]",
        "messages: [{rate: 5/d, for: 5s}]",
        "messages: [{over: 5s}]",
        "messages: [{at: 5}]",
        "messages: [{at: 1s..4s}]",
        "messages: [{to: '+27999'}]",
        "messages: [{channel: rcs}]",
        "messages: [{lifecycle: sent, reply: moText}]",
        "messages: [{steps: []}]",
        "messages: [{steps: [{}]}]",
        "messages: [{steps: [{status: READ, reply: moText}]}]",
        "messages: [{steps: [{reply: moText, code: 5}]}]",
    ],
)
def test_what_it_refuses_does_not_load(text, validator, refusal):
    assert not validator.is_valid(yaml.safe_load(text))
    assert refusal(text)
