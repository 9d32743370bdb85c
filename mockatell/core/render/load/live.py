"""A load as it goes on: some lines for a terminal, or one line for a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from mockatell.core.load.validity import MOST_LAG
from mockatell.core.scenario.units import format_seconds, format_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.core.load.result import Snapshot

_BARS: Final = "▁▂▃▄▅▆▇█"
_RECENT: Final = 40


def line(snapshot: Snapshot) -> str:
    """How it stands, in one line."""
    parts = (
        f"{rate(snapshot):,.0f}/s",
        f"{snapshot.acknowledged:,} acknowledged",
        f"{snapshot.in_flight:,} in flight",
        f"{snapshot.waiting:,} waiting",
        f"{_errors(snapshot)} not acknowledged",
        f"p50 {format_seconds(snapshot.p50)}",
        f"p99 {format_seconds(snapshot.p99)}",
        f"lag p99 {format_seconds(snapshot.lag_p99)}",
    )
    return f"{int(snapshot.at):>5}s  {', '.join(parts)}"


def panel(snapshot: Snapshot, duration: float | None) -> Group:
    """How it stands, in six lines that fit sixty columns."""
    upto = f" of {format_seconds(duration)}" if duration is not None else ""
    bars = sparkline([second.acknowledged for second in snapshot.recent][-_RECENT:])
    lag = Text(format_seconds(snapshot.lag_p99), style="red" if snapshot.lag_p99 > MOST_LAG else "")
    lines = {
        "at": Text(f"{int(snapshot.at)}s{upto}", style="bold"),
        "rate": Text(f"{rate(snapshot):,.0f}/s  ") + Text(bars, style="green"),
        "latency": Text(
            f"p50 {format_seconds(snapshot.p50)}, p99 {format_seconds(snapshot.p99)}, "
            f"p99.9 {format_seconds(snapshot.p999)}"
        ),
        "state": Text(
            f"{snapshot.in_flight:,} in flight, {snapshot.waiting:,} waiting "
            f"({snapshot.retries_pending:,} to retry)"
        ),
        "no ack": Text(_failed(snapshot), style="red" if snapshot.errors else ""),
        "our lag": Text("p99 ") + lag,
    }
    return Group(*(Text(f"{name:>8}  ", style="dim") + told for name, told in lines.items()))


def rate(snapshot: Snapshot) -> float:
    """Deliveries acknowledged in the last full second."""
    return snapshot.recent[-1].acknowledged if snapshot.recent else 0.0


def sparkline(values: Sequence[float]) -> str:
    """A bar for each value, the highest full."""
    most = max(values, default=0.0) or 1.0
    return "".join(_BARS[round(value / most * (len(_BARS) - 1))] for value in values)


def _failed(snapshot: Snapshot) -> str:
    causes = ", ".join(f"{name} {n:,}" for name, n in snapshot.troubles.items())
    return f"{_errors(snapshot)}{f': {causes}' if causes else ''}"


def _errors(snapshot: Snapshot) -> str:
    if not snapshot.errors:
        return "0"
    share = format_share(float(f"{snapshot.errors / snapshot.completed:.2g}"))
    return f"{snapshot.errors:,} ({share})"
