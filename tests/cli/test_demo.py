"""The demo's receivers behind a real port."""

import shlex
import socket
import struct
import threading
from contextlib import ExitStack

import pytest

from mockatell.cli.demo import tries
from mockatell.rooms.demo.receivers import Guarded
from mockatell.rooms.demo.server import serve

AT_ONCE = 200
REQUEST = b"GET /messages/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def served(running):
    with running(serve(Guarded(), "127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def waiting(running):
    """Connections that were all opened, and have asked, before the first was taken."""
    with serve(Guarded(), "127.0.0.1", 0) as server, ExitStack() as opened:
        address = ("127.0.0.1", server.server_port)
        asked = [
            opened.enter_context(socket.create_connection(address, timeout=10))
            for _ in range(AT_ONCE)
        ]
        for each in asked:
            each.sendall(REQUEST)
        with running(server):
            yield asked


def test_connections_that_come_at_once_are_all_answered(waiting):
    answers = [each.recv(100) for each in waiting]
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 404"] * AT_ONCE


def test_a_client_that_hangs_up_is_no_traceback(served, capfd):
    over, shut = threading.Event(), served.shutdown_request
    served.shutdown_request = lambda request: (shut(request), over.set())
    with socket.create_connection(("127.0.0.1", served.server_port), timeout=10) as client:
        client.sendall(REQUEST[:9])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert over.wait(10)
    assert capfd.readouterr().err == ""


SHORTER = {
    "run": ("--speed", "100"),
    "explore": ("--budget", "1s"),
    "check": ("--only", "status-answers"),
    "load": ("--rate", "20/s", "--duration", "500ms"),
}


def test_what_there_is_to_try_works_as_it_is_typed(served, started):
    tried = set()
    for line in tries(f"http://127.0.0.1:{served.server_port}"):
        program, command, *words = shlex.split(line)
        process = started(command, *words, *SHORTER[command])
        said, wrong = process.communicate(timeout=60)
        busy = (
            "Not valid: the generator was the limit" in said + wrong
        )  # it is, where tests share it
        assert program == "mockatell"
        assert process.returncode == 0 or busy, said + wrong
        tried.add(command)
    assert tried == SHORTER.keys()
