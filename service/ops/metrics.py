"""Prometheus metrics in a registry of their own, so that two services in one process do not share counters."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, generate_latest

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
        self.refused = Counter("wiretrace_http_refused", "Requests refused for load.", ("permit",), registry=self.registry)
        self.articles = Counter("wiretrace_articles", "Articles acknowledged.", ("outcome",), registry=self.registry)
        self.paragraphs = Counter("wiretrace_paragraphs", "Paragraphs of acknowledged articles.", registry=self.registry)
        self.checks = Counter("wiretrace_checks", "Articles checked without storing.", registry=self.registry)

    def take_in(self, paragraphs: int, *, is_new: bool, is_changed: bool) -> None:
        """Count an article that was acknowledged."""
        self.articles.labels("new" if is_new else "revised" if is_changed else "unchanged").inc()
        self.paragraphs.inc(paragraphs)

    def watch(self, name: str, documentation: str, value: Callable[[], float]) -> None:
        """A gauge `wiretrace_<name>` that is read when scraped."""
        Gauge(f"wiretrace_{name}", documentation, registry=self.registry).set_function(value)

    def render(self) -> bytes:
        return generate_latest(self.registry)
