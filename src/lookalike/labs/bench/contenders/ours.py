"""This project's indexes."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from lookalike.index import ExactIndex, LSHIndex
from lookalike.index.settings import Settings
from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting

RECALLS = (0.80, 0.85, 0.90, 0.925, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.995)


def lsh_index(vectors: Vectors, **settings: Unpack[Settings]) -> LSHIndex:
    """A built ``LSHIndex`` whose ids are row numbers.

    Args:
        vectors: (n, dim) rows of length 1, possibly mapped from a file.
        settings: see ``LSHIndex``.
    """
    return LSHIndex.build(np.arange(len(vectors)), vectors, **settings)


class Hashing(Contender):
    """An ``LSHIndex``, searched at several values of ``recall``."""

    name = "lookalike LSHIndex"
    copied_bytes = 0  # an index that is built from rows leaves them where they are
    alone = True

    def warm_up(self, vectors: Vectors) -> None:
        """Compile or load the kernels; an index of few rows hashes only when it is told to."""
        index = lsh_index(vectors, cells=16)
        index.search(vectors[:2], 10, probes=4)
        index.search(vectors[:2], 10, recall=0.9)

    def build(self, vectors: Vectors) -> None:
        """Fill the tables and measure recall against probes."""
        self.index = lsh_index(vectors)

    def settings(self) -> list[Setting]:
        """Settings for the recall that a search asks for."""
        return [{"recall": recall} for recall in RECALLS]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Search all queries in one call, at the recall of the setting."""
        return self.index.search(queries, k, recall=setting["recall"]).ids

    def add(self, row_id: int, vector: Vectors) -> None:
        """Add a row to the tail, behind those that the index was built from."""
        self.index.add([row_id], vector)

    def remove(self, row_id: int) -> None:
        """Mark a row as removed."""
        self.index.remove([row_id])


class Exact(Contender):
    """``ExactIndex``, which compares a query with every row."""

    name = "lookalike ExactIndex"
    alone = True

    def build(self, vectors: Vectors) -> None:
        """Copy the rows into a new index."""
        self.index = ExactIndex(vectors.shape[1])
        self.index.add(np.arange(len(vectors)), vectors)

    def settings(self) -> list[Setting]:
        """One empty setting: exact search has nothing to set."""
        return [{}]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Compare each query with all rows."""
        return self.index.search(queries, k, **setting).ids

    def add(self, row_id: int, vector: Vectors) -> None:
        """Add a row to the tail, behind those that the index was built from."""
        self.index.add([row_id], vector)

    def remove(self, row_id: int) -> None:
        """Mark a row as removed."""
        self.index.remove([row_id])


def contenders(rows: int) -> list[Contender]:
    """The index that hashes, and the one that scans."""
    return [Hashing(), Exact()]
