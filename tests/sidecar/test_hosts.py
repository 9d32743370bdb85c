"""Where callbacks may go."""

import socket

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockatell.core.sidecar.hosts import Hosts, gives_credentials, leaves
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
        ("8.8.8.8.", True),
        ("134744072", True),
        ("8.8.2056", True),
        ("0x8.010.8.0x8", True),
        ("0XA9FEA9FE", True),
        ("0300.0.0.1", True),
        ("3221225985", True),
        ("0", True),
        ("0x7f.1", False),
        ("2130706433", False),
        ("012.1", False),
        ("0xcb007107", False),
        ("8.8.8.8.8", False),
        ("08.8.8.8", False),
        ("4294967296", False),
        ("256.1", False),
        ("0x", False),
        ("1_0.8.8.8", False),
        ("8" * 5000, False),
        ("10.0.0.1", False),
        ("203.0.113.7", False),
        ("dns.google", False),
        ("app", False),
        ("", False),
    ],
)
def test_an_address_is_refused_before_anything_is_sent_to_it(host, refused):
    assert Hosts(ALLOWED).refuses(host) is refused


@given(st.from_regex(r"(0x|0|)[0-9a-fA-F.x]{1,12}", fullmatch=True))
@example("1.2.3.4.0")
@example("1..2")
def test_a_number_is_the_address_that_the_resolver_takes_it_for(host):
    """The dot at its end is a name's that is complete; resolvers differ on a number that has it."""
    try:
        address = socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
    except OSError:
        assert not leaves(host)
    else:
        assert leaves(host) == leaves(address)
        assert Hosts((host,)).allow("any.example", address)


def test_what_gives_credentials_may_be_allowed_by_whoever_starts_it():
    assert Hosts(("fd00:ec2::254",)).allow("metadata", "fd00:ec2::254")


@pytest.mark.parametrize(
    ("host", "away"),
    [("8.8.8.8", True), ("2001:db8::1", True), ("127.0.0.1", False), ("fd00::1", False),
     ("app", False), ("example.com", False)],
)  # fmt: skip
def test_what_is_known_to_be_beyond_private_networks(host, away):
    assert leaves(host) is away


@pytest.mark.parametrize(
    ("host", "gives"),
    [
        ("169.254.169.254", True),
        ("0xa9fea9fe", True),
        ("::ffff:169.254.169.254", True),
        ("fd00:ec2::254", True),
        ("metadata.google.internal", True),
        ("Metadata.Google.Internal.", True),
        ("169.254.0.1", False),
        ("localhost", False),
        ("metadata.example", False),
        ("8.8.8.8", False),
    ],
)
def test_where_clouds_hand_out_credentials(host, gives):
    assert gives_credentials(host) is gives
