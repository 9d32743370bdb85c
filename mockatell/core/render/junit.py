"""The report as JUnit XML, for continuous integration.

A test case for every expectation, for everything that could have been found, and one for the
deliveries. An expectation that failed and a finding are failures, missing evidence is an error.
A finding is a failure here even where the scenario's expectations held: the exit code judges
these alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from mockatell.core.findings import RULES
from mockatell.core.render.sentences import began, deliveries, headline, printable, replay
from mockatell.core.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.findings import Finding
    from mockatell.core.journal import Journal
    from mockatell.core.report import Report
    from mockatell.model import Expectation


def junit(report: Report, journal: Journal) -> str:
    """A `testsuites` document with one suite, which is named after the scenario."""
    cases = list(_cases(report))
    suite = ET.Element("testsuite", _summary(report, journal, cases))
    _properties(suite, report)
    suite.extend(cases)
    return written(suite)


def written(suite: ET.Element) -> str:
    """A document of one suite."""
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _summary(report: Report, journal: Journal, cases: list[ET.Element]) -> dict[str, str]:
    lasted = max((attempt.ended_at for attempt in journal), default=0.0)
    return {
        "name": printable(f"mockatell.{report.started.scenario}"),
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": "0",
        "time": f"{lasted:.3f}",
        "timestamp": began(report.started).removesuffix("Z"),
    }


def _properties(suite: ET.Element, report: Report) -> None:
    started = report.started
    named = {
        "seed": str(started.seed),
        "version": started.version,
        "verdict": str(report.verdict),
        "exit_code": str(report.exit_code),
        "replay": replay(started),
        **{f"assumed.{row.id}": row.behaviour for row in report.assumptions},
    }
    properties = ET.SubElement(suite, "properties")
    for name, value in named.items():
        ET.SubElement(properties, "property", name=printable(name), value=printable(value))


def _cases(report: Report) -> Iterator[ET.Element]:
    yield _deliveries(report)
    yield from map(_expectation, report.expectations)
    found = {finding.id: finding for finding in report.findings}
    yield from (_rule(rule, found.get(rule)) for rule in RULES)


def _deliveries(report: Report) -> ET.Element:
    case = _case("run", "deliveries")
    if report.verdict is Verdict.UNREACHABLE:
        add(case, "failure", headline(report))
    elif report.notes or report.totals.pending:
        add(case, "error", "the run is not complete", "\n".join(report.notes))
    add(case, "system-out", text=deliveries(report.totals))
    return case


def _expectation(expectation: Expectation) -> ET.Element:
    case = _case("expect", expectation.clause)
    evidence = "\n".join(map(printable, expectation.evidence))
    if expectation.held is None:
        add(case, "error", "missing evidence", evidence)
    elif not expectation.held:
        add(case, "failure", "it did not hold", evidence)
    elif evidence:
        add(case, "system-out", text=evidence)
    return case


def _rule(rule: str, finding: Finding | None) -> ET.Element:
    case = _case("finding", rule)
    if finding is not None:
        lines = [finding.explanation, *map(printable, finding.evidence)]
        add(case, "failure", finding.title, "\n".join(lines))
    return case


def _case(group: str, name: str) -> ET.Element:
    return ET.Element("testcase", classname=f"mockatell.{group}", name=printable(name), time="0")


def add(case: ET.Element, name: str, message: str = "", text: str = "") -> None:
    """Say something in a test case; with a message, `name` is also its type."""
    attributes = {"message": printable(message), "type": name} if message else {}
    ET.SubElement(case, name, attributes).text = text
