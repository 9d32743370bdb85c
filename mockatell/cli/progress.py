"""A run as it goes: a live line on a terminal, a plain one now and then off it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from mockatell.cli.live import kept
from mockatell.core.report import Fold
from mockatell.core.scenario.units import format_seconds
from mockatell.model import Attempt, RunStarted

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from rich.console import Console

    from mockatell.core.journal import Line


EVERY = 5.0  # seconds of real time between two plain lines


class Progress:
    """Folds the lines of a run and says, at any moment, how it stands.

    Args:
        console: Where to say it.
        timer: Real seconds, from no particular start.
    """

    def __init__(self, console: Console, timer: Callable[[], float]) -> None:
        self._console = console
        self._timer = timer
        self._said_at = timer()
        self._fold = Fold()
        self._latest: Attempt | None = None

    def add(self, line: Line) -> None:
        """Take a line of the journal."""
        if isinstance(line, RunStarted):
            self._console.print(_opening(line), markup=False)
        if isinstance(line, Attempt):
            self._fold.add(line)
            self._latest = line
            self._say_now_and_then()

    def _say_now_and_then(self) -> None:
        if not self._console.is_terminal and self._timer() - self._said_at >= EVERY:
            self._said_at = self._timer()
            self._console.print(self.line(), markup=False)

    def line(self) -> str:
        """How the run stands, in one line."""
        totals = self._fold.totals()
        parts = [
            f"{totals.attempts} attempts",
            f"{totals.acknowledged} of {totals.deliveries} deliveries acknowledged",
        ]
        if totals.redirected:
            parts.append(f"{totals.redirected} redirected")
        if totals.exhausted:
            parts.append(f"{totals.exhausted} given up")
        if totals.pending:
            parts.append(f"{totals.pending} to be retried{self._why()}")
        at = format_seconds(self._latest.ended_at) if self._latest else "0s"
        return f"{at:>8}  {', '.join(parts)}"

    def _why(self) -> str:
        """Why the latest attempt failed, and when it is made again."""
        latest = self._latest
        if latest is None or latest.next_due is None:
            return ""
        why = latest.detail or latest.status_code or latest.outcome
        return f" (latest: {why}; again in {format_seconds(latest.next_due - latest.ended_at)})"

    def shown(self) -> AbstractContextManager[None]:
        """Keep a live line on the terminal meanwhile; off a terminal, do nothing."""
        return kept(self._console, lambda: Text(self.line()))


def _opening(started: RunStarted) -> str:
    where = ", ".join(sorted(set(started.endpoints.values())))
    speed = f" at {started.speed:g} times the speed" if started.speed != 1 else ""
    return f"{started.scenario}, seed {started.seed}, to {where}{speed}"
