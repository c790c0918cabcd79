"""Threads, limits and caches that all collections of one server process share."""

from __future__ import annotations

from lookalike.images.decoders import SPARE
from lookalike.settings import Settings
from lookalike.web.admission import Admission
from lookalike.web.metrics import Metrics
from lookalike.web.pipeline import Pipeline
from lookalike.web.thumbnails import Thumbnails


class Means:
    """Threads, decoders, room for work, kept thumbnails and counters of one process.

    Attributes:
        settings: limits and threads.
        admission: pictures that may be in work.
        changes: requests that may wait to change a catalog.
        metrics: told what is done.
        pipeline: threads and decoders.
        thumbnails: kept by the bytes of their pictures, whichever collection has these.
    """

    def __init__(self, settings: Settings, queue: int) -> None:
        """Start the threads.

        Args:
            settings: limits and threads.
            queue: most pictures in work.
        """
        self.settings = settings
        self.admission = Admission(queue, always=settings.threads + SPARE)
        self.changes = Admission(max(1, queue // 2))  # a writer elsewhere may hold them up, but no searches
        self.metrics = Metrics()
        self.pipeline = Pipeline(settings.threads)
        self.thumbnails = Thumbnails(settings.limits, self.pipeline.decoders)
