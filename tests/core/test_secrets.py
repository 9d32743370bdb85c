"""What is a secret, and that none of it is left in a text."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.scenario.load import parse
from mockatell.core.secrets import Secrets
from mockatell.model import Endpoint, Role


def secrets_of(yaml, target="http://h/"):
    scenario = parse(f"messages: [{{count: 1}}]\n{yaml}", env={})
    return Secrets.of(scenario, resolve_endpoints(scenario, target=target).values())


BASIC = base64.b64encode(b"me:hunter2").decode()


@pytest.mark.parametrize(
    ("yaml", "target", "text", "shown"),
    [
        ("", "http://me:hunter2@h/", f"hunter2 {BASIC}", "*** ***"),
        ("", "http://me:hun%2Fter2@h/", "hun/ter2 hun%2Fter2", "*** ***"),
        ("", "http://h/?key=s3cr%20et&page=1", "s3cr%20et, s3cr et, page 1", "***, ***, page 1"),
        ("endpoints: {basic_auth: {username: me, password: hunter2}}", "http://h/",
         f"me {BASIC} hunter2", "me *** ***"),
        ("endpoints: {headers: {X-Api-Key: abcdef}}", "http://h/", "your abcdef", "your ***"),
        ("endpoints: {headers: {X-Hub-Sig: abcdef}}", "http://h/", "your abcdef", "your ***"),
        ("endpoints: {headers: {X-Api: abcdef}}", "http://h/", "your abcdef", "your ***"),
        ("endpoints: {headers: {X-Caller: abcdefgh}}", "http://h/", "your abcdefgh", "your ***"),
        ("endpoints: {headers: {X-Env: testing}}", "http://h/", "testing", "testing"),
        ("endpoints: {headers: {Authorization: Bearer tok3n}}", "http://h/",
         "Bearer tok3n or tok3n, no Bearer", "*** or ***, no Bearer"),
        (f"endpoints: {{headers: {{Authorization: Basic {BASIC}}}}}", "http://h/",
         f"{BASIC}: not hunter2", "***: not ***"),
        ("endpoints: {headers: {Cookie: 'sid=abcdef; user=\"ghijkl\"'}}", "http://h/",
         "a user, a sid: abcdef, ghijkl", "a user, a sid: ***, ***"),
        ("endpoints: {headers: {X-Sig: sha256=YWJjZA==}}", "http://h/", "YWJjZA==", "***"),
        ("endpoints: {headers: {X-Sig: YWJjZA==}}", "http://h/", "YWJjZA==", "***"),
        ("encryption: {master_key: 0123456789abcdef0123456789abcdef}", "http://h/",
         "key 0123456789abcdef0123456789abcdef", "key ***"),
        ("expect: [{probe: {get: 'http://a:pr0be@h/m?token=t0ken', headers: {X-Key: k3y0}}}]",
         "http://h/", "pr0be t0ken k3y0", "*** *** ***"),
        ("", "http://h/a", "nothing is secret", "nothing is secret"),
        ("", "http://h/?a=***&b=%2A", "all *** and *", "all *** and *"),
    ],
)  # fmt: skip
def test_secrets_are_taken_out(yaml, target, text, shown):
    assert secrets_of(yaml, target).scrub(text) == shown


def test_one_that_begins_with_another_one_is_taken_out_whole():
    tails = [f"abcd{'x' * length}" for length in range(1, 20)]
    secrets = Secrets(["abcd", *tails])
    assert [secrets.scrub(tail) for tail in tails] == ["***"] * len(tails)


@pytest.mark.parametrize("spelt", ["a'b\"<é\\", "a%27b%22%3C%C3%A9%5C", 'a\'b\\"<\\u00e9\\\\',
                                   "a&#x27;b&quot;&lt;é\\"])  # fmt: skip
def test_however_it_is_spelt(spelt):
    assert Secrets(["a'b\"<é\\"]).scrub(f"your {spelt}!") == "your ***!"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("is 'your s3cr..., expected 1", "is 'your ***..., expected 1"),
        ("is 'your s3cre..., expected 's3cret'", "is 'your ***..., expected '***'"),
        ("is 'your s3c..., expected 1", "is 'your s3c..., expected 1"),
        ("s3cret... s3cre", "***... s3cre"),
    ],
)
def test_a_secret_that_was_cut_off(text, shown):
    assert Secrets(["s3cret"]).scrub_excerpt(text) == shown


@given(st.lists(st.text("abc", min_size=4, max_size=8)), st.text("abc* ."))
def test_nothing_is_left(secrets, text):
    left = Secrets(secrets).scrub(text).replace("***", "\n")
    assert not [secret for secret in secrets if secret in left]


def test_they_do_not_show_themselves():
    assert repr(Secrets(["s3cret"])) == "<Secrets>"


EVERYWHERE = """
endpoints:
  status: http://me:s3cret@h/a@b?key=s3cret
  reply: {url: "http://me:s3cret@h/r?s3cret", headers: {X-A: s3cret},
          basic_auth: {username: me, password: s3cret}}
  headers: {X-B: s3cret}
  basic_auth: {username: me, password: s3cret}
encryption: {master_key: s3crets3crets3crets3crets3crets3}
expect: [{probe: {get: "http://me:s3cret@h/?key=s3cret", headers: {X-C: s3cret}}}]
messages: [{count: 1}]
"""


@pytest.mark.parametrize("write", [repr, pretty_repr])
def test_nothing_that_is_printed_shows_a_secret(write):
    scenario = parse(EVERYWHERE, env={})
    endpoints = resolve_endpoints(scenario)
    shown = write(scenario) + write(endpoints)
    assert "s3c" not in shown
    for name in ("BasicAuthSpec", "EndpointSpec", "ProbeSpec", "X-A", "X-B", "X-C", "me", "http"):
        assert name in shown


def test_an_endpoint_says_where_it_is():
    endpoint = Endpoint(Role.STATUS, "http://me:s3cret@h:80/a@b/c?key=s3cret")
    assert repr(endpoint) == "Endpoint(role='status', url='http://h:80/a@b/c')"
