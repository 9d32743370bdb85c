"""The report as one HTML page that asks nobody for anything: no fonts, no scripts, no images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.render.frame import page
from mockatell.core.render.markup import Markup, join, tag
from mockatell.core.render.parts import head, judgement, named, replay_section, section, table
from mockatell.core.render.sentences import (
    STATES,
    TITLES,
    began,
    count,
    deliveries,
    headline,
    replay,
    unseen,
)
from mockatell.core.render.timeline import draw, select, shape, symbols
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockatell.core.findings import Finding
    from mockatell.core.histogram import Timing
    from mockatell.core.journal import Journal
    from mockatell.core.render.timeline import Selection
    from mockatell.core.report import Assumption, Report
    from mockatell.model import Expectation

_CLASSES: Final = {True: "yes", False: "no", None: "unknown"}
_LINKS: Final = 40


def html(report: Report, journal: Journal) -> str:
    """The page: verdict, expectations, findings, numbers, the timeline, assumptions.

    The timeline draws up to 500 deliveries, and always those that a finding names.
    """
    selection = select(report, journal)
    return page(
        f"{TITLES[report.verdict]} · {report.started.scenario} · mockatell",
        join(symbols(), tag("main", *_content(report, selection))),
        styles=("page.css",),
        scripts=("page.js",),
    )


def _content(report: Report, selection: Selection) -> Iterator[Markup]:
    yield _head(report)
    yield _verdict(report)
    yield from section("Expectations", _expectations(report.expectations))
    drawn = {row.first.delivery for row in selection.rows}
    yield from section("Findings", [_finding(finding, drawn) for finding in report.findings])
    yield from section("Numbers", _numbers(report))
    yield from section("Timeline", _timeline(selection))
    yield from section("Assumed, because the vendor does not document it", _assumptions(report))
    yield from replay_section(replay(report.started))


def _head(report: Report) -> Markup:
    started = report.started
    clock = "virtual clock" if started.clock == "virtual" else "real clock"
    speed = f" at speed {started.speed:g}" if started.speed != 1 else ""
    facts = f"seed {started.seed} · {began(started)} · {clock}{speed} · mockatell {started.version}"
    endpoints = (f"{role}: {url}" for role, url in started.endpoints.items())
    return head(started.scenario, (facts, *endpoints))


def _verdict(report: Report) -> Markup:
    told = (headline(report), deliveries(report.totals), unseen(report), *report.notes)
    return judgement(report.verdict, told, report.exit_code)


def _expectations(expectations: Sequence[Expectation]) -> Iterator[Markup]:
    if expectations:
        yield tag("ul", *map(_expectation, expectations))


def _expectation(expectation: Expectation) -> Markup:
    state = tag("b", STATES[expectation.held])
    evidence = _evidence(expectation.evidence)
    head = f"expectation {_CLASSES[expectation.held]}"
    return tag("li", state, " ", expectation.clause, evidence, class_=head)


def _evidence(lines: Sequence[str]) -> Markup:
    return tag("ul", *(tag("li", line) for line in lines), class_="evidence") if lines else join()


def _finding(finding: Finding, drawn: set[int]) -> Markup:
    links = [number for number in finding.deliveries if number in drawn][:_LINKS]
    rows = join(*(join(" ", tag("a", f"#{n}", href=f"#d{n}")) for n in links))
    more = len(finding.deliveries) - len(links)
    rest = f" and {more:,} more" if more else ""
    return tag(
        "details",
        tag("summary", finding.title, tag("small", f" {finding.id}")),
        tag("p", finding.explanation),
        _evidence(finding.evidence),
        tag("p", "In the timeline:", rows, rest, class_="soft"),
        class_="finding",
        open=True,
    )


def _numbers(report: Report) -> Iterator[Markup]:
    if not report.kinds:
        return
    tables = (_outcomes(report), _timing(report))
    yield tag("div", *(tag("div", table, class_="scroll") for table in tables), class_="numbers")
    yield named(
        {
            "answers by status": _listed(report.status_codes),
            "no usable answer": _listed(report.troubles),
            "attempts taken": _listed(report.tries),
            "duplicates sent": str(report.duplicates or ""),
        }
    )


def _outcomes(report: Report) -> Markup:
    met = [outcome for outcome in Outcome if outcome in report.outcomes]
    names = [outcome.replace("_", " ") for outcome in met]
    rows = [
        [kind, *(f"{counts[name]:,}" if name in counts else "·" for name in met)]
        for kind, counts in report.kinds.items()
    ]
    return table(["attempts", *names], rows)


def _timing(report: Report) -> Markup:
    rows = {"lag": report.lag, "service": report.service, "latency": report.latency}
    if report.races.groups:
        rows["race spread"] = report.races.spread
    body = [[name, *_spread(timing)] for name, timing in rows.items() if timing.count]
    return table(["", "p50", "p90", "p99", "max", "of"], body)


def _spread(timing: Timing) -> Iterator[str]:
    yield from map(format_seconds, (timing.p50, timing.p90, timing.p99, timing.max))
    yield f"{timing.count:,}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {times:,}" for name, times in counts.items())


def _timeline(selection: Selection) -> Iterator[Markup]:
    if not selection.rows:
        return
    yield tag("p", _how_to_read(selection))
    yield _filter(selection)
    yield tag("div", draw(selection.rows), class_="plot", tabindex=0, role="group")


def _how_to_read(selection: Selection) -> str:
    read = (
        "A row is a delivery, a mark an attempt where it ended, the bar before it the time that it "
        "took, a grey line before that its lag, a dotted one the wait for the next. Grey "
        "stretches of the axis are cut out. Open a row for its attempts in words."
    )
    if selection.complete:
        return read
    return (
        f"{read} Drawn are {len(selection.rows):,} of {selection.deliveries:,} deliveries: those "
        "that a finding names (its first 200) and the first others; the journal has all."
    )


def _filter(selection: Selection) -> Markup:
    outcomes = {attempt.outcome for row in selection.rows for attempt in row.attempts}
    kinds = sorted({row.first.kind for row in selection.rows})
    boxes = (_box(outcome) for outcome in Outcome if outcome in outcomes)
    options = (tag("option", kind, value=kind) for kind in kinds)
    select_kind = tag("select", tag("option", "every kind", value=""), *options)
    search = tag("input", type="search", placeholder="id or part of it", size=16)
    shown = tag("output", count(len(selection.rows), "row"), id="shown", class_="soft")
    return tag(
        "form",
        *boxes,
        tag("label", "kind ", select_kind),
        tag("label", "message ", search),
        shown,
        class_="filter",
        hidden=True,
    )


def _box(outcome: Outcome) -> Markup:
    box = tag("input", type="checkbox", value=str(outcome), checked=True)
    return tag("label", box, shape(outcome), outcome.replace("_", " "))


def _assumptions(report: Report) -> Iterator[Markup]:
    if report.assumptions:
        yield named({row.id: _assumption(row) for row in report.assumptions})


def _assumption(row: Assumption) -> str:
    """What is assumed, and how to have it otherwise."""
    how = f" ({row.default}; set by {row.setting})" if row.setting else ""
    return f"{row.behaviour.rstrip('.')}{how}"
