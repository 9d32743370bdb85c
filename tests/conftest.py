"""What tests of every folder stand on: an endpoint on a real port, and commands as processes."""

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import settings

# The machine is shared: how long an example takes says nothing about the code.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, answer = self.server.handle(self.command, self.path, self.headers, body)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815 -- the standard library's name

    def log_message(self, *_):
        pass


class Listener(ThreadingHTTPServer):
    request_queue_size = 1024  # a longer queue than a load opens connections at once

    def __init__(self, handle):
        super().__init__(("127.0.0.1", 0), Handler)
        self.handle = handle
        self.url = f"http://127.0.0.1:{self.server_port}"


@contextmanager
def in_a_thread(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def running():
    """`with running(server):` a server of `socketserver`, in a thread until the block ends."""
    return in_a_thread


@pytest.fixture(scope="session")
def listening():
    """`with listening(handle) as server:` an endpoint at `server.url`, until the block ends.

    `handle(method, path, headers, body)` gives a status, pairs of a header's name and value, and
    bytes. It is called in a thread of the connection's own.
    """
    return lambda handle: in_a_thread(Listener(handle))


@pytest.fixture(scope="session")
def free_port():
    """A port where nothing listens, at each call."""

    def find():
        with socket.create_server(("127.0.0.1", 0)) as free:
            return free.getsockname()[1]

    return find


@pytest.fixture(scope="session")
def environment():
    """No MOCKATELL_ and LOCUST_ variables but the test's own, a fixed width, no colours."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MOCKATELL", "LOCUST"))}
    return clean | {"COLUMNS": "100", "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def command_line(environment):
    """`mockatell` with these arguments as `subprocess` takes it; a warning of Python's ends it."""

    def make(*args, env=None):
        line = [sys.executable, "-W", "error", "-m", "mockatell", *map(str, args)]
        return {"args": line, "env": environment | (env or {})}

    return make


@pytest.fixture(scope="session")
def finished(command_line):
    """Run `mockatell` to its end; what is named is for `subprocess.run`."""

    def run(*args, env=None, timeout=60, **how):
        return subprocess.run(
            **command_line(*args, env=env),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **how,
        )

    return run


@pytest.fixture
def cli(finished, tmp_path):
    """Run `mockatell` to its end, in a folder of the test's own."""
    return partial(finished, cwd=tmp_path)


@pytest.fixture
def process(environment, tmp_path):
    """Start a program in a folder of the test's own; killed at the end."""
    processes = []
    usual = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "cwd": tmp_path,
        "env": environment,
    }

    def start(args, **how):
        processes.append(subprocess.Popen(args, **usual | how))
        return processes[-1]

    yield start
    for each in processes:
        if each.poll() is None:
            each.kill()
        each.communicate()


@pytest.fixture
def started(process, command_line):
    """Start `mockatell` and let it go on; what is named is for `subprocess.Popen`."""
    return lambda *args, **how: process(**command_line(*args), **how)


@pytest.fixture
def app_server(process, environment, free_port):
    """Start a server that takes its port last; gives its URL once it listens."""

    def start(*line, cwd, env):
        port = free_port()
        server = process(
            [*line, str(port)], cwd=cwd, env=environment | env, stdout=None, stderr=None
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
            except OSError:
                assert server.poll() is None, "the server did not start"
                assert time.monotonic() < deadline, "the server does not listen"
            else:
                return f"http://127.0.0.1:{port}"

    return start
