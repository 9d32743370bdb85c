"""A command line in a process of its own, and an endpoint on a real port to point it at."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Result:
    def __init__(self, ran):
        self.code = ran.returncode
        self.out = ran.stdout
        self.err = ran.stderr

    @property
    def lines(self):
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def environment():
    """No MOCKATELL_ variables but the test's own, a fixed width, no colours."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MOCKATELL")}
    return clean | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONWARNINGS": "error"}


@pytest.fixture
def cli(environment, tmp_path):
    """Run `mockatell` to its end."""

    def run(*args, env=None, stdin=None, timeout=30, descriptors=None):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        return Result(
            subprocess.run(
                [sys.executable, "-m", "mockatell", *map(str, args)],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
                cwd=tmp_path,
                env=environment | (env or {}),
                input=stdin,
                preexec_fn=limit if descriptors else None,
            )
        )

    return run


@pytest.fixture
def started(environment, tmp_path):
    """Start `mockatell` and let it go on; killed at the end."""
    processes = []

    def start(*args):
        process = subprocess.Popen(
            [sys.executable, "-m", "mockatell", *map(str, args)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=environment,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


class Endpoint:
    """A customer's endpoint: answers as `answer(body)` says, and keeps what came."""

    def __init__(self):
        self.received = []
        self.answer = lambda _body: 200
        self.arrived = threading.Event()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.received.append((self.path, dict(self.headers.items()), body))
                endpoint.arrived.set()
                status = endpoint.answer(body)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/cb"

    @property
    def events(self):
        return [json.loads(body)["event"] for _, _, body in self.received]


@pytest.fixture
def endpoint():
    served = Endpoint()
    thread = threading.Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.server.shutdown()
    served.server.server_close()
    thread.join()


@pytest.fixture
def scenario(tmp_path):
    """Write a scenario and give its path."""

    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write
