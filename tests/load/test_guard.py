"""Where a load may go, and how much of it."""

import math

import pytest

from mockatell.core.load.guard import place, require_little, require_permission, told
from mockatell.core.load.own_times import demand
from mockatell.core.load.result import Offer, Stage
from mockatell.core.scenario.load import parse
from mockatell.errors import ConfigurationError
from mockatell.shell.addresses import addresses

SMALL = Offer("open", 30.0, start=100.0, stages=(Stage(30.0, 100.0),))


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "loopback"),  # the system connects it to loopback
        ("::ffff:127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("fd00::1", "private"),
        ("fe80::1%eth0", "private"),
        ("172.32.0.1", "public"),
        ("169.254.169.254", "public"),  # a cloud's own service
        ("192.0.2.1", "public"),
        ("8.8.8.8", "public"),
        ("::ffff:8.8.8.8", "public"),
        ("2606:4700::1", "public"),
    ],
)
def test_where_an_address_is(address, where):
    assert place(address) == where


def test_a_target_is_shown_with_its_addresses():
    assert told("http://app/x", ["10.0.0.1"]) == "http://app/x is 10.0.0.1 (private)"
    assert told("http://app/x", []) == "http://app/x has no address"


@pytest.mark.parametrize(
    ("targets", "offer", "said"),
    [
        ({"http://a": ["127.0.0.1"], "http://b": ["127.0.0.1", "8.8.8.8"]}, SMALL, "8.8.8.8"),
        ({}, Offer("open", 9.0, start=0.0, stages=(Stage(9.0, 60_000.0),)), "60,000/s is more"),
        ({}, Offer("open", 3601.0, start=1.0, stages=(Stage(3601.0, 1.0),)), "is longer than 1h"),
        ({}, Offer("closed", 7200.0, concurrency=2), "2h is longer than 1h"),
    ],
)
def test_what_needs_permission(targets, offer, said):
    with pytest.raises(ConfigurationError, match=r"--i-own-this-endpoint") as refused:
        require_permission(targets, offer)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "offer", [SMALL, Offer("closed", 60.0, concurrency=9), Offer("scenario", None)]
)
def test_what_needs_none(offer):
    require_permission({"http://a": ["127.0.0.1", "::1"], "http://nowhere": []}, offer)


def playing(messages):
    """A scenario of these messages."""
    endpoints = '{status: "http://127.0.0.1/s", reply: "http://127.0.0.1/r"}'
    return parse(f"name: own\nendpoints: {endpoints}\nmessages: {messages}\n", env={})


DELIVERED = "steps: [{status: SENT_TO_SUPPLIER, after: 0s}, {status: DEVICE_ACK, after: 1s..3s}]"


@pytest.mark.parametrize(
    ("messages", "until", "rate", "seconds"),
    [
        ("[{reply: moText, at: 4s}]", math.inf, 1, 4),
        ("[{count: 60, over: 10s, reply: moText}]", math.inf, 6, 10),
        ("[{count: 60, reply: moText}]", math.inf, 60, 0),  # all at once
        ("[{rate: 30/s, for: 2m, reply: moText}]", math.inf, 30, 120),
        (f"[{{rate: 30/s, for: 2m, {DELIVERED}}}]", math.inf, 60, 123),
        (f"[{{rate: 30/s, for: 2m, {DELIVERED}}}]", 50.0, 60, 50),
        ("[{count: 8, reply: moText}, {count: 9, at: 5s, reply: moText}]", math.inf, 9, 5),
        ("[{count: 8, reply: moText}, {count: 9, at: 500ms, reply: moText}]", math.inf, 17, 0.5),
        ("[{count: 8, reply: moText}, {count: 9, at: 5s, reply: moText}]", 5.0, 8, 0),
    ],
)
def test_what_a_scenario_s_own_times_ask(messages, until, rate, seconds):
    assert demand(playing(messages), until) == pytest.approx((rate, seconds))


@pytest.mark.parametrize(
    ("messages", "until", "said"),
    [
        ("[{rate: 90000/s, for: 1m, reply: moText}]", None, "own: 90,000/s is more than 50,000/s"),
        ("[{rate: 90000/s, for: 1m, reply: moText}]", 10.0, "own: 90,000/s is more than 50,000/s"),
        (f"[{{rate: 30000/s, for: 1m, {DELIVERED}}}]", None, "own: 60,000/s is more"),
        ("[{count: 50001, reply: moText}]", None, "own: 50,001/s is more than 50,000/s"),
        ("[{rate: 1/s, for: 3h, reply: moText}]", None, "own: 3h is longer than 1h"),
        ("[{rate: 1/s, for: 3h, reply: moText}]", 7200.0, "own: 2h is longer than 1h"),
    ],
)
def test_a_scenario_s_own_times_need_permission_likewise(messages, until, said):
    with pytest.raises(ConfigurationError, match=r"--i-own-this-endpoint") as refused:
        require_little(playing(messages), until)
    assert said in str(refused.value)


def test_what_a_duration_cuts_off_needs_none():
    require_little(playing("[{rate: 1/s, for: 3h, reply: moText}]"), 60.0)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://127.0.0.1:8000/x", ("127.0.0.1",)),
        ("https://[::1]:8000/x", ("::1",)),
        ("http://2130706433/", ("127.0.0.1",)),  # as the system reads a number
        ("http://nosuch.invalid/x", ()),
        ("http://" + "a" * 70 + ".example/x", ()),
    ],
)
def test_addresses(url, found):
    assert addresses(url) == found
