"""A check as SARIF 2.1.0, for code scanning: a rule a clause, a result for each that is broken.

What was not exercised is told in the notifications of the invocation, as it is no result. What
was sent and answered is in each result's `webRequest` and `webResponse`.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from mockatell.core.check.words import Verdict, Weight
from mockatell.core.render.check.sentences import ANSWERS_ONLY, described, grounds, headline
from mockatell.core.render.sentences import printable
from mockatell.core.report import Verdict as Outcome

if TYPE_CHECKING:
    from mockatell.core.check.report import CheckReport, Result
    from mockatell.core.check.words import Evidence

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Weight.CONTRACT: "error", Weight.ADVICE: "warning"}


class _WebResponse(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The standard's `webResponse`; the vendor of callbacks has a field of one of these names."""

    status_code: int | None = None
    reason_phrase: str = ""
    no_response_received: bool = False
    body: dict[str, str] = {}


def sarif(report: CheckReport) -> str:
    """A log with one run."""
    rules = {each.id: number for number, each in enumerate(report.clauses)}
    broken = [*report.broken, *report.advice]
    run = {
        "tool": {"driver": _driver(report)},
        "invocations": [_invocation(report)],
        "properties": {"seed": report.seed, "headline": headline(report)},
        "results": [_result(each, rules[each.id], report) for each in broken],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _driver(report: CheckReport) -> dict[str, Any]:
    return {
        "name": "mockatell",
        "version": report.version,
        "rules": [_rule(each) for each in report.clauses],
    }


def _rule(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "shortDescription": {"text": result.rule},
        "fullDescription": {"text": f"{result.rule} ({grounds(result)})"},
        "help": {"text": result.meaning},
        "helpUri": result.source,
        "defaultConfiguration": {"level": _LEVELS[result.weight]},
        "properties": {"tags": ["clickatell", str(result.weight)], "family": result.family},
    }


def _invocation(report: CheckReport) -> dict[str, Any]:
    whole = report.verdict not in (Outcome.INTERRUPTED, Outcome.UNREACHABLE)
    notes = [{"level": "note", "message": {"text": ANSWERS_ONLY}}]
    notes += [
        {
            "level": "note",
            "message": {"text": f"not exercised: {printable(each.reason)}"},
            "associatedRule": {"id": each.id},
        }
        for each in report.having(Verdict.NOT_EXERCISED)
    ]
    return {
        "executionSuccessful": whole,
        "exitCode": report.exit_code,
        "commandLine": report.replay,
        "toolExecutionNotifications": notes,
    }


def _result(result: Result, rule: int, report: CheckReport) -> dict[str, Any]:
    told = {
        "ruleId": result.id,
        "ruleIndex": rule,
        "level": _LEVELS[result.weight],
        "message": {"text": _message(result)},
        "locations": [_location(report.endpoints[role], role) for role in result.roles],
        "partialFingerprints": {"clause/v1": result.id},
        "properties": {"evidence": [described(each) for each in result.evidence]},
    }
    if result.evidence:
        first = result.evidence[0]
        told["webRequest"] = _request(first, report.endpoints[first.role])
        told["webResponse"] = _response(first)
    return told


def _message(result: Result) -> str:
    return f"{result.rule} {printable(result.reason)}. {result.meaning}"


def _location(url: str, role: str) -> dict[str, Any]:
    return {
        "physicalLocation": {"artifactLocation": {"uri": url.partition("?")[0]}},
        "logicalLocations": [{"name": f"{role} endpoint", "kind": "resource"}],
    }


def _request(evidence: Evidence, url: str) -> dict[str, Any]:
    return {
        "protocol": "HTTP",
        "version": "1.1",
        "method": "POST",
        "target": url,
        "body": {"text": evidence.body},
    }


def _response(evidence: Evidence) -> _WebResponse:
    said = evidence.said or ""
    if evidence.status_code is None:
        return _WebResponse(no_response_received=True, reason_phrase=said)
    return _WebResponse(status_code=evidence.status_code, body={"text": said})
