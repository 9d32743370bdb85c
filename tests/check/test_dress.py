"""How an endpoint is addressed differently, and what its address alone says."""

import pytest

from mockatell.core.check.clauses import CLAUSES
from mockatell.core.check.dress import dressed, has_credentials
from mockatell.core.check.words import Dress
from mockatell.core.scenario.load import parse_keys
from mockatell.model import Endpoint, Role
from mockatell.rooms.check.check import Check, Wishes
from mockatell.shell.clock import VirtualClock

URL = "https://example.com/cb"
GUARDED = Endpoint(
    Role.REPLY,
    f"{URL}?env=test&token=abc&api_key=",
    headers=(("X-Env", "test"), ("X-Api-Key", "k")),
    basic_auth=("user", "pass"),
)


def test_a_stranger_has_no_credentials_and_all_the_rest():
    assert dressed(GUARDED, Dress.STRANGER) == Endpoint(
        Role.REPLY, f"{URL}?env=test", headers=(("X-Env", "test"),)
    )


def test_an_impostor_has_wrong_ones():
    assert dressed(GUARDED, Dress.IMPOSTOR) == Endpoint(
        Role.REPLY,
        f"{URL}?env=test&token=wrong&api_key=wrong",
        headers=(("X-Env", "test"), ("X-Api-Key", "wrong")),
        basic_auth=("user", "wrong"),
    )


@pytest.mark.parametrize(
    ("endpoint", "has"),
    [
        (GUARDED, True),
        (Endpoint(Role.REPLY, URL), False),
        (Endpoint(Role.REPLY, f"{URL}?"), False),
        (Endpoint(Role.REPLY, f"{URL}?env=test&page=2"), False),
        (Endpoint(Role.REPLY, f"{URL}?key=1"), True),
        (Endpoint(Role.REPLY, URL, headers=(("Authorization", "Bearer x"),)), True),
        (Endpoint(Role.REPLY, URL, basic_auth=("u", "p")), True),
    ],
)
def test_what_counts_as_credentials(endpoint, has):
    assert has_credentials(endpoint) is has


@pytest.mark.parametrize(
    ("dress", "header"),
    [
        (Dress.CHARSET, ("Content-Type", "application/json; charset=UTF-8")),
        (Dress.CLOSING, ("Connection", "close")),
    ],
)
def test_a_header_takes_the_place_of_its_like(dress, header):
    worn = Endpoint(Role.REPLY, URL, headers=((header[0].lower(), "x"), ("X-A", "1")))
    assert dressed(worn, dress).headers == (("X-A", "1"), header)


def test_time_to_hang_up():
    assert dressed(GUARDED, Dress.PLAIN) is GUARDED
    assert dressed(GUARDED, Dress.PLAIN, 0.0).timeout == 0.0


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("http://example.com/cb", "broken"),
        ("http://203.0.114.7/cb", "broken"),
        ("https://example.com/cb", "held"),
        ("http://localhost:8000/", "not exercised"),
        ("http://app:8000/", "not exercised"),
        ("http://10.0.0.7/", "not exercised"),
        ("http://[::1]:8000/", "not exercised"),
        ("http://app.internal/", "not exercised"),
    ],
)
def test_http_is_bad_advice_but_at_home(url, verdict):
    """The script asks for no request, so it can be played without one."""
    wishes = Wishes(target=url, seed=7, only=("https",))
    examination = Check(parse_keys({}, name="test"), wishes, VirtualClock()).examination
    assert list(examination.play()) == []
    assert examination.results[0].verdict == verdict
    assert CLAUSES["https"].weight == "advice"
