"""usearch: a navigable small-world graph, over float32 or over its own default, bfloat16."""

from __future__ import annotations

from typing import Any

import numpy as np
from usearch.index import Index

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting

_BYTES = {"f32": 4, "bf16": 2}


class Usearch(Contender):
    """``usearch.index.Index`` at its default connectivity."""

    name = "usearch"
    alone = True

    def __init__(self, precision: str) -> None:
        self.variant = precision
        self.copied_bytes = _BYTES[precision]

    def build(self, vectors: Vectors) -> None:
        """Insert every row into the graph."""
        self.index: Any = Index(ndim=vectors.shape[1], metric="ip", dtype=self.variant)
        self.index.add(np.arange(len(vectors)), vectors, threads=1)

    def settings(self) -> list[Setting]:
        """Settings for the number of candidates that a search keeps while it walks the graph."""
        return [{"expansion": width} for width in (10, 16, 24, 32, 48, 64, 96, 128, 256, 512)]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Walk the graph from each query to its neighbours."""
        self.index.expansion_search = setting["expansion"]
        found: Found = np.asarray(self.index.search(queries, k, threads=1).keys).astype(np.int64)
        return found.reshape(len(queries), -1)

    def add(self, row_id: int, vector: Vectors) -> None:
        """Insert a row into the graph."""
        self.index.add(np.array([row_id]), vector, threads=1)

    def remove(self, row_id: int) -> None:
        """Remove a row from the graph."""
        self.index.remove(row_id, threads=1)


def contenders(rows: int) -> list[Contender]:
    """Two graphs, one with rows in float32 and one with rows in bfloat16."""
    return [Usearch(precision) for precision in _BYTES]
