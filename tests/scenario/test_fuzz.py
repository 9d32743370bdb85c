"""Whatever the text: a scenario or a scenario error, nothing else, and soon."""

from __future__ import annotations

import contextlib
import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from mockatell.core.scenario import spec
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.read import is_struct
from mockatell.errors import ScenarioError

# Slower than a scenario needs by far, and far less than a text out of hand would take.
SOON = settings(deadline=2000)

KEYS = sorted({f.encode_name for c in vars(spec).values() if is_struct(c) for f in fields(c)})
WORDS = [
    *[
        "5s",
        "1s..4s",
        "200/s",
        "20%",
        "1.4",
        "-1",
        "read",
        "sms",
        "whatsapp",
        "moText",
        "moMedia",
        "all",
        "one-api",
        "READ",
    ],
    *["http://h/", "http://u:p@h:x/?k=v#f", "${A}", "${", "$$", "27999000001", "{n}"],
    "",
]
SIGNS = [": ", "- ", "\n", "\n  ", ", ", "&a ", "!!str ", "!x ", "# ", "? ", "\t"]
PIECES = st.sampled_from(
    [
        *KEYS,
        *WORDS,
        *SIGNS,
        *[
            ":",
            "{",
            "}",
            "[",
            "]",
            "*a",
            "<<",
            '"',
            "'",
            "|",
            ">",
            "---",
            "...",
            "%",
            "~",
            "0x1",
            "\\",
            "$",
        ],
    ]
)
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
)
TREES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), below, max_size=4)
    ),
    max_leaves=12,
)


def _survives(text):
    with contextlib.suppress(ScenarioError):
        assert isinstance(parse(text, env={"A": "s3cret"}), spec.Scenario)


@given(st.binary())
@SOON
def test_any_bytes(data):
    _survives(data)


@given(st.text(st.characters(codec=None)))
@SOON
def test_any_text(text):
    _survives(text)


@given(st.lists(PIECES, max_size=40).map("".join))
@SOON
def test_pieces_of_yaml(text):
    _survives(text)


@given(TREES)
@SOON
def test_any_tree(tree):
    _survives(yaml.safe_dump(tree, allow_unicode=True))
    _survives(json.dumps({"messages": [{"steps": [tree]}, tree]}))


def _of(cls):
    """Mappings that have some of the keys that a structure has, with values that might do."""
    below = SCALARS | st.lists(SCALARS, max_size=2) | st.just({})
    return st.dictionaries(st.sampled_from([f.encode_name for f in fields(cls)]), below, max_size=4)


SCENARIOS = st.fixed_dictionaries(
    {
        "messages": st.lists(
            _of(spec.MessageSpec)
            | st.fixed_dictionaries({"steps": st.lists(_of(spec.StepSpec), max_size=2)}),
            max_size=2,
        ),
    },
    optional={
        "endpoints": _of(spec.EndpointsSpec)
        | st.fixed_dictionaries({"status": _of(spec.EndpointSpec)}),
        "retry": _of(spec.RetrySpec) | _of(spec.RetryByRoleSpec),
        "faults": st.lists(
            st.one_of(
                *(
                    st.fixed_dictionaries({name: _of(cls)})
                    for name, cls in (
                        ("duplicate", spec.DuplicateSpec),
                        ("delay", spec.DelaySpec),
                        ("outage", spec.OutageSpec),
                        ("future", spec.FutureSpec),
                    )
                )
            ),
            max_size=2,
        ),
        "expect": st.lists(st.fixed_dictionaries({"probe": _of(spec.ProbeSpec)}), max_size=1),
    },
)


@given(SCENARIOS)
@SOON
def test_what_looks_like_a_scenario(tree):
    _survives(json.dumps(tree))


@given(
    st.lists(st.sampled_from([*KEYS, "0", "[0]", ".", "=", "[", "]", "{", "5s"]), max_size=8).map(
        "".join
    )
)
@SOON
def test_any_override(override):
    with contextlib.suppress(ScenarioError):
        parse("messages: [{count: 1}]", env={}, overrides=[override])
