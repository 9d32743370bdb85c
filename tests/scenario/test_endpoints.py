"""Which endpoint a role gets, and what of it is kept secret."""

from __future__ import annotations

import pytest

from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.urls import masked
from mockatell.errors import ConfigurationError
from mockatell.model import Endpoint, Role, Tls

BOTH = frozenset(Role)


def _scenario(endpoints="{}"):
    return parse(f"messages: [{{count: 1}}]\nendpoints: {endpoints}", env={})


def _urls(endpoints):
    return {role.value: endpoint.url for role, endpoint in endpoints.items()}


@pytest.mark.parametrize(
    ("file", "flags", "urls"),
    [
        ("{}", {}, {}),
        ("{status: http://s/, reply: http://r/}", {}, {"status": "http://s/", "reply": "http://r/"}),
        ("{status: http://s/}", {}, {"status": "http://s/"}),
        ("{status: http://s/}", {"target": "http://t/"}, {"status": "http://t/", "reply": "http://t/"}),
        ("{}", {"status_url": "http://s/"}, {"status": "http://s/"}),
        (
            "{status: {url: http://s/}}",
            {"target": "http://t/", "reply_url": "http://r/"},
            {"status": "http://t/", "reply": "http://r/"},
        ),
    ],
)  # fmt: skip
def test_urls(file, flags, urls):
    assert _urls(resolve_endpoints(_scenario(file), **flags)) == urls


@pytest.mark.parametrize("role", Role)
def test_a_role_without_a_url_is_told_how_to_get_one(role):
    with pytest.raises(ConfigurationError) as caught:
        resolve_endpoints(_scenario(), needed={role})
    assert str(caught.value) == (
        f"no URL for the {role} endpoint "
        f"(give --{role}-url or --target, or endpoints.{role} in the scenario)"
    )


def test_a_wrong_flag_is_named_and_masked():
    with pytest.raises(ConfigurationError) as caught:
        resolve_endpoints(_scenario(), target="http://me:s3cret@/x?key=s3cret")
    assert str(caught.value) == (
        "--target: 'http://***@/x?key=***' has no host "
        "(write for example http://localhost:8000/callback)"
    )


def test_settings_of_both_and_of_one():
    endpoints = resolve_endpoints(
        _scenario(
            """
  timeout: 3s
  max_in_flight: 9
  headers: {X-A: both, X-B: both}
  basic_auth: {username: both, password: s3cret}
  tls: {ca: ca.pem}
  status: http://s/
  reply:
    url: http://r/
    timeout: 1s
    connect_timeout: 2s
    max_in_flight: 1
    headers: {x-a: own}
    basic_auth: {username: own, password: s3cret}
    tls: {insecure: true}
"""
        )
    )
    assert endpoints[Role.STATUS] == Endpoint(
        Role.STATUS,
        "http://s/",
        headers=(("X-A", "both"), ("X-B", "both")),
        basic_auth=("both", "s3cret"),
        timeout=3.0,
        max_in_flight=9,
        tls=Tls(ca="ca.pem"),
    )
    assert endpoints[Role.REPLY] == Endpoint(
        Role.REPLY,
        "http://r/",
        headers=(("x-a", "own"), ("X-B", "both")),
        basic_auth=("own", "s3cret"),
        timeout=1.0,
        connect_timeout=2.0,
        max_in_flight=1,
        tls=Tls(insecure=True),
    )


@pytest.mark.parametrize(
    ("file", "target", "auth"),
    [
        ("{}", "http://h/", None),
        ("{}", "http://me:s3cret@h/", ("me", "s3cret")),
        ("{}", "http://me@h/", ("me", "")),
        ("{}", "http://me:s3%2Fcr%40et@h/", ("me", "s3/cr@et")),
        ("{status: 'http://me:s3cret@h/'}", None, ("me", "s3cret")),
        ("{status: 'http://m:s3@h/', basic_auth: {username: a, password: b}}", None, ("a", "b")),
        ("{basic_auth: {username: a, password: b}}", "http://h/", ("a", "b")),
        ("{basic_auth: {username: a, password: b}}", "http://me:s3cret@h/", ("me", "s3cret")),
    ],
)  # fmt: skip
def test_userinfo_becomes_basic_auth(file, target, auth):
    endpoint = resolve_endpoints(_scenario(file), target=target)[Role.STATUS]
    assert (endpoint.url, endpoint.basic_auth) == ("http://h/", auth)


@pytest.mark.parametrize(
    "url",
    [
        "http://h/?key=a%20b&&c=%C3%A9+d&e",
        "HTTP://h:8000/a//b@c?x=http://y:z@w/",
        "http://[::1]:8000/a@b",
        "http://h?key",
    ],
)
def test_a_url_is_kept_byte_for_byte(url):
    assert resolve_endpoints(_scenario(), target=url)[Role.REPLY].url == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h/", "http://h/"),
        ("http://h:8000/a/b", "http://h:8000/a/b"),
        ("http://h/?key=s3cret", "http://h/?key=***"),
        ("http://h/?a=1&b=2&a=3", "http://h/?a=***&b=***&a=***"),
        ("http://h/?s3cret", "http://h/?***"),
        ("http://h/?a=&b&c=s3cret=s3cret", "http://h/?a=&***&c=***"),
        ("http://me:s3cret@h/", "http://***@h/"),
        ("http://me@h/?key=s3cret", "http://***@h/?key=***"),
        ("http://me:pa/s3cret@h/", "http://***@h/"),
        ("http://me:pa?s3cret@h/?a=b", "http://***@h/?a=***"),
        ("http://me:pa#s3cret@h/", "http://***@h/"),
        ("me:s3cret@h/", "***@h/"),
        ("http://h:8000/a@b?c=d@e", "http://h:8000/a@b?c=***"),
        ("http://[::1]:8000/a@b", "http://[::1]:8000/a@b"),
        ("http://h/messages/{messageId}?key=s3cret", "http://h/messages/{messageId}?key=***"),
        ("", ""),
    ],
)
def test_masked(url, shown):
    assert masked(url) == shown
