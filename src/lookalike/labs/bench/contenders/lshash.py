"""lshashpy3: textbook hyperplane hashing, which looks into one bucket per table and loops in Python."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting

if "pkg_resources" not in sys.modules and importlib.util.find_spec("pkg_resources") is None:
    # The package asks setuptools for its own version when it is imported; newer ones no longer have that.
    # In the list of modules it has no specification, so that asking for one again would fail.
    sys.modules["pkg_resources"] = ModuleType("pkg_resources")
import lshashpy3


class Lshashpy3(Contender):
    """``LSHash``, ranking candidates by Euclidean distance, its default and its fastest."""

    name = "lshashpy3"
    most_queries = 50

    def __init__(self, tables: int, bits: int) -> None:
        self.tables, self.bits = tables, bits
        self.variant = f"{tables} x {bits} bits"

    def build(self, vectors: Vectors) -> None:
        """Index row by row, since lshashpy3 has no call for several."""
        np.random.seed(0)  # noqa: NPY002 -- it draws its planes from the global state
        self.index: Any = lshashpy3.LSHash(self.bits, vectors.shape[1], self.tables)
        for row_id, vector in enumerate(vectors):
            self.add(row_id, vector)

    def settings(self) -> list[Setting]:
        """One empty setting, since nothing can be set for a search."""
        return [{}]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Search for one query at a time, since lshashpy3 has no call for several."""
        found = np.full((len(queries), k), -1, np.int64)
        for place, query in enumerate(queries):
            for rank, ((_, extra), _) in enumerate(self.index.query(query, num_results=k, **setting)):
                found[place, rank] = extra - 1
        return found

    def add(self, row_id: int, vector: Vectors) -> None:
        """Index a row with its id plus 1, since lshashpy3 drops extra data that is false, such as 0."""
        self.index.index(vector.reshape(-1), extra_data=row_id + 1)


def contenders(rows: int) -> list[Contender]:
    """Four choices, from one table with short keys to eight tables with long keys."""
    return [Lshashpy3(tables, bits) for tables, bits in ((1, 8), (8, 10), (4, 12), (8, 16))]
