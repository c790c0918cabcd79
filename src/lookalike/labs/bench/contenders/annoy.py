"""annoy: a forest of random splits. Rows can be neither added to a built index nor removed from it."""

from __future__ import annotations

from typing import Any

import numpy as np
from annoy import AnnoyIndex

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting


class Annoy(Contender):
    """An ``AnnoyIndex``, which compares vectors by their angle."""

    name = "annoy"

    def __init__(self, trees: int) -> None:
        self.trees = trees
        self.variant = f"{trees} trees"

    def build(self, vectors: Vectors) -> None:
        """Copy the rows into the index, then build its trees."""
        self.index: Any = AnnoyIndex(vectors.shape[1], "angular")
        self.index.set_seed(1)
        for row_id, vector in enumerate(vectors):
            self.index.add_item(row_id, vector)
        self.index.build(self.trees, n_jobs=1)

    def settings(self) -> list[Setting]:
        """Settings for the number of tree nodes that a search may look at."""
        return [{"search_k": nodes} for nodes in (500, 1000, 2000, 5000, 10000, 20000)]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Search for one query at a time, since annoy has no call for several."""
        found = np.full((len(queries), k), -1, np.int64)
        for place, query in enumerate(queries):
            ids = self.index.get_nns_by_vector(query, k, **setting)
            found[place, : len(ids)] = ids
        return found


def contenders(rows: int) -> list[Contender]:
    """Three forests, each with another number of trees."""
    return [Annoy(trees) for trees in (10, 50, 100)]
