"""Locality-sensitive hashing by cells or hyperplanes, with query-directed probes and a funnel of sketches."""

from __future__ import annotations

import copy
import os
from dataclasses import replace
from functools import partial
from typing import Any, Self, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import UsageError
from lookalike.index import files, saving, tuning
from lookalike.index.alone import Alone
from lookalike.index.base import Neighbors, Ranges, asked_pairs, check_prepared, check_radius, check_search
from lookalike.index.exact import scan, scan_within
from lookalike.index.files import Stamp
from lookalike.index.funnel import search_tables
from lookalike.index.hashing import Planes
from lookalike.index.loading import Loading
from lookalike.index.pairing import pairs_of
from lookalike.index.pairs import AllPairs
from lookalike.index.refilling import Refilling
from lookalike.index.rows import Rows
from lookalike.index.settings import SCAN_PAIRS_BELOW, Chosen, Settings, check_known
from lookalike.index.state import State, unhashed
from lookalike.index.view import View
from lookalike.kernels.arrays import Ids, as_ids, as_vectors
from lookalike.kernels.metrics import Metric, parse_metric


class LSHIndex:
    """Approximate nearest neighbours in time that hardly grows with the number of rows.

    Rows with equal keys share a bucket of a hash table. A row's key is its *cell*, the nearest of some
    hundred centres that are learned from the rows. If ``tables`` or ``bits`` are given, it is the signs of
    its centred vector against ``bits`` hyperplanes instead, as the textbooks have it. A query visits the
    buckets nearest to it, keeps the best rows in them by comparing 128-bit codes, keeps the best of those by
    comparing 512-bit sketches, and measures the exact distances of the rest.

    Rows that were added since the tables were filled are in no bucket; every search compares the codes of
    all of them. When many rows have come or gone, the tables are filled anew in the background, while
    searches and changes go on. Any number of threads may search and change an index at the same time.

    If ``cells``, ``tables`` and ``bits`` are left open, the number of cells is chosen from the number of
    rows, and an index of fewer than 25,000 rows has no tables: it scans, exactly. An index can be pickled;
    ``save`` and ``load`` keep it in a file with checksums.

    >>> index = LSHIndex(2, metric="euclidean")
    >>> index.add([7, 8], [[0.0, 0.0], [3.0, 4.0]])
    >>> index.search([0.0, 0.0], k=2).distances.tolist()
    [[0.0, 5.0]]
    >>> index
    <LSHIndex: 2 rows of 2 numbers, euclidean, no tables: every search is a scan>
    """

    def __init__(
        self,
        dim: int,
        *,
        metric: str | Metric = "cosine",
        tables: int | None = None,
        bits: int | None = None,
        cells: int | None = None,
        seed: int = 0,
        planes: Planes = "principal",
    ) -> None:
        """Make an empty index.

        Args:
            dim: length of a vector, 1 or more.
            metric: how distance is measured: "cosine", "euclidean", "manhattan", "hamming", "minkowski" or
                "minkowski:P".
            tables: number of hash tables whose keys are signs, 1 to 64; None chooses.
            bits: bits of such a key, 1 to 20; None chooses.
            cells: number of cells that keys are instead, 1 to 4096; None chooses.
            seed: draws the hyperplanes and the rows that centres are learned from; 0 or more.
            planes: "principal" draws hyperplanes inside the directions in which the data varies most;
                "gaussian" draws them in the whole space, as the textbooks have it; then keys are signs
                unless ``cells`` are given.

        Raises:
            UsageError: a value out of range, or cells beside tables or bits.
        """
        self._chosen = Chosen(tables, bits, cells, seed, planes)
        self._metric = parse_metric(metric)
        self._refilling = Refilling(unhashed(Rows(dim)), self._chosen.spec, self._metric)
        self._alone = Alone(self._metric)
        self._loading = Loading()

    @classmethod
    def build(cls, ids: ArrayLike, vectors: NDArray[np.floating], **settings: Unpack[Settings]) -> Self:
        """Make an index over rows that stay where they are, such as those of a memory-mapped file.

        Rows of float16 take half the memory. Distances are those of the rounded rows, and whatever is added
        later is rounded as well when the rows are settled.

        Args:
            ids: (n,) whole numbers, ascending, 0 or more.
            vectors: (n, dim) float32 or float16, C order; not copied, and not to be changed afterwards. For
                the metric cosine each has length 1 already, or is all zeros.
            settings: the keyword arguments of the constructor.

        Raises:
            UsageError: ids or vectors are not as said, or there is no such setting.
        """
        check_known(settings)
        if not isinstance(vectors, np.ndarray) or vectors.ndim != 2:
            raise UsageError(f"vectors must be an array of shape (n, dim), not {files.shown(vectors)}")
        index = cls(vectors.shape[1], **settings)
        rows = Rows(index.dim, as_ids(ids), np.asarray(vectors))
        check_prepared(vectors, index._metric)
        index._refilling.state = unhashed(rows)
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
        return self._state.hashed is not None

    @property
    def unsettled(self) -> int:
        """How many rows were added or removed since the tables were filled."""
        return self._state.unsettled

    @property
    def stale(self) -> bool:
        """Whether so many rows came or went that recall may fall short of what is asked for.

        If it is True, new tables are being filled in the background, and it turns False when they are ready.
        """
        return self._refilling.stale

    def __len__(self) -> int:
        return len(self._state.rows)

    def __repr__(self) -> str:
        rows, tables = self._state.words()
        return f"<LSHIndex: {rows}, {self._metric}, {tables}>"

    def __reduce__(self) -> tuple[Any, ...]:
        with self._refilling.changing:
            state = self._state
            # What can still change is copied while nobody changes it; pickling comes later.
            state = replace(state, rows=copy.copy(state.rows), fresh=copy.copy(state.fresh))
        return type(self)._unpickled, (self._settings(), state)

    def ids(self) -> Ids:
        """All ids, ascending, (n,) int64."""
        return self._state.rows.ids()

    def recall_curve(self, k: int = 10) -> tuple[tuning.RecallPoint, ...]:
        """What was measured with queries like the rows when tables were last filled; empty without tables.

        What one query finds may differ; ``Neighbors.recall`` estimates it.

        Args:
            k: neighbours wanted. Up to 10 the curve is that of recall@10, up to 100 that of recall@100, in
                order of recall. Beyond that it is empty, since such searches scan.
        """
        return tuning.curve_for(self._state.curves, k)

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add pairs; see ``Index.add``."""
        prepared = self._metric.prepare(as_vectors(vectors, self.dim))
        with self._refilling.changing:
            state = self._state
            sketches = None if state.hashed is None else state.hashed.functions.sketch(prepared)
            state.rows.add(as_ids(ids), prepared)
            if sketches is not None:
                state.fresh.append(sketches)
            self._refilling.fill_if_due()

    def remove(self, ids: ArrayLike) -> None:
        """Remove pairs; see ``Index.remove``."""
        with self._refilling.changing:
            self._state.rows.remove(ids)
            self._refilling.fill_if_due()

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
            recall: wanted share of the true neighbours, in (0, 1], by the index's own metric; 0.95 if neither
                this nor ``probes`` is given. The search makes the least effort whose measured recall is that
                high with 95 % confidence, and more for queries whose answers are by their own estimate far
                less complete. For 1, for more than any effort reached, and for k above 100, it scans.
            probes: buckets to visit, over all tables, instead of going by a recall; if these are all there
                are, the search is exact.
            exact: scan, whatever else is asked for.
            metric: rank by this instead of the index's own metric. (In a cosine index, rows and queries have
                length 1.)
            among: see ``Index.search``. A small set of ids is scanned.

        Raises:
            UsageError: k, recall, probes, metric, among or the queries make no sense, or both recall and
                probes are given.
        """
        plain = among is None and not exact and (metric is None or metric == self._metric)
        lone = self._alone.search(self._refilling.state, queries, k, recall, probes) if plain else None
        if lone is not None:
            return lone
        check_search(k, recall, probes)
        prepared = self._metric.prepare(as_vectors(queries, self.dim))
        ranking = self._metric if metric is None else parse_metric(metric)
        state, k, own = self._state, int(k), ranking == self._metric
        view = View(state, among)
        if not (scans := exact or state.hashed is None) and probes is None:
            scans = self._loading.scans(prepared.size * len(state.rows), partial(self._alone.load, state))
        probes = probes and int(probes)  # one type to compile
        effort = None if scans else view.effort(k, recall, probes, own=own)
        if effort is None or state.hashed is None:
            return scan(view.blocks, prepared, k, ranking, prepared=own)
        found = search_tables(state.hashed, view.stored(), effort, prepared, k, ranking)
        few = found.ids[:, min(k, view.living) - 1] < 0  # and so is what is not complete enough
        if probes is None and few.any():
            found = found.replaced(few, scan(view.blocks, prepared[few], k, ranking, prepared=own))
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

        A query with up to 100 answers is searched for its nearest neighbours; one with more is scanned for.

        Args:
            queries: (q, dim), or (dim,) for one query.
            radius: the largest distance that counts, 0 or more.
            recall: see ``search``.
            exact: scan, whatever else is asked for.
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

    def pairs(
        self,
        radius: float,
        *,
        recall: float | None = None,
        rows: tuple[int, int] | None = None,
        threads: int | None = None,
        among: ArrayLike | None = None,
    ) -> AllPairs:
        """Find all pairs of rows within a distance; see ``Index.pairs``. ``recall`` is 0.95 if left out."""
        asked = asked_pairs(radius, recall, rows, threads, among)
        spec = partial(self._chosen.spec, scan_below=SCAN_PAIRS_BELOW)
        return pairs_of(self._state, spec, self._metric, asked)

    def settle(self) -> None:
        """Bring all rows into one part, drop the removed, and fill the tables anew, before this returns."""
        self._refilling.settle()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the index to a file, whole or not at all; settles it first.

        Args:
            path: where; an older file there is replaced.

        Raises:
            UsageError: that is no path.
            OSError: the file cannot be written.
        """
        where = files.as_path(path)
        with self._refilling.changing:
            rows = self._state.rows
            if rows.size > len(rows.main.ids) or self.unsettled or rows.dead:
                self.settle()
            saving.write(where, self._settings(), self._state)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, checked: Stamp | None = None) -> Self:
        """Open a saved index and check every byte of it; a file above 1 GiB is mapped instead of read.

        Args:
            path: a file that ``save`` wrote. A mapped one must not be changed while the index is in use.
            checked: the stamp before a check of every byte; while it has that, vectors are just mapped.

        Raises:
            UsageError: that is no path.
            DamagedError: there is no file, or it is not what ``save`` wrote.
        """
        where = files.as_path(path)
        settings, state = saving.read(where, checked)
        with files.damage_reported(where):
            return cls._with(settings, state)

    @classmethod
    def _with(cls, settings: Any, state: State) -> Self:
        """Make an index with a state."""
        index = cls(state.rows.dim, **settings)
        index._refilling.state = state
        return index

    @classmethod
    def _unpickled(cls, settings: dict[str, Any], state: State) -> Self:
        """Make an index of what ``__reduce__`` gave to pickle."""
        hashed, judge = state.hashed and state.hashed.laid_out(), state.judge.laid_out()
        index = cls._with(settings, replace(state, hashed=hashed, judge=judge))
        with index._refilling.changing:
            index._refilling.fill_if_due()
        return index

    @property
    def _state(self) -> State:
        return self._refilling.state

    def _settings(self) -> dict[str, Any]:
        """The keyword arguments that make such an index, as JSON can hold them."""
        return {"metric": str(self._metric), **self._chosen.given()}
