"""`${VAR}` in scalars, and that what came from the environment is never shown."""

from __future__ import annotations

import pytest

from mockatell.core.scenario.load import parse
from mockatell.core.scenario.scalars import ScalarError, interpolate, resolve


@pytest.mark.parametrize(
    ("text", "filled_in"),
    [
        ("plain", "plain"),
        ("${A}", "one"),
        ("<${A}${B}>", "<onetwo>"),
        ("${NONE:-else}", "else"),
        ("${NONE:-}", ""),
        ("${A:-else}", "one"),
        ("${EMPTY}", ""),
        ("${EMPTY:-else}", "else"),
        ("${NONE:-http://localhost:8000/a?b=c}", "http://localhost:8000/a?b=c"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$$${A}", "$one"),
        ("a $5 note, $A", "a $5 note, $A"),
        ("${NESTED}", "${A}"),  # what is filled in is not looked at again
    ],
)
def test_interpolation(text, filled_in):
    env = {"A": "one", "B": "two", "EMPTY": "", "NESTED": "${A}"}
    assert interpolate(text, env) == filled_in


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "${A", "${A:?x}", "${A-B}", "${ A }"])
def test_what_opens_no_variable(text):
    with pytest.raises(ScalarError, match="opens no variable"):
        interpolate(text, {"A": "one"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("False", False), ("TRUE", True), ("tRUE", "tRUE"),
        ("yes", "yes"), ("on", "on"), ("off", "off"), ("n", "n"),
        ("0", 0), ("7", 7), ("-7", -7), ("0x1F", 31), ("0o17", 15),
        ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)),
        ("027999", "027999"), ("+27", "+27"), ("-07", "-07"), ("1_000", "1_000"), ("0b1", "0b1"),
        ("1:30", "1:30"), ("2026-01-01", "2026-01-01"), ("1.2.3", "1.2.3"), ("5s", "5s"),
        ("0.5", 0.5), ("-1.5", -1.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("1.5E-2", 0.015),
        ("+1.5", "+1.5"), ("00.5", "00.5"), ("1e", "1e"), (".", "."), ("-", "-"), ("nan", "nan"),
        ("\u0663", "\u0663"),
    ],
)  # fmt: skip
def test_plain_scalars_by_the_core_rules(text, value):
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.inf", "+.Inf", "1e999", "9" * 21])
def test_numbers_without_use(text):
    with pytest.raises(ScalarError):
        resolve(text)


def test_a_plain_scalar_is_resolved_after_it_is_filled_in():
    scenario = parse("messages:\n- count: ${N}\n  over: ${T:-5s}\n", env={"N": "12"})
    assert scenario.messages[0].count == 12
    assert scenario.messages[0].over == 5.0


def test_between_braces_the_quotes_that_yaml_asks_for_do_no_harm():
    assert parse('messages: [{count: "${N}"}]', env={"N": "12"}).messages[0].count == 12


@pytest.mark.parametrize("pin", ["1234", "true", "null", "", "027", "s3cret", "1.5"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_password_is_text_whatever_it_looks_like(pin, quote):
    text = f"""
messages: [{{count: 1}}]
endpoints:
  basic_auth:
    username: me
    password: {quote}${{PIN}}{quote}
"""
    auth = parse(text, env={"PIN": pin}).endpoints.basic_auth
    assert auth is not None
    assert auth.password == pin


def test_what_is_filled_in_is_no_yaml():
    scenario = parse("name: ${X}\nmessages: [{count: 1}]", env={"X": "a # b: [c"})
    assert scenario.name == "a # b: [c"


def test_keys_are_not_filled_in(refusal):
    error = refusal("${K}: 1", env={"K": "seed"})
    assert error.startswith("s.yaml:1: unknown key '${K}'")


def test_an_unset_variable_is_named(refusal):
    text = "messages:\n- count: 1\nendpoints:\n  basic_auth:\n    password: ${CALLBACK_PASSWORD}\n"
    assert refusal(text) == (
        "s.yaml:5: endpoints.basic_auth.password: environment variable CALLBACK_PASSWORD is not set"
        " (set it, or write ${CALLBACK_PASSWORD:-default})"
    )


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        "${S}",
        "messages: ${S}",
        "seed: ${S}",
        'seed: "${S}"',
        "retry: ${S}",
        "messages:\n- at: ${S}",
        "messages:\n- at: ${S}..1s",
        "messages:\n- rate: ${S}\n  for: 5s",
        "messages:\n- channel: ${S}",
        "messages:\n- to: ${S}",
        "messages:\n- to: +${S}",
        "messages:\n- count: 2\n  message_id: ${S}",
        "messages:\n- lifecycle: ${S}",
        "messages:\n- reply: ${S}",
        "messages:\n- reply: moMedia\n  content_type: ${S}",
        "messages:\n- reply: moLocation\n  latitude: ${S}",
        "messages:\n- steps:\n  - status: ${S}",
        "messages:\n- count: 1\nendpoints:\n  status: ${S}",
        "messages:\n- count: 1\nendpoints:\n  status: http://${S}:x/",
        'messages:\n- count: 1\nendpoints:\n  status: "http://h/${S} "',
        "messages:\n- count: 1\nendpoints:\n  status: http://h/${S}#",
        'messages:\n- count: 1\nendpoints:\n  headers:\n    A: "${S}\\n"',
        'messages:\n- count: 1\nendpoints:\n  basic_auth:\n    username: ":${S}"\n    password: x',
        "messages:\n- count: 1\nexpect:\n- acknowledged: ${S}",
        "messages:\n- count: 1\nexpect:\n- probe:\n    get: ${S}",
        "messages:\n- count: 1\nexpect:\n- probe:\n    get: http://h/{${S}}",
        "messages:\n- count: 1\nfaults:\n- duplicate:\n    probability: ${S}",
        "messages:\n- count: 1\nfaults:\n- outage:\n    at: 1s\n    for: 1s\n    role: ${S}",
        "messages:\n- count: 1\nencryption:\n  mode: ${S}",
    ],
)
@pytest.mark.parametrize("value", [SECRET, "7236548919.5", "-7236548919s"])
def test_a_value_of_the_environment_is_never_shown(text, value, refusal):
    assert value.strip("-s") not in refusal(text, env={"S": value})
