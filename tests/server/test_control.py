"""The control API over real sockets, mostly through the typed client."""

import json
import re

import pytest
import respx

from mockatell.client import Client, NotReachedError, SidecarError
from mockatell.errors import ConfigurationError, UnreachableError

QUOTED = 'with "quotes" and \u00e4'
THREE = "messages: [{count: 3, channel: sms, lifecycle: delivered}]\n"


def send(http, to="27821234567", **more):
    message = {"to": to, "content": "Hi", "channel": "sms"} | more
    [told] = http.post("/v1/message", json={"messages": [message]}).json()["messages"]
    return told["apiMessageId"]


def test_messages_and_deliveries(http, client):
    first, second = send(http), send(http, clientMessageId="b")
    client.wait("acknowledged")
    assert [m.id for m in client.messages()] == [second, first]
    assert [m.id for m in client.messages(limit=1)] == [second]
    assert [m.id for m in client.messages(before=second)] == [first]
    assert client.messages(direction="received") == []
    assert client.message(second).client_message_id == "b"
    told = client.deliveries(message=first)
    assert {d.status for d in told} == {"SENT_TO_SUPPLIER", "DEVICE_ACK"}
    assert {d.state for d in told} == {"acknowledged"}
    assert client.deliveries(role="reply") == []
    assert len(client.deliveries(outcome="acknowledged", kind="messageStatusUpdate")) == 4


def test_a_delivery_has_its_body_and_attempts(http, client):
    message = send(http)
    client.wait()
    detail = client.delivery(client.deliveries(message=message)[0].seq)
    assert detail.body["event"]["messageStatusUpdate"][0]["messageId"] == message
    [attempt] = detail.tries
    assert (attempt.outcome, attempt.status_code) == ("acknowledged", 200)
    assert attempt.sent_ms <= attempt.ended_ms


def test_redelivering_sends_the_same_bytes(http, client, app):
    message = send(http)
    client.wait()
    again = client.redeliver(client.deliveries(message=message)[0].seq)
    assert again.cause == "redelivery"
    client.wait("acknowledged")
    about = [e for e in app.events() if e["messageId"] == message]
    assert len(about) == 3
    assert about[2] in about[:2]


def test_emitting_an_event(client, app):
    [delivery] = client.emit("moText", content="STOP", channel="sms")
    assert (delivery.kind, delivery.role) == ("moText", "reply")
    client.wait("acknowledged")
    assert app.events("moText")[-1]["content"] == "STOP"


def test_who_writes_stop_is_sent_nothing_more(http, client):
    client.emit("moText", content="STOP", channel="sms", **{"from": "27821112222"})
    client.wait()
    message = {"to": "27821112222", "content": "Hi", "channel": "sms"}
    answer = http.post("/v1/message", json={"messages": [message]})
    assert answer.status_code == 400
    assert answer.json()["messages"][0]["error"]["code"] == 26


def test_a_run_from_its_start_to_its_report(client):
    client.set_speed(1000)
    run = client.start_run(yaml=THREE, seed=5)
    client.wait("acknowledged", run=run.id)
    ended = client.run(run.id)
    assert (ended.state, ended.seed, ended.deliveries, ended.exit_code) == ("finished", 5, 6, 0)
    report = client.report(run.id)
    assert report.verdict == "held"
    assert report.totals.acknowledged == 6
    assert "PASSED" in str(report)
    assert client.report().totals.attempts == 6
    assert [each.id for each in client.runs()] == [run.id]


def test_a_shipped_scenario_by_name(client):
    client.set_speed(10_000)
    run = client.start_run("receipts", overrides={"messages.0.count": 2})
    assert client.wait(run=run.id).reached
    assert client.run(run.id).state == "finished"


def test_a_run_is_cancelled(client):
    run = client.start_run(yaml="messages: [{rate: 1/s, for: 1h, lifecycle: sent, channel: sms}]")
    cancelled = client.cancel_run(run.id)
    assert cancelled.state == "cancelled"
    client.wait(run=run.id, timeout=10)


def test_scenarios_of_ones_own(client):
    kept = client.upload("three", "# Finds nothing.\n" + THREE)
    assert (kept.name, kept.summary, kept.source) == ("three", "Finds nothing.", "uploaded")
    assert "receipts" in {each.name for each in client.scenarios()}
    client.set_speed(1000)
    run = client.start_run("three")
    client.wait("acknowledged", run=run.id)


def test_faults_are_set_while_it_runs(http, client):
    assert client.set_faults({"outage": {"at": "0s", "for": "1h"}}) == client.faults()
    send(http)
    client.wait()
    assert {d.last_outcome for d in client.deliveries()} == {"unreachable"}
    assert client.set_faults() == []


def test_time_stands_still_and_is_advanced(http, client):
    client.pause()
    before = client.clock()
    send(http, to="27999900003")
    assert client.overview().pending > 0
    after = client.advance(86_400)
    assert after.now_ms - before.now_ms == pytest.approx(86_400_000, abs=2_000)
    assert client.wait("acknowledged", timeout=5).reached
    assert client.resume().paused is False
    assert client.set_speed(2).speed == 2


def test_it_begins_anew(http, client):
    send(http)
    assert client.reset(seed=99).seed == 99
    assert client.messages() == client.deliveries() == []


def test_what_is_waited_for_and_does_not_come_says_what_is_missing(http, client, app):
    app.status = 500
    try:
        message = send(http)
        with pytest.raises(NotReachedError) as missed:
            client.wait("acknowledged", message=message, timeout=20)
    finally:
        app.status = 200
    assert isinstance(missed.value, AssertionError)
    assert str(missed.value).startswith("not reached: nothing is pending any more, and not all was")
    assert "exhausted after 1 attempts (latest: 500)" in str(missed.value)
    assert f"of message {message} to the status endpoint" in str(missed.value)


def test_a_wait_that_takes_too_long(http, client):
    client.pause()
    message = send(http)
    with pytest.raises(
        NotReachedError, match=r"2 pending, the next is due in .+\n  #\d+ messageStatusUpdate"
    ) as missed:
        client.wait(message=message, timeout=0.05)
    assert missed.value.result.waited >= 0.05
    client.resume()


def test_a_wait_that_is_not_reached_says_in_its_answer_what_is_missing(http, api, client):
    client.pause()
    message = send(http, clientMessageId="order-1")
    answer = api.get("/wait?until=acknowledged&timeout=10ms&message=order-1")
    told = answer.json()
    assert (answer.status_code, told["reached"], told["pending"]) == (200, False, 2)
    assert told["detail"].startswith("2 pending, the next is due in ")
    assert [each["message_id"] for each in told["missing"]] == [message] * 2
    assert all(each["next_due_ms"] for each in told["missing"])
    client.resume()
    told = api.get("/wait?timeout=20s&message=order-1").json()
    assert (told["reached"], told["detail"], told["missing"]) == (True, "", [])


@pytest.mark.parametrize(
    ("ask", "status", "said"),
    [
        (lambda c: c.message("none"), 404, "no message 'none'"),
        (lambda c: c.message("a b?c#d&e"), 404, "no message 'a b?c#d&e'"),
        (lambda c: c.delivery(10**9), 404, "no delivery 1000000000"),
        (lambda c: c.redeliver(10**9), 404, "1000000000"),
        (lambda c: c.run("r9"), 404, "no run 'r9'"),
        (lambda c: c.cancel_run("r9"), 404, "r9"),
        (lambda c: c.report("r9"), 404, "r9"),
        (lambda c: c.wait(run="r9"), 404, "r9"),
        (lambda c: c.wait(message="m9", timeout=0.01), 404, "m9"),
        (lambda c: c.wait("loud"), 422, "query.until"),
        (lambda c: c.wait(timeout=601), 422, "less than or equal to 600"),
        (lambda c: c.deliveries(limit=0), 422, "query.limit"),
        (lambda c: c.deliveries(state="lost"), 422, "query.state"),
        (lambda c: c.start_run("recipts"), 404, "did you mean 'receipts'?"),
        (lambda c: c.start_run(), 422, "scenario"),
        (lambda c: c.start_run(yaml="messages: {"), 422, "run:2: is not YAML"),
        (lambda c: c.start_run(yaml="messages: [{cuont: 1}]"), 422, "did you mean 'count'?"),
        (lambda c: c.start_run("receipts", seed=-1), 422, "seed"),
        (lambda c: c.start_run("receipts", overrides={"messages.9.count": 1}), 422, "messages"),
        (lambda c: c.emit("moTxt"), 422, "did you mean 'moText'?"),
        (lambda c: c.emit("moText", contnet="x"), 422, "contnet"),
        (lambda c: c.set_faults({"lose_akc": {}}), 422, "did you mean 'lose_ack'?"),
        (lambda c: c.set_faults({"lose_ack": {"probability": 2}}), 422, "probability"),
        (lambda c: c.advance(-1), 422, "body.seconds"),
        (lambda c: c.advance(1e12), 422, "body.seconds"),
        (lambda c: c.set_speed(0), 422, "body.speed"),
        (lambda c: c.reset(seed=2**70), 422, "body.seed"),
        (lambda c: c.upload("a b", THREE), 422, "path.name"),
        (lambda c: c.upload("wrong", "messages: [}"), 422, "wrong"),
        (lambda c: c.upload("empty", ""), 422, "empty"),
        (lambda c: c.upload("big", "#" * 1_100_000), 413, "more than 1048576 bytes"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(client, ask, status, said):
    with pytest.raises(SidecarError) as refused:
        ask(client)
    assert (refused.value.status, said in refused.value.detail) == (status, True), refused.value


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "", b"", 404),
        ("GET", "/nothing", b"", 404),
        ("DELETE", "/clock", b"", 405),
        ("PUT", "/faults", b"[", 400),
        ("PUT", "/faults", b"\xff", 400),
        ("PUT", "/faults", b'["\\ud800"]', 400),
        ("PUT", "/faults", b"[NaN]", 400),
        ("PUT", "/faults", b"[" * 65 + b"]" * 65, 400),
        ("PUT", "/faults", b"[" * 100_000, 400),
        ("PUT", "/faults", b"", 422),
        ("PUT", "/faults", b'{"lose_ack": {}}', 422),
        ("POST", "/reset", b" " * (2**20 + 1), 413),
        ("POST", "/reset", b'{"seed": ' + b"9" * 10_000 + b"}", 400),
        ("GET", "/wait?timeout=nan", b"", 422),
        ("GET", "/wait?timeout=inf", b"", 422),
        ("GET", "/wait?timeout=", b"", 422),
        ("PUT", "/scenarios/x", b"\xff\xfe", 400),
        ("GET", "/deliveries/-1", b"", 422),
        ("GET", "/deliveries/99999999999999999999", b"", 422),
        ("GET", "/deliveries/%00", b"", 422),
        ("GET", "/messages/%ff", b"", 404),
        ("GET", "/messages?limit=1&limit=2", b"", 200),
        ("POST", "/session", b'{"token": ""}', 422),
    ],
)
def test_problems(api, method, path, content, status):
    answer = api.request(method, path, content=content)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert set(told) == {"type", "title", "status", "detail"}
        assert told["status"] == status


def test_curl_calls_everything_a_form(api):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.put("/faults", content=b"[]", headers=form).json() == []


def test_lengths_of_time_may_have_their_unit(api):
    assert api.get("/wait?timeout=50ms").json()["reached"]
    assert api.post("/clock/advance", json={"seconds": "1m"}).is_success
    wrong = api.get("/wait?timeout=50mins")
    assert (wrong.status_code, "50mins" in wrong.json()["detail"]) == (422, True)


def test_the_client_goes_on_by_a_length_of_time_too(client):
    client.pause()
    before = client.clock().now_ms
    assert client.advance("1h").now_ms - before == pytest.approx(3_600_000, abs=2_000)


def test_it_is_described(api):
    described = api.get("/openapi.json").json()
    assert described["servers"] == [{"url": "/mockatell/api"}]
    assert {"/runs", "/wait", "/deliveries/{seq}", "/faults", "/clock"} <= set(described["paths"])
    refused = described["paths"]["/runs"]["post"]["responses"]["422"]["content"]
    assert list(refused) == ["application/problem+json"]
    assert "HTTPValidationError" not in json.dumps(described)


ASKED = {
    "GET /clock": lambda c: c.clock(),
    "GET /deliveries": lambda c: c.deliveries(),
    "GET /deliveries/{seq}": lambda c: c.delivery(7),
    "GET /faults": lambda c: c.faults(),
    "GET /messages": lambda c: c.messages(),
    "GET /messages/{message_id}": lambda c: c.message("a"),
    "GET /refusals": lambda c: c.refusals(),
    "GET /overview": lambda c: c.overview(),
    "GET /report": lambda c: c.report(),
    "GET /runs": lambda c: c.runs(),
    "GET /runs/{run_id}": lambda c: c.run("r1"),
    "GET /scenarios": lambda c: c.scenarios(),
    "GET /scenarios/{name}": lambda c: c.scenario("a"),
    "GET /wait": lambda c: c.wait(),
    "PATCH /clock": lambda c: c.pause(),
    "POST /clock/advance": lambda c: c.advance(1),
    "POST /deliveries/{seq}/redeliver": lambda c: c.redeliver(7),
    "POST /events": lambda c: c.emit("moText"),
    "POST /reset": lambda c: c.reset(),
    "POST /runs": lambda c: c.start_run("a"),
    "POST /runs/{run_id}/cancel": lambda c: c.cancel_run("r1"),
    "PUT /faults": lambda c: c.set_faults(),
    "PUT /scenarios/{name}": lambda c: c.upload("a", ""),
}
"""What the client asks with, by the operation that it asks for."""
OTHERWISE = {
    "GET /changes": "the page's, which stays connected",
    "GET /runs/{run_id}/report": "`report(run)` asks the other one",
    "GET /runs/{run_id}/wait": "`wait(run=)` asks the other one",
    "POST /session": "the page's, which cannot send a token",
}


class NotAskedError(Exception):
    """The client was about to ask."""


def test_the_client_has_a_method_for_every_operation(api):
    paths = api.get("/openapi.json").json()["paths"]
    described = {f"{method.upper()} {path}" for path, ways in paths.items() for method in ways}
    assert described == ASKED.keys() | OTHERWISE.keys()


@pytest.mark.parametrize("operation", ASKED)
def test_a_method_of_the_client_asks_for_its_operation(monkeypatch, operation):
    def stopped(_self, method, path, *_, **__):
        raise NotAskedError(f"{method} {path}")

    monkeypatch.setattr(Client, "_exchange", stopped)
    with pytest.raises(NotAskedError) as asked:
        ASKED[operation](Client())
    pattern = re.sub(r"\{\w+\}", r"[^/]+", operation.replace(" ", " /mockatell/api"))
    assert re.fullmatch(pattern, str(asked.value).partition("?")[0])


def test_a_scenario_s_text(client):
    client.upload("three", f"# \u00e4\n{THREE}")
    assert client.scenario("three") == f"# \u00e4\n{THREE}"
    with pytest.raises(SidecarError, match="HTTP 404"):
        client.scenario("none/such")


def test_no_sidecar_there():
    with pytest.raises(UnreachableError, match=r"no sidecar answers at http://127.0.0.1:9"):
        Client("http://127.0.0.1:9").overview()
    with pytest.raises(UnreachableError):
        Client("http://127.0.0.1:9").wait_until_ready(timeout=0.1)


def test_a_url_that_cannot_be():
    with pytest.raises(ConfigurationError, match="has no scheme"):
        Client("localhost:8080")


def test_what_mocks_httpx_does_not_reach_the_client(client):

    with respx.mock, client:
        assert client.wait_until_ready().overview().pending == 0


def test_an_answer_that_is_no_problem(app):
    """Something else listens there."""
    with pytest.raises(SidecarError, match="501") as refused:
        Client(app.url).overview()
    assert refused.value.status == 501


def test_the_client_does_not_show_secrets():
    assert "s3cret" not in repr(Client("http://u:s3cret@localhost:1", token="s3cret"))


def test_a_kind_that_is_none_is_refused(api):
    assert api.get("/deliveries", params={"kind": "moText"}).status_code == 200
    refused = api.get("/deliveries", params={"kind": "moTex"})
    assert refused.status_code == 422
    assert "did you mean 'moText'?" in refused.json()["detail"]


def test_a_scenario_is_shown_as_it_is_written(api, client):
    text = f"endpoints: {{status: 'http://app/?key=sekrit'}}\n{THREE}"
    client.upload("three", text)
    shown = api.get("/scenarios/three")
    assert shown.headers["content-type"].startswith("application/yaml")
    assert shown.text == text.replace("sekrit", "***")
    assert "Finds" in api.get("/scenarios/receipts").text
    assert api.get("/scenarios/nothing").status_code == 404


def test_deliveries_are_found_by_ids_and_by_their_beginnings(http, client):
    first = send(http, clientMessageId="Order-17")
    second = send(http, clientMessageId=QUOTED)
    client.wait("acknowledged")

    def found(sought):
        return {each.message_id for each in client.deliveries(message=sought)}

    assert found(first) == found(first[:9]) == found(first[:9].upper()) == {first}
    assert found("Order-17") == found("order-") == {first}
    assert found(QUOTED) == found("WITH") == {second}
    assert found("rder-17") == found("order-170") == found("SENT_TO") == set()
    assert len(client.deliveries(message="order-", limit=1)) == 1
