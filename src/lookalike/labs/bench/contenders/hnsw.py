"""hnswlib: a navigable small-world graph."""

from __future__ import annotations

from typing import Any

import hnswlib
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting

NEIGHBOURS, BUILD_WIDTH = 16, 100


class Hnswlib(Contender):
    """An ``hnswlib.Index``, which compares vectors by their inner product."""

    name = "hnswlib"
    variant = f"M={NEIGHBOURS} ef_construction={BUILD_WIDTH}"
    alone = True

    def build(self, vectors: Vectors) -> None:
        """Insert every row into the graph."""
        self.index: Any = hnswlib.Index("ip", vectors.shape[1])
        self.index.init_index(len(vectors), M=NEIGHBOURS, ef_construction=BUILD_WIDTH, random_seed=0)
        self.index.set_num_threads(1)
        self.index.add_items(vectors, np.arange(len(vectors)), num_threads=1)
        self.room = len(vectors)

    def settings(self) -> list[Setting]:
        """Settings for the number of candidates that a search keeps while it walks the graph."""
        return [{"ef": width} for width in (10, 14, 20, 30, 40, 60, 80, 120, 200, 400)]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Walk the graph from each query to its neighbours."""
        self.index.set_ef(setting["ef"])
        found: Found = self.index.knn_query(queries, k, num_threads=1)[0].astype(np.int64)
        return found

    def add(self, row_id: int, vector: Vectors) -> None:
        """Insert a row; if there is no room left, make room for many more, as a careful user would."""
        if self.index.get_current_count() == self.room:
            self.room += self.room // 8 + 1
            self.index.resize_index(self.room)
        self.index.add_items(vector, np.array([row_id]), num_threads=1)

    def remove(self, row_id: int) -> None:
        """Mark as deleted: it stays in the graph and is left out of answers."""
        self.index.mark_deleted(row_id)


def contenders(rows: int) -> list[Contender]:
    """One graph, with the links per row and the width that its variant names."""
    return [Hnswlib()]
