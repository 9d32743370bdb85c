"""A check as one HTML page, in the frame and the colours of a run's report."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from mockatell.core.check.words import Verdict, Weight
from mockatell.core.render.check.sentences import (
    ANSWERS_ONLY,
    amount,
    answered,
    excerpt,
    grounds,
    headline,
    sent,
)
from mockatell.core.render.frame import page
from mockatell.core.render.markup import Markup, join, tag
from mockatell.core.render.parts import head, judgement, replay_section, section
from mockatell.core.render.sentences import TITLES, count
from mockatell.core.scenario.units import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockatell.core.check.report import CheckReport, Result
    from mockatell.core.check.words import Evidence

_SIGNS: Final = {Verdict.HELD: "✓", Verdict.BROKEN: "✗", Verdict.NOT_EXERCISED: "·"}
_CLASSES: Final = {
    Verdict.HELD: "held",
    Verdict.BROKEN: "broken",
    Verdict.NOT_EXERCISED: "unknown",
}


def html(report: CheckReport) -> str:
    """The page: the verdict, every clause by family, opened where it is broken."""
    return page(
        f"{TITLES[report.verdict]} · contract · mockatell",
        tag("main", *_content(report)),
        styles=("page.css", "check.css"),
    )


def _content(report: CheckReport) -> Iterator[Markup]:
    yield _head(report)
    yield _verdict(report)
    yield _tally(report)
    for family, results in groupby(report.clauses, key=lambda each: each.family):
        yield from section(family, map(_clause, results))
    yield from replay_section(report.replay)


def _head(report: CheckReport) -> Markup:
    facts = f"seed {report.seed} · mockatell {report.version}"
    endpoints = (f"{role}: {url}" for role, url in report.endpoints.items())
    return head("The contract, clause by clause", (facts, *endpoints))


def _verdict(report: CheckReport) -> Markup:
    told = (headline(report), sent(report), ANSWERS_ONLY)
    return judgement(report.verdict, told, report.exit_code)


def _tally(report: CheckReport) -> Markup:
    """Links to what is to be acted on."""
    acts = (*report.broken, *report.advice)
    return tag("ul", *map(_link, acts), class_="acts") if acts else join()


def _link(result: Result) -> Markup:
    return tag(
        "li", tag("a", result.id, href=f"#{result.id}"), *_marked(result), " ", result.reason
    )


def _marked(result: Result) -> list[Markup]:
    return [join(" ", tag("em", "advice"))] if result.weight is Weight.ADVICE else []


def _clause(result: Result) -> Markup:
    state = _CLASSES[result.verdict]
    summary = tag(
        "summary",
        tag("b", _SIGNS[result.verdict], title=str(result.verdict)),
        tag("span", result.id, *_marked(result), class_="id"),
        tag("span", result.reason, class_="why"),
    )
    return tag(
        "details",
        summary,
        tag("div", *_details(result), class_="inside"),
        class_=f"clause {state} {result.weight}",
        id=result.id,
        open=result.verdict is Verdict.BROKEN,
    )


def _details(result: Result) -> Iterator[Markup]:
    yield tag("p", tag("strong", result.rule))
    yield tag("p", result.meaning)
    if result.evidence:
        yield tag("ol", *map(_exchange, result.evidence))
    yield tag("p", *_footing(result), class_="soft")


def _footing(result: Result) -> Iterable[Markup | str]:
    yield f"{grounds(result)}: "
    yield tag("a", result.source, href=result.source)
    if result.requests:
        yield f" · {count(result.requests, 'request')} in {format_seconds(result.took)}"
    for name, number in result.numbers.items():
        yield f" · {name.replace('_', ' ')} {number:,.6g}"


def _exchange(evidence: Evidence) -> Markup:
    outcome = tag("span", answered(evidence), class_=f"answer {evidence.outcome}")
    about = f"{evidence.kind}, {evidence.what}, {amount(evidence.size)}, {evidence.dress}"
    said = [tag("pre", evidence.said)] if evidence.said else []
    return tag(
        "li",
        tag("div", f"{about} → {evidence.role} endpoint", class_="soft"),
        tag("pre", excerpt(evidence)),
        tag("div", outcome),
        *said,
    )
