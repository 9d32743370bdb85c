"""`--set path=value`."""

from __future__ import annotations

import pytest

from mockatell.core.scenario.load import parse
from mockatell.core.scenario.overrides import shown_override
from mockatell.core.scenario.spec import RetrySpec

YAML = """
name: base
retry: fast
endpoints: {status: http://h/}
messages:
  - {count: 1}
  - {count: 2}
"""


def _with(*overrides, env=None):
    return parse(YAML, env=env or {}, overrides=overrides)


def test_a_value_is_set():
    assert _with("seed=9").seed == 9


@pytest.mark.parametrize("path", ["messages.1.count", "messages[1].count"])
def test_items_of_a_list(path):
    assert [m.count for m in _with(f"{path}=5").messages] == [1, 5]


def test_the_last_one_holds():
    assert _with("seed=1", "seed=2").seed == 2


def test_mappings_on_the_way_are_made():
    assert _with("endpoints.headers.X-Env=test").endpoints.headers == {"X-Env": "test"}


def test_values_are_yaml():
    scenario = _with(
        "retry={schedule: [1s, 2s], jitter: 10%}", 'name="1"', "messages[0]={reply: moText}"
    )
    assert scenario.retry == RetrySpec(schedule=(1.0, 2.0), jitter=0.1)
    assert scenario.name == "1"
    assert scenario.messages[0].reply == "moText"


def test_equals_signs_in_the_value():
    assert _with("endpoints.reply=http://h/?key=a=b").endpoints.reply == "http://h/?key=a=b"


def test_nothing_leaves_a_key_empty():
    assert _with("seed=5", "seed=").seed is None


def test_variables_are_filled_in():
    assert _with("seed=${S}", env={"S": "5"}).seed == 5


def test_an_alias_elsewhere_keeps_its_value():
    text = "messages:\n  - &m {count: 1}\n  - *m\n"
    scenario = parse(text, env={}, overrides=["messages[0].count=5"])
    assert [m.count for m in scenario.messages] == [5, 1]


@pytest.mark.parametrize(
    ("override", "error"),
    [
        ("seed", "--set seed: is not path=value (write seed=7)"),
        ("=7", "--set : is not path=value (write seed=7)"),
        ("a..b=7", "--set a..b: is not path=value (write seed=7)"),
        ("a[x]=7", "--set a[x]: is not path=value (write seed=7)"),
        ("a b=7", "--set a b: is not path=value (write seed=7)"),
        ("seed=x", "--set seed: seed: must be a whole number, not text"),
        ("sed=7", "--set sed: unknown key 'sed' (did you mean 'seed'?)"),
        (
            "mesages.0.count=7",
            "--set mesages.0.count: unknown key 'mesages' (did you mean 'messages'?)",
        ),
        (
            "messages.0.cuont=7",
            "--set messages.0.cuont: messages[0]: unknown key 'cuont' (did you mean 'count'?)",
        ),
        (
            "messages.2.count=7",
            "--set messages.2.count: messages: has no item '2' (its items are 0 to 1)",
        ),
        (
            "messages.first.count=7",
            "--set messages.first.count: messages: has no item 'first' (its items are 0 to 1)",
        ),
        (
            "retry.jitter=1",
            "--set retry.jitter: retry: is a single value, without a 'jitter' (set it as a whole)",
        ),
        ("messages[0].at=5", "--set messages[0].at: messages[0].at: '5' has no unit (write 5s)"),
        (
            "seed=${NONE}",
            "--set seed: environment variable NONE is not set (set it, or write ${NONE:-default})",
        ),
        ("seed=!!python/name:os.system", "--set seed: tags are refused (leave the !tag out)"),
    ],
)
def test_a_wrong_override_is_named(override, error, refusal):
    assert refusal(YAML, overrides=[override]) == error


def test_a_password_in_an_override_is_not_shown(refusal):
    for value in ("[s3cret", "{s3cret: 1}", "[s3cret]"):
        assert "s3cret" not in refusal(YAML, overrides=[f"endpoints.basic_auth.password={value}"])


@pytest.mark.parametrize(
    ("override", "shown"),
    [
        ("messages[0].count=5", "messages[0].count=5"),
        ("name=endpoints=1", "name=endpoints=1"),
        ("endpoints.reply=http://me:s3cret@h/", "endpoints.reply=***"),
        (".endpoints={reply: s3cret}", ".endpoints=***"),
        ("encryption.master_key=s3cret", "encryption.master_key=***"),
        ("expect[0].probe.headers.X-Key=s3cret", "expect[0].probe.headers.X-Key=***"),
        ("expect=[{probe: {get: http://me:s3cret@h}}]", "expect=***"),
    ],
)
def test_how_an_override_is_shown(override, shown):
    assert shown_override(override) == shown


def test_endless_overrides(refusal):
    assert len(refusal(YAML, overrides=["a." * 5000 + "a=1"])) < 200
    assert "64 deep" in refusal(YAML, overrides=["seed=" + "[" * 5000])


def test_the_first_of_an_empty_list(refusal):
    error = refusal("messages: []", overrides=["messages[0].count=1"])
    assert error == "--set messages[0].count: messages: is an empty list (set it as a whole)"


@pytest.mark.parametrize("path", ["endpoints.reply.basic_auth.password", "a" * 5000])
def test_a_stray_blank_is_refused_at_once(path, refusal):
    """A pattern that tries every way to cut the path in two would not come back."""
    assert refusal(YAML, overrides=[f"{path} =x"]).endswith("is not path=value (write seed=7)")
