"""The proxy on real sockets: what it passes on, what it answers, and that the file is there."""

import json
import re
import signal
import socket
import threading
import time
from functools import partial

import httpx
import pytest

import mockatell
from mockatell.clickatell.reading import said
from mockatell.errors import ConfigurationError, OutputError
from mockatell.shell.dialogue import Limits
from mockatell.shell.filing import WholeFile
from mockatell.shell.forwarding import Forwarder


@pytest.fixture
def app(listening):
    """A customer's endpoint: keeps what came, and answers as `answer(body)` says."""
    received = []

    def handle(method, path, headers, body):
        received.append((method, path, headers.items(), body))
        return server.answer(body)

    with listening(handle) as server:
        server.received = received
        server.answer = lambda _: (200, [], b"")
        yield server


def post(url, body, **more):
    return httpx.post(url, content=body, trust_env=False, timeout=20, **more)


def test_what_comes_is_acknowledged_and_recorded(proxy, status):
    running = proxy()
    assert post(f"{running.url}/any/path?x=1", status("READ", 6)).status_code == 200
    scenario = mockatell.parse(running.end())
    assert [step.status for step in scenario.messages[0].steps] == ["READ"]
    assert [(p.told, p.manner, p.status) for p in running.passed] == [(("READ",), "new", 200)]


@pytest.mark.parametrize("answer", [201, 204, 304, 500])
def test_it_answers_with_the_status_that_is_asked_for(answer, proxy, status):
    running = proxy(answer=answer)
    with httpx.Client(trust_env=False) as client:
        for _ in range(2):
            assert client.post(running.url, content=status("READ", 6)).status_code == answer


def test_bytes_path_query_and_headers_are_passed_on(proxy, app, status):
    running = proxy(forward=app.url)
    body = b" " + status("READ", 6)
    answer = (409, [("X-App", "a"), ("X-App", "b"), ("Connection", "close")], b"no, thanks")
    app.answer = lambda _: answer
    with socket.create_connection(running.url.removeprefix("http://").split(":")) as connection:
        connection.sendall(
            b"POST /a%%20b//c?key=%%2F&key= HTTP/1.1\r\nHost: public.example\r\nX-Two: 1\r\n"
            b"X-Two: 2\r\n"
            b"Authorization: Basic c2VjcmV0\r\nTE: trailers\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        connection.settimeout(20)
        told = b""
        while not told.endswith(b"no, thanks"):
            told += connection.recv(65536)
    [(method, path, headers, received)] = app.received
    assert (method, path, received) == ("POST", "/a%20b//c?key=%2F&key=", body)
    names = [name for name, _ in headers]
    assert [value for name, value in headers if name == "X-Two"] == ["1", "2"]
    assert ("Authorization", "Basic c2VjcmV0") in headers
    assert ("Host", app.url.removeprefix("http://")) in headers
    assert not {"TE", "Connection", "X-Hop"}.intersection(names)
    assert told.startswith(b"HTTP/1.1 409")
    assert told.count(b"X-App") == 2
    text = running.end()
    assert "c2VjcmV0" not in text
    assert "public.example" not in text
    assert "# answers: 409 1 time" in text


@pytest.mark.parametrize(
    ("base", "came", "goes"),
    [
        ("", "/", "/"),
        ("/", "/?a=1", "/?a=1"),
        ("/app/", "/cb", "/app/cb"),
        ("/app", "/", "/app"),
        ("/app", "/?a=1", "/app?a=1"),
    ],
)
def test_the_path_of_the_url_comes_first(base, came, goes, proxy, app, status):
    running = proxy(forward=f"{app.url}{base}")
    post(f"{running.url}{came}", status("READ", 6))
    assert app.received[0][1] == goes


def test_other_methods_are_passed_on_and_not_recorded(proxy, app):
    running = proxy(forward=app.url)
    app.answer = lambda _: (200, [], b"well")
    assert httpx.get(f"{running.url}/health", headers={"Content-Length": "0"}).text == "well"
    assert running.end() is None
    assert [(p.told, p.manner) for p in running.passed] == [(("GET",), "")]


def test_an_app_that_is_down_is_502_and_recorded_all_the_same(proxy, status, free_port):
    running = proxy(forward=f"http://127.0.0.1:{free_port()}")
    assert post(running.url, status("READ", 6)).status_code == 502
    text = running.end()
    assert "status: READ" in text
    assert "# answers: none 1 time" in text
    assert running.passed[0].trouble.startswith("refused: ")


def test_an_app_that_does_not_answer_is_504(proxy, status):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        running = proxy(forward=f"http://127.0.0.1:{port}", timeout=0.05)
        assert post(running.url, status("READ", 6)).status_code == 504


def test_a_retry_after_a_refusal_is_not_played_again(proxy, app, status):
    running = proxy(forward=app.url)
    answers = [503, 200, 200]
    app.answer = lambda _: (answers.pop(0), [], b"")
    for _ in range(3):
        post(running.url, status("READ", 6))
    assert [p.manner for p in running.passed] == ["new", "retried", "again"]
    [message] = mockatell.parse(running.end()).messages
    assert len(message.steps[0].delivery.again) == 1


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("localhost:8000", "has no scheme"),
        ("http://h/?a=secret", "http://h/?a=***: leave the query out"),
        ("http://me:secret@h/", "leave user and password out"),
    ],
)
def test_where_nothing_can_be_passed_on_to(url, problem):
    with pytest.raises(ConfigurationError, match=re.escape(problem)) as caught:
        Forwarder(url, time.monotonic, timeout=1)
    assert "secret" not in str(caught.value)


def test_limits_are_answered_and_the_rest_goes_on(proxy, status, monkeypatch):
    limits = Limits(head=2000, body=1000, seconds=0.2, connections=2)
    monkeypatch.setattr("mockatell.rooms.record.LIMITS", limits)
    running = proxy()
    assert post(running.url, b"x" * 1001).status_code == 413
    address = running.url.removeprefix("http://").split(":")
    with socket.create_connection(address) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        slow.settimeout(20)
        assert b" 408 " in slow.recv(100)
    with socket.create_connection(address) as rude:
        rude.sendall(b"\x16\x03\x01 not http\r\n\r\n")
        rude.settimeout(20)
        assert b" 400 " in rude.recv(100)
    assert post(running.url, status("READ", 6)).status_code == 200
    assert "status: READ" in running.end()


@pytest.mark.parametrize("wishes", [{"count": 2}, {"seconds": 0.3}])
def test_it_ends_by_itself(wishes, proxy, status):
    running = proxy(**wishes)
    for name, code in (("DEVICE_ACK", 5), ("READ", 6)):
        post(running.url, status(name, code))
    running.join()
    assert running.recording.bodies == 2
    with pytest.raises(httpx.ConnectError):
        post(running.url, b"")


def test_what_is_under_way_is_waited_for(proxy, app, status):
    running = proxy(forward=app.url)
    asked, go_on = threading.Event(), threading.Event()

    def answer(_):
        asked.set()
        assert go_on.wait(20)
        return 200, [], b"done"

    app.answer = answer
    answered = []
    sending = threading.Thread(
        target=lambda: answered.append(post(running.url, status("READ", 6)).text)
    )
    sending.start()
    assert asked.wait(20)
    running._loop.call_soon_threadsafe(running._stop)
    go_on.set()
    sending.join()
    running.join()
    assert answered == ["done"]


def test_a_run_that_is_recorded_plays_again_as_it_was(proxy):
    """Run, record, validate, run: the same kinds and statuses in the same order."""
    steps = [
        {"status": "SENT_TO_SUPPLIER", "delivery": {"late": "300ms"}},
        {"status": "DEVICE_ACK", "after": "150ms", "delivery": {"again": ["50ms"]}},
        {"status": "READ", "after": "100ms"},
        {"reply": "moText", "after": "150ms", "content": "Yes please"},
    ]
    messages = [
        {"channel": "whatsapp", "steps": steps},
        {"at": "700ms", "channel": "whatsapp", "reply": "moLocation"},
    ]
    scenario = mockatell.parse(json.dumps({"retry": "none", "messages": messages}))
    first, second = proxy("first.yaml"), proxy("second.yaml")
    one = mockatell.run(scenario, to=first.url, bodies=True)
    recorded = first.end()
    assert "Yes please" not in recorded
    two = mockatell.run(mockatell.parse(recorded), to=second.url, bodies=True)

    def told(journal):
        return [(a.kind, said(bytes(a.body)).status) for a in journal.attempts]

    assert told(two) == told(one)
    assert [each.told for each in second.passed] == [each.told for each in first.passed]
    assert [each.manner for each in second.passed] == [each.manner for each in first.passed]
    again = mockatell.parse(second.end())
    assert [len(m.steps or ()) for m in again.messages] == [4, 0]


def test_the_file_is_there_before_the_end(proxy, status):
    running = proxy()
    post(running.url, status("READ", 6))
    for _ in range(2000):
        if running.path.exists():
            break
        httpx.get(running.url, trust_env=False)
    assert "status: READ" in running.path.read_text()


# From the command line


@pytest.fixture
def started(started):
    return partial(started, "record")


def url_of(process):
    line = process.stderr.readline()
    return re.search(r"http://127\.0\.0\.1:\d+", line)[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_a_file_that_validates(number, started, cli, status, text, tmp_path):
    process = started("--out", "mine.yaml", "--port", "0")
    url = url_of(process)
    post(url, status("READ", 6))
    post(url, text("Hello world", related="m1", channel="whatsapp"))
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "moText  200 in " in err
    assert "mine.yaml: 2 callbacks; play it: mockatell run mine.yaml --target URL" in err
    assert "Hello" not in err + (tmp_path / "mine.yaml").read_text()
    done = cli("validate", "mine.yaml")
    assert done.stdout.endswith("valid: 1 message to the reply and status endpoints\n")


def test_killed_outright_it_leaves_what_was_written(started, status, tmp_path):
    process = started("--out", "mine.yaml", "--port", "0")
    url = url_of(process)
    post(url, status("READ", 6))
    deadline = time.monotonic() + 20
    while not (tmp_path / "mine.yaml").exists():
        assert time.monotonic() < deadline
        httpx.get(url, trust_env=False)
    process.kill()
    process.wait(20)
    assert mockatell.load(tmp_path / "mine.yaml").messages


def test_where_nothing_came_nothing_is_written(started, tmp_path):
    process = started("--out", "mine.yaml", "--port", "0", "--for", "50ms")
    _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "nothing came, so nothing was written" in err
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_came_that_can_be_played(started):
    process = started("--out", "mine.yaml", "--port", "0", "--count", "1")
    post(url_of(process), b"nonsense")
    _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "1 request came, but no callback that can be played (a body that is not JSON)" in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--out", "there.yaml"), "there.yaml is there already: give another name, or --overwrite"),
        (("--out", "no/such.yaml"), "there is no folder no"),
        (("--out", "."), "is a folder"),
        (("--out", "x.yaml", "--forward", "h:1"), "has no scheme"),
        (("--out", "x.yaml", "--host", "no.such.host.invalid"), "there is no address"),
        (("--out", "x.yaml", "--answer", "99"), "99 is not in the range 200<=x<=599"),
        (("--out", "x.yaml", "--for", "5"), "has no unit"),
        ((), "Missing option '--out'"),
    ],
)
def test_what_is_refused(args, said, started, tmp_path):
    (tmp_path / "there.yaml").write_text("mine")
    process = started(*args)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, said in err) == (2, True), err
    assert (tmp_path / "there.yaml").read_text() == "mine"


def test_beyond_this_machine_it_warns(started):
    process = started("--out", "x.yaml", "--port", "0", "--host", "0.0.0.0", "--for", "50ms")
    _, err = process.communicate(timeout=20)
    assert "open to other machines: whoever gets here is recorded" in err


def test_a_file_that_cannot_be_replaced_stays(tmp_path, monkeypatch):
    file = WholeFile(str(tmp_path / "x.yaml"), overwrite=False)
    file.write("first")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OutputError, match=r"cannot write .*x\.yaml: No space"):
        file.write("second")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["first"]
