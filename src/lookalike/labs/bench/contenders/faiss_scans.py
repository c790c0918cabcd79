"""faiss: scans of all rows, of the vectors or of long codes."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting
from lookalike.labs.bench.contenders.faiss_base import Faiss


class Flat(Faiss):
    """``IndexFlatIP``, which compares a query with every row."""

    name = "faiss IndexFlat"
    alone = True

    def build(self, vectors: Vectors) -> None:
        """Copy the rows into a new index."""
        self.index: Any = faiss.IndexFlatIP(vectors.shape[1])
        self.index.add(vectors)

    def settings(self) -> list[Setting]:
        """One empty setting: exact search has nothing to set."""
        return [{}]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Compare each query with all rows, in one matrix product."""
        found: Found = self.index.search(queries, k, **setting)[1]
        return found

    def add(self, row_id: int, vector: Vectors) -> None:
        """Append a row to the index."""
        self.index.add(vector)

    def remove(self, row_id: int) -> None:
        """Move all later rows up by one, which renumbers them."""
        self.index.remove_ids(np.array([row_id], np.int64))


class Lsh(Faiss):
    """``IndexLSH``: compares the long codes of all rows, then ranks the best by their vectors.

    A refined index cannot remove rows.
    """

    name = "faiss IndexLSH + refine"

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.variant = f"{bits} bits"

    def build(self, vectors: Vectors) -> None:
        """Rotate the rows at random, learn a threshold per direction, and encode each row by it."""
        self.codes = faiss.IndexLSH(vectors.shape[1], self.bits, True, True)
        self.index: Any = faiss.IndexRefineFlat(self.codes)
        self.index.train(vectors)
        self.index.add(vectors)

    def settings(self) -> list[Setting]:
        """Settings for the number of rows that are ranked by their vectors, as a multiple of k."""
        return [{"k_factor": factor} for factor in (2, 5, 10, 20, 50)]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Scan the codes of all rows, then rank the best of them by their vectors."""
        found: Found = self.index.search(queries, k, params=faiss.IndexRefineSearchParameters(**setting))[1]
        return found

    def add(self, row_id: int, vector: Vectors) -> None:
        """Append a row to the index."""
        self.index.add(vector)


def contenders(rows: int) -> list[Contender]:
    """The exact scan, and three scans of codes, each of another length."""
    return [Flat(), *(Lsh(bits) for bits in (512, 1024, 2048))]
