"""How a check is told: for people, programs, continuous integration and code scanning."""

import asyncio
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI, Response

import mockatell
from mockatell.core.check.words import Verdict
from mockatell.core.render.check import CHECK_FORMATS
from mockatell.errors import ConfigurationError

KEY = "s3cret-key"
HOSTILE = '<script>alert("1")</script>\x1b[31m\u202e'


def test_every_format_names_every_clause(report):
    for name, render in CHECK_FORMATS.items():
        told = render(report)
        assert all(each.id in told for each in report.clauses), name
        assert KEY not in told, name


def test_the_text_says_what_to_act_on(report):
    told = str(report)
    assert told.startswith("FAILED  contract · seed 7")
    assert "✗ kind-moLocation" in told
    assert "! reply-empty-array" in told
    assert "· status-highest-burst" in told
    assert "moLocation is acknowledged with 2xx on the reply endpoint." in told
    assert "rejected 500" in told
    assert "Acknowledged is not processed" in told
    assert max(map(len, told.splitlines())) <= 120


def test_json_has_the_fields(report):
    told = json.loads(CHECK_FORMATS["json"](report))
    assert (told["format"], told["verdict"], told["exit_code"]) == (1, "broken", 1)
    assert len(told["clauses"]) == len(report.clauses)
    [broken] = [each for each in told["clauses"] if each["id"] == "kind-moLocation"]
    assert broken["verdict"] == "broken"
    assert broken["evidence"][0]["status_code"] == 500
    assert '"moLocation"' in broken["evidence"][0]["body"]
    assert broken["requests"] == 2


def test_junit_counts_what_it_has(report):
    suite = ET.fromstring(CHECK_FORMATS["junit"](report)).find("testsuite")
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert int(suite.get("tests")) == len(cases) == len(report.clauses)
    assert int(suite.get("failures")) == len(list(suite.iter("failure"))) == len(report.broken)
    skipped = len(report.having(Verdict.NOT_EXERCISED))
    assert int(suite.get("skipped")) == len(list(suite.iter("skipped"))) == skipped
    assert "answered 500" in cases["kind-moLocation"].find("failure").get("message")
    assert cases["reply-empty-array"].find("failure") is None
    assert "advice not followed" in cases["reply-empty-array"].find("system-out").text


class TestSarif:
    @pytest.fixture
    def run(self, report):
        log = json.loads(CHECK_FORMATS["sarif"](report))
        assert log["version"] == "2.1.0"
        [run] = log["runs"]
        return run

    def test_results_point_to_their_rules(self, run, report):
        rules = run["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == [each.id for each in report.clauses]
        broken = {each.id: "error" for each in report.broken}
        broken |= {each.id: "warning" for each in report.advice}
        assert {result["ruleId"]: result["level"] for result in run["results"]} == broken
        assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])

    def test_a_result_has_place_message_and_exchange(self, run):
        [result] = [each for each in run["results"] if each["ruleId"] == "kind-moLocation"]
        [place] = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"].startswith("http://")
        assert "?" not in place["physicalLocation"]["artifactLocation"]["uri"]
        assert result["message"]["text"]
        assert result["webRequest"]["method"] == "POST"
        assert result["webResponse"]["statusCode"] == 500

    def test_what_was_not_exercised_is_a_note(self, run, report):
        [invocation] = run["invocations"]
        notes = invocation["toolExecutionNotifications"]
        told = {note["associatedRule"]["id"] for note in notes if "associatedRule" in note}
        assert told == {each.id for each in report.having(Verdict.NOT_EXERCISED)}
        assert invocation["exitCode"] == 1

    def test_levels_and_keys_are_the_standards(self, run):
        """Those of the schema's `result`, `reportingDescriptor` and `invocation` that are used."""
        result = {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints",
                  "properties", "webRequest", "webResponse"}  # fmt: skip
        rule = {"id", "shortDescription", "fullDescription", "help", "helpUri",
                "defaultConfiguration", "properties"}  # fmt: skip
        invocation = {"executionSuccessful", "exitCode", "commandLine",
                      "toolExecutionNotifications"}  # fmt: skip
        assert all(each.keys() <= result for each in run["results"])
        assert all(each.keys() == rule for each in run["tool"]["driver"]["rules"])
        assert all(each.keys() == invocation for each in run["invocations"])


class TestHtml:
    def test_it_is_one_file_that_loads_and_runs_nothing(self, report):
        page = CHECK_FORMATS["html"](report)
        assert "script-src 'none'" in page
        assert not re.search(r"<script|src=|<link|@import|url\(", page)

    def test_its_tags_close(self, report):
        parser = Tags()
        parser.feed(CHECK_FORMATS["html"](report))
        assert parser.open == []
        assert {f"#{name}" for name in parser.ids} >= set(parser.links)

    def test_what_is_broken_stands_open(self, report):
        page = CHECK_FORMATS["html"](report)
        opened = re.findall(r'<details class="[^"]*" id="([^"]+)" open>', page)
        acts = {each.id for each in (*report.broken, *report.advice)}
        assert set(opened) == acts

    def test_what_an_endpoint_says_is_harmless(self):
        app = FastAPI()
        app.add_api_route(
            "/{path:path}", lambda: Response(HOSTILE, status_code=500), methods=["POST"]
        )
        report = mockatell.check(app, only=("kind-moText",), seed=7)
        assert report.exit_code == 1
        for render in CHECK_FORMATS.values():
            told = render(report)
            assert "\x1b" not in told
            assert "\u202e" not in told
        assert "<script" not in CHECK_FORMATS["html"](report)


class TestTheFunction:
    def test_without_a_url_the_app_is_asked_at_its_root(self, make_receiver):
        report = mockatell.check(make_receiver(lambda *_: 204), only=("reply-answers",))
        assert report.endpoints["reply"] == "http://testserver/"
        assert report.replay == (
            f"mockatell.check(app, only=('reply-answers',), seed={report.seed})"
        )

    def test_the_replay_says_all_that_was_given_but_for_secrets(self, make_receiver):
        report = mockatell.check(
            make_receiver(lambda *_: 204),
            status_url="/status?key=s3cret",
            headers={"X-Key": "s3cret"},
            basic_auth=("clickatell", "s3cret"),
            timeout="2s",
            skip=("reply-answers",),
            limits=False,
            message_id="ab" * 16,
            only=("status-answers",),
            seed=7,
        )
        assert report.replay == (
            "mockatell.check(app, status_url='/status?key=***', headers={'X-Key': '***'}, "
            "basic_auth=('clickatell', '***'), timeout='2s', only=('status-answers',), "
            "skip=('reply-answers',), limits=False, "
            f"message_id='{'ab' * 16}', seed=7)"
        )

    @pytest.mark.parametrize("timeout", [0, "0s", -1, float("nan"), "soon"])
    def test_a_timeout_that_is_none(self, timeout):
        with pytest.raises(mockatell.ConfigurationError, match="timeout"):
            mockatell.check(to="http://testserver/", timeout=timeout)

    def test_an_empty_message_id(self):
        with pytest.raises(mockatell.ConfigurationError, match="message id is empty"):
            mockatell.check(to="http://testserver/", message_id=" ")

    def test_a_clause_by_its_name(self, report):
        assert report["reply-batch"].verdict is Verdict.HELD
        with pytest.raises(KeyError):
            report["nothing"]

    def test_credentials_in_the_call(self, make_receiver):
        def flaw(call, _memory):
            return 204 if call.headers.get("authorization") == "Basic dTpwYXNz" else 401

        app = make_receiver(flaw)
        told = mockatell.check(app, basic_auth=("u", "pass"), only=("reply-refuses-strangers",))
        assert told["reply-refuses-strangers"].verdict is Verdict.HELD
        assert mockatell.check(app, only=("kind-moText",))["reply-lets-callbacks-in"].reason == (
            "every kind is answered 401: is the URL right?"
        )

    def test_what_cannot_be(self):
        with pytest.raises(ConfigurationError, match="no URL to check"):
            mockatell.check()
        with pytest.raises(ConfigurationError, match="has no scheme"):
            mockatell.check(to="localhost:8000")
        with pytest.raises(ConfigurationError, match="ASGI app"):
            mockatell.check(app="app")

    def test_inside_an_event_loop_it_says_what_to_do(self, make_receiver):
        async def main():
            mockatell.check(make_receiver())

        with pytest.raises(ConfigurationError, match="to_thread"):
            asyncio.run(main())


class Tags(HTMLParser):
    VOID = frozenset({"meta", "br", "input"})

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [h for h in [given.get("href", "")] if h.startswith("#")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
