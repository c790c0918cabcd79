"""Counters for Prometheus, which several worker processes share through files in a folder."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

SHARED_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_MOST_BANKS = 100  # a series per bank and verdict is kept for good, and a caller may make any number of banks
_OTHER_BANKS = "(other)"  # no bank can be called that
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "lookalike_requests", "Answers, by route and status.", ("route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "lookalike_request_seconds",
            "From the first byte of a request to the last of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.turned_away = Counter(
            "lookalike_turned_away", "Requests refused because too much was waiting.", registry=registry
        )
        self._checks = Counter(
            "lookalike_checks",
            "Pictures that were compared with a bank, by verdict.",
            ("collection", "bank", "verdict"),
            registry=registry,
        )
        self._banks: set[tuple[str, str]] = set()
        self.inside = Gauge(
            "lookalike_pictures_in_work",
            "Pictures that wait or are worked on.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.images = Gauge(
            "lookalike_images",
            "Images in the index.",
            ("collection",),
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self.index_bytes = Gauge(
            "lookalike_disk_bytes",
            "Catalog and index caches on disk.",
            ("collection",),
            registry=registry,
            multiprocess_mode="mostrecent",
        )
        self.recall = Gauge(
            "lookalike_recall_sampled",
            "Share of the true 10 nearest that recent searches found, by exact search of a sample.",
            ("collection",),
            registry=registry,
            multiprocess_mode="mostrecent",
        )

    def checked(self, collection: str, bank: str, verdict: str) -> None:
        """Count what a bank said of a picture. Beyond the first hundred banks they are counted together."""
        if (collection, bank) not in self._banks:
            if len(self._banks) >= _MOST_BANKS:
                collection, bank = "", _OTHER_BANKS
            else:
                self._banks.add((collection, bank))
        self._checks.labels(collection, bank, verdict).inc()

    def text(self) -> bytes:
        """All metrics of all processes, in the text format of Prometheus."""
        if not os.environ.get(SHARED_VARIABLE):
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
