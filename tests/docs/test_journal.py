"""docs/journal.md and docs/reports.md say what a journal and a report hold, no more and no less."""

import json
import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import pytest

import mockatell

PAGE = "journal.md"
HEADINGS = {
    "run": "`run`: the first line",
    "attempt": "`attempt`: one HTTP exchange",
    "end": "`end`: the last line",
}


@pytest.fixture(scope="session")
def journal(tmp_path_factory):
    """A journal with bodies, races, duplicates and one callback that is lost to a redirect."""
    answered = []

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        answered.append(302 if not answered else 200)
        headers = [(b"location", b"/elsewhere")]
        await send({"type": "http.response.start", "status": answered[-1], "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    path = tmp_path_factory.mktemp("journal") / "run.jsonl"
    changes = ("faults=[{race: {probability: 30%}}]", "expect=[{acknowledged: 50%}]")
    scenario = mockatell.load("receipts", overrides=changes)
    mockatell.run(scenario, app=app, seed=7, bodies=True, journal=path)
    return path


@pytest.fixture(scope="session")
def lines(journal):
    return [json.loads(line) for line in journal.read_text().splitlines()]


def documented(table, heading):
    return {cell.strip("`"): about for cell, about, *_ in table(PAGE, heading)}


@pytest.mark.parametrize("kind", HEADINGS)
def test_the_page_has_every_key_and_no_other(kind, lines, table):
    keys = {key for line in lines if line["type"] == kind for key in line}
    assert documented(table, HEADINGS[kind]).keys() == keys


@pytest.mark.parametrize("kind", HEADINGS)
def test_the_page_tells_which_keys_may_be_missing(kind, lines, table):
    own = [line for line in lines if line["type"] == kind]
    always = {key for key in own[0] if all(key in line for line in own)}
    told = documented(table, HEADINGS[kind])
    optional = {key for key, about in told.items() if "optional" in about}
    assert told.keys() - always <= optional


def test_the_page_has_every_outcome(table):
    assert set(documented(table, "Outcomes")) == {str(outcome) for outcome in mockatell.Outcome}


def test_the_examples_are_lines_of_a_journal(code, tmp_path):
    example = tmp_path / "example.jsonl"
    example.write_text("".join(code(PAGE, "json")))
    read = mockatell.read_journal(example)
    assert len(read) == 4
    assert read.ended is not None


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_jq_lines_print_something(code, journal):
    commands = [line for block in code(PAGE, "sh") for line in block.splitlines()]
    queries = [line for line in commands if line.startswith("jq ")]
    assert queries
    for query in queries:
        ran = subprocess.run(
            ["bash", "-o", "pipefail", "-c", query],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=journal.parent,
        )
        assert ran.returncode == 0, f"{query}\n{ran.stderr}"
        assert ran.stdout.strip() not in ("", "null"), query


def test_the_reports_page_has_every_format_and_its_ending(cli, table, tmp_path):
    """What `run --report` writes by the ending is what `report --format` makes of the journal."""
    offered = re.search(r"--format \[([^]]+)\]", cli("report", "--help").stdout)[1].split("|")
    endings = {row[0].strip("`"): row[1].strip("`") for row in table("reports.md", "Reports")}
    assert endings.keys() == set(offered) - {"csv"}, "csv is for load tests alone"
    asked = [word for end in endings.values() for word in ("--report", f"run{end}")]
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("{retry: none, messages: [{lifecycle: sent}]}")
    nowhere = ("--target", "http://127.0.0.1:1/", "--speed", 1000, "--journal", "run.jsonl")
    assert cli("run", scenario, *nowhere, *asked, cwd=tmp_path).returncode == 3
    for name, end in endings.items():
        again = ("report", "run.jsonl", "--format", name, "--output", f"again{end}")
        assert cli(*again, cwd=tmp_path).returncode == 3
        assert (tmp_path / f"run{end}").read_bytes() == (tmp_path / f"again{end}").read_bytes()


def test_the_reports_page_has_every_finding(cli, table, journal):
    suite = ET.fromstring(cli("report", journal, "--format", "junit").stdout)  # our own XML
    found = [
        c.get("name") for c in suite.iter("testcase") if c.get("classname", "").endswith("finding")
    ]
    assert [row[0].strip("`") for row in table("reports.md", "Findings")] == found
