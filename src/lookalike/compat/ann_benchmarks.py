"""The interface that ann-benchmarks (https://github.com/erikbern/ann-benchmarks) drives an index by.

To take part there, put two files and a Dockerfile that installs ``lookalike`` into the folder
``ann_benchmarks/algorithms/lookalike``. ``module.py``::

    from lookalike.compat.ann_benchmarks import Lookalike

and ``config.yml``::

    float:
      any:
      - base_args: ['@metric']
        constructor: Lookalike
        disabled: false
        docker_tag: ann-benchmarks-lookalike
        module: ann_benchmarks.algorithms.lookalike
        name: lookalike
        run_groups:
          chosen-from-the-data:
            args: [[null]]
            query_args: [[0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999]]

A class is driven for the methods it has, so this one need not inherit from theirs, nor need theirs be there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lookalike.errors import UsageError
from lookalike.index import LSHIndex, Neighbors, Work
from lookalike.kernels.arrays import Ids

_PAGES = Path("/proc/self/statm")
_METRICS = {"angular": "cosine", "euclidean": "euclidean"}


class Lookalike:
    """``LSHIndex`` as a ``BaseANN``.

    >>> algorithm = Lookalike("euclidean")
    >>> algorithm.fit(np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    >>> algorithm.set_query_arguments(0.9)
    >>> algorithm.query(np.array([0.0, 0.0]), 2).tolist()
    [0, 2]
    """

    def __init__(self, metric: str, tables: int | None = None) -> None:
        """Make an algorithm without data.

        Args:
            metric: "angular" or "euclidean", by ann-benchmarks' names.
            tables: see ``LSHIndex``; None chooses.

        Raises:
            UsageError: another metric.
        """
        if metric not in _METRICS:
            raise UsageError(f"metric must be one of {', '.join(_METRICS)}, not {metric!r}")
        self._metric, self._tables = metric, tables
        self._recall = 0.95
        self._index = LSHIndex(1)
        self._batch: list[Ids] = []
        self._queries, self._work = 0, Work()

    def fit(self, X: ArrayLike) -> None:  # noqa: N803 -- their name
        """Index (n, dim) rows; ids are row numbers."""
        rows = np.asarray(X, np.float32)
        self._index = LSHIndex(rows.shape[1], metric=_METRICS[self._metric], tables=self._tables)
        self._index.add(np.arange(len(rows)), rows)
        self._index.settle()

    def set_query_arguments(self, recall: float) -> None:
        """From now on want this recall; counting of work starts anew."""
        self._recall = recall
        self._queries, self._work = 0, Work()

    def query(self, q: ArrayLike, n: int) -> Ids:
        """The ids of the n rows nearest to one query, (dim,); all of them if there are fewer."""
        ids: Ids = self._search(q, n).ids[0]
        return ids[ids >= 0]

    def batch_query(self, X: ArrayLike, n: int) -> None:  # noqa: N803
        """Answer (q, dim) queries; ``get_batch_results`` has the answers."""
        self._batch = [ids[ids >= 0] for ids in self._search(X, n).ids]

    def get_batch_results(self) -> list[Ids]:
        """What ``query`` would answer to each query of the last batch."""
        return self._batch

    def get_additional(self) -> dict[str, Any]:
        """Work a query since the recall was set; ``dist_comps`` is the name that their plots know."""
        count = max(1, self._queries)
        return {
            "dist_comps": self._work.distances / count,
            "probes": self._work.probes / count,
            "candidates": self._work.candidates / count,
        }

    def get_memory_usage(self) -> float:
        """Resident memory of the process in kilobytes; 0 on other systems than their Linux."""
        if not _PAGES.exists():
            return 0.0
        return int(_PAGES.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024

    def done(self) -> None:
        """Free the memory of the index."""
        self._index = LSHIndex(1)
        self._batch = []

    def __str__(self) -> str:
        tables = "" if self._tables is None else f", tables={self._tables}"
        return f"Lookalike({self._metric}{tables}, recall={self._recall:g})"

    def _search(self, queries: ArrayLike, n: int) -> Neighbors:
        found = self._index.search(np.asarray(queries, np.float32), n, recall=self._recall)
        self._queries += len(found.ids)
        self._work += found.work
        return found
