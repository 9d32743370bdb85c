"""What Prometheus is told: counts of requests, and how the sidecar stands when it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.core import Metric

    from mockatell.core.sidecar.views import Overview

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """All of them, in a registry of their own.

    Args:
        overview: How the sidecar stands.
        readers: How many read the feed.
    """

    def __init__(self, overview: Callable[[], Overview], readers: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mockatell_http_requests",
            "Requests answered, by door, method and status.",
            ("door", "method", "status"),
            registry=self._registry,
        )
        self._took = Histogram(
            "mockatell_http_request_duration_seconds",
            "From a request's head to the head of its answer.",
            ("door",),
            buckets=_BOUNDS,
            registry=self._registry,
        )
        self._registry.register(_Standing(overview, readers))

    def answered(self, door: str, method: str, status: int, took: float) -> None:
        """Count a request that was answered in so many seconds."""
        shown = method if method in _METHODS else "other"
        self._requests.labels(door, shown, str(status)).inc()
        self._took.labels(door).observe(took)

    def exposed(self) -> bytes:
        """All of them as text."""
        return generate_latest(self._registry)


class _Standing(Collector):
    """How the sidecar stands, asked for when it is asked for."""

    def __init__(self, overview: Callable[[], Overview], readers: Callable[[], int]) -> None:
        self._overview = overview
        self._readers = readers

    def collect(self) -> Iterator[Metric]:
        now = self._overview()
        yield InfoMetricFamily("mockatell_build", "Which version runs.", {"version": now.version})
        yield _gauge("mockatell_messages", "Messages that are kept.", now.messages)
        yield _gauge("mockatell_deliveries", "Deliveries that are kept.", now.deliveries)
        yield _gauge("mockatell_deliveries_pending", "Deliveries not over yet.", now.pending)
        yield _gauge("mockatell_exchanges_in_flight", "Callbacks being answered.", now.in_flight)
        yield _gauge("mockatell_feed_readers", "Readers of the live feed.", self._readers())
        yield _gauge("mockatell_clock_speed_ratio", "By how much waits are divided.", _speed(now))
        attempts = CounterMetricFamily(
            "mockatell_attempts", "Callbacks sent, by outcome.", labels=("outcome",)
        )
        for outcome, count in now.outcomes.items():
            attempts.add_metric((outcome,), count)
        yield attempts

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: the sidecar is not asked before it has opened."""
        return iter(())


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value)


def _speed(now: Overview) -> float:
    return 0.0 if now.clock.paused else now.clock.speed
