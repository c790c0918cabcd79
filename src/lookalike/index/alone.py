"""A search for one query per call: whatever does not depend on the query is prepared once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike import kernels
from lookalike.index.base import Neighbors, Work, check_search
from lookalike.index.funnel import search_tables
from lookalike.index.loading import Loading
from lookalike.index.lone_scan import LoneScan, is_lone
from lookalike.index.state import State
from lookalike.index.view import View
from lookalike.index.widening import least
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.kernels.metrics import Metric

if TYPE_CHECKING:
    from lookalike.index.hashed import Hashed
    from lookalike.kernels.alone import Fixed
    from lookalike.kernels.funnel import Effort
    from lookalike.kernels.stored import Stored

_KEPT = 16  # ways to ask that stay prepared
_UNKNOWN = np.full(1, np.nan, np.float32)


class _Prepared(NamedTuple):
    """What all searches have in common that are asked for in one way, until a row comes or goes.

    Attributes:
        state: that was looked at.
        fresh: its sketches of fresh rows.
        dead: how many of its rows were dead.
        fixed: what searches read, for one effort after the other, as long as an answer is not good enough.
        places: where that lies.
        where: addresses of ``places``.
        find: see ``kernels.alone.Fixed``.
        ids: -1 in all places, (1, k) int64; a copy is filled with the answer.
        distances: likewise infinite, (1, k) float32.
        enough: how many neighbours there must be; a scan has to find what is missing.
        content: for each of them the estimated recall from which on an answer is good enough.
    """

    state: State
    fresh: NDArray[np.uint64]
    dead: int
    fixed: list[Fixed]
    places: list[NDArray[np.int64]]
    where: list[int]
    find: Callable[..., tuple[int, int, int, int]]
    ids: Ids
    distances: NDArray[np.float32]
    enough: int
    content: list[float]

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
        self, state: State, query: Vectors, k: int, recall: float | None, probes: int | None
    ) -> Neighbors | None:
        """As ``search``, by tables, also while the kernels are being loaded."""
        prepared = self._prepared.get((k, recall, probes))
        if prepared is None or not prepared.fits(state):
            prepared = self._prepare(state, k, recall, probes)
            if prepared is None:
                return None
        work = Work()
        for where, content in zip(prepared.where, prepared.content, strict=True):
            own = query.copy() if query.ndim == 2 else query.reshape(1, -1).copy()
            ids, distances, judged = prepared.ids.copy(), prepared.distances.copy(), _UNKNOWN.copy()
            done = prepared.find(where, own, ids, distances, judged)
            if done[0] < 0 or (probes is None and ids.item(prepared.enough - 1) < 0):
                return None
            work += Work(*done)
            complete = judged.item()
            if not 0 <= complete < content:
                return Neighbors(ids, distances, work, judged)
            if complete == 0:
                break
        return None  # it is rare that these efforts are not enough, so then it is a batch

    def load(self, state: State) -> None:
        """Load or compile all that searches by tables need, by one for a batch and one for a lone query."""
        view, query = View(state, None), np.zeros((1, state.rows.dim), np.float32)
        efforts = view.efforts(1, None, 1)
        if state.hashed is not None and efforts:
            search_tables(state.hashed, view.stored(), efforts[0], query, 1, self._metric)
            self._by_tables(state, query, 1, None, 1)

    def _prepare(self, state: State, k: int, recall: float | None, probes: int | None) -> _Prepared | None:
        """Prepare searches of one kind, and keep that; None if such a search scans, or has to be a batch."""
        check_search(k, recall, probes)
        if state.hashed is None:
            return None
        fresh, dead, view = state.fresh.rows, state.rows.dead, View(state, None)
        efforts = view.efforts(k, recall, probes)
        if not efforts:
            return None
        tried = efforts[: max(1, len(efforts) - 1)]
        fixed = [self._fixed(state.hashed, view.stored(), effort) for effort in tried]
        places = [of for of in (each.places() for each in fixed) if of is not None]
        if len(places) < len(fixed):
            return None
        prepared = _Prepared(
            state=state,
            fresh=fresh,
            dead=dead,
            fixed=fixed,
            places=places,
            where=[of.ctypes.data for of in places],
            find=fixed[0].find,
            ids=np.full((1, k), -1, np.int64),
            distances=np.full((1, k), np.inf, np.float32),
            enough=min(k, view.living),
            content=[least(recall, again=again) for again in (False, *([True] * (len(places) - 1)))],
        )
        if len(self._prepared) >= _KEPT:
            self._prepared = {}
        self._prepared[k, recall, probes] = prepared
        return prepared

    def _fixed(self, hashed: Hashed, stored: Stored, effort: Effort) -> Fixed:
        """What searches with an effort read."""
        functions, ranking = hashed.functions, (self._metric.code, self._metric.power)
        *others, weights, farthest = effort
        return kernels.alone.Fixed(
            hashed.tables,
            stored,
            (functions.planes, *functions.cells, *functions.rotation),
            weights,
            np.array([*others, farthest, *ranking, self._metric.formula.unit_rows], np.float64),
        )


def _are_plain(k: object, recall: object, probes: object) -> bool:
    """Whether numbers have the types of those kept; 3.0 equals a kept 3, but is refused."""
    if type(k) is not int or not (recall is None or type(recall) is float):
        return False
    return probes is None or type(probes) is int
