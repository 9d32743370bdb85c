"""What `--mockatell-report-dir` writes of a test tells the whole of it."""

import flask
import pytest

from mockatell.core.journal import Journal
from mockatell.core.report import report
from mockatell.rooms.fixture import reporting, setup

IMPORTED = (setup, flask, reporting)  # see test_plugin.py

TESTS = """
import pytest
from flask import Flask
from mockatell import moText, parse

PROBED = parse('''
messages: [{channel: whatsapp, steps: [{status: READ}]}]
expect: [{probe: {get: "http://app/", json: {status: READ}}}]
''')

@pytest.fixture
def failures():
    return []

@pytest.fixture
def mockatell_target(failures):
    app = Flask("app")

    @app.post("/callback")
    def callback():
        return ("", failures.pop()) if failures else {}

    @app.get("/")
    def show():
        return {"status": "READ"}

    return app

@pytest.fixture
def mockatell_config():
    return {"endpoints": {"status": "/callback", "reply": "/callback?key=s3cret"}}

def test_by_hand(mockatell, failures):
    failures.append(503)
    mockatell.send(moText("STOP"), moText("STOP"))

def test_run(mockatell):
    mockatell.run(PROBED)
    mockatell.send(moText("STOP"))
    mockatell.assert_expectations_held()

def test_ends(mockatell, failures):
    mockatell.pause()
    failures += [503] * 6 + [302, 200]
    mockatell.send(moText("acknowledged"))
    mockatell.run_until_quiet()
    mockatell.send(moText("redirected"))
    mockatell.run_until_quiet()
    mockatell.send(moText("exhausted"))
    mockatell.run_until_quiet()
    failures.append(503)
    mockatell.send(moText("waits"))
    mockatell.clock.advance("1ms")
    mockatell.send(moText("held back"))
"""


@pytest.fixture
def told(pytester):
    """The reports of tests, by their names."""
    pytester.makepyfile(test_it=TESTS)
    run = pytester.runpytest("--mockatell-report-dir=told", "-p", "no:asyncio", "-W", "default")
    run.assert_outcomes(passed=3)
    assert len(list(pytester.path.glob("told/*.html"))) == 3
    told = {}
    for path in pytester.path.glob("told/*.jsonl"):
        with path.open("rb") as lines:
            journal = Journal.from_lines(lines)
        told[journal.started.scenario] = report(journal)
    return told


def test_a_report_is_of_the_whole_test(told):
    names = ("by_hand", "run", "ends")
    by_hand, run, ends = (told[f"test_it.py::test_{name}"] for name in names)
    assert (by_hand.verdict, by_hand.exit_code, by_hand.notes) == ("unjudged", 0, ())
    assert (by_hand.totals.deliveries, by_hand.totals.attempts) == (2, 3)
    assert by_hand.started.clock == "virtual"
    assert by_hand.started.endpoints == {
        "status": "http://testserver/callback",
        "reply": "http://testserver/callback?key=***",
    }
    assert "retry" in {assumption.setting for assumption in by_hand.assumptions}
    assert (run.verdict, run.totals.acknowledged, run.notes) == ("held", 2, ())
    assert [clause.held for clause in run.expectations] == [True]
    totals = ends.totals
    assert (totals.acknowledged, totals.redirected, totals.exhausted) == (1, 1, 1)
    assert (totals.pending, totals.deliveries, ends.notes) == (2, 5, ())
