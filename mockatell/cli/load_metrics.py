"""How a load stands, for Prometheus, while it goes on."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.load.result import Snapshot

_COUNTERS: Final = {
    "offered": "Deliveries that came due.",
    "sent": "Attempts that were begun.",
    "completed": "Attempts that ended.",
    "acknowledged": "Deliveries that were acknowledged.",
    "errors": "Attempts that ended neither so nor with a redirect.",
}
_GAUGES: Final = {
    "in_flight": "Exchanges under way.",
    "waiting": "Deliveries that are not over and not in flight.",
    "retries_pending": "Of these, those that failed before.",
}
_LATENCIES: Final = {"0.5": "p50", "0.99": "p99", "0.999": "p999"}


class Listen(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """A port on loopback, or `host:port`."""

    name = "[host:]port"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Parse it."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(?:(.+):)?(\d{1,5})", str(value))
        if found is None or not 0 <= int(found[2]) <= 65535:  # noqa: PLR2004 -- ports
            self.fail(f"{value!r} is not a port (write 9100, or 0.0.0.0:9100)", param, ctx)
        return found[1] or "127.0.0.1", int(found[2])


class Gauges:
    """What Prometheus is told: the latest snapshot, put here from the load's own thread.

    Args:
        served: Whether anybody can ask for it.
    """

    def __init__(self, *, served: bool) -> None:
        self.served = served
        self.snapshot: Snapshot | None = None

    def collect(self) -> Iterator[Any]:
        """The metrics, as prometheus-client asks for them."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        snapshot = self.snapshot
        if snapshot is None:
            return
        for name, about in _COUNTERS.items():
            yield CounterMetricFamily(f"mockatell_load_{name}", about, getattr(snapshot, name))
        for name, about in _GAUGES.items():
            yield GaugeMetricFamily(f"mockatell_load_{name}", about, getattr(snapshot, name))
        latency = GaugeMetricFamily(
            "mockatell_load_latency_seconds", "From due to the answer's end.", labels=["quantile"]
        )
        for quantile, field in _LATENCIES.items():
            latency.add_metric([quantile], getattr(snapshot, field))
        yield latency
        lag = GaugeMetricFamily("mockatell_load_lag_seconds", "Our own.", labels=["quantile"])
        lag.add_metric(["0.99"], snapshot.lag_p99)
        yield lag
        troubles = CounterMetricFamily(
            "mockatell_load_troubles", "Attempts without a usable answer.", labels=["cause"]
        )
        for cause, number in snapshot.troubles.items():
            troubles.add_metric([cause], number)
        yield troubles


@contextmanager
def exposed(listen: tuple[str, int] | None) -> Iterator[Gauges]:
    """Serve `/metrics` meanwhile; without a place to listen at, do nothing.

    Raises:
        ConfigurationError: The extra is not installed, or the port is not to be had.
    """
    gauges = Gauges(served=listen is not None)
    if listen is None:
        yield gauges
        return
    try:
        from prometheus_client import CollectorRegistry, start_http_server
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"--prometheus needs {error.name}: pip install 'mockatell[serve]'"
        ) from error
    registry = CollectorRegistry()
    registry.register(gauges)
    host, port = listen
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise ConfigurationError(f"--prometheus {host}:{port}: {error.strerror}") from None
    try:
        yield gauges
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
