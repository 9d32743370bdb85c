import pytest

from mockatell.clickatell.contract import HEADERS, PRESETS, classify
from mockatell.model import Outcome, Role


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        (range(200, 300), Outcome.ACKNOWLEDGED),
        (range(300, 400), Outcome.REDIRECTED),
        (range(400, 1000), Outcome.REJECTED),
        (range(100), Outcome.REJECTED),
        (range(100, 200), Outcome.REJECTED),
    ],
    ids=["2xx", "3xx", "4xx and up", "below 100", "1xx"],
)
def test_classify(codes, outcome):
    assert {classify(code) for code in codes} == {outcome}


def test_nothing_on_the_wire_that_the_platform_does_not_send():
    assert HEADERS == (("Content-Type", "application/json"), ("Accept", "*/*"))


def minutes(*values):
    return tuple(60.0 * value for value in values)


@pytest.mark.parametrize(
    ("name", "role", "delays"),
    [
        ("one-api", Role.STATUS, (*minutes(2, 4, 8, 16, 32, 64, 128), 259_200.0)),
        ("one-api", Role.REPLY, minutes(2, 4, 8, 16, 25)),
        ("central-status", Role.STATUS, (*minutes(2, 4, 8, 16, 32, 64, 128), 259_200.0)),
        ("central-status", Role.REPLY, (*minutes(2, 4, 8, 16, 32, 64, 128), 259_200.0)),
        ("central-mo", Role.STATUS, minutes(2, 4, 8, 16, 25)),
        ("central-mo", Role.REPLY, minutes(2, 4, 8, 16, 25)),
        ("fast", Role.STATUS, (1.0, 2.0, 4.0, 8.0, 16.0)),
        ("fast", Role.REPLY, (1.0, 2.0, 4.0, 8.0, 16.0)),
        ("none", Role.STATUS, ()),
        ("none", Role.REPLY, ()),
    ],
)
def test_presets(name, role, delays):
    assert PRESETS[name].delays[role] == delays


def test_the_older_apis_retries_take_as_long_as_it_says():
    assert sum(PRESETS["central-status"].delays[Role.STATUS]) == (76 * 60 + 14) * 60
    assert sum(PRESETS["central-mo"].delays[Role.REPLY]) == 55 * 60


def test_only_what_was_published_is_called_documented():
    documented = {name for name, preset in PRESETS.items() if preset.basis == "documented"}
    assert documented == {"central-status", "central-mo"}
    assert all(PRESETS[name].source.startswith("https://") for name in (*documented, "one-api"))
    assert all(name == preset.name for name, preset in PRESETS.items())
