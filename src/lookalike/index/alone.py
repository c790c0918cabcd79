"""A search for one query per call: whatever does not depend on the query is prepared once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike import kernels
from lookalike.index.base import Neighbors, Work, check_search
from lookalike.index.funnel import search_tables
from lookalike.index.hashing import HashFunctions
from lookalike.index.loading import Loading
from lookalike.index.lone_scan import LoneScan, is_lone
from lookalike.index.state import State
from lookalike.index.view import View
from lookalike.index.widening import least
from lookalike.kernels.arrays import frozen
from lookalike.kernels.bits import CODE_BITS
from lookalike.kernels.metrics import Metric

_KEPT = 16  # ways to ask that stay prepared


class _Prepared(NamedTuple):
    """What all searches have in common that are asked for in one way, until a row comes or goes.

    Attributes:
        state: that was looked at.
        fresh: its sketches of fresh rows.
        dead: how many of its rows were dead.
        functions: its hash functions.
        enough: how many neighbours there must be; a scan has to find what is missing.
        content: the estimated recall from which on an answer is good enough.
        find: ``kernels.alone.search_one``.
        before: its arguments that come before the effort.
        efforts: the next argument, for one call after the other, as long as an answer is not good enough.
        after: those that come between the query and the answers.
        spare: the fields of an ``Asked`` each, which no thread uses now.
    """

    state: State
    fresh: NDArray[np.uint64]
    dead: int
    functions: HashFunctions
    enough: int
    content: float
    find: Callable[..., tuple[int, int, int, int]]
    before: tuple[Any, ...]
    efforts: list[tuple[Any, ...]]
    after: tuple[Any, ...]
    spare: list[tuple[Any, ...]]

    def fits(self, state: State) -> bool:
        """Whether nothing has changed since."""
        return self.state is state and self.fresh is state.fresh.rows and self.dead == state.rows.dead


class Alone:
    """Searches an index by its own metric for one query per call; any number of threads may call it."""

    def __init__(self, metric: Metric) -> None:
        """Begin with nothing prepared; ``metric`` is that of the index."""
        self._metric = metric
        self._scan = LoneScan(metric)
        self._prepared: dict[tuple[int, float | None, int | None], _Prepared] = {}

    def search(
        self, state: State, queries: ArrayLike, k: int, recall: float | None, probes: int | None
    ) -> Neighbors | None:
        """Find the neighbours of a lone query.

        Args:
            state: of the index, as it is now.
            queries: as the caller gave them, like the others.
            k: how many neighbours.
            recall: see ``LSHIndex.search``.
            probes: likewise.

        Returns:
            What a search for a batch of this one query finds. None if such a search has to be made: there is
            more than one query, or none of float32, or it is refused; or an index with tables has to scan.

        Raises:
            UsageError: k, recall or probes make no sense.
        """
        if not is_lone(queries, state.rows.dim) or not _are_plain(k, recall, probes):
            return None
        if state.hashed is None:
            check_search(k, recall, probes)
            return self._scan.search(state.rows, queries, k)
        return self._by_tables(state, queries, k, recall, probes) if Loading.over() else None

    def _by_tables(
        self, state: State, queries: ArrayLike, k: int, recall: float | None, probes: int | None
    ) -> Neighbors | None:
        """As ``search``, by tables, also while the kernels are being loaded."""
        prepared = self._prepared.get((k, recall, probes))
        if prepared is None or not prepared.fits(state):
            prepared = self._prepare(state, k, recall, probes)
            if prepared is None:
                return None
        try:
            asked = prepared.spare.pop()
        except IndexError:
            asked = self._room(prepared.functions)
        ids, distances = np.empty((1, k), np.int64), np.empty((1, k), np.float32)
        complete, gaps = np.empty(1, np.float32), np.empty((1, kernels.gaps.STAGES), np.float32)
        answers = ids, distances, complete, gaps
        work = Work()
        for effort in prepared.efforts:
            asked[0][:] = queries
            done = prepared.find(*prepared.before, effort, asked, *prepared.after, answers)
            work += Work(*done)
            if done[0] < 0 or not 0 < complete[0] < prepared.content:
                break
        prepared.spare.append(asked)
        if done[0] < 0 or (probes is None and ids[0, prepared.enough - 1] < 0):
            return None
        # What needs more than these efforts is rare, and searched for as a batch.
        return None if complete[0] < prepared.content else Neighbors(ids, distances, work, complete)

    def load(self, state: State) -> None:
        """Load or compile all that searches by tables need, by one for a batch and one for a lone query."""
        view, query = View(state, None), np.zeros((1, state.rows.dim), np.float32)
        efforts = view.efforts(1, None, 1)
        if state.hashed is not None and efforts:
            search_tables(state.hashed, view.stored(), efforts[0], query, 1, self._metric)
            self._by_tables(state, query, 1, None, 1)

    def _prepare(self, state: State, k: int, recall: float | None, probes: int | None) -> _Prepared | None:
        """Prepare searches of one kind, and keep that; None if such a search scans."""
        check_search(k, recall, probes)
        if state.hashed is None:
            return None
        fresh, dead, view = state.fresh.rows, state.rows.dead, View(state, None)
        efforts = view.efforts(k, recall, probes)
        if not efforts:
            return None
        functions, tables = state.hashed
        ranking = kernels.distances.Ranking(self._metric.code, self._metric.power)
        before = tuple(tables), tuple(view.stored())
        tried = [tuple(effort) for effort in efforts[: max(1, len(efforts) - 1)]]
        after = (functions.planes, tuple(functions.cells), tuple(functions.rotation)), tuple(ranking)
        find, enough, content = kernels.alone.search_one, min(k, view.living), least(recall)
        prepared = _Prepared(state, fresh, dead, functions, enough, content, find, before, tried, after, [])
        if len(self._prepared) >= _KEPT:
            self._prepared = {}
        self._prepared[k, recall, probes] = prepared
        return prepared

    def _room(self, functions: HashFunctions) -> tuple[Any, ...]:
        """The fields of a ``kernels.alone.Asked`` for one more thread."""
        planes, dim = functions.planes.shape
        vector, margins = np.empty((1, dim), np.float32), np.empty(planes, np.float32)
        if functions.bits:
            borders = margins[:-CODE_BITS].reshape(1, functions.tables, functions.bits)
        else:
            borders = np.empty((1, 1, functions.buckets), np.float32)
        codes = margins[-CODE_BITS:].reshape(1, CODE_BITS)
        return vector, frozen(vector), margins, borders, codes, self._metric.formula.unit_rows


def _are_plain(k: object, recall: object, probes: object) -> bool:
    """Whether numbers have the types of those kept; 3.0 equals a kept 3, but is refused."""
    if type(k) is not int or not (recall is None or type(recall) is float):
        return False
    return probes is None or type(probes) is int
