"""The report as JUnit XML, for continuous integration.

A test case for every expectation, for everything that could have been found, and one for the
deliveries. An expectation that failed and a finding are failures, missing evidence is an error.
A finding is a failure here even where the scenario's expectations held: the exit code judges
these alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from mockatell.core.findings import RULES
from mockatell.core.render.sentences import began, deliveries, headline, printable, replay
from mockatell.core.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockatell.core.findings import Finding
    from mockatell.core.journal import Journal
    from mockatell.core.report import Report
    from mockatell.model import Expectation

_COUNTED: Final = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(report: Report, journal: Journal) -> str:
    """A `testsuites` document with one suite, which is named after the scenario."""
    lasted = max((attempt.ended_at for attempt in journal), default=0.0)
    name, started = f"mockatell.{report.started.scenario}", began(report.started)
    return document(name, _cases(report), _named(report), lasted, started)


def document(
    name: str, cases: Iterable[ET.Element], named: Mapping[str, str], lasted: float, began: str
) -> str:
    """A `testsuites` document with one suite.

    Args:
        name: The suite's.
        cases: Its test cases.
        named: Its properties.
        lasted: Seconds.
        began: When, as in `2026-01-31T12:00:00.000Z`.
    """
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", name=printable(name))
    properties = ET.SubElement(suite, "properties")
    for key, value in named.items():
        ET.SubElement(properties, "property", name=printable(key), value=printable(value))
    suite.extend(cases)
    suite.set("tests", str(len(suite.findall("testcase"))))
    for count, kind in _COUNTED.items():
        suite.set(count, str(sum(case.find(kind) is not None for case in suite)))
    suite.set("time", f"{lasted:.3f}")
    suite.set("timestamp", began.removesuffix("Z"))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _named(report: Report) -> dict[str, str]:
    started = report.started
    return {
        "seed": str(started.seed),
        "version": started.version,
        "verdict": str(report.verdict),
        "exit_code": str(report.exit_code),
        "replay": replay(started),
        **{f"assumed.{row.id}": row.behaviour for row in report.assumptions},
    }


def _cases(report: Report) -> Iterator[ET.Element]:
    yield _deliveries(report)
    yield from map(_expectation, report.expectations)
    found = {finding.id: finding for finding in report.findings}
    yield from (_rule(rule, found.get(rule)) for rule in RULES)


def _deliveries(report: Report) -> ET.Element:
    case = blank("run", "deliveries")
    if report.verdict is Verdict.UNREACHABLE:
        add(case, "failure", headline(report))
    elif report.notes or report.totals.pending:
        add(case, "error", "the run is not complete", "\n".join(report.notes))
    add(case, "system-out", text=deliveries(report.totals))
    return case


def _expectation(expectation: Expectation) -> ET.Element:
    case = blank("expect", expectation.clause)
    evidence = "\n".join(map(printable, expectation.evidence))
    if expectation.held is None:
        add(case, "error", "missing evidence", evidence)
    elif not expectation.held:
        add(case, "failure", "it did not hold", evidence)
    elif evidence:
        add(case, "system-out", text=evidence)
    return case


def _rule(rule: str, finding: Finding | None) -> ET.Element:
    case = blank("finding", rule)
    if finding is not None:
        lines = [finding.explanation, *map(printable, finding.evidence)]
        add(case, "failure", finding.title, "\n".join(lines))
    return case


def blank(group: str, name: str) -> ET.Element:
    """A test case of which nothing is said yet: one that passed."""
    return ET.Element("testcase", classname=f"mockatell.{group}", name=printable(name), time="0")


def add(case: ET.Element, name: str, message: str = "", text: str = "") -> None:
    """Say something in a test case; with a message, `name` is also its type."""
    attributes = {"message": printable(message), "type": name} if message else {}
    ET.SubElement(case, name, attributes).text = text
