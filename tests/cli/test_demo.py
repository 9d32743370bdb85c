"""The demo's receivers behind a real port."""

import socket
import threading
from contextlib import ExitStack

import pytest

from mockatell.rooms.demo.receivers import Guarded
from mockatell.rooms.demo.server import serve

AT_ONCE = 200
REQUEST = b"GET /messages/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def waiting():
    """Connections that were all opened, and have asked, before the first was taken."""
    with serve(Guarded(), "127.0.0.1", 0) as server, ExitStack() as opened:
        address = ("127.0.0.1", server.server_port)
        asked = [
            opened.enter_context(socket.create_connection(address, timeout=10))
            for _ in range(AT_ONCE)
        ]
        for each in asked:
            each.sendall(REQUEST)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield asked
        server.shutdown()
        thread.join()


def test_connections_that_come_at_once_are_all_answered(waiting):
    answers = [each.recv(100) for each in waiting]
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 404"] * AT_ONCE
