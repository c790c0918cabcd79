"""Locality-sensitive hashing by random hyperplanes, with query-directed probes and a funnel of sketches."""

from __future__ import annotations

import threading
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from lookalike.index import files
from lookalike.index.base import Neighbors, Work, check_search
from lookalike.index.exact import measure, scan
from lookalike.index.hashing import KEEP_SKETCHES, Hashing, HashSpec, Planes, fill
from lookalike.index.rows import Rows
from lookalike.index.tuning import RecallPoint, choose_tables_and_bits, measure_recall, probes_for
from lookalike.kernels.arrays import Ids, Vectors, as_ids, as_vectors
from lookalike.kernels.metrics import Metric, parse_metric
from lookalike.kernels.topk import merge, nearest

SCAN_BELOW = 25_000  # with fewer rows a scan is faster than loading the compiled kernels
DEFAULT_RECALL = 0.95
_KIND = "lsh"
_FEW = 256  # rows that may wait in the tail of even the smallest index


class _State(NamedTuple):
    """What a search looks at; replaced whole, so that a search never sees half of a change."""

    rows: Rows
    hashing: Hashing | None
    curve: tuple[RecallPoint, ...]


class LSHIndex:
    """Approximate nearest neighbours in time that hardly grows with the number of rows.

    A row's key in each table is the sign of its centred vector against ``bits`` hyperplanes. A query visits
    the buckets nearest to it over all tables, keeps the best of what lies there by 64-bit codes, the best of
    those by 512-bit sketches, and compares only the rest exactly. New rows wait in a tail that is scanned
    exactly; removed rows are passed over; both are settled when they are many.

    With ``tables`` and ``bits`` left open they are chosen from the number of rows, and a small index scans.
    """

    def __init__(
        self,
        dim: int,
        *,
        metric: str | Metric = "cosine",
        tables: int | None = None,
        bits: int | None = None,
        seed: int = 0,
        planes: Planes = "principal",
    ) -> None:
        """Make an empty index.

        Args:
            dim: length of a vector.
            metric: how candidates are ranked.
            tables: see ``HashSpec``; None chooses.
            bits: see ``HashSpec``; None chooses.
            seed: see ``HashSpec``.
            planes: see ``HashSpec``.

        Raises:
            UsageError: a value out of range.
        """
        HashSpec(1 if tables is None else tables, 1 if bits is None else bits, seed, planes)
        self._metric = parse_metric(metric)
        self._tables, self._bits, self._seed, self._planes = tables, bits, seed, planes
        self._state = _State(Rows(dim), None, ())
        self._changing = threading.RLock()

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._state.rows.dim

    @property
    def metric(self) -> Metric:
        """How distance is measured."""
        return self._metric

    @property
    def hashed(self) -> bool:
        """Whether there are tables; without them every search is an exact scan."""
        return self._state.hashing is not None

    @property
    def unsettled(self) -> int:
        """Rows added or removed since the tables were filled."""
        return self._state.rows.unsettled

    def __len__(self) -> int:
        return len(self._state.rows)

    def ids(self) -> Ids:
        """All ids, ascending, int64."""
        return self._state.rows.ids()

    def recall_curve(self) -> tuple[RecallPoint, ...]:
        """Recall against probes as measured when the tables were last filled; empty while the index scans."""
        return self._state.curve

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add pairs; see ``Index.add``."""
        prepared = self._metric.prepare(as_vectors(vectors, self.dim))
        with self._changing:
            self._state.rows.add(as_ids(ids), prepared)
            self._settle_if_due()

    def remove(self, ids: ArrayLike) -> None:
        """Remove pairs; see ``Index.remove``."""
        with self._changing:
            self._state.rows.remove(ids)
            self._settle_if_due()

    def search(
        self,
        queries: ArrayLike,
        k: int,
        *,
        recall: float | None = None,
        probes: int | None = None,
        exact: bool = False,
        metric: str | Metric | None = None,
    ) -> Neighbors:
        """Find the k nearest to each query.

        Args:
            queries: (q, dim), or (dim,) for one query.
            k: how many neighbours.
            recall: wanted recall; picks the cheapest setting whose lower confidence bound reached it.
                0.95 where neither this nor ``probes`` is given. 1, or more than any setting reached: exact.
            probes: buckets to visit, over all tables; overrides ``recall``.
            exact: scan everything; overrides both.
            metric: rank candidates by this instead of the index's own metric (in a cosine index rows and
                queries have length 1).

        Raises:
            UsageError: k, recall, probes, metric or the queries make no sense.
        """
        check_search(k, recall, probes)
        k = int(k)
        prepared = self._metric.prepare(as_vectors(queries, self.dim))
        ranking = self._metric if metric is None else parse_metric(metric)
        state = self._state
        if probes is None:
            probes = probes_for(state.curve, DEFAULT_RECALL if recall is None else recall)
        if exact or state.hashing is None or probes is None:
            return scan(state.rows.blocks(), prepared, k, ranking, prepared=ranking == self._metric)
        tail = state.rows.tail  # taken first: an id that moves there meanwhile must not be met twice
        main = _search_tables(state.rows, state.hashing, prepared, k, int(probes), ranking)
        if not len(tail.ids):
            return main
        rest = scan([tail], prepared, k, ranking, prepared=ranking == self._metric)
        ids, distances = merge([(main.ids, main.distances), (rest.ids, rest.distances)], k)
        return Neighbors(ids, distances, main.work + rest.work)

    def settle(self) -> None:
        """Merge the tail into the main part, drop removed rows, and fill the tables anew."""
        with self._changing:
            ids, vectors = self._state.rows.settled()
            rows = Rows(self.dim, ids, vectors)
            spec = self._spec(len(ids))
            if spec is None:
                self._state = _State(rows, None, ())
                return
            hashing = fill(vectors, spec)
            curve = measure_recall(
                lambda queries, k, probes: (
                    _search_tables(rows, hashing, queries, k, probes, self._metric).ids
                ),
                lambda queries, k: scan(rows.blocks(), queries, k, self._metric).ids,
                rows.main,
                spec.buckets,
                np.random.default_rng(spec.seed),
            )
            self._state = _State(rows, hashing, curve)

    def save(self, path: Path) -> None:
        """Write the index to a file, whole or not at all; settles it first.

        Raises:
            OSError: the file cannot be written.
        """
        with self._changing:
            if self.unsettled or (not self.hashed and self._spec(len(self)) is not None):
                self.settle()
            rows, hashing, curve = self._state
            about = {
                "metric": str(self._metric),
                "tables": self._tables,
                "bits": self._bits,
                "seed": self._seed,
                "planes": self._planes,
                "curve": [asdict(point) for point in curve],
            }
            arrays: files.Arrays = {"ids": rows.main.ids, "vectors": rows.main.vectors}
            arrays.update(hashing._asdict() if hashing else {})
            files.write(path, _KIND, about, arrays)

    @classmethod
    def load(cls, path: Path, *, verify: bool = False) -> Self:
        """Open a saved index; its arrays are memory-mapped.

        Args:
            path: a file that ``save`` wrote.
            verify: also check the checksums of large arrays, which reads the whole file.

        Raises:
            DamagedError: the file is not what ``save`` wrote.
        """
        about, arrays = files.read(path, _KIND, verify=verify)
        with files.damage_reported(path):
            ids, vectors = arrays.pop("ids"), arrays.pop("vectors")
            curve = tuple(RecallPoint(**point) for point in about.pop("curve"))
            index = cls(vectors.shape[1], **about)
            hashing = Hashing(**arrays) if arrays else None
            if hashing:
                hashing.check(len(ids), index.dim)
            index._state = _State(Rows(index.dim, ids, vectors), hashing, curve)
        return index

    def _spec(self, rows: int) -> HashSpec | None:
        """How to hash so many rows; None to scan them."""
        left_open = self._tables is None and self._bits is None
        if rows == 0 or (left_open and rows < SCAN_BELOW):
            return None
        tables, bits = choose_tables_and_bits(rows)
        return HashSpec(self._tables or tables, self._bits or bits, self._seed, self._planes)

    def _settle_if_due(self) -> None:
        if self.unsettled > max(_FEW, len(self) // 4):
            self.settle()


def _search_tables(
    rows: Rows, hashing: Hashing, queries: Vectors, k: int, probes: int, metric: Metric
) -> Neighbors:
    """The k nearest among the candidates from the main part's tables."""
    ids = np.full((len(queries), k), -1, np.int64)
    distances = np.full((len(queries), k), np.inf, np.float32)
    work = Work()
    for place, query in enumerate(queries):
        found, cost = hashing.candidates(query, probes, rows.main.alive, max(KEEP_SKETCHES, 2 * k))
        near_ids, near = measure(query, rows.main, found, metric)
        best = nearest(near_ids, near, k)
        ids[place, : len(best)] = near_ids[best]
        distances[place, : len(best)] = near[best]
        work += cost
    return Neighbors(ids, distances, work)
