"""A search for one query per call: whatever does not depend on the query is prepared once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike import kernels
from lookalike.index.base import Neighbors, Work, check_search
from lookalike.index.funnel import search_tables
from lookalike.index.loading import Loading
from lookalike.index.lone_scan import FLOAT32, LoneScan, is_lone
from lookalike.index.state import State
from lookalike.index.view import View
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.bits import CODE_BITS
from lookalike.kernels.metrics import Metric

if TYPE_CHECKING:
    from lookalike.index.hashed import Hashed
    from lookalike.index.hashing import HashFunctions
    from lookalike.kernels.alone import Fixed, Room
    from lookalike.kernels.funnel import Effort
    from lookalike.kernels.stored import Stored

_KEPT = 16  # ways to ask that stay prepared


class _Prepared(NamedTuple):
    """What all searches have in common that are asked for in one way, until a row comes or goes.

    Attributes:
        state: that was looked at.
        fresh: its sketches of fresh rows.
        dead: how many of its rows were dead.
        shapes: that an array of one query can have.
        fixed: what searches read.
        places: where that lies.
        where: the address of ``places``.
        find: ``kernels.alone.search_one``.
        rooms: those that no search uses just now. A search takes one, so threads never share one.
        k: how many neighbours are wanted.
        enough: how many there must be; a scan has to find what is missing. 0 if buckets to visit were given.
    """

    state: State
    fresh: NDArray[np.uint64]
    dead: int
    shapes: tuple[tuple[int, ...], ...]
    fixed: Fixed
    places: NDArray[np.int64]
    where: int
    find: Callable[[int, int], tuple[int, int, int, int]]
    rooms: list[Room]
    k: int
    enough: int

    def fits(self, state: State) -> bool:
        """Whether nothing has changed since."""
        return self.state is state and self.fresh is state.fresh.rows and self.dead == state.rows.dead

    def search(self, query: Vectors) -> Neighbors | None:
        """Find the neighbours of a query, (dim,) or (1, dim) float32; None if a batch has to."""
        try:
            room = self.rooms.pop()
        except IndexError:
            room = kernels.alone.Room.of(self.state.rows.dim, self.k)
        room.query[...] = query
        done, found = self.find(self.where, room.where), None
        if done[0] >= 0 and not (self.enough and room.ids.item(self.enough - 1) < 0):
            found = Neighbors(room.ids.copy(), room.distances.copy(), Work._make(done), room.recall.copy())
        self.rooms.append(room)
        return found  # it is rare that the tables are not enough, so then it is a batch


class Alone:
    """Searches an index by its own metric for one query per call; any number of threads may call it."""

    def __init__(self, metric: Metric) -> None:
        """Begin with nothing prepared; ``metric`` is that of the index."""
        self._metric = metric
        self._scan = LoneScan(metric)
        self._prepared: dict[tuple[int, float | None, int | None], _Prepared] = {}
        self._kept: tuple[HashFunctions, tuple[NDArray[Any], ...] | None] | None = None

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
        # The types first: 3.0 equals a kept 3, but is refused.
        if type(k) is not int or (recall is not None and type(recall) is not float):
            return None
        if probes is not None and type(probes) is not int:
            return None
        prepared = self._prepared.get((k, recall, probes))
        if prepared is None or not prepared.fits(state):
            return self._anew(state, queries, k, recall, probes)
        if (
            type(queries) is not np.ndarray
            or queries.shape not in prepared.shapes
            or queries.dtype != FLOAT32
        ):
            return None
        return prepared.search(queries)

    def _anew(
        self, state: State, queries: ArrayLike, k: int, recall: float | None, probes: int | None
    ) -> Neighbors | None:
        """As ``search``, if nothing is prepared."""
        if not is_lone(queries, state.rows.dim):
            return None
        if state.hashed is None:
            check_search(k, recall, probes)
            return self._scan.search(state.rows, queries, k)
        if not Loading.over() or (prepared := self._prepare(state, k, recall, probes)) is None:
            return None
        if len(self._prepared) >= _KEPT:
            self._prepared = {}
        self._prepared[k, recall, probes] = prepared
        return prepared.search(queries)

    def load(self, state: State) -> None:
        """Load or compile all that searches by tables need, by one for a batch and one for a lone query."""
        view, query = View(state, None), np.zeros((1, state.rows.dim), np.float32)
        effort = view.effort(1, None, 1)
        if state.hashed is not None and effort is not None:
            search_tables(state.hashed, view.stored(), effort, query, 1, self._metric)
            prepared = self._prepare(state, 1, None, 1)
            if prepared is not None:
                prepared.search(query)

    def _prepare(self, state: State, k: int, recall: float | None, probes: int | None) -> _Prepared | None:
        """Prepare searches of one kind; None if such a search scans, or has to be a batch."""
        check_search(k, recall, probes)
        if state.hashed is None:
            return None
        fresh, dead, view = state.fresh.rows, state.rows.dead, View(state, None)
        effort = view.effort(k, recall, probes)
        if effort is None:
            return None
        laid_out = self._laid_out(state.hashed.functions)
        if laid_out is None:
            return None
        fixed = self._fixed(state.hashed, laid_out, view.stored(), effort)
        places = fixed.places()
        if places is None:
            return None
        dim = state.rows.dim
        return _Prepared(
            state=state,
            fresh=fresh,
            dead=dead,
            shapes=((1, dim), (dim,)),
            fixed=fixed,
            places=places,
            where=places.ctypes.data,
            find=kernels.alone.search_one,
            rooms=[],
            k=k,
            enough=min(k, view.living) if probes is None else 0,
        )

    def _laid_out(self, functions: HashFunctions) -> tuple[NDArray[Any], ...] | None:
        """Hash functions as ``Fixed`` takes them; None if they are not short, as those of old files."""
        kept = self._kept  # read once: another thread may replace it by those of another state
        if kept is None or kept[0] is not functions:
            planes, centres = map(kernels.products.blocks_of, (functions.planes, functions.cells.centres))
            if planes is None or centres is None:
                kept = functions, None
            else:
                kept = functions, (planes, centres, functions.cells.squares, *functions.rotation)
            self._kept = kept
        return kept[1]

    def _fixed(
        self, hashed: Hashed, functions: tuple[NDArray[Any], ...], stored: Stored, effort: Effort
    ) -> Fixed:
        """What searches with an effort read."""
        ranking, unit = (self._metric.code, self._metric.power), self._metric.formula.unit_rows
        keys = len(hashed.functions.planes) - CODE_BITS
        *others, weights, farthest, share, enough, aim = effort
        numbers = np.array([*others, farthest, share, enough, aim, *ranking, unit, keys], np.float64)
        return kernels.alone.Fixed(hashed.tables, stored, functions, weights, numbers)
