"""What all contenders from faiss do once per process: use one thread, and claim work space."""

from __future__ import annotations

import faiss

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.contenders.base import Contender

# faiss goes over to matrix products where a call has many queries: 250 or more of 512 dimensions.
_MANY = 1000


class Faiss(Contender):
    """Build and search on one thread, as all contenders do."""

    def warm_up(self, vectors: Vectors) -> None:
        """Let matrix products claim their work space, which a process keeps and no index needs."""
        faiss.omp_set_num_threads(1)
        codes = faiss.IndexLSH(vectors.shape[1], vectors.shape[1], True, True)
        codes.train(vectors)
        exact = faiss.IndexFlatL2(vectors.shape[1])
        exact.add(vectors)
        exact.search(vectors[:_MANY], 1)
