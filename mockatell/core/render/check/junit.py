"""A check as JUnit XML: a test case a clause.

A broken clause of the contract is a failure; advice that is not followed is said in the output of
a case that passes, as it does not change the exit code; what was not exercised is skipped.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from mockatell.core.check.words import Verdict, Weight
from mockatell.core.render.check.sentences import described, grounds, headline
from mockatell.core.render.junit import add, document
from mockatell.core.render.sentences import printable

if TYPE_CHECKING:
    from mockatell.core.check.report import CheckReport, Result


def junit(report: CheckReport) -> str:
    """A `testsuites` document with one suite."""
    began = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=report.epoch_ms)
    told = began.isoformat(timespec="milliseconds").removesuffix("+00:00")
    lasted = sum(each.took for each in report.clauses)
    return document("mockatell.check", map(_case, report.clauses), _named(report), lasted, told)


def _named(report: CheckReport) -> dict[str, str]:
    return {
        "seed": str(report.seed),
        "version": report.version,
        "verdict": str(report.verdict),
        "exit_code": str(report.exit_code),
        "headline": headline(report),
        "replay": report.replay,
        **{f"endpoint.{role}": url for role, url in report.endpoints.items()},
    }


def _case(result: Result) -> ET.Element:
    group = f"mockatell.check.{result.weight}"
    case = ET.Element("testcase", classname=group, name=result.id, time=f"{result.took:.3f}")
    if result.verdict is Verdict.NOT_EXERCISED:
        ET.SubElement(case, "skipped", message=printable(result.reason))
    elif result.verdict is Verdict.BROKEN and result.weight is Weight.CONTRACT:
        add(case, "failure", result.reason, _in_full(result))
    elif result.verdict is Verdict.BROKEN:
        add(case, "system-out", text=f"advice not followed: {_in_full(result)}")
    else:
        add(case, "system-out", text=printable(result.reason))
    return case


def _in_full(result: Result) -> str:
    lines = [
        f"{result.rule} {printable(result.reason)}",
        result.meaning,
        *(described(each) for each in result.evidence),
        f"{grounds(result)}, {result.source}",
    ]
    return "\n".join(lines)
