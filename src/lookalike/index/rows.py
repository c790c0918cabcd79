"""The (id, vector) pairs of an index: an immutable main part, a growing tail, and marks on removed rows.

The main part can be a memory-mapped file of any size, of float32 numbers or of float16 ones, which take half
the memory. Only the small tail changes, and one byte per row, which tells whether the row is alive. A removed
row is called dead; it keeps its place until the rows are settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import UsageError
from lookalike.index.base import check_new
from lookalike.index.growing import Growing
from lookalike.kernels.arrays import Ids, Vectors, as_ids, frozen
from lookalike.kernels.singles import singles

STORED = (np.dtype(np.float32), np.dtype(np.float16))
"""The types that the numbers of a main part may have."""

_RECENT = 1024  # ids that may wait to be sorted in
_ROWS_AT_ONCE = 1 << 14
_LARGEST_HALF = float(np.finfo(np.float16).max)


class Block(NamedTuple):
    """A run of rows.

    Attributes:
        ids: (n,) int64.
        vectors: (n, dim) float32, or float16 in a main part.
        alive: (n,) bool; False for rows that were removed or do not count.
    """

    ids: Ids
    vectors: NDArray[np.floating]
    alive: NDArray[np.bool_]

    def some(self, start: int, stop: int) -> Vectors:
        """Some rows after each other, (r, dim) float32; of float16 rows a copy."""
        return singles(self.vectors[start:stop])


class Rows:
    """(id, vector) pairs that come and go.

    Rows are numbered through: those of the main part first, those of the tail after them.
    """

    def __init__(
        self, dim: int, main_ids: Ids | None = None, main_vectors: NDArray[np.floating] | None = None
    ) -> None:
        """Take over a main part.

        Args:
            dim: length of a vector, 1 or more.
            main_ids: (n,) int64, ascending.
            main_vectors: (n, dim) float32 or float16, never written to.

        Raises:
            UsageError: no such length, or a main part that is not as said.
        """
        if not isinstance(dim, int | np.integer) or dim < 1:
            raise UsageError(f"dim must be a whole number, 1 or more, not {dim!r}")
        ids = np.empty(0, np.int64) if main_ids is None else main_ids
        vectors = np.empty((0, dim), np.float32) if main_vectors is None else main_vectors
        _check_main(ids, vectors, dim)
        self.dim = dim
        self._main_alive = np.ones(len(ids), np.bool_)
        self.main = Block(frozen(ids), frozen(vectors), frozen(self._main_alive))
        self._tail_ids: Growing[np.int64] = Growing((), np.int64)
        self._tail_vectors: Growing[np.float32] = Growing((dim,), np.float32)
        self._tail_alive: Growing[np.bool_] = Growing((), np.bool_)
        # Where the living ids of the tail are: the last ones in a dict, those before in sorted arrays,
        # which take a tenth of its memory.
        self._recent: dict[int, int] = {}
        self._sorted = (np.empty(0, np.int64), np.empty(0, np.int64))  # ids and places
        self._dead = 0

    def __len__(self) -> int:
        return self.size - self._dead

    @property
    def size(self) -> int:
        """Rows, the dead included."""
        return len(self.main.ids) + len(self._tail_ids)

    @property
    def dead(self) -> int:
        """Rows that were removed and still take their place."""
        return self._dead

    @property
    def tail(self) -> Block:
        """The rows added since the main part was made, as they are now, including those removed since."""
        alive = self._tail_alive.rows  # written last, so that the others have as many rows or more
        return Block(self._tail_ids.rows[: len(alive)], self._tail_vectors.rows[: len(alive)], alive)

    def blocks(self) -> list[Block]:
        """The main part and the tail as they are now; later removals do not show in them."""
        # The tail first: an id that moves there from the main part meanwhile must not be met twice.
        tail, main = self.tail, self.main
        return [block._replace(alive=frozen(block.alive.copy())) for block in (main, tail)]

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Append pairs to the tail; see ``Index.add``."""
        check_new(ids, vectors, self._places(ids) >= 0)
        if self.main.vectors.dtype == np.float16 and np.abs(vectors).max(initial=0) > _LARGEST_HALF:
            raise UsageError(f"vectors must be within ±{_LARGEST_HALF:g}, since rows are stored as float16")
        start = len(self._tail_ids)
        self._tail_ids.append(ids)
        self._tail_vectors.append(vectors)
        self._tail_alive.append(np.ones(len(ids), np.bool_))
        if len(self._recent) + len(ids) > max(_RECENT, len(self._sorted[0]) // 8):
            self._sort_tail()
        else:
            self._recent.update(zip(ids.tolist(), range(start, start + len(ids)), strict=True))

    def remove(self, ids: ArrayLike) -> None:
        """Mark pairs as dead; see ``Index.remove``."""
        gone = as_ids(ids)
        places = self._places(gone)
        if (places < 0).any():
            raise UsageError(f"id {gone[places < 0][0]} is not in the index, so it cannot be removed")
        in_main = places < len(self.main.ids)
        self._main_alive[places[in_main]] = False
        self._tail_alive.put(places[~in_main] - len(self.main.ids), np.False_)
        for i in gone[~in_main].tolist():
            self._recent.pop(i, None)
        self._dead += len(gone)

    def having(self, among: ArrayLike | None) -> list[Block]:
        """The blocks, with all rows marked dead that have none of some ids.

        Args:
            among: (n,) ids, whether they are there or not; None for all.

        Raises:
            UsageError: those are no ids.
        """
        if among is None:
            return self.blocks()
        places = self._places(as_ids(among))
        main, tail = self.blocks()
        first = len(main.ids)
        wanted = np.zeros(first + len(tail.ids), np.bool_)
        wanted[places[(places >= 0) & (places < len(wanted))]] = True
        return [
            main._replace(alive=frozen(main.alive & wanted[:first])),
            tail._replace(alive=frozen(tail.alive & wanted[first:])),
        ]

    def settled(self) -> tuple[Ids, NDArray[np.floating]]:
        """Ids (n,) and vectors (n, dim) of all living pairs, in ascending order of ids: a new main part.

        Its numbers have the type of those of the main part before. It is made without a copy besides.
        """
        if self.size == len(self.main.ids) and not self._dead:
            return self.main.ids, self.main.vectors
        blocks = self.blocks()
        ids = np.concatenate([block.ids[block.alive] for block in blocks])
        order = np.argsort(ids)
        places = np.empty(len(ids), np.int64)
        places[order] = np.arange(len(ids))
        vectors = np.empty((len(ids), self.dim), self.main.vectors.dtype)
        done = 0
        for block in blocks:
            living = np.flatnonzero(block.alive)
            for start in range(0, len(living), _ROWS_AT_ONCE):
                some = living[start : start + _ROWS_AT_ONCE]
                vectors[places[done : done + len(some)]] = block.vectors[some]
                done += len(some)
        return ids[order], vectors

    def ids(self) -> Ids:
        """All living ids, ascending, (n,) int64."""
        return np.sort(np.concatenate([block.ids[block.alive] for block in self.blocks()]))

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_blocks, (self.dim, *self.blocks())

    def _sort_tail(self) -> None:
        """Note in sorted arrays where all living ids of the tail are."""
        tail = self.tail
        living = np.flatnonzero(tail.alive)
        living = living[np.argsort(tail.ids[living])]
        self._sorted = (tail.ids[living], living)
        self._recent = {}

    def _places(self, ids: Ids) -> NDArray[np.int64]:
        """For each of (n,) ids the number of the living row that has it, or -1."""
        first = len(self.main.ids)
        rows = np.array([self._recent.get(i, -1 - first) for i in ids.tolist()], np.int64) + first
        tail_ids, tail_places = self._sorted
        at, found = _look_up(ids, tail_ids)
        places = tail_places[at[found]]
        rows[found] = np.where(self._tail_alive.rows[places], first + places, rows[found])
        at, found = _look_up(ids, self.main.ids)
        found[found] = self.main.alive[at[found]]
        rows[found] = at[found]
        return rows


def rows_at(blocks: Sequence[Block], rows: NDArray[np.integer]) -> Vectors:
    """Vectors, (r, dim) float32, of (r,) rows of blocks; the rows are numbered through all blocks."""
    vectors = np.empty((len(rows), blocks[0].vectors.shape[1]), np.float32)
    start = 0
    for block in blocks:
        here = (rows >= start) & (rows < start + len(block.ids))
        vectors[here] = block.vectors[rows[here] - start]
        start += len(block.ids)
    return vectors


def _of_blocks(dim: int, main: Block, tail: Block) -> Rows:
    """Rows with a main part and a tail, some of them dead: what a copy and a pickle are made of."""
    rows = Rows(dim, main.ids, main.vectors)
    rows._main_alive[:] = main.alive
    rows._tail_ids.append(tail.ids)
    rows._tail_vectors.append(tail.vectors)
    rows._tail_alive.append(tail.alive)
    rows._sort_tail()
    rows._dead = rows.size - int(main.alive.sum()) - int(tail.alive.sum())
    return rows


def _look_up(ids: Ids, ascending: Ids) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where ids would stand among ascending ones, and whether they are there; both (n,)."""
    at = np.searchsorted(ascending, ids)
    found = at < len(ascending)
    found[found] = ascending[at[found]] == ids[found]
    return at, found


def _check_main(ids: Ids, vectors: NDArray[np.floating], dim: int) -> None:
    """The gate for a main part, which may come from a file."""
    if ids.dtype != np.int64 or ids.ndim != 1:
        raise UsageError(f"ids must be int64 of shape (n,), not {ids.dtype} of shape {ids.shape}")
    shape = (len(ids), dim)
    if vectors.dtype not in STORED or vectors.shape != shape:
        found = f"{vectors.dtype} of shape {vectors.shape}"
        raise UsageError(f"vectors must be float32 or float16 of shape {shape}, not {found}")
    if len(ids) and (ids[0] < 0 or (ids[1:] <= ids[:-1]).any()):
        raise UsageError("ids of a main part must be 0 or more and ascend")
