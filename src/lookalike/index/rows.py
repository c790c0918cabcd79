"""The (id, vector) pairs of an index: an immutable main part, a growing tail, and tombstones over both.

The main part can be a memory-mapped file of any size; what changes is only the small tail and one byte a row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import UsageError
from lookalike.index.base import check_new
from lookalike.kernels.arrays import Ids, Vectors, as_ids


class Block(NamedTuple):
    """A run of rows: ids (n,) int64, vectors (n, dim) float32, alive (n,) bool."""

    ids: Ids
    vectors: Vectors
    alive: NDArray[np.bool_]


class Rows:
    """(id, vector) pairs that come and go."""

    def __init__(self, dim: int, main_ids: Ids | None = None, main_vectors: Vectors | None = None) -> None:
        """Take over a main part.

        Args:
            dim: length of a vector, 1 or more.
            main_ids: (n,) int64, ascending.
            main_vectors: (n, dim) float32, never written to.

        Raises:
            UsageError: no such length, or a main part that is not as said.
        """
        if not isinstance(dim, int | np.integer) or dim < 1:
            raise UsageError(f"dim must be a whole number, 1 or more, not {dim!r}")
        ids = np.empty(0, np.int64) if main_ids is None else main_ids
        vectors = np.empty((0, dim), np.float32) if main_vectors is None else main_vectors
        _check_main(ids, vectors, dim)
        self.dim = dim
        self.main = Block(ids, vectors, np.ones(len(ids), np.bool_))
        self._tail = Block(np.empty(0, np.int64), np.empty((0, dim), np.float32), np.empty(0, np.bool_))
        self._tail_size = 0
        self._tail_places: dict[int, int] = {}
        self._dead_in_main = 0

    def __len__(self) -> int:
        return len(self.main.ids) - self._dead_in_main + len(self._tail_places)

    @property
    def tail(self) -> Block:
        """The rows added since the main part was made, as they are now, the removed among them included."""
        size = self._tail_size  # read once, and first: rows below it stay in place while others are added
        ids, vectors, alive = self._tail
        return Block(ids[:size], vectors[:size], alive[:size].copy())

    @property
    def unsettled(self) -> int:
        """Rows that a merge would move or drop: the whole tail and the dead of the main part."""
        return self._tail_size + self._dead_in_main

    def blocks(self) -> list[Block]:
        """The main part and the tail, where they have rows, as they are now."""
        # The tail first: an id that moves there from the main part meanwhile must not be met twice.
        tail = self.tail
        main = self.main._replace(alive=self.main.alive.copy())
        return [block for block in (main, tail) if len(block.ids)]

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Append pairs to the tail; see ``Index.add``."""
        in_main, _ = self._main_places(ids)
        in_tail = np.fromiter((int(i) in self._tail_places for i in ids), np.bool_, len(ids))
        check_new(ids, vectors, in_main | in_tail)
        start, stop = self._tail_size, self._tail_size + len(ids)
        if stop > len(self._tail.ids):
            room = max(2 * len(self._tail.ids), stop, 64)
            grown = Block(
                np.empty(room, np.int64), np.empty((room, self.dim), np.float32), np.zeros(room, np.bool_)
            )
            grown.ids[:start], grown.vectors[:start], grown.alive[:start] = self.tail
            self._tail = grown
        self._tail.ids[start:stop] = ids
        self._tail.vectors[start:stop] = vectors
        self._tail.alive[start:stop] = True
        self._tail_size = stop
        self._tail_places.update(zip(ids.tolist(), range(start, stop), strict=True))

    def remove(self, ids: ArrayLike) -> None:
        """Bury pairs; see ``Index.remove``."""
        gone = as_ids(ids)
        in_main, places = self._main_places(gone)
        missing = [int(i) for i in gone[~in_main] if int(i) not in self._tail_places]
        if missing:
            raise UsageError(f"id {missing[0]} is not in the index, so it cannot be removed")
        self.main.alive[places[in_main]] = False
        self._dead_in_main += int(in_main.sum())
        for i in gone[~in_main].tolist():
            self._tail.alive[self._tail_places.pop(i)] = False

    def settled(self) -> tuple[Ids, Vectors]:
        """All living pairs as a new main part, ascending by id."""
        blocks = (self.main, self.tail)
        ids = np.concatenate([block.ids[block.alive] for block in blocks])
        order = np.argsort(ids)
        vectors = np.concatenate([block.vectors[block.alive] for block in blocks])
        return ids[order], vectors[order]

    def ids(self) -> Ids:
        """All living ids, ascending."""
        living = [block.ids[block.alive] for block in self.blocks()]
        return np.sort(np.concatenate([np.empty(0, np.int64), *living]))

    def _main_places(self, ids: Ids) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        """Which ids live in the main part, and where."""
        places = np.searchsorted(self.main.ids, ids)
        if not len(self.main.ids):
            return np.zeros(len(ids), np.bool_), places
        places = np.minimum(places, len(self.main.ids) - 1)
        return (self.main.ids[places] == ids) & self.main.alive[places], places


def _check_main(ids: Ids, vectors: Vectors, dim: int) -> None:
    """The gate for a main part, which may come from a file."""
    if ids.dtype != np.int64 or ids.ndim != 1:
        raise UsageError(f"ids must be int64 of shape (n,), not {ids.dtype} of shape {ids.shape}")
    shape = (len(ids), dim)
    if vectors.dtype != np.float32 or vectors.shape != shape:
        raise UsageError(
            f"vectors must be float32 of shape {shape}, not {vectors.dtype} of shape {vectors.shape}"
        )
    if len(ids) and (ids[0] < 0 or (ids[1:] <= ids[:-1]).any()):
        raise UsageError("ids of a main part must be 0 or more and ascend")
