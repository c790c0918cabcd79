"""The rows of an LSH index as a walk over all pairs sees them: in the order of their ids, with tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.index.base import Neighbors, Ranges, Work
from lookalike.index.exact import scan_within
from lookalike.index.funnel import effort_by_probes, search_tables
from lookalike.index.hashed import Hashed
from lookalike.index.pairs import MOST_PAIRS, Unsorted
from lookalike.index.rows import Block, rows_at
from lookalike.index.state import no_sketches
from lookalike.kernels.arrays import Ids, Vectors, frozen
from lookalike.kernels.metrics import Metric
from lookalike.kernels.stored import Stored

if TYPE_CHECKING:
    from lookalike.kernels.pairs import Firsts, Limits

_TOGETHER = 512  # rows that are hashed together
_PROBES, _SHARE = 32, 8  # buckets that a generous search visits: so many, or one of so many
_WIDTH = 40  # neighbours for which it keeps codes and sketches


class Needs(NamedTuple):
    """What limits must be at least to find each of some pairs.

    Attributes:
        reach: (n,) float32.
        code: (n,) int64.
        sketch: (n,) int64.
    """

    reach: NDArray[np.float32]
    code: NDArray[np.int64]
    sketch: NDArray[np.int64]

    def within(self, limits: Limits) -> NDArray[np.bool_]:
        """Which of the pairs are found, (n,) bool."""
        near = (self.code <= limits.code) & (self.sketch <= limits.sketch)
        return np.asarray(near & (self.reach <= np.float32(limits.reach)))


class PairTables:
    """Finds pairs of rows by hash tables that hold all of the rows; any number of threads may call it.

    Attributes:
        ids: (n,) int64, ids of the living rows, ascending.
        dim: length of a vector.
    """

    def __init__(self, hashed: Hashed, blocks: Sequence[Block], metric: Metric) -> None:
        """Look at rows.

        Args:
            hashed: tables, filled from the blocks.
            blocks: main part and tail; only rows that are alive in them count.
            metric: measures distance.
        """
        self._hashed, self._blocks, self._metric = hashed, blocks, metric
        self._stored = Stored.of(blocks[0], blocks[1], no_sketches().rows)
        alive = np.flatnonzero(np.concatenate([block.alive for block in blocks]))
        ids = np.concatenate([block.ids for block in blocks])[alive]
        order = np.argsort(ids, kind="stable")
        self.ids, self._rows = ids[order], alive[order]
        self.dim = blocks[0].vectors.shape[1]

    def vectors(self, places: NDArray[np.integer]) -> Vectors:
        """Vectors, (r, dim) float32, of the rows at (r,) places among ``ids``."""
        return rows_at(self._blocks, self._rows[places])

    def places(self, ids: Ids) -> NDArray[np.int64]:
        """Where (r,) ids, all of them there, stand among ``ids``."""
        return np.searchsorted(self.ids, ids)

    def find(self, part: range, limits: Limits) -> Unsorted | None:
        """Find the pairs of a run of rows; see ``pairs.Find``."""
        return self._visit(self._run(part), limits)[0]

    def visit(self, places: NDArray[np.integer], limits: Limits) -> tuple[Unsorted | None, Work]:
        """Find the pairs of the rows at some places, and say what it cost."""
        return self._visit(self._firsts(places), limits)

    def _run(self, part: range) -> Firsts:
        """The rows of a part, each hashed together with the same others wherever the part begins and ends.

        The last digit of a product of matrices depends on how many rows there are and on where a row stands
        among them. With it a pair at the very limits would come or go, so that answers for runs of rows would
        not add up to the answer for all.
        """
        start = part.start - part.start % _TOGETHER
        runs = [
            self._firsts(np.arange(at, min(at + _TOGETHER, len(self.ids))))
            for at in range(start, part.stop, _TOGETHER)
        ]
        own = slice(part.start - start, part.stop - start)
        ids, vectors, borders, codes = (np.concatenate(arrays)[own] for arrays in zip(*runs, strict=True))
        return kernels.pairs.Firsts(ids, frozen(vectors), borders, codes)

    def _firsts(self, places: NDArray[np.integer]) -> Firsts:
        """The rows at some places, hashed."""
        vectors, functions = self.vectors(places), self._hashed.functions
        margins = functions.margins(vectors)
        return kernels.pairs.Firsts(
            self.ids[places], frozen(vectors), functions.borders(margins), functions.codes(margins)
        )

    def _visit(self, firsts: Firsts, limits: Limits) -> tuple[Unsorted | None, Work]:
        """Find the pairs of some rows, and say what it cost."""
        room = MOST_PAIRS if len(firsts.ids) > 1 else len(self.ids)
        found = Unsorted(np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.float32))
        count, *work = kernels.pairs.search(
            self._hashed.tables,
            self._stored,
            limits,
            firsts,
            self._hashed.functions.rotation,
            kernels.distances.Ranking(self._metric.code, self._metric.power),
            kernels.pairs.Found(*found),
        )
        if count == kernels.pairs.FULL:
            return None, Work(*work)
        found = found.at(slice(count))
        return found._replace(first=firsts.ids[found.first]), Work(*work)

    def near(self, places: NDArray[np.integer], k: int) -> Neighbors:
        """Search generously for the k nearest of the rows at some places, themselves among them."""
        probes = max(_PROBES, self._hashed.buckets // _SHARE)
        share = len(self.ids) / len(self._hashed.tables.rows)
        effort = effort_by_probes(self._hashed, probes, _WIDTH, share)
        effort = effort._replace(sketches=max(effort.sketches, 2 * k))
        return search_tables(self._hashed, self._stored, effort, self.vectors(places), k, self._metric)

    def scan(self, places: NDArray[np.integer], radius: float) -> Ranges:
        """Find all rows within a radius of those at some places, themselves among them, exactly."""
        return scan_within(list(self._blocks), self.vectors(places), radius, self._metric)

    def moved(
        self, firsts: Vectors, seconds: Vectors, distances: NDArray[np.float32], radius: float
    ) -> Vectors:
        """Move the second vector of each pair on the line through both, until they are a radius apart.

        Args:
            firsts: (n, dim) float32.
            seconds: (n, dim) float32.
            distances: (n,) float32, above 0. A radius of 0 moves the second onto the first.
            radius: wanted distance; that of the metric hamming is met on average only.
        """
        unit = self._metric.formula.unit_rows
        shares = radius / distances.astype(np.float64)
        # The cosine distance of vectors of length 1 is half the square of what lies between them.
        shares = (np.sqrt(shares) if unit else shares)[:, None].astype(np.float32)
        return self._metric.prepare(np.asarray(firsts + shares * (seconds - firsts), np.float32))

    def needs(self, firsts: Vectors, seconds: Vectors) -> Needs:
        """What it takes to find pairs of vectors, both (n, dim) float32, from the side of the first."""
        functions = self._hashed.functions
        margins, others = functions.margins(firsts), functions.margins(seconds)
        keys = functions.keys(others)[:, :, None]
        reach = kernels.needs.reaches(functions.borders(margins), keys, functions.buckets)
        codes = functions.codes(margins)
        sketches = functions.sketch(seconds, others)
        scores = kernels.pairs.scores(sketches, frozen(firsts), codes, functions.rotation)
        return Needs(reach[:, 0], *scores)
