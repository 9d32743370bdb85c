"""What goes on the wire: every byte of it, and what cannot be sent."""

import time

import pytest

from mockatell.errors import ConfigurationError
from mockatell.model import Role
from mockatell.shell.senders.location import locate, locate_in_process
from mockatell.shell.senders.prepared import Prepared


def test_every_byte_of_a_request(run, serve, sending, exchange, always):
    async def main():
        async with (
            serve(always()) as server,
            sending(
                f"{server.url}a/../b%2Fc?key=a%2Fb+c|d&x=%C3%A9",
                basic_auth=("clickatell", "pässword"),
                headers=(("X-Env", "test"), ("x-odd", " two  words ")),
            ) as sender,
        ):
            await sender.send(exchange(b'{"text":"\xc3\xa9"}'))
            assert server.requests == [
                "POST /a/../b%2Fc?key=a%2Fb+c|d&x=%C3%A9 HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{server.port}\r\n"
                "Content-Type: application/json\r\n"
                "Accept: */*\r\n"
                "Content-Length: 13\r\n"
                "Authorization: Basic Y2xpY2thdGVsbDpww6Rzc3dvcmQ=\r\n"
                "X-Env: test\r\n"
                "x-odd: two  words\r\n"
                "\r\n"
                '{"text":"é"}'.encode()
            ]

    run(main())


def test_annotations_come_last_and_only_when_asked_for(run, serve, sending, exchange, always):
    def annotate(exchange):
        return [("X-Mockatell", f"{exchange.delivery.seq}/{exchange.number}")]

    async def main():
        async with (
            serve(always()) as server,
            sending(server.url, manner={"annotate": annotate}) as sender,
        ):
            await sender.send(exchange())
            assert server.requests[0].endswith(
                b'\r\nContent-Length: 7\r\nX-Mockatell: 1/1\r\n\r\n{"a":1}'
            )

    run(main())


def names(request):
    return [name.decode() for name, _ in request.headers]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["Host", "Content-Type", "Accept", "Content-Length"]),
        (
            {"headers": (("host", "other.invalid"), ("ACCEPT", "text/plain"))},
            ["Content-Type", "Content-Length", "host", "ACCEPT"],
        ),
        (
            {"headers": (("authorization", "Bearer x"),), "basic_auth": ("u", "p")},
            ["Host", "Content-Type", "Accept", "Content-Length", "authorization"],
        ),
    ],
)
def test_a_header_of_the_endpoint_s_replaces_ours(endpoint, settings, expected):
    assert names(Prepared(endpoint("http://h.invalid", **settings)).request(b"{}")) == expected


@pytest.mark.parametrize(
    ("header", "match"),
    [
        (("X Y", "1"), "'X Y' cannot be the name of a header"),
        (("", "1"), "'' cannot be the name"),
        (("X-Ü", "1"), "cannot be the name"),
        (("X", "1\r\nInjected: 2"), "value of header X has a control character"),
        (("X", "1\x00"), "control character"),
        (("Content-Length", "5"), "header content-length of the status endpoint cannot be set"),
        (("transfer-encoding", "chunked"), "cannot be set"),
    ],
)
def test_headers_that_cannot_be_sent(endpoint, header, match):
    with pytest.raises(ConfigurationError, match=match):
        Prepared(endpoint("http://h.invalid", headers=(header,)))


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "target"),
    [
        ("http://h.invalid", "h.invalid", 80, b"h.invalid", b"/"),
        ("https://h.invalid", "h.invalid", 443, b"h.invalid", b"/"),
        ("HTTP://H.invalid:80?a=b", "h.invalid", 80, b"h.invalid", b"/?a=b"),
        ("https://h.invalid:80/", "h.invalid", 80, b"h.invalid:80", b"/"),
        ("http://[::1]:8000//a//?", "::1", 8000, b"[::1]:8000", b"//a//?"),
        ("http://u:p%40@h.invalid/p@q", "h.invalid", 80, b"h.invalid", b"/p@q"),
        ("http://h/?a=?&b=/..;%zz", "h", 80, b"h", b"/?a=?&b=/..;%zz"),
    ],
)
def test_where_a_url_points(url, host, port, authority, target):
    location = locate(url)
    assert (location.host, location.port, location.target) == (host, port, target)
    assert location.authority == authority


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("", "no scheme|not an HTTP URL"),
        ("h.invalid/path", "no scheme"),
        ("ftp://h.invalid/", "not an HTTP URL"),
        ("http:///path", "has no host"),
        ("http://:80/", "has no host"),
        ("http://h.invalid:0/", "a port is 1 to 65535"),
        ("http://h.invalid:99999/", "a port that cannot be"),
        ("http://h.invalid:x/", "a port that cannot be"),
        ("http://u:s3cret@h.invalid:x/", "a port that cannot be"),
        ("http://a b/", "percent-encode"),
        ("http://münchen.invalid/", "percent-encode"),
        ("http://h.invalid/a b?key=s3cret", "percent-encode"),
        ("http://h.invalid/a\r\nX: y", "percent-encode"),
        ("http://h.invalid/#x", "fragment"),
    ],
)
def test_urls_that_point_nowhere(url, match):
    with pytest.raises(ConfigurationError, match=match) as caught:
        locate(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "scheme", "target"),
    [
        ("", "http", b"/"),
        ("?a=b", "http", b"/?a=b"),
        ("/x?key=a%2Fb|c", "http", b"/x?key=a%2Fb|c"),
        ("x", "http", b"/x"),
        ("https://elsewhere.invalid:99/x?y", "https", b"/x?y"),
        ("http://elsewhere.invalid", "http", b"/"),
    ],
)
def test_in_process_only_path_and_query_count(url, scheme, target):
    location = locate_in_process(url)
    assert (location.scheme, location.target) == (scheme, target)
    assert location.authority == b"testserver"


def test_each_role_has_its_own_endpoint(run, serve, endpoint, exchange, always):
    from mockatell.shell.senders.transport import socket_sender

    async def main():
        async with serve(always()) as one, serve(always()) as other:
            endpoints = {
                Role.STATUS: endpoint(f"{one.url}s"),
                Role.REPLY: endpoint(f"{other.url}r", Role.REPLY),
            }
            sender = socket_sender(endpoints, timer=time.monotonic)
            await sender.send(exchange(role=Role.REPLY))
            assert (len(one.requests), len(other.requests)) == (0, 1)
            await sender.aclose()

    run(main())
