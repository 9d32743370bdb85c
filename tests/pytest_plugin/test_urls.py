"""A URL as the target: a server of its own, days of retries that take no time."""

import pytest

from mockatell.rooms.fixture import setup

IMPORTED = (setup,)  # see test_plugin.py

START = """
import time
import pytest
from mockatell import conversation, moText

@pytest.fixture
def mockatell_target():
    return {target!r}

@pytest.fixture(autouse=True)
def promptly():
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 5, "slept"
"""


@pytest.fixture
def live(listening):
    """Says 204 at /status and /reply, 404 elsewhere; to GET, how often it was called."""
    paths = []

    def handle(method, path, _headers, _body):
        if method == "GET":
            return 200, [], str(len(paths)).encode()
        paths.append(path)
        return 204 if path in ("/status", "/reply") else 404, [], b""

    with listening(handle) as server:
        yield server.url


@pytest.fixture
def run(pytester):
    def run(target, tests, **expected):
        pytester.makepyfile(START.format(target=target) + tests)
        result = pytester.runpytest("-p", "no:asyncio", "-p", "no:django")
        result.assert_outcomes(**expected)
        return result

    return run


def test_days_of_retries_take_no_time(run, live):
    run(
        f"{live}/status",
        """
@pytest.fixture
def mockatell_config():
    return {"endpoints": {"reply": "/nowhere"}}

def test_not_found(mockatell):
    attempts = mockatell.send(moText("STOP"))
    assert [a.status_code for a in attempts] == [404] * 6
    assert mockatell.clock.now() > 3000

def test_a_lost_acknowledgement(mockatell):
    attempts = mockatell.deliver(*conversation(message_id="m1"), lost_acks={0: 8})
    assert attempts[-1].due > 200_000
    mockatell.assert_all_acknowledged()

def test_the_clock_is_the_test_s(mockatell):
    mockatell.pause()
    mockatell.status("m1", "READ")
    assert not mockatell.journal
    mockatell.clock.advance("30d")
    assert mockatell.clock.now() == 30 * 86400
    assert [a.outcome for a in mockatell.journal] == ["acknowledged"]

def test_events_are_of_today(mockatell):
    [body] = mockatell.status("m1", "READ").bodies
    [event] = body["event"]["messageStatusUpdate"]
    assert abs(event["timestamp"] / 1000 - time.time()) < 60

def test_a_scenario(mockatell):
    journal = mockatell.run("receipts", retry="none")
    assert journal.started.clock == "virtual"
    assert set(journal.started.endpoints.values()) == {mockatell.target, NOWHERE}
""".replace("NOWHERE", repr(f"{live}/nowhere")),
        passed=5,
    )


def test_paths_are_at_the_target(run, live):
    run(
        live,
        """
@pytest.fixture
def mockatell_config():
    return {"endpoints": {"status": "/status", "reply": {"url": "/reply", "timeout": "2s"}}}

def test_paths(mockatell):
    mockatell.deliver(*conversation(message_id="m1", reply="Yes"))
    mockatell.run("conversation")
    mockatell.assert_all_acknowledged()
""",
        passed=1,
    )


def test_nothing_that_listens_is_said_at_once(run, free_port):
    target = f"http://127.0.0.1:{free_port()}/callback?key=s3cret"
    result = run(
        target,
        """
def test_send(mockatell):
    mockatell.send(moText("STOP"))

def test_run(mockatell):
    mockatell.run("receipts")

def test_converges(mockatell):
    mockatell.converges(conversation(message_id="m1"), state="/messages/{messageId}")

def test_the_test_s_own_outage(mockatell):
    mockatell.follow(conversation(message_id="m1"), Schedule((0,), refused=(0,)))
""".replace("def test_send", "from mockatell import Schedule\n\ndef test_send"),
        failed=4,
    )
    out = result.stdout.str()
    where = target.replace("s3cret", "***")
    said = f"ConfigurationError: nothing can be reached at {where}: refused: [Errno 111] Conn"
    assert out.count(f"E       mockatell.errors.{said}") == 4
    assert "s3cret" not in out.replace(repr(target), "")
    assert "mockatell/rooms" not in out


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("localhost:8000", "has no scheme (begin it with http://"),
        ("myapp:app", "names an app (import it and return the app itself, as in `from myapp"),
        ("myapp.main:make()", "names an app (import it"),
        ("http://u:s3cret@host:0/", "'http://***@host:0/', which has a port that cannot be"),
        ("", "begin it with http://"),
    ],
)
def test_a_target_that_is_no_url_is_the_thing_at_fault(run, target, words):
    result = run(target, "def test_it(mockatell): pass", errors=1)
    result.stdout.fnmatch_lines(["mockatell: the fixture `mockatell_target` returns *"])
    assert words in result.stdout.str()


def test_a_state_behind_a_url_is_waited_for(run, live):
    run(
        f"{live}/status",
        f"""
import mockatell as m

LATER = m.parse('''
messages: [{{channel: whatsapp, message_id: m1, lifecycle: sent}}]
expect: [{{probe: {{get: "{live}/", json: 2, within: 5s}}}}]
''')

def test_later(mockatell):
    import threading, urllib.request
    late = threading.Timer(0.2, urllib.request.urlopen, ["{live}/status", b""])
    late.start()
    mockatell.run(LATER)
    late.join()
    mockatell.assert_expectations_held()
""",
        passed=1,
    )
