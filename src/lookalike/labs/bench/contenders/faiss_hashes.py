"""faiss: several hash tables over one binary code, probed by flipping bits."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting
from lookalike.labs.bench.contenders.faiss_base import Faiss

CODE_BITS = 512


class MultiHash(Faiss):
    """``IndexBinaryMultiHash`` over the code of an ``IndexLSH``; the best codes are ranked by their vectors.

    The ranking runs in faiss as well, over the caller's rows, so no copy of them is made. There is no way to
    remove a row.
    """

    name = "faiss IndexBinaryMultiHash + refine"
    copied_bytes = 0

    def __init__(self, tables: int, bits: int) -> None:
        self.tables, self.bits = tables, bits
        self.variant = f"{tables} x {bits} bits"

    def build(self, vectors: Vectors) -> None:
        """Turn the rows into binary codes, then sort the codes into the hash tables."""
        self.vectors = vectors
        self.encoder: Any = faiss.IndexLSH(vectors.shape[1], CODE_BITS, True, True)
        self.encoder.train(vectors)
        self.index: Any = faiss.IndexBinaryMultiHash(CODE_BITS, self.tables, self.bits)
        self.index.add(self.encoder.sa_encode(vectors))

    def settings(self) -> list[Setting]:
        """Settings for the bits flipped in each table's key, and for how many codes are ranked exactly."""
        return [{"flips": flips, "ranked": ranked} for flips in (0, 1, 2) for ranked in (50, 100, 200)]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Collect the rows in the probed buckets, then rank them by distance."""
        self.index.nflip = setting["flips"]
        near = self.index.search(self.encoder.sa_encode(queries), setting["ranked"])[1]
        products = np.full(near.shape, -np.inf, np.float32)
        faiss.fvec_inner_products_by_idx(
            faiss.swig_ptr(products),
            faiss.swig_ptr(queries),
            faiss.swig_ptr(self.vectors),
            faiss.swig_ptr(near),
            queries.shape[1],
            *near.shape,
        )
        best = np.argpartition(-products, k - 1, axis=1)[:, :k]
        found: Found = np.take_along_axis(near, best, 1)
        return found

    def add(self, row_id: int, vector: Vectors) -> None:
        """Add the code of a row; the row itself stays with the caller."""
        self.index.add(self.encoder.sa_encode(vector))


def contenders(rows: int) -> list[Contender]:
    """Three choices, from few tables with short keys to many tables with long keys."""
    return [MultiHash(tables, bits) for tables, bits in ((16, 12), (32, 12), (32, 16))]
