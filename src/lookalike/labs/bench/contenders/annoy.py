"""annoy: a forest of random splits. Once built it takes no more rows and loses none."""

from __future__ import annotations

from typing import Any

import numpy as np
from annoy import AnnoyIndex

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting


class Annoy(Contender):
    """``AnnoyIndex`` over angles."""

    name = "annoy"

    def __init__(self, trees: int) -> None:
        self.trees = trees
        self.variant = f"{trees} trees"

    def build(self, vectors: Vectors) -> None:
        """Copy the rows, plant the trees."""
        self.index: Any = AnnoyIndex(vectors.shape[1], "angular")
        self.index.set_seed(1)
        for row_id, vector in enumerate(vectors):
            self.index.add_item(row_id, vector)
        self.index.build(self.trees, n_jobs=1)

    def settings(self) -> list[Setting]:
        """How many nodes a search looks at."""
        return [{"search_k": nodes} for nodes in (500, 1000, 2000, 5000, 10000, 20000)]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Ask one by one: there is no other way."""
        found = np.full((len(queries), k), -1, np.int64)
        for place, query in enumerate(queries):
            ids = self.index.get_nns_by_vector(query, k, **setting)
            found[place, : len(ids)] = ids
        return found


def contenders(rows: int) -> list[Contender]:
    """Forests of three numbers of trees."""
    return [Annoy(trees) for trees in (10, 50, 100)]
