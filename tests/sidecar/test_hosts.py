"""Where callbacks may go."""

import pytest

from mockatell.core.sidecar.hosts import Hosts, leaves
from mockatell.errors import ConfigurationError

ALLOWED = ("app.example", "*.partner.example", "203.0.113.7", "198.51.100.0/24", "2001:db8::/32")
CASES = [
    ("app.example", "203.0.113.1", True),
    ("APP.example.", "203.0.113.1", True),
    ("other.example", "203.0.113.1", False),
    ("a.partner.example", "203.0.113.1", True),
    ("partner.example", "203.0.113.1", False),
    ("evilpartner.example", "203.0.113.1", False),
    ("203.0.113.7", "203.0.113.7", True),
    ("any.example", "198.51.100.200", True),
    ("any.example", "2001:db8::1", True),
    ("localhost", "127.0.0.1", True),
    ("localhost", "::1", True),
    ("app", "172.18.0.3", True),
    ("app", "10.0.0.1", True),
    ("app", "192.168.1.1", True),
    ("app", "fd00::1", True),
    ("app", "::ffff:10.0.0.1", True),
    ("app", "::ffff:8.8.8.8", False),
    ("app", "172.32.0.1", False),
    ("metadata", "169.254.169.254", False),
    ("metadata", "fe80::1%eth0", False),
    ("metadata", "::ffff:169.254.169.254", False),
    ("metadata", "169.254.170.2", False),
    ("metadata", "100.100.100.200", False),
    ("metadata", "168.63.129.16", False),
    ("metadata", "192.0.0.192", False),
    ("metadata", "fd00:ec2::254", False),
    ("metadata", "fd20:ce::254", False),
    ("metadata", "fd00:c1::a9fe:a9fe", False),
    ("metadata", "fd00:42::42", False),
    ("metadata", "64:ff9b::a9fe:a9fe", False),
    ("all", "0.0.0.0", False),
    ("dns", "8.8.8.8", False),
]


@pytest.mark.parametrize(("host", "address", "allowed"), CASES)
def test_a_host_may_be_sent_to_by_its_name_or_its_address(host, address, allowed):
    assert Hosts(ALLOWED).allow(host, address) is allowed


@pytest.mark.parametrize("host", ["", " ", "http://a", "a:80", "a/b", "10.0.0.0/33", "a b"])
def test_what_is_no_host_is_refused(host):
    with pytest.raises(ConfigurationError, match="is not a host"):
        Hosts((host,))


@pytest.mark.parametrize(
    ("host", "refused"),
    [
        ("8.8.8.8", True),
        ("fd00:ec2::254", True),
        ("fe80::1%eth0", True),
        ("::ffff:8.8.8.8", True),
        ("10.0.0.1", False),
        ("203.0.113.7", False),
        ("dns.google", False),
        ("app", False),
        ("", False),
    ],
)
def test_an_address_is_refused_before_anything_is_sent_to_it(host, refused):
    assert Hosts(ALLOWED).refuses(host) is refused


def test_what_gives_credentials_may_be_allowed_by_whoever_starts_it():
    assert Hosts(("fd00:ec2::254",)).allow("metadata", "fd00:ec2::254")


@pytest.mark.parametrize(
    ("host", "away"),
    [("8.8.8.8", True), ("2001:db8::1", True), ("127.0.0.1", False), ("fd00::1", False),
     ("app", False), ("example.com", False)],
)  # fmt: skip
def test_what_is_known_to_be_beyond_private_networks(host, away):
    assert leaves(host) is away
