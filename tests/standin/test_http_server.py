"""The live stand-in's server: what it takes, what it refuses, and that nothing is left of it."""

import gc
import socket
import threading

import httpx
import pytest

from mockatell.clickatell.standin import ApiResponse
from mockatell.errors import ConfigurationError
from mockatell.rooms.fixture.send_side import SendSide
from mockatell.shell.clock import VirtualClock
from mockatell.shell.http_server import HttpServer, Limits

LIMITS = Limits(head=2000, body=10_000, seconds=0.2)


@pytest.fixture
def seen():
    return []


@pytest.fixture
def server(seen):
    def answer(request):
        seen.append(request)
        return ApiResponse(200, (("X-Path", request.path),), request.body[:100])

    server = HttpServer(answer, limits=LIMITS)
    yield server
    server.close()


@pytest.fixture
def talk(server):
    """Send bytes as they are, and give all that comes back until the server hangs up."""

    def talk(sent, *, end=True):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(sent)
            if end:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer

    return talk


def test_a_request_comes_as_it_was_sent(server, seen):
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        answer = client.post("/a%20b/c?x=%20y", content=b"hello", headers={"Authorization": "k"})
        again = client.put("/d")
    assert (answer.status_code, answer.content, answer.headers["x-path"]) == (
        200,
        b"hello",
        "/a b/c",
    )
    assert again.status_code == 200
    assert (seen[0].method, seen[0].path, seen[0].query) == ("POST", "/a b/c", "x=%20y")
    assert (seen[0].header("authorization"), seen[0].body) == ("k", b"hello")
    assert (seen[1].method, seen[1].path, seen[1].body) == ("PUT", "/d", b"")


def test_a_chunked_body_is_put_together(server, seen):
    def parts():
        yield b"one "
        yield b"two"

    with httpx.Client(trust_env=False) as client:
        client.post(f"http://127.0.0.1:{server.port}/", content=parts())
    assert seen[0].header("transfer-encoding") == "chunked"
    assert seen[0].body == b"one two"


def test_head_gets_no_body(server):
    answer = httpx.head(f"http://127.0.0.1:{server.port}/", trust_env=False)
    assert (answer.status_code, answer.content) == (200, b"")


def test_requests_may_follow_each_other_at_once(talk, seen):
    told = talk(b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /2 HTTP/1.0\r\n\r\n")
    assert told.count(b"HTTP/1.1 200 ") == 2
    assert [request.path for request in seen] == ["/1", "/2"]


def test_a_client_that_asks_first_may_go_on(talk, seen):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert talk(head + b"ok").count(b"HTTP/1.1 200 ") == 1
    assert talk(head.replace(b": 2", b": 99999")).startswith(b"HTTP/1.1 413 ")
    assert len(seen) == 1


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),  # no Host
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel", b"400"),  # cut short
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", b"431"),
        (b"GET /" + b"y" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"431"),
        (CHUNKED + b"2710\r\n" + b"x" * 10_000 + b"\r\n1\r\nx\r\n0\r\n\r\n", b"413"),
        (CHUNKED + b"zz\r\n", b"400"),
        (CHUNKED + b"1;" + b"y" * 200_000, b"431"),
    ],
)
def test_what_goes_too_far_is_refused(talk, seen, sent, status):
    assert talk(sent).startswith(b"HTTP/1.1 " + status + b" ")
    assert seen == []


@pytest.mark.parametrize(
    "sent", [b"P", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel"]
)
def test_a_client_that_is_too_slow_is_hung_up_on(talk, seen, sent):
    assert talk(sent, end=False).startswith(b"HTTP/1.1 408 ")
    assert seen == []


def test_a_client_that_does_not_take_its_answer_is_hung_up_on():
    server = HttpServer(lambda _: ApiResponse(200, (), bytes(50_000_000)), limits=LIMITS)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.recv(1)
        server.close()
    assert not server._thread.is_alive()


def test_a_refused_upload_still_gets_its_answer(server):
    with httpx.Client(trust_env=False) as client:
        answer = client.post(f"http://127.0.0.1:{server.port}/", content=bytes(5_000_000))
    assert answer.status_code == 413


def test_nothing_is_left_while_clients_hold_on():
    before = threading.active_count()
    server = HttpServer(lambda request: ApiResponse(200, (), request.body))
    place = ("127.0.0.1", server.port)
    request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    with (
        socket.create_connection(place, timeout=10) as idle,
        socket.create_connection(place, timeout=10) as stuck,
    ):
        idle.sendall(request + b"hello")
        stuck.sendall(request + b"hello" + request + b"hel")
        for connection in (idle, stuck):
            assert connection.recv(4096).endswith(b"hello")
        server.close()
        assert idle.recv(1) == b""
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(place, timeout=10)
    gc.collect()  # what is not closed is warned of, and warnings are errors
    assert threading.active_count() == before


def test_a_server_that_nobody_calls_closes():
    HttpServer(lambda request: ApiResponse(200, (), request.body)).close()


def test_a_stand_in_listens_where_it_is_told_to():
    side = SendSide(0, VirtualClock)
    port = side.listen("127.0.0.1", 0).port
    for host, taken in (("127.0.0.1", port), ("127.0.0.1", 99999), ("192.0.2.1", 0)):
        with pytest.raises(ConfigurationError, match=f"cannot listen on {host}:{taken}"):
            SendSide(0, VirtualClock).listen(host, taken)
    assert side.url == f"http://127.0.0.1:{port}"
    side.close()
