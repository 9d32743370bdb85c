"""An endpoint on a real port, and commands in processes of their own."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Endpoint:
    """A customer's endpoint: answers with `status`, counts bodies, and gives accounts of them."""

    def __init__(self):
        self.status = 200
        self.bodies = Counter()
        self.account = lambda: sum(self.bodies.values())
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.bodies[body] += 1
                self._answer(endpoint.status, b"")

            def do_GET(self):
                self._answer(200, json.dumps(endpoint.account()).encode())

            def _answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/cb"


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
def environment():
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MOCKATELL", "LOCUST"))}
    return clean | {"COLUMNS": "100", "NO_COLOR": "1"}


@pytest.fixture
def cli(environment, tmp_path):
    """Run `mockatell` to its end."""

    def run(*args, env=None):
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "mockatell", *map(str, args)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
            env=environment | (env or {}),
        )

    return run


@pytest.fixture
def scenario(tmp_path):
    """Messages with lives and replies, duplicates and lost acknowledgements, over in a second."""
    path = tmp_path / "quick.yaml"
    path.write_text("""
name: quick
seed: 11
endpoints: {status: "http://localhost:1/s", reply: "http://localhost:1/r"}
retry: {schedule: [100ms, 100ms, 100ms], attempts: 4}
messages:
  - count: 60
    over: 800ms
    steps: [{status: SENT_TO_SUPPLIER, after: 0s}, {status: DEVICE_ACK, after: 100ms}]
  - {count: 20, over: 800ms, reply: moText}
faults:
  - duplicate: {probability: 0.3, within: 100ms}
  - lose_ack: {probability: 0.1}
""")
    return path
