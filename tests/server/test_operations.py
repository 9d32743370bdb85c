"""Starting, being watched, and ending: what whoever runs a sidecar sees of it."""

import json
import resource
import socket
from functools import partial

import httpx
import pytest

from mockatell.client import Client
from mockatell.server.access import Access
from mockatell.server.app import App


@pytest.fixture
def run(finished):
    return partial(finished, timeout=20)


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--host", "0.0.0.0"], "--host 0.0.0.0 is open to other machines: give --token"),
        (["--host", "::"], "--host :: is open to other machines: give --token"),
        (["--host", "nowhere.invalid"], "--host nowhere.invalid: there is no address of that name"),
        (["--host", "192.0.2.1", "--token", "t"], "this is not an address of this machine"),
        (["--host", "a" * 300], "there is no address of that name"),
        (["--token", ""], "--token is empty: is the variable that should be there set?"),
        (["--port", "65536"], "65536 is not in the range"),
        (["--port", "many"], "'many' is not a valid"),
        (["--target", "localhost:8000"], "has no scheme (begin it with http:// or https://)"),
        (["--pace", "-1"], "-1.0 is not in the range"),
        (["--pace", "nan"], "'nan' is not a number"),
        (["--public-url", "foo"], "the public URL 'foo' has no scheme (begin it with http://"),
        (["--public-url", "http://h/?k=s3cret"], "'http://h/?k=***' has a query (leave it out"),
        (["--target", "http://%38.8.8.8/"], "has a host that is percent-encoded"),
        (["--speed", "nan"], "'nan' is not a number"),
        (["--target", "ftp://x"], "--target: 'ftp://x' "),
        (["--standin", "windw=off"], "no setting 'windw' (did you mean 'window'?)"),
        (["--standin", "window"], "--standin: 'window' is not key=value"),
        (["--standin", "window=ajar"], "--standin window: 'ajar' is not one of known, strict, off"),
        (["--standin", "refuse_with=99"], "--standin: the vendor has no error 99"),
        (["--config", "none.yaml"], "none.yaml: no such file, nor a shipped scenario"),
        (["--scenarios", "/nowhere"], "/nowhere"),
        (["--autorun", "recipts"], "there is no scenario 'recipts' (did you mean 'receipts'?)"),
        (["--allow-host", "a b"], "a b"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(run, args, said):
    ended = run("serve", "--port", "0", *args)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ({"MOCKATELL_PORT": "abc"}, "Invalid value for '--port' (from MOCKATELL_PORT): 'abc'"),
        (
            {"MOCKATELL_STANDIN": "window=ajar"},
            "mockatell: MOCKATELL_STANDIN window: 'ajar' is not",
        ),
    ],
)
def test_the_variable_that_cannot_be_served_is_named(run, variable, said):
    ended = run("serve", env=variable)
    assert ended.returncode == 2
    assert said in ended.stderr


def test_a_port_that_is_taken(run, taken):
    ended = run("serve", "--port", taken)
    assert ended.returncode == 2
    assert f"--port {taken}: something listens there already; give another" in ended.stderr


def test_it_may_be_open_if_that_is_wanted(serve):
    serving = serve("--host", "0.0.0.0", "--insecure-open")
    assert httpx.get(f"{serving.url}/mockatell/api/overview").status_code == 200
    elsewhere = httpx.get(f"{serving.url}/readyz", headers={"Host": "sidecar.example"})
    assert elsewhere.status_code == 200


def test_every_flag_can_come_from_the_environment(serve, app):
    env = {"MOCKATELL_TARGET": app.url, "MOCKATELL_SEED": "11", "MOCKATELL_LOG_FORMAT": "json"}
    serving = serve(env=env | {"MOCKATELL_PORT": "tcp://10.0.0.1:8080", "MOCKATELL_API_KEY": "a b"})
    overview = httpx.get(f"{serving.url}/mockatell/api/overview").json()
    assert overview["seed"] == 11
    assert overview["endpoints"] == {"status": app.url, "reply": app.url}
    assert httpx.get(f"{serving.url}/v1/balance", headers={"Authorization": "b"}).is_success


def test_what_the_integration_is_like_can_be_said(serve):
    env = {"MOCKATELL_STANDIN": "balance=7.5 currency=ZAR inactive=media,template"}
    key = {"Authorization": "k"}
    serving = serve(env=env)
    said = httpx.get(f"{serving.url}/v1/balance", headers=key).json()
    assert said == {"balance": 7.5, "currency": "ZAR"}
    serving = serve("--standin", "numbers=27820000000,Shop", "--standin", "suspended=Shop")
    messages = [
        {"to": "27999000001", "content": "a", "from": sender} for sender in ("27820000000", "Shop")
    ]
    sent = httpx.post(f"{serving.url}/v1/message", headers=key, json={"messages": messages})
    assert [each["accepted"] for each in sent.json()["messages"]] == [True, False]


FEW = "integration: {name: Shop}\nendpoints: {status: http://127.0.0.1:9/status}\n"


@pytest.mark.parametrize(
    ("config", "args", "fast"),
    [
        (None, [], True),
        (FEW, [], True),
        (FEW + "retry: one-api\n", [], False),
        (FEW + "retry: one-api\n", ["--retry", "fast"], True),
        (None, ["--retry", "one-api"], False),
    ],
)
def test_retries_are_fast_unless_said(serve, tmp_path, config, args, fast):
    if config is not None:
        (tmp_path / "few.yaml").write_text(config)
        args = [*args, "--config", tmp_path / "few.yaml"]
    serving = serve(*args)
    roles = httpx.get(f"{serving.url}/mockatell/api/overview").json()["endpoints"]
    assert list(roles) == ([] if config is None else ["status"])
    serving.end()
    assert any("fast: five in 31 s" in line for line in serving.lines) is fast


def test_a_callback_that_is_refused_holds_up_no_test(serve, app):
    serving = serve("--target", app.url, "--speed", 60)
    client = Client(serving.url)
    app.status = 500
    try:
        client.emit("moText", channel="sms", content="a")
        client.wait("quiet", timeout=20)
    finally:
        app.status = 200
    [delivery] = client.deliveries()
    assert (delivery.state, delivery.attempts) == ("exhausted", 6)


@pytest.mark.parametrize(
    ("args", "begins", "said"),
    [
        ([], None, "http://127.0.0.1:"),
        (["--host", "0.0.0.0"], "http://clickatell:8080", "as your app's own requests get here"),
        (["--host", "0.0.0.0", "--public-url", "http://here"], "http://here", "http://here"),
    ],
)
def test_links_lead_where_the_app_gets(serve, app, args, begins, said):
    serving = serve("--insecure-open", "--target", app.url, "--pace", 0, *args)
    app.bodies.clear()
    httpx.post(
        f"{serving.url}/v1/message",
        json={"messages": [{"to": "27999900706", "content": "?", "channel": "whatsapp"}]},
        headers={"Authorization": "any-key", "Host": "clickatell:8080"},
    )
    Client(serving.url).wait("acknowledged")
    serving.end()
    [file] = app.events("moMedia")[0]["files"]
    assert file["downloadUrl"].startswith(f"{begins or serving.url}/v1/media?")
    assert any(f"Links in callbacks:   {said}" in line for line in serving.lines)


def test_it_says_where_everything_is(serve, app):
    serving = serve("--target", f"{app.url}?key=s3cret", "--seed", 3)
    httpx.get(f"{serving.url}/nothing?apiKey=s3cret")
    assert serving.end() == 0
    told = "\n".join(serving.lines)
    assert f"Your app's base URL:  {serving.url}" in told
    assert f"{app.url}?key=***" in told
    assert f"The page:             {serving.url}/" in told
    assert "mockatell/api/openapi.json" in told
    assert "Seed:                 3" in told
    assert "your endpoint accepts connections" in told
    assert "GET /nothing 400" in told
    assert "s3cret" not in told


def test_a_log_for_programs(serve, app):
    serving = serve("--target", app.url, "--log-format", "json")
    httpx.get(f"{serving.url}/v1/bal%0aance%1b")
    serving.end()
    lines = [json.loads(line) for line in serving.lines]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert lines[0]["url"] == serving.url
    [request] = [line for line in lines if line.get("door") == "one_api"]
    assert request["message"] == "GET /v1/bal\nance\x1b 400"
    assert request["seconds"] >= 0


def test_foreign_text_does_not_steer_a_terminal(serve, app):
    serving = serve("--target", app.url)
    httpx.get(f"{serving.url}/a%0ab%1b[31m")
    serving.end()
    assert any("GET /a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m 400" in line
               for line in serving.lines)  # fmt: skip


def test_liveness_and_readiness(serving):
    assert httpx.get(f"{serving.url}/livez").text == "alive\n"
    assert httpx.get(f"{serving.url}/readyz").text == "ready\n"
    wrong = httpx.post(f"{serving.url}/readyz")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD")
    assert httpx.head(f"{serving.url}/readyz").status_code == 200


def test_metrics(serving, http, client):
    message = {"to": "27821234567", "content": "Hi"}
    sent = http.post("/v1/message", json={"messages": [message]})
    client.wait("acknowledged")
    told = httpx.get(f"{serving.url}/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = dict(line.rsplit(" ", 1) for line in told.text.splitlines() if not line.startswith("#"))
    counted = 'mockatell_http_requests_total{door="one_api",method="POST",status="202"}'
    assert float(lines[counted]) >= 1
    assert float(lines['mockatell_http_request_duration_seconds_count{door="one_api"}']) >= 1
    assert float(lines['mockatell_attempts_total{outcome="acknowledged"}']) == 2
    assert float(lines["mockatell_messages"]) == 1
    assert float(lines["mockatell_deliveries_pending"]) == 0
    assert sent.json()["messages"][0]["apiMessageId"] not in told.text, "no ids as labels"


def test_a_method_that_nobody_knows_makes_no_label_of_its_own(serving, speak):
    speak(b"PURGE /v1/balance HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    told = httpx.get(f"{serving.url}/metrics").text
    assert 'method="other"' in told
    assert "PURGE" not in told


def test_healthcheck(run, serving):
    healthy = run("healthcheck", "--url", serving.url)
    assert (healthy.returncode, healthy.stdout) == (0, f"{serving.url} is ready\n")
    port = serving.url.rpartition(":")[2]
    assert run("healthcheck", env={"MOCKATELL_PORT": port}).returncode == 0


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--url", "http://127.0.0.1:9", "--wait", "300ms"], 1, "Connection refused"),
        (["--url", "http://nowhere.invalid"], 1, "not there"),
        (["--url", "nowhere"], 2, "has no scheme"),
        (["--wait", "5"], 2, "has no unit"),
    ],
)
def test_healthcheck_of_what_is_not_there(run, args, code, said):
    ended = run("healthcheck", *args)
    assert ended.returncode == code
    assert said in ended.stderr


def test_what_is_under_way_is_finished_before_it_ends(serve, app, tmp_path):
    """A callback is being answered when the signal comes, and is known to be after a restart."""
    flags = ("--target", app.url, "--pace", 0, "--store", tmp_path / "store", "--grace", "20s")
    serving = serve(*flags)
    app.hold.clear()
    message = {"to": "27999900004", "content": "one status, and no more"}
    httpx.post(f"{serving.url}/v1/message", json={"messages": [message]},
               headers={"Authorization": "k"})  # fmt: skip
    assert app.holding.wait(10)
    with httpx.stream("GET", f"{serving.url}/mockatell/api/changes") as feed:
        chunks = feed.iter_bytes()
        assert next(chunks)
        serving.process.terminate()
        assert list(chunks) is not None, "the feed ends of itself"
    serving.await_line("ending: what is under way is given 20 s")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{serving.url}/livez")
    app.hold.set()
    assert serving.end() == 0
    [delivery] = Client(serve(*flags).url).deliveries()
    assert (delivery.state, delivery.attempts) == ("acknowledged", 1)


def test_a_wait_is_let_go_at_the_end(serve, app):
    serving = serve("--target", app.url, "--api-key", "k")
    message = {"to": "27821234567", "content": "Hi"}
    httpx.patch(f"{serving.url}/mockatell/api/clock", json={"paused": True})
    httpx.post(f"{serving.url}/v1/message", json={"messages": [message]},
               headers={"Authorization": "k"})  # fmt: skip
    with socket.create_connection(serving.url.removeprefix("http://").split(":")) as waiting:
        waiting.sendall(b"GET /mockatell/api/wait?timeout=600 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert httpx.get(f"{serving.url}/livez").is_success, "the wait has come before"
        serving.process.terminate()
        assert waiting.recv(65536).startswith(b"HTTP/1.1 503 ")
    assert serving.end() == 0


def test_a_great_run_does_not_keep_it_from_answering(serve, app):
    """Neither one that is refused nor one that is played; and it ends when it is told to."""
    serving = serve("--target", app.url, "--retry", "none")
    runs = f"{serving.url}/mockatell/api/runs"

    def text(count):
        return {"yaml": f"messages: [{{count: {count}, channel: sms}}]"}

    refused = httpx.post(runs, json=text(100_000_000), timeout=20)
    assert refused.status_code == 422
    assert "too much happens at one time" in refused.json()["detail"]
    assert httpx.post(runs, json=text(15_000), timeout=20).status_code == 201
    for _ in range(20):
        assert httpx.get(f"{serving.url}/livez", timeout=5).elapsed.total_seconds() < 1
    assert serving.end() == 0


def test_it_says_that_callbacks_leave_the_private_network(serve):
    url = "http://[2001:db8::1]/cb"
    serve("--target", f"{url}?key=sekrit").await_line(f"callbacks to {url}?key=*** leave this")


def test_it_warns_of_where_clouds_hand_out_credentials(serve):
    serve("--target", "http://[fd00:ec2::254]/").await_line(
        "http://[fd00:ec2::254]/ is where clouds hand out their machines' credentials"
    )


def test_it_says_nothing_of_the_kind_of_a_private_one(serve, app):
    serving = serve("--target", app.url)
    serving.await_line("is played at")
    assert not any("leave this machine" in line for line in serving.lines)


def test_what_has_no_endpoint_any_more_is_told_at_the_start(serve, app, tmp_path):
    flags = ("--store", tmp_path / "store", "--pace", 0)
    serving = serve(*flags, "--target", app.url)
    Client(serving.url).pause()
    Client(serving.url).emit("moText", channel="sms", content="a")
    serving.process.kill()
    serving.end()
    serving = serve(*flags, "--status-url", app.url)
    serving.await_line("1 pending deliveries are kept and not sent, as there is no reply endpoint")
    assert httpx.get(f"{serving.url}/readyz").is_success
    assert serving.end() == 0


def test_a_store_that_fails_ends_it_with_an_error(serve, app, tmp_path):
    serving = serve("--target", app.url, "--store", tmp_path / "store")
    resource.prlimit(serving.process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
    message = {"to": "27821234567", "content": "Hi"}
    sent = httpx.post(f"{serving.url}/v1/message", json={"messages": [message] * 100},
                      headers={"Authorization": "k"})  # fmt: skip
    assert sent.status_code == 500
    assert serving.process.wait(20) == 2
    serving.await_line("nothing is sent any more: store")
    assert any("Traceback" in line for line in serving.lines)


def test_broken_it_is_neither_alive_nor_ready():
    class Broken:
        failure = "the disk is full"
        overview = handle = None

    app = App(Broken(), Access())
    app.ready = True
    for path in ("/livez", "/readyz"):
        answer = app._operation(path, {})
        assert (answer.status, answer.body) == (503, b"broken: the disk is full\n")
