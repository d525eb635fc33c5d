"""Prometheus metrics in a registry of their own, so that two services in one process do not share counters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.errors import WiretraceError
from service.store_values import Backlog

_log = structlog.get_logger("service.metrics")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Every metric of the service, by attribute. Labels hold route templates and fixed words, never what a caller sent."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "wiretrace_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "wiretrace_http_request_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ("method", "route"),
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "wiretrace_http_in_flight", "Admitted requests not yet answered.", ("permit",), registry=self.registry
        )
        self.passed_on = Counter(
            "wiretrace_passed_on", "Requests of a replica that were handed to the writer.", ("outcome",), registry=self.registry
        )
        self.refused = Counter("wiretrace_http_refused", "Requests refused for load.", ("permit",), registry=self.registry)
        self.articles = Counter("wiretrace_articles", "Articles acknowledged.", ("outcome",), registry=self.registry)
        self.paragraphs = Counter("wiretrace_paragraphs", "Paragraphs of acknowledged articles.", registry=self.registry)
        self.webhook_attempts = Counter(
            "wiretrace_webhook_attempts",
            "Messages sent to webhooks: delivered, to be retried, or failed for good.",
            ("outcome",),
            registry=self.registry,
        )
        self.job_lines = Counter(
            "wiretrace_job_lines", "Lines of batches that came to their end.", ("outcome",), registry=self.registry
        )
        self.changes_dropped = Counter(
            "wiretrace_changes_dropped", "Changes that were older than they are kept.", registry=self.registry
        )
        self.checks = Counter("wiretrace_checks", "Articles checked without storing.", registry=self.registry)

    def take_in(self, paragraphs: int, *, is_new: bool, is_changed: bool) -> None:
        """Count an article that was acknowledged."""
        self.articles.labels("new" if is_new else "revised" if is_changed else "unchanged").inc()
        self.paragraphs.inc(paragraphs)

    def watch(self, name: str, documentation: str, value: Callable[[], float]) -> None:
        """A gauge `wiretrace_<name>` that is read when scraped."""
        Gauge(f"wiretrace_{name}", documentation, registry=self.registry).set_function(value)

    def watch_backlog(self, read: Callable[[], Backlog], now: Callable[[], datetime]) -> None:
        """Gauges of what waits, read together when scraped; left out while the store cannot be read."""
        self.registry.register(_BacklogCollector(read, now))

    def render(self) -> bytes:
        return generate_latest(self.registry)


class _BacklogCollector(Collector):
    def __init__(self, read: Callable[[], Backlog], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand, so that registering reads no store."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = self._read()
        except WiretraceError as error:
            _log.warning("backlog_cannot_be_read", error=error.detail)
            return
        now = self._now()

        def age(since: datetime | None) -> float:
            return 0.0 if since is None else max(0.0, (now - since).total_seconds())

        for name, text, value in (
            ("change_sequence", "The last sequence of the change feed.", found.last_change),
            ("changes_kept", "Changes that the feed can tell.", found.changes_kept),
            ("consumer_backlog_changes", "Changes that the slowest named consumer has not acknowledged.", found.consumer_changes),
            (
                "webhook_backlog_changes",
                "Changes that enabled webhooks have not dealt with, all together.",
                found.webhook_changes,
            ),
            ("webhook_oldest_seconds", "Age of the oldest of these; 0 without any.", age(found.webhook_since)),
            ("job_backlog_lines", "Lines of batches that have not come to their end.", found.job_lines),
            ("job_oldest_seconds", "Age of the oldest batch that has not; 0 without any.", age(found.job_since)),
            ("waiting_articles", "Articles taken with `Prefer: respond-async` that wait.", found.articles),
            ("waiting_article_oldest_seconds", "Age of the oldest of these; 0 without any.", age(found.article_since)),
        ):
            yield GaugeMetricFamily(f"wiretrace_{name}", text, value=float(value))
        for name, text, states in (
            ("webhooks", "Webhooks.", {"enabled": found.webhooks_enabled, "disabled": found.webhooks_disabled}),
            ("jobs", "Batches that have not come to their end.", {"queued": found.jobs_queued, "running": found.jobs_running}),
        ):
            family = GaugeMetricFamily(f"wiretrace_{name}", text, labels=["state"])
            for state, number in states.items():
                family.add_metric([state], number)
            yield family
