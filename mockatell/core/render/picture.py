"""A plan drawn in characters: a row per message, a mark per delivery, time from left to right."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from mockatell.clickatell.events import FALLBACK, STATUS, TYPING
from mockatell.clickatell.reading import events_of
from mockatell.clickatell.statuses import find
from mockatell.core.render.axis import Axis, Layout, fit
from mockatell.core.render.sentences import count, printable
from mockatell.model import Cause, Delivery, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST_ROWS: Final = 40
WIDTH: Final = 100
NARROWEST: Final = 60
_LABEL: Final = 24
_NUDGE: Final = 4  # columns that a mark may stand to the right of its time, to stand alone
_SECOND_MS: Final = 1_000


class Mark(Frozen, frozen=True):
    """How a delivery is drawn: the original, its duplicates, and what the legend says."""

    original: str
    duplicate: str
    meaning: str


_FAILED: Final = Mark("✗", "×", "failed")  # noqa: RUF001 -- the small cross is the duplicate's
_REPLY: Final = Mark("↩", "↪", "reply")
_UNKNOWN: Final = Mark("?", "¿", "of an unknown kind or status")
_STATUSES: Final = {
    "QUEUED": Mark("Q", "q", "queued"),
    "SCHEDULED": Mark("H", "h", "held until its time"),
    "SENT_TO_SUPPLIER": Mark("S", "s", "sent"),
    "DEVICE_ACK": Mark("D", "d", "delivered"),
    "READ": Mark("R", "r", "read"),
    "EXPIRED": Mark("X", "x", "expired"),
    "EMULATED": Mark("E", "e", "emulated"),
}
_KINDS: Final = {
    FALLBACK: Mark("F", "f", "fallback"),
    TYPING: Mark("…", "‥", "typing"),
}
_MOVED: Final = "→"
_TRAIL: Final = "┈"
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_COUNTS: Final = frozenset("23456789+")


class Drawn(Frozen, frozen=True):
    """A delivery in the picture; `happened` is when its event did, if a fault moved it."""

    due: float
    mark: Mark
    duplicate: bool
    happened: float | None

    @property
    def sign(self) -> str:
        """The character that stands for it."""
        return self.mark.duplicate if self.duplicate else self.mark.original


class Line(Frozen, frozen=True):
    """A row of the picture."""

    label: str
    drawn: tuple[Drawn, ...]


def timeline(
    deliveries: Iterable[Delivery],
    *,
    width: int = WIDTH,
    epoch_ms: int | None = None,
    rows: int = MOST_ROWS,
) -> Iterator[str]:
    """The plan as a picture, line by line.

    Args:
        deliveries: In order of due time; read to the end, but only what is drawn is kept.
        width: Columns; at least 60 are taken.
        epoch_ms: What the plan was made with; without it, moved deliveries are not marked as such.
        rows: Most messages to draw.
    """
    kept: dict[int, list[Delivery]] = {}
    others: dict[int, int] = {}
    for delivery in deliveries:
        row = delivery.conversation
        if row in kept or len(kept) < rows:
            kept.setdefault(row, []).append(delivery)
        else:
            others[row] = others.get(row, 0) + 1
    lines = [_line(of_message, epoch_ms) for of_message in kept.values()]
    wide = max(width, NARROWEST)
    yield from _draw(lines, wide)
    if others:
        yield ""
        yield from wrap(_left_out(len(kept), others), wide)


def first_event(delivery: Delivery) -> dict[str, Any]:
    """The fields of the first event in a delivery's callback."""
    events = events_of(delivery.callback.body)
    return events[0][1] if events else {}


def _left_out(drawn: int, others: dict[int, int]) -> str:
    messages = count(len(others), "message")
    left = count(sum(others.values()), "delivery", "deliveries")
    return (
        f"The first {count(drawn, 'message')} are drawn; {messages} with {left} are not. "
        "The formats table and json have all."
    )


def _line(deliveries: Sequence[Delivery], epoch_ms: int | None) -> Line:
    first = deliveries[0]
    message_id = next((d.callback.message_id for d in deliveries if d.callback.message_id), "-")
    kind = first.callback.kind
    what = first_event(first).get("channel", kind) if _is_status(kind) else kind
    label = f"{message_id[:8]:<8} {str(what).strip()}"
    drawn = tuple(_drawn(delivery, epoch_ms) for delivery in deliveries)
    return Line(printable(label)[: _LABEL - 2], drawn)


def _is_status(kind: str) -> bool:
    return kind == STATUS or kind in _KINDS


def _drawn(delivery: Delivery, epoch_ms: int | None) -> Drawn:
    event = first_event(delivery)
    duplicate = delivery.cause is Cause.DUPLICATE
    moved = None if duplicate else _moved_from(event, delivery.due, epoch_ms)
    return Drawn(delivery.due, _mark(delivery.callback.kind, event), duplicate, moved)


def _moved_from(event: dict[str, Any], due: float, epoch_ms: int | None) -> float | None:
    """When the event happened, if the callback comes later; its timestamp is never moved."""
    timestamp = event.get("timestamp")
    if epoch_ms is None or not isinstance(timestamp, int):
        return None
    # Replies carry whole seconds, so their callback is up to a second younger than they say.
    tolerance = _SECOND_MS if timestamp % _SECOND_MS == 0 else 2
    happened = timestamp - epoch_ms
    return happened / _SECOND_MS if due * _SECOND_MS - happened > tolerance else None


def _mark(kind: str, event: dict[str, Any]) -> Mark:
    if kind.startswith("mo"):
        return _REPLY
    if kind != STATUS:
        return _KINDS.get(kind, _UNKNOWN)
    name = str(event.get("status"))
    status = find(name)
    if name in _STATUSES or status is None:
        return _STATUSES.get(name, _UNKNOWN)
    return _FAILED if status.failing else _UNKNOWN


def _draw(lines: Sequence[Line], width: int) -> Iterator[str]:
    if not lines:
        yield "The plan is empty: nothing would be sent."
        return
    columns = width - _LABEL
    instants = [(drawn.due, drawn.due) for line in lines for drawn in line.drawn]
    axis = fit(instants, Layout(width=columns - 1, least=8, gap=3, letter=1))
    margin = " " * _LABEL
    yield (margin + _labels(axis, columns)).rstrip()
    yield margin + _ruler(axis, columns)
    rows = [_cells(axis, line.drawn, columns) for line in lines]
    for line, cells in zip(lines, rows, strict=True):
        yield f"{line.label:<{_LABEL}}{cells}".rstrip()
    yield ""
    yield from _legend([drawn for line in lines for drawn in line.drawn], width)
    if any(True for _ in axis.breaks()):
        yield "/ time without a delivery, cut out"
    if set("".join(rows)) & _COUNTS:
        yield "2 to 9, +: so many deliveries close together"


def _labels(axis: Axis, columns: int) -> str:
    cells = [" "] * columns
    for tick in axis.ticks():
        at = min(max(0, round(tick.x) - len(tick.label) // 2), columns - len(tick.label))
        room = slice(max(0, at - 1), at + len(tick.label) + 1)
        if not "".join(cells[room]).strip():
            cells[at : at + len(tick.label)] = tick.label
    return "".join(cells)


def _ruler(axis: Axis, columns: int) -> str:
    cells = ["─"] * columns
    for tick in axis.ticks():
        cells[round(tick.x)] = "┴"
    for before, after in axis.breaks():
        for column in range(round(before.right) + 1, round(after.left)):
            cells[column] = "/"
    return "".join(cells)


def _cells(axis: Axis, row: Sequence[Drawn], columns: int) -> str:
    """A row's marks: each at its time, or nudged to the right of the one before it.

    Where that would take a mark too far from its time, the last cell counts how many it holds.
    """
    cells = [" "] * columns
    last, held = -1, 0
    for drawn in row:
        wanted = round(axis.x(drawn.due))
        moved = drawn.happened is not None
        column = max(wanted, last + 1 + moved)
        if column > min(wanted + _NUDGE, columns - 1):
            held += 1
            cells[last] = str(held) if str(held) in _COUNTS else "+"
            continue
        if drawn.happened is not None:
            _trail(cells, round(axis.x(drawn.happened)), column)
        cells[column] = drawn.sign
        last, held = column, 1
    return "".join(cells)


def _trail(cells: list[str], happened: int, column: int) -> None:
    """From where the event happened to where its callback comes, as far as the row is free."""
    for cell in range(happened, column - 1):
        cells[cell] = _TRAIL if cells[cell] == " " else cells[cell]
    cells[column - 1] = _MOVED


def _legend(drawn: Sequence[Drawn], width: int) -> Iterator[str]:
    marks = {one.mark.original: one.mark for one in drawn}
    entries = (f"{mark.original} {mark.meaning}" for mark in marks.values())
    together = "  ".join(entry.replace(" ", _NO_BREAK) for entry in entries)
    yield from (line.replace(_NO_BREAK, " ") for line in wrap(together, width))
    if copies := {one.sign: None for one in drawn if one.duplicate}:
        yield f"{' '.join(copies)} duplicates of these, made by a fault"
    if any(one.happened is not None for one in drawn):
        yield f"{_TRAIL}{_MOVED} moved by a fault from when it happened"
