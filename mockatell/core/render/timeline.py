"""The timeline of the HTML report: a row per delivery, its attempts and waits drawn on one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.evidence import quote
from mockatell.core.render.axis import Axis, Layout, Stretch, fit
from mockatell.core.render.markup import Markup, join, tag
from mockatell.core.render.sentences import count
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Cause, Frozen, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockatell.core.report import Report
    from mockatell.model import Attempt

MOST_ROWS: Final = 500
WIDTH: Final = 905.0
_LAYOUT: Final = Layout(width=WIDTH - 50, least=48, gap=22, letter=6)
_MARGIN: Final = 10.0
_HEIGHT: Final = 22
_MIDDLE: Final = _HEIGHT / 2
_BODY_SHOWN: Final = 2_000
_LAG_SHOWN: Final = 3.0  # pixels; a lag that is shorter cannot be seen

# Each outcome has a shape of its own, for those who see no difference between the colours.
SHAPES: Final = {
    Outcome.ACKNOWLEDGED: '<circle r="5"/>',
    Outcome.REDIRECTED: '<path d="M-6 0 0-6 6 0 0 6z"/>',
    Outcome.REJECTED: '<path class="line" d="M-4.5-4.5 4.5 4.5M-4.5 4.5 4.5-4.5"/>',
    Outcome.TIMED_OUT: '<path d="M-5-5H5L-5 5H5z"/>',
    Outcome.UNREACHABLE: '<path class="line" d="M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0M-5 5 5-5"/>',
    Outcome.ACK_LOST: '<circle class="line" r="4.5"/><path d="M0-4.5a4.5 4.5 0 0 0 0 9z"/>',
}


class Row(Frozen, frozen=True):
    """One delivery that is drawn: its attempts in their order."""

    attempts: tuple[Attempt, ...]

    @property
    def first(self) -> Attempt:
        """Its first attempt."""
        return self.attempts[0]


class Selection(Frozen, frozen=True):
    """What is drawn, and how much of what there is that is."""

    rows: tuple[Row, ...]
    deliveries: int

    @property
    def complete(self) -> bool:
        """Whether nothing was left out."""
        return len(self.rows) == self.deliveries


def select(report: Report, attempts: Iterable[Attempt]) -> Selection:
    """The deliveries to draw: those that a finding names, then the first others up to the limit."""
    by_delivery: dict[int, list[Attempt]] = {}
    for attempt in attempts:
        by_delivery.setdefault(attempt.delivery, []).append(attempt)
    named = {number for finding in report.findings for number in finding.deliveries}
    others = sorted(by_delivery.keys() - named)[: max(0, MOST_ROWS - len(named))]
    drawn = sorted((named & by_delivery.keys()).union(others))
    rows = tuple(Row(tuple(sorted(by_delivery[n], key=lambda a: a.number))) for n in drawn)
    return Selection(rows, len(by_delivery))


def draw(rows: Sequence[Row]) -> Markup:
    """The axis and below it the rows, those of one message together."""
    axis = fit(_intervals(rows), _LAYOUT)
    by_message: dict[str, list[Row]] = {}
    for row in rows:
        by_message.setdefault(row.first.message_id, []).append(row)
    groups = (_message(axis, message_id, of_it) for message_id, of_it in by_message.items())
    return join(_head(axis), *groups)


def shape(outcome: Outcome) -> Markup:
    """An outcome's mark on its own, for the legend."""
    mark = Markup(f'<use href="#{outcome}" class="{outcome}"/>')
    return tag("svg", mark, class_="key", viewBox="-8 -8 16 16", aria_hidden="true")


def symbols() -> Markup:
    """The shapes, defined once for the whole page."""
    defined = (tag("g", Markup(drawing), id=str(outcome)) for outcome, drawing in SHAPES.items())
    return tag("svg", tag("defs", *defined), width=0, height=0, aria_hidden="true")


def tell(attempt: Attempt) -> str:
    """An attempt in words, as the mark's tooltip says it."""
    said = f": {quote(attempt)}" if attempt.detail else ""
    return (
        f"attempt {attempt.number}: {_ended(attempt)}, sent at {format_seconds(attempt.sent_at)}, "
        f"took {format_seconds(attempt.service)}{said}"
    )


def _intervals(rows: Iterable[Row]) -> Iterator[tuple[float, float]]:
    for row in rows:
        for attempt in row.attempts:
            yield (min(attempt.due, attempt.sent_at), attempt.ended_at)
        if (pending := row.attempts[-1].next_due) is not None:
            yield (pending, pending)


def _head(axis: Axis) -> Markup:
    """The axis with its labels; the rows below repeat its lines as their background."""
    ticks = list(axis.ticks())
    lines = [_line(tick.x, 0, _HEIGHT, "tick") for tick in ticks]
    breaks = [_break(before, after) for before, after in axis.breaks()]
    labels = [tag("text", tick.label, x=tick.x + _MARGIN, y=15, class_="label") for tick in ticks]
    grid = tag("defs", tag("g", *lines, *breaks, id="grid"))
    drawing = tag("svg", grid, *breaks, *labels, width=WIDTH, height=_HEIGHT, aria_hidden="true")
    name = tag("span", "time since the run began", class_="name")
    return tag("div", name, drawing, class_="axis")


def _message(axis: Axis, message_id: str, rows: Sequence[Row]) -> Markup:
    about = f"message {message_id}" if message_id else "callbacks without a message id"
    size = tag("small", f" {count(len(rows), 'delivery', 'deliveries')}")
    head = tag("h3", tag("span", about, size, class_="stay"))
    return tag("section", head, *(_row(axis, row) for row in rows), class_="message")


def _row(axis: Axis, row: Row) -> Markup:
    first = row.first
    copied = tag("em", " duplicate") if first.cause is Cause.DUPLICATE else ""
    often = tag("small", f" {len(row.attempts)} attempts") if len(row.attempts) > 1 else ""
    name = tag("span", f"#{first.delivery} {first.kind}", copied, often, class_="name")
    return tag(
        "details",
        tag("summary", name, _drawing(axis, row)),
        _more(row),
        id=f"d{first.delivery}",
        class_="row",
        data_outcomes=" ".join(sorted({attempt.outcome for attempt in row.attempts})),
        data_kind=first.kind,
        data_message=first.message_id,
    )


def _drawing(axis: Axis, row: Row) -> Markup:
    told = "; ".join(
        f"attempt {a.number} at {format_seconds(a.sent_at)} {_ended(a)}" for a in row.attempts
    )
    parts = (part for attempt in row.attempts for part in _attempt(axis, attempt))
    grid = Markup('<use href="#grid" class="grid"/>')
    return tag("svg", grid, *parts, width=WIDTH, height=_HEIGHT, role="img", aria_label=told)


def _attempt(axis: Axis, attempt: Attempt) -> Iterator[Markup]:
    """From left to right: how late it was, how long it took, its mark, the wait for the next."""
    due, sent, ended = (
        _MARGIN + axis.x(time) for time in (attempt.due, attempt.sent_at, attempt.ended_at)
    )
    if sent - due > _LAG_SHOWN:
        yield _across(due, sent, "lag")
    if attempt.next_due is not None:
        yield _across(ended, _MARGIN + axis.x(attempt.next_due), "wait")
    bar = tag("rect", x=sent, y=_MIDDLE - 3, width=max(1.0, ended - sent), height=6)
    mark = Markup(f'<use href="#{attempt.outcome}" x="{ended:.1f}" y="{_MIDDLE:g}"/>')
    yield tag("g", tag("title", tell(attempt)), bar, mark, class_=str(attempt.outcome))


def _more(row: Row) -> Markup:
    """What a row opens to: its attempts as a table, and the callback if the journal has it."""
    names = ("attempt", "due", "sent", "took", "outcome", "answer", "next try")
    head = tag("tr", *(tag("th", name) for name in names))
    lines = (_line_of(attempt) for attempt in row.attempts)
    table = tag("table", tag("thead", head), tag("tbody", *lines))
    body = row.first.body
    callback = tag("pre", _shown(bytes(body))) if body is not msgspec.UNSET else ""
    return tag("div", table, callback, class_="more")


def _line_of(attempt: Attempt) -> Markup:
    following = "" if attempt.next_due is None else format_seconds(attempt.next_due)
    cells = (
        str(attempt.number),
        format_seconds(attempt.due),
        f"+{format_seconds(attempt.lag)}",
        format_seconds(attempt.service),
    )
    return tag(
        "tr",
        *(tag("td", cell) for cell in cells),
        tag("td", shape(attempt.outcome), f" {_ended(attempt)}"),
        tag("td", quote(attempt) if attempt.detail else "", class_="said"),
        tag("td", following),
    )


def _shown(body: bytes) -> str:
    start = body[:_BODY_SHOWN].decode(errors="replace")
    return start if len(body) <= _BODY_SHOWN else f"{start}… ({len(body):,} bytes)"


def _ended(attempt: Attempt) -> str:
    status = f" {attempt.status_code}" if attempt.status_code is not None else ""
    return attempt.outcome.replace("_", " ") + status


def _across(left: float, right: float, kind: str) -> Markup:
    return tag("line", x1=left, x2=right, y1=_MIDDLE, y2=_MIDDLE, class_=kind)


def _line(x: float, top: float, bottom: float, kind: str) -> Markup:
    return tag("line", x1=x + _MARGIN, x2=x + _MARGIN, y1=top, y2=bottom, class_=kind)


def _break(before: Stretch, after: Stretch) -> Markup:
    silence = tag("title", f"{format_seconds(after.start - before.end)} cut out")
    left, width = before.right + _MARGIN, after.left - before.right
    return tag("rect", silence, x=left, y=0, width=width, height=_HEIGHT, class_="break")
