"""faiss: rows in the lists of their nearest centroids, as vectors or as RaBitQ codes."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender, Found, Setting
from lookalike.labs.bench.contenders.faiss_base import Faiss

LISTS = 1024
LEAST_ROWS_A_LIST = 39  # what faiss asks for to place a centroid
PROBES = (2, 4, 8, 16, 32, 64)


class Lists(Faiss):
    """``IndexIVFFlat``: rows in lists by their nearest centre, of which the nearest are scanned."""

    name = "faiss IVF-Flat"
    description = "IVF{lists},Flat"

    def __init__(self, rows: int) -> None:
        self.lists = min(LISTS, max(1, rows // LEAST_ROWS_A_LIST))
        self.variant = f"{self.lists} lists"

    def build(self, vectors: Vectors) -> None:
        """Learn the centroids, then put each row into the list of its nearest one."""
        description = self.description.format(lists=self.lists)
        self.index: Any = faiss.index_factory(vectors.shape[1], description, faiss.METRIC_INNER_PRODUCT)
        self.index.train(vectors)
        self.index.add(vectors)

    def settings(self) -> list[Setting]:
        """Settings for the number of lists that a search visits."""
        return [{"nprobe": probes} for probes in PROBES]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Scan the lists whose centres are nearest to a query."""
        found: Found = self.index.search(queries, k, params=faiss.SearchParametersIVF(**setting))[1]
        return found

    def add(self, row_id: int, vector: Vectors) -> None:
        """Append a row to the list of its nearest centre."""
        self.index.add(vector)

    def remove(self, row_id: int) -> None:
        """Remove a row, for which faiss looks through every list."""
        self.index.remove_ids(np.array([row_id], np.int64))


class CodedLists(Lists):
    """``IndexIVFRaBitQ``, refined by the vectors. A refined index cannot remove rows.

    ``qb`` is how many bits a query's components are rounded to. Without rounding a search takes 20 times as
    long for the same recall.
    """

    name = "faiss IVF-RaBitQ + refine"
    description = "IVF{lists},RaBitQ,Refine(Flat)"
    alone = True

    def settings(self) -> list[Setting]:
        """Settings for the lists visited, the rows ranked exactly (times k), and the bits of a query."""
        return [
            {"nprobe": probes, "k_factor": factor, "qb": bits}
            for bits in (4, 8)
            for factor in (4, 7, 10, 20)
            for probes in PROBES
        ]

    def search(self, queries: Vectors, k: int, setting: Setting) -> Found:
        """Scan the codes in the nearest lists, then rank the best of them by their vectors."""
        lists = faiss.IVFRaBitQSearchParameters(nprobe=setting["nprobe"], qb=setting["qb"])
        both = faiss.IndexRefineSearchParameters(k_factor=setting["k_factor"], base_index_params=lists)
        found: Found = self.index.search(queries, k, params=both)[1]
        return found

    def remove(self, row_id: int) -> None:
        """Raise ``NotImplementedError``, since this kind of index cannot remove a single row."""
        raise NotImplementedError


def contenders(rows: int) -> list[Contender]:
    """An index with whole rows in its lists, and one with quantised rows."""
    return [Lists(rows), CodedLists(rows)]
