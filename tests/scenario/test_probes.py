"""Probes that ask a real database, and probes that pick: what they see and leave alone."""

import asyncio
import json
import sqlite3
from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy.engine import create_engine

import mockatell
from mockatell.clickatell.reading import events_of
from mockatell.core.oracle import Query, judge_rows
from mockatell.core.render.finding import Setting, scenario_of
from mockatell.errors import ConfigurationError
from mockatell.shell.databases import Database, UnseenError, plain
from mockatell.shell.probes import call

RANKS = {"SENT_TO_SUPPLIER": 1, "DEVICE_ACK": 2, "READ": 3}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "app.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE messages (id TEXT PRIMARY KEY, status TEXT, rank INT)")
    connection.close()
    return path


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


@pytest.fixture
def app(path):
    """Keeps statuses in a table; `forgets` keeps none, `naive` takes the last to come."""

    def make(manner="guarded"):
        def application(environ, start_response):
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
            newer = "" if manner == "naive" else " WHERE excluded.rank > messages.rank"
            connection = sqlite3.connect(path)
            with connection:
                for _, event in events_of(body) if manner != "forgets" else ():
                    connection.execute(
                        "INSERT INTO messages VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
                        f"SET status = excluded.status, rank = excluded.rank{newer}",
                        (event["messageId"], event["status"], RANKS[event["status"]]),
                    )
            connection.close()
            start_response("200 OK", [])
            return [b""]

        return application

    return make


@pytest.fixture
def looked():
    """How a probe's clause ended in a run of three messages out of order."""

    def look(app, probe, *, to=None):
        late = {"status": "DEVICE_ACK", "delivery": {"late": "2s"}}
        steps = [{"status": "SENT_TO_SUPPLIER"}, late, {"status": "READ", "after": "1s"}]
        messages = [{"channel": "whatsapp", "count": 3, "steps": steps}]
        whole = {"retry": "none", "messages": messages, "expect": [{"probe": probe}]}
        scenario = mockatell.parse(json.dumps(whole))
        journal = mockatell.run(scenario, app=app, to=to, seed=1)
        [clause] = journal.ended.expectations
        return clause

    return look


ASK = "SELECT status FROM messages WHERE id = :messageId"


@pytest.mark.parametrize(
    ("manner", "held", "evidence"),
    [
        ("guarded", True, "3 looks, all as expected"),
        ("naive", False, "status is 'DEVICE_ACK', expected 'READ'"),
        ("forgets", None, "no look found a row: are database and query right?"),
    ],
)
def test_rows_are_compared_with_what_they_should_be(manner, held, evidence, app, url, looked):
    clause = looked(app(manner), {"sql": ASK, "url": url, "json": {"status": "{status}"}})
    assert (clause.held, evidence in "\n".join(clause.evidence)) == (held, True)
    assert clause.clause == f"probe: SQL {ASK} on {url}"


@pytest.mark.parametrize(
    ("probe", "evidence"),
    [
        ({"sql": "SELECT * FROM nowhere", "json": {}}, "no such table: nowhere"),
        ({"sql": "SELECT ' FROM", "json": {}}, "unrecognized token"),
        ({"sql": "SELECT 1", "json": {}, "url": "sqlite:////no.db"}, "there is no file /no.db"),
        ({"sql": ASK, "json": "READ", "jmespath": "length(@[0].rank)"}, "jmespath does not fit"),
        (
            {"sql": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
             "SELECT x FROM n LIMIT 1001", "json": []},
            "more than 1,000 rows",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_missing_evidence(probe, evidence, app, url, looked):
    clause = looked(app(), {"url": url} | probe)
    assert (clause.held, evidence in "\n".join(clause.evidence)) == (None, True), clause


def test_a_part_can_be_picked(app, url, looked):
    probe = {"sql": ASK, "url": url, "json": "{status}", "jmespath": "[0].status"}
    assert looked(app(), probe).held


def test_parameters_are_bound_and_never_written_into_the_query(url, path):
    evil = "'; DROP TABLE messages; --"
    assert Database(url).rows("SELECT :messageId AS id", {"messageId": evil}) == [{"id": evil}]
    assert Database(url).rows("SELECT count(*) AS n FROM messages", {}) == [{"n": 0}]
    assert path.stat().st_size


@pytest.mark.parametrize(
    "sql", ["INSERT INTO messages VALUES ('x', 'READ', 1)", "DROP TABLE messages"]
)
def test_nothing_can_be_written(sql, url):
    with pytest.raises(UnseenError, match="attempt to write a readonly database"):
        Database(url).rows(sql, {})
    assert Database(url).rows("SELECT * FROM messages", {}) == []


def test_no_database_is_made(tmp_path):
    with pytest.raises(UnseenError, match="there is no file"):
        Database(f"sqlite:///{tmp_path}/new.db").rows("SELECT 1", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("nosuch://me:s3cret@h/x", r"nosuch://\*\*\*@h/x is no database that is known"),
        (
            "postgresql+psycopg://me:s3cret@h/x",
            r"postgresql\+psycopg://\*\*\*@h/x needs the driver",
        ),
        ("sqlite:///a.db?timeout=x&=", "is no database that is known|"),
    ],
)
def test_what_is_not_installed_is_said_before_anything_is_sent(url, problem, looked, app):
    sent = []

    def counting(environ, start_response):
        sent.append(environ)
        return app()(environ, start_response)

    try:
        create_engine(url)
    except Exception:  # noqa: BLE001 -- whatever it says, it is known before
        with pytest.raises(ConfigurationError, match=problem) as caught:
            looked(counting, {"sql": "SELECT 1", "url": url, "json": {}})
        assert "s3cret" not in str(caught.value)
        assert sent == []


@pytest.mark.parametrize(
    ("expected", "rows", "held", "seen"),
    [
        ({"a": 1}, [{"a": 1, "b": 2}], True, ""),
        ({"a": "1"}, [{"a": 1}], True, ""),
        ({"a": 1}, [{"a": 2}], False, "a is 2, expected 1"),
        ({"a": 1}, [], False, "no row"),
        ({"a": 1}, [{"a": 1}, {"a": 1}], False, "2 rows, expected one"),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}], True, ""),
        ([], [], True, ""),
        ([], [{"a": 1}], False, "the answer is [{'a': 1}], expected []"),
    ],
)
def test_what_rows_prove(expected, rows, held, seen):
    look = judge_rows(Query({"messageId": "m1"}, expected), rows)
    assert (look.held, look.seen, look.url) == (held, seen, "messageId=m1")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal(5), 5),
        (Decimal("5.5"), 5.5),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05"),  # noqa: DTZ001 -- as columns have it
        (date(2026, 1, 2), "2026-01-02"),
        (b"READ", "READ"),
        ({"a": [Decimal(1), None]}, {"a": [1, None]}),
        (msgspec.UNSET, "UNSET"),
    ],
)
def test_columns_become_json(value, told):
    assert plain(value) == told


def test_a_probe_over_http_can_pick(looked):
    def application(environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"].read(length)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"items": [{"id": environ["PATH_INFO"][1:], "at": "now"}]}).encode()]

    probe = {"get": "http://h/{messageId}", "jmespath": "items[*].id", "json": ["{messageId}"]}
    assert looked(application, probe).held
    wrong = looked(application, probe | {"jmespath": "items[*].at"})
    assert wrong.held is False
    assert "[0] is 'now'" in wrong.evidence[1]


def test_explore_looks_into_the_database(app, url):
    clause = {"probe": {"sql": ASK, "url": url, "json": {"status": "{status}"}}}
    messages = [{"channel": "whatsapp", "lifecycle": "read"}]
    scenario = mockatell.parse(json.dumps({"messages": messages, "expect": [clause]}))
    naive = mockatell.explore(scenario, app=app("naive"), budget="20s", most=60, seed=1)
    assert naive.discoveries
    [found] = {rows[0]["status"] for rows in naive.discoveries[0].finding.expected.state.values()}
    setting = Setting(scenario=scenario, endpoints={}, seed=1, file="found.yaml")
    again = mockatell.parse(scenario_of(naive.discoveries[0], setting))
    assert again.expect[1].probe.json == [{"status": found}]
    assert mockatell.run(again, app=app("naive"), seed=3).ended.expectations[1].held is False
    assert mockatell.run(again, app=app(), seed=4).ended.expectations[1].held
    guarded = mockatell.explore(scenario, app=app(), budget="20s", most=60, seed=2)
    assert not guarded.discoveries


def fine(ids):
    assert ids["status"] == "DEVICE_ACK"


def says_no(ids):
    return ids["messageId"] is None


def fails(ids):
    assert not ids["messageId"], "it is there"


def breaks(_):
    raise KeyError("rows")


@pytest.mark.parametrize("how", ["now", "async"])
@pytest.mark.parametrize(
    ("probe", "held", "evidence"),
    [
        (fine, True, "2 looks, all as expected"),
        (says_no, False, "returned False"),
        (fails, False, "it is there"),
        (breaks, None, "raised KeyError: 'rows'"),
    ],
)
def test_a_function_looks_as_well(how, probe, held, evidence):
    def wsgi(environ, start_response):
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
        start_response("200 OK", [])
        return [b""]

    async def asgi(scope, receive, send):
        if scope["type"] == "http":
            while (await receive()).get("more_body"):
                pass
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    scenario = mockatell.parse("messages: [{count: 2, lifecycle: delivered}]")
    journal = mockatell.run(scenario, app=wsgi if how == "now" else asgi, probes=[probe, fine])
    acknowledged, first, second = journal.ended.expectations
    assert (acknowledged.held, second.held) == (True, True)
    assert (first.clause, first.held) == (f"probe: {probe.__name__}()", held)
    assert evidence in "\n".join(first.evidence)


@pytest.mark.parametrize("probe", ["/messages/{messageId}", lambda: None, None])
def test_what_is_no_probe(probe):
    scenario = mockatell.parse("messages: [{lifecycle: sent}]")
    with pytest.raises(ConfigurationError, match="a probe is a function of one argument"):
        mockatell.run(scenario, app=lambda *_: [], probes=[probe])


@pytest.mark.parametrize(("patient", "held"), [(True, True), (False, False)])
def test_a_function_is_called_again_where_there_is_something_to_wait_for(patient, held):
    answers = iter([False, False, True])
    seen = asyncio.run(call(lambda _: next(answers), [{"messageId": "m1"}], patient=patient))
    assert seen.held is held
