"""The sidecar's own OpenAPI, fuzzed: no 5xx, no hang, and no answer that is not described."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockatell.clickatell.events import KINDS
from mockatell.core.scenario.shipped import names

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
CALM = settings(
    max_examples=EXAMPLES * 10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def fuzzed(serve, app):
    """A sidecar in which something has happened."""
    serving = serve("--target", app.url, "--pace", 0, "--seed", 1, "--retry", "none")
    message = {"to": "27821234567", "content": "Hi"}
    httpx.post(
        f"{serving.url}/v1/message", json={"messages": [message]}, headers={"Authorization": "k"}
    )
    yield serving
    assert not [line for line in serving.lines if "bug of mockatell" in line]


@pytest.fixture(scope="module")
def api(fuzzed):
    with httpx.Client(base_url=f"{fuzzed.url}/mockatell/api", timeout=20) as http:
        yield http


def schemathesis(serving, *flags, cwd):
    return subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{serving.url}/mockatell/api/openapi.json",
            f"--checks={','.join(CHECKS)}",
            "--phases=fuzzing",
            f"--max-examples={EXAMPLES}",
            "--request-timeout=20",
            "--generation-deterministic",
            "--continue-on-failure",
            "--no-color",
            *flags,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        timeout=300,
    )


def test_waits(fuzzed, tmp_path):
    """First, while nothing is pending; a message that never comes is waited for all the same."""
    (tmp_path / "schemathesis.toml").write_text('[parameters]\n"query.timeout" = "10ms"\n')
    httpx.get(f"{fuzzed.url}/mockatell/api/wait?timeout=20s")
    ran = schemathesis(fuzzed, "--include-path-regex=wait", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout


def test_everything_else(fuzzed, tmp_path):
    ran = schemathesis(fuzzed, "--exclude-path-regex=(wait|changes)", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "24 passed" in ran.stdout


words = st.text(max_size=40) | st.sampled_from(["27821234567", "READ", "STOP", "image/png", "a=b"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
names_of_fields = st.sampled_from(
    ["content", "status", "from", "to", "code", "size", "by", "content_type", "latitude", "at",
     "count", "lifecycle", "client_message_id", "message_id", "encrypted", "network", "steps"]
)  # fmt: skip


@CALM
@given(
    kind=st.sampled_from(list(KINDS)),
    fields=st.dictionaries(names_of_fields | words, values, max_size=4),
    channel=st.sampled_from([None, "sms", "whatsapp"]),
    message_id=st.none() | words,
)
def test_events(api, kind, fields, channel, message_id):
    event = {"kind": kind, "fields": fields, "channel": channel, "message_id": message_id}
    assert api.post("events", json=event).status_code in (202, 400, 404, 409, 422)


@CALM
@given(
    scenario=st.sampled_from(names()),
    overrides=st.dictionaries(
        words | st.sampled_from(["messages.0.count", "messages.0", "seed", "faults", "retry"]),
        values,
        max_size=3,
    ),
)
def test_runs(api, scenario, overrides):
    wanted = {"scenario": scenario, "set": overrides}
    assert api.post("runs", json=wanted).status_code in (201, 400, 404, 409, 422)
