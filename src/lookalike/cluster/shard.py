"""A shard: the rows of one range of ids, in an index in memory that follows the table."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, TypedDict, Unpack

from numpy.typing import ArrayLike

from lookalike.cluster.changes import changes, rows_in
from lookalike.cluster.ids import Span
from lookalike.cluster.table import Table
from lookalike.errors import Busy, EmbedderMismatch, LookalikeError, NotFoundError
from lookalike.index import LSHIndex, Neighbors, Ranges
from lookalike.index.settings import Settings
from lookalike.kernels.metrics import parse_metric

FOLLOW_SECONDS = 0.25
"""How often a shard looks for a new version by itself."""

log = logging.getLogger("lookalike.cluster")


class How(TypedDict, total=False):
    """How a shard searches; see ``LSHIndex.search``."""

    recall: float | None
    probes: int | None
    exact: bool
    metric: str | None
    among: ArrayLike | None


class Shard:
    """Answers for the images of one range of ids; any number of threads may ask.

    What the table's newer versions add and delete is applied version by version. If the versions in between
    have been cleaned up, all rows are loaded anew.
    """

    def __init__(self, table: Table, span: Span, **settings: Unpack[Settings]) -> None:
        """Load the rows.

        Args:
            table: has them.
            span: the range of ids.
            settings: the keyword arguments of ``LSHIndex``.
        """
        self._table, self._span, self._settings = table, span, settings
        self._metric = parse_metric(settings.get("metric", "cosine"))
        self._changing = threading.Lock()
        self._over = threading.Event()
        self._load()

    def __len__(self) -> int:
        return len(self._index)

    @property
    def version(self) -> int:
        """The version of the table that is answered from; changes of a newer one may show already."""
        return int(self._dataset.version)

    @property
    def hashed(self) -> bool:
        """Whether there are hash tables; a small shard scans."""
        return self._index.hashed

    def facts(self) -> dict[str, Any]:
        """Version, number of rows, whether there are hash tables, and the process's seconds on a core."""
        return {
            "version": self.version,
            "rows": len(self),
            "hashed": self.hashed,
            "processor_seconds": time.process_time(),
        }

    def follow(self) -> None:
        """Look for new versions from now on, in a thread of its own, until ``close``."""
        threading.Thread(target=self._follow, name="follow", daemon=True).start()

    def close(self) -> None:
        """Look for no further versions."""
        self._over.set()

    def reach(self, version: int) -> None:
        """Bring the index to a version or a later one.

        Raises:
            Busy: the table has no such version yet.
        """
        if self.version >= version:
            return
        with self._changing:
            newest = self._table.version
            while self.version < newest:
                self._step()
        if self.version < version:
            raise Busy(f"the table is at version {self.version}, not yet at {version}; ask again in a moment")

    def search(
        self, queries: ArrayLike, k: int, at_least: int, fingerprint: str, **how: Unpack[How]
    ) -> Neighbors:
        """Find the k nearest of this shard.

        Args:
            queries: see ``LSHIndex.search``.
            k: how many neighbours.
            at_least: version of the table that must show in the answer.
            fingerprint: of the embedder that made the queries.
            how: how to search.

        Raises:
            EmbedderMismatch: the rows are another embedder's.
            UsageError: see ``LSHIndex.search``.
        """
        return self._ready(at_least, fingerprint).search(queries, k, **how)

    def within(
        self, queries: ArrayLike, radius: float, at_least: int, fingerprint: str, **how: Any
    ) -> Ranges:
        """Find everything of this shard within a distance; see ``search`` and ``LSHIndex.within``."""
        return self._ready(at_least, fingerprint).within(queries, radius, **how)

    def _ready(self, at_least: int, fingerprint: str) -> LSHIndex:
        if fingerprint != self._table.fingerprint:
            raise EmbedderMismatch("the cluster has just moved to another embedder; ask again")
        self.reach(at_least)
        return self._index

    def _load(self) -> None:
        dataset = self._table.at()
        ids, vectors = rows_in(dataset, self._span, prepare=self._metric.prepare)
        self._index = LSHIndex.build(ids, vectors, **self._settings)
        self._dataset = dataset

    def _step(self) -> None:
        """Apply the next version."""
        try:
            dataset = self._table.at(self.version + 1)
            done = changes(self._dataset, dataset, self._span)
        except NotFoundError:
            self._load()
            return
        if len(done.removed):
            self._index.remove(done.removed)
        if len(done.added):
            self._index.add(done.added, done.vectors)
        self._dataset = dataset

    def _follow(self) -> None:
        while not self._over.wait(FOLLOW_SECONDS):
            try:
                self.reach(self._table.version)
            except LookalikeError as error:  # such as a store out of reach: it may come back
                log.warning("cannot follow %s: %s", self._table.uri, error)
                time.sleep(FOLLOW_SECONDS)
