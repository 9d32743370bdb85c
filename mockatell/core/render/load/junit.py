"""A load test as JUnit XML: a test case for each threshold, and one for what is to be relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.render.junit import add, blank, document
from mockatell.core.render.load.sentences import ends, looked, right
from mockatell.core.render.sentences import began, printable, replay
from mockatell.core.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree import ElementTree as ET

    from mockatell.core.load.report import LoadReport
    from mockatell.core.load.thresholds import Judged


def junit(report: LoadReport) -> str:
    """A `testsuites` document with one suite, which is named after the scenario."""
    name, started = f"mockatell.load.{report.started.scenario}", began(report.started)
    return document(name, _cases(report), _named(report), report.took, started)


def _named(report: LoadReport) -> dict[str, str]:
    return {
        "seed": str(report.started.seed),
        "version": report.started.version,
        "verdict": str(report.verdict),
        "exit_code": str(report.exit_code),
        "replay": replay(report.started),
    }


def _cases(report: LoadReport) -> Iterator[ET.Element]:
    yield _load(report)
    yield from map(_threshold, report.thresholds)
    if report.verification:
        case = blank("effects", "none lost, none doubled")
        if report.verification.held is None:
            add(case, "error", report.verification.sentence)
        elif not report.verification.held:
            add(case, "failure", report.verification.sentence)
        else:
            told = f"asked {looked(report)}; right {right(report)}"
            add(case, "system-out", text=told)
        yield case


def _load(report: LoadReport) -> ET.Element:
    """Whether there was a load whose figures can be relied on."""
    case = blank("load", "the endpoint, not the generator, was measured")
    if report.verdict is Verdict.UNREACHABLE:
        add(case, "failure", report.headline)
    elif report.findings:
        for finding in report.findings:
            add(case, "failure", finding.title, finding.explanation)
    elif report.interrupted:
        add(case, "error", report.headline)
    elif report.doubtful:
        add(case, "error", "the generator was the limit", "\n".join(report.validity.why))
    add(case, "system-out", text=ends(report))
    return case


def _threshold(judged: Judged) -> ET.Element:
    case = blank("threshold", judged.clause)
    if judged.held is None:
        add(case, "error", "nothing was measured that could judge it")
    elif not judged.held:
        add(case, "failure", f"was {judged.measured}")
    else:
        add(case, "system-out", text=printable(f"was {judged.measured}"))
    return case
