"""Locality-sensitive hashing by random hyperplanes, with query-directed probes and a funnel of sketches."""

from __future__ import annotations

import math
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from lookalike import kernels
from lookalike.errors import UsageError
from lookalike.index import files, funnel, tuning
from lookalike.index.base import Neighbors, Ranges, check_radius, check_search
from lookalike.index.exact import scan, scan_within
from lookalike.index.hashing import Hashing, HashSpec, Planes
from lookalike.index.rows import Block, Rows
from lookalike.index.state import State, filled, no_sketches, unhashed
from lookalike.kernels.arrays import Ids, Vectors, as_ids, as_vectors
from lookalike.kernels.metrics import Metric, parse_metric

if TYPE_CHECKING:
    from lookalike.kernels.funnel import Effort

SCAN_BELOW = 25_000  # with fewer rows a scan is faster than loading the compiled kernels
DEFAULT_RECALL = 0.95
_LOADING = 1_500_000_000  # components that can be scanned while the compiled kernels are loaded
_KIND = "lsh"
_FRESH = 1024  # rows that may wait outside the tables of even the smallest index
_ROWS_AT_ONCE = 1 << 14
_UNIT = 1e-4  # how far the square of a length may be from 1


class LSHIndex:
    """Approximate nearest neighbours in time that hardly grows with the number of rows.

    A row's key in each table is the sign of its centred vector against ``bits`` hyperplanes. A query visits
    the buckets nearest to it, keeps the best of what lies there by 128-bit codes, the best of those by
    512-bit sketches, and compares only the rest exactly. Rows added since the tables were filled skip the
    first step: all their codes are compared. When many rows have come or gone, the tables are filled anew in
    the background, while searches and changes go on.

    With ``tables`` and ``bits`` left open they are chosen from the number of rows, and a small index scans.

    >>> index = LSHIndex(2, metric="euclidean")
    >>> index.add([7, 8], [[0.0, 0.0], [3.0, 4.0]])
    >>> index.search([0.0, 0.0], k=2).distances.tolist()
    [[0.0, 5.0]]
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
        self._state = unhashed(Rows(dim))
        self._changing = threading.RLock()
        self._filling: threading.Thread | None = None
        self._scanned = 0

    @classmethod
    def build(cls, ids: ArrayLike, vectors: Vectors, **settings: Any) -> Self:
        """Make an index over rows that stay where they are, such as those of a memory-mapped file.

        Args:
            ids: (n,) whole numbers, ascending, 0 or more.
            vectors: (n, dim) float32, C order; not copied, and not to be changed afterwards. For the metric
                cosine each has length 1 already, or is all zeros.
            settings: see the constructor.

        Raises:
            UsageError: ids or vectors are not as said.
        """
        if vectors.ndim != 2:
            raise UsageError(f"vectors must have shape (n, dim), not {vectors.shape}")
        index = cls(vectors.shape[1], **settings)
        rows = Rows(index.dim, as_ids(ids), np.asarray(vectors))
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            some = as_vectors(vectors[start : start + _ROWS_AT_ONCE], index.dim)
            squares = np.einsum("ij,ij->i", some, some)
            if index._metric.name == "cosine" and not ((np.abs(squares - 1) <= _UNIT) | (squares == 0)).all():
                raise UsageError(f"vectors must have length 1, or 0; one from row {start} on has not")
        index._state = unhashed(rows)
        index.settle()
        return index

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
        rows, _, _, covered, dead, _ = self._state
        return rows.size - covered + rows.dead - dead

    @property
    def stale(self) -> bool:
        """Whether so many rows came or went that the recall curve may no longer hold, nor the tables serve.

        Then they are being made anew, and this turns False when that is done.
        """
        return self._spec(len(self)) is not None and self.unsettled > max(_FRESH, len(self) // 10)

    def __len__(self) -> int:
        return len(self._state.rows)

    def ids(self) -> Ids:
        """All ids, ascending, int64."""
        return self._state.rows.ids()

    def recall_curve(self, k: int = 10) -> tuple[tuning.RecallPoint, ...]:
        """What was measured when the tables were last filled; empty while the index scans.

        Args:
            k: neighbours wanted; up to 10 the curve is that of recall@10, up to 100 that of recall@100,
                beyond it is empty, since such searches scan.

        Returns:
            Points in order of their recall.
        """
        return tuning.curve_for(self._state.curves, k)

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add pairs; see ``Index.add``."""
        prepared = self._metric.prepare(as_vectors(vectors, self.dim))
        with self._changing:
            rows, hashing, _, _, _, fresh = self._state
            sketches = None if hashing is None else hashing.sketch(prepared)
            rows.add(as_ids(ids), prepared)
            if sketches is not None:
                fresh.append(sketches)
            self._fill_if_due()

    def remove(self, ids: ArrayLike) -> None:
        """Remove pairs; see ``Index.remove``."""
        with self._changing:
            self._state.rows.remove(ids)
            self._fill_if_due()

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
        """Find the k nearest to each query.

        Args:
            queries: (q, dim), or (dim,) for one query.
            k: how many neighbours.
            recall: wanted recall by the index's own metric; picks the cheapest effort whose lower confidence
                bound reached it. 0.95 where neither this nor ``probes`` is given. 1, or more than any effort
                reached, or k above 100: exact.
            probes: buckets to visit, over all tables; overrides ``recall``. All buckets: exact.
            exact: scan everything; overrides both.
            metric: rank candidates by this instead of the index's own metric (in a cosine index rows and
                queries have length 1).
            among: see ``Index.search``. A set of few ids is scanned.

        Raises:
            UsageError: k, recall, probes, metric, among or the queries make no sense.
        """
        check_search(k, recall, probes)
        prepared = self._metric.prepare(as_vectors(queries, self.dim))
        ranking = self._metric if metric is None else parse_metric(metric)
        state = self._state
        fresh = state.fresh.rows  # before the tail, which has a sketch's row first
        blocks = [state.rows.main, state.rows.tail] if among is None else state.rows.having(among)
        living = len(state.rows) if among is None else sum(int(block.alive.sum()) for block in blocks)
        effort = None
        if not exact and (probes is not None or self._worth_loading(len(prepared) * len(state.rows))):
            effort = self._effort(state, int(k), recall, probes, living)

        def scanned(some: Vectors) -> Neighbors:
            still = state.rows.blocks() if among is None else blocks
            return scan(still, some, int(k), ranking, prepared=ranking == self._metric)

        if state.hashing is None or effort is None:
            return scanned(prepared)
        main, later = blocks
        known = state.covered + len(fresh) - len(main.ids)
        later = Block(later.ids[:known], later.vectors[:known], later.alive[:known])
        found = funnel.search_tables(state.hashing, main, later, fresh, effort, prepared, int(k), ranking)
        if probes is None and found.ids[:, -1].min(initial=0) < 0:
            # Recall is an average: a query far from all others may meet too few rows.
            short = np.count_nonzero(found.ids >= 0, axis=1) < min(k, living)
            found = found.replaced(short, scanned(prepared[short]))
        return found

    def within(
        self,
        queries: ArrayLike,
        radius: float,
        *,
        recall: float | None = None,
        exact: bool = False,
        among: ArrayLike | None = None,
    ) -> Ranges:
        """Find everything within a distance of each query.

        Queries with up to 100 answers are searched like nearest neighbours, those with more by a scan.

        Args:
            queries: (q, dim), or (dim,) for one query.
            radius: the largest distance that counts.
            recall: see ``search``.
            exact: scan everything.
            among: see ``Index.search``.

        Raises:
            UsageError: radius, recall, among or the queries make no sense.
        """
        check_search(1, recall)
        radius = check_radius(radius)
        near = self.search(queries, max(tuning.MEASURED), recall=recall, exact=exact, among=among)
        many = near.distances[:, -1] <= radius
        prepared = self._metric.prepare(as_vectors(queries, self.dim))
        rest = scan_within(self._state.rows.having(among), prepared[many], radius, self._metric)
        return Ranges.cut(near, radius).replaced(many, rest)

    def settle(self) -> None:
        """Bring all rows into one part, drop the removed, and fill the tables anew, before this returns."""
        with self._changing:
            self._filling = None  # what is being filled in the background comes too late
            rows = Rows(self.dim, *self._state.rows.settled())
            self._state = filled(rows, rows.blocks(), self._spec(len(rows)), self._metric)

    def save(self, path: Path) -> None:
        """Write the index to a file, whole or not at all; settles it first.

        Raises:
            OSError: the file cannot be written.
        """
        with self._changing:
            rows = self._state.rows
            if rows.size > len(rows.main.ids) or self.unsettled or rows.dead:
                self.settle()
            rows, hashing, curves, _, _, _ = self._state
            about = {
                "metric": str(self._metric),
                "tables": self._tables,
                "bits": self._bits,
                "seed": self._seed,
                "planes": self._planes,
                "curves": {k: [asdict(point) for point in curve] for k, curve in curves.items()},
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
            curves = {
                int(k): tuple(tuning.RecallPoint(**point) for point in curve)
                for k, curve in about.pop("curves").items()
            }
            index = cls(vectors.shape[1], **about)
            rows = Rows(index.dim, ids, vectors)
            if arrays:
                hashing = Hashing(**arrays)
                hashing.check(len(ids), index.dim)
                index._state = State(rows, hashing, curves, len(ids), 0, no_sketches())
            else:
                index._state = unhashed(rows)
        return index

    def _spec(self, rows: int) -> HashSpec | None:
        """How to hash so many rows; None to scan them."""
        left_open = self._tables is None and self._bits is None
        if rows == 0 or (left_open and rows < SCAN_BELOW):
            return None
        tables, bits = tuning.choose_tables_and_bits(rows)
        return HashSpec(self._tables or tables, self._bits or bits, self._seed, self._planes)

    def _worth_loading(self, rows: int) -> bool:
        """Whether to search by tables rather than compare so many rows: once that has saved what it costs.

        A process that searches once, such as a command, so never waits for the kernels to load.
        """
        if not kernels.loaded():
            self._scanned += rows * self.dim
        return kernels.loaded() or self._scanned > _LOADING

    def _effort(
        self, state: State, k: int, recall: float | None, probes: int | None, living: int
    ) -> Effort | None:
        """How far a search has to go, where so many rows can be answers; None for a scan."""
        rows, hashing, curves, _, dead, _ = state
        if hashing is None or not living:
            return None
        in_tables, among = len(hashing.rows), living / max(len(rows), living)
        alive = max(in_tables - (rows.dead - dead), 1) / in_tables
        if probes is not None:
            return funnel.effort_by_probes(hashing, probes, k, alive * among)
        # The k nearest of every tenth row are to be found among the 10 k nearest of all.
        curve = tuning.curve_for(curves, math.ceil(k / among))
        wanted = DEFAULT_RECALL if recall is None else recall
        point = tuning.effort_for(curve, wanted) if wanted < 1 else None
        return None if point is None else funnel.effort_of(point, k, alive)

    def _fill_if_due(self) -> None:
        """Start to fill the tables anew where they have fallen behind; the caller holds the lock."""
        rows = self._state.rows
        if rows.dead > _FRESH + 2 * len(rows):
            # Only a third lives: let go of the rest, and of tables that are being filled from it.
            self._filling = None
            state = unhashed(Rows(self.dim, *rows.settled()))
            self._state = state if self._spec(len(rows)) is None else state._replace(covered=0)
        if self.stale and self._filling is None:
            thread = threading.Thread(target=self._fill, name="lookalike index")
            thread.start()  # it waits for the lock, which the caller holds
            self._filling = thread

    def _fill(self) -> None:
        """Fill the tables from the rows as they are now, then let those in that came meanwhile."""

        def go_on() -> None:
            if self._filling is not threading.current_thread() or not threading.main_thread().is_alive():
                raise _NotWantedError

        try:
            with self._changing:
                go_on()
                rows = self._state.rows
                blocks, spec = rows.blocks(), self._spec(len(rows))
            state = filled(rows, blocks, spec, self._metric, go_on)
            with self._changing:
                go_on()
                if state.hashing is not None:
                    main, tail = rows.main, rows.tail
                    late = tail.vectors[state.covered - len(main.ids) :]
                    state.fresh.append(state.hashing.sketch(late))
                self._state, self._filling = state, None
                self._fill_if_due()
        except _NotWantedError:
            pass
        finally:
            with self._changing:
                if self._filling is threading.current_thread():
                    self._filling = None


class _NotWantedError(Exception):
    """Ends the filling of tables that nobody will look at."""
