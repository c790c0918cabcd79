"""The index of a cluster: it keeps what every index promises, and asks shards wherever they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from lookalike.cluster import merging
from lookalike.cluster.rows import Row
from lookalike.cluster.table import Table
from lookalike.errors import Busy, UsageError
from lookalike.index import Neighbors, Ranges, Work
from lookalike.index.base import check_new, check_radius, check_search
from lookalike.kernels.arrays import as_ids, as_vectors
from lookalike.kernels.metrics import Metric, parse_metric
from lookalike.store import FileStamp


class Shards(Protocol):
    """Whoever can ask all shards at once."""

    def ask(self, method: str, *arguments: Any, **named: Any) -> list[Any]:
        """Call a method of ``Shard`` on one replica of every shard.

        Returns:
            What each answered, in the order of shards; None for one that did not in time.

        Raises:
            LookalikeError: a shard refused.
        """


class ClusterIndex:
    """The rows of a table, searched by shards; see ``Index`` for what it promises.

    What this index adds or removes is in the table when the call returns, and its next search finds it so.
    What others write to the table is found when the shards have followed, usually within a second.

    Attributes:
        missing: shards that did not answer so far, if answers may do without them.
    """

    def __init__(
        self,
        table: Table,
        shards: Shards,
        metric: str | Metric = "cosine",
        *,
        partial: bool = False,
        seen: int = 0,
    ) -> None:
        """Use shards.

        Args:
            table: whose rows they hold.
            shards: asked by every search.
            metric: of the shards' indexes.
            partial: answer without the shards that do not; else that is an error.
            seen: version of the table that every answer must show.
        """
        self._table, self._shards, self._metric = table, shards, parse_metric(metric)
        self._partial, self._seen = partial, seen
        self.missing = 0

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._table.dim

    @property
    def metric(self) -> Metric:
        """How distance is measured."""
        return self._metric

    def __len__(self) -> int:
        return len(self._table)

    @property
    def hashed(self) -> bool:
        """Whether a shard has hash tables; small ones scan."""
        return any(facts["hashed"] for facts in self._shards.ask("facts") if facts is not None)

    def asked(self, table: Table, *, partial: bool) -> ClusterIndex:
        """The same index for one question.

        Args:
            table: frozen, if it is to be counted once only.
            partial: answer without the shards that do not.
        """
        return ClusterIndex(table, self._shards, self._metric, partial=partial, seen=self._seen)

    def show(self, version: int) -> None:
        """Let every later answer show at least this version of the table."""
        self._seen = max(self._seen, version)

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add pairs without pictures; see ``Index.add``."""
        given, rows = as_ids(ids), as_vectors(vectors, self.dim)
        known = self._table.holders(given.tolist())
        check_new(given, rows, np.isin(given, list(known)))
        if len(given):
            bare = [_bare(i, row) for i, row in zip(given.tolist(), rows, strict=True)]
            if self._table.insert(given.tolist(), bare) < len(given):
                raise UsageError("another writer has just added some of the ids; those of others were added")
            self.show(self._table.version)

    def remove(self, ids: ArrayLike) -> None:
        """Remove pairs; see ``Index.remove``."""
        given = as_ids(ids)
        known = self._table.holders(given.tolist())
        for image_id in given.tolist():
            if image_id not in known:
                raise UsageError(f"id {image_id} is not in the index, so it cannot be removed")
        if len(given):
            self._table.delete(f"image_id IN ({','.join(map(str, given.tolist()))})")
            self.show(self._table.version)

    def search(
        self,
        queries: ArrayLike,
        k: int,
        *,
        recall: float | None = None,
        probes: int | None = None,
        exact: bool = False,
        metric: str | Metric | None = None,
        among: ArrayLike | None = None,
    ) -> Neighbors:
        """Find the k nearest to each query; see ``LSHIndex.search``.

        Each shard finds as large a share of its own nearest as is asked for, so all together do too.

        Raises:
            Busy: a shard did not answer.
            UsageError: see ``LSHIndex.search``.
        """
        check_search(k, recall, probes)
        how = {
            "recall": recall,
            "probes": probes,
            "exact": exact,
            "among": None if among is None else as_ids(among),
        }
        ranking = None if metric is None else str(parse_metric(metric))
        given = as_vectors(queries, self.dim)
        parts = self._ask("search", given, int(k), metric=ranking, **how)
        if not parts:
            empty = np.full((len(given), int(k)), -1, np.int64)
            far = np.full(empty.shape, np.inf, np.float32)
            return Neighbors(empty, far, Work(), np.ones(len(given), np.float32))
        return merging.nearest(parts, int(k))

    def within(
        self,
        queries: ArrayLike,
        radius: float,
        *,
        recall: float | None = None,
        exact: bool = False,
        among: ArrayLike | None = None,
    ) -> Ranges:
        """Find everything within a distance of each query; see ``LSHIndex.within``.

        Raises:
            Busy: a shard did not answer.
            UsageError: see ``LSHIndex.within``.
        """
        check_search(1, recall)
        how = {"recall": recall, "exact": exact, "among": None if among is None else as_ids(among)}
        given = as_vectors(queries, self.dim)
        parts = self._ask("within", given, check_radius(radius), **how)
        if not parts:
            none = np.empty(0, np.int64)
            return Ranges(np.zeros(len(given) + 1, np.int64), none, none.astype(np.float32), Work())
        return merging.within(parts)

    def _ask(self, method: str, *arguments: Any, **how: Any) -> Sequence[Any]:
        """The answers of those shards that gave one.

        Raises:
            Busy: not all did, and answers may not do without.
        """
        answers = self._shards.ask(method, *arguments, self._seen, self._table.fingerprint, **how)
        there = [answer for answer in answers if answer is not None]
        self.missing = max(self.missing, len(answers) - len(there))
        if len(there) < len(answers) and not self._partial:
            raise Busy(
                f"{len(answers) - len(there)} of {len(answers)} shards did not answer; ask again in a moment"
            )
        return there


def _bare(image_id: int, vector: Any) -> Row:
    """A row without a picture."""
    return Row(image_id.to_bytes(32, "big"), (), FileStamp(0, 0), "", 0, 0, vector)
