"""All pairs of rows within a radius: how they are handed out, block of rows after block of rows."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import UsageError
from lookalike.kernels.arrays import Ids
from lookalike.settings import usable_cores

MOST_PAIRS = 1 << 16
"""Pairs in an array at most."""

TWO_SIDED_90 = 1.645
"""Standard errors between a mean and its one-sided 95 % confidence bound."""


class Pairs(NamedTuple):
    """Some pairs of rows, in ascending order of (first, distance, second).

    Attributes:
        first: (n,) int64, the smaller id of each pair.
        second: (n,) int64, the larger.
        distances: (n,) float32.
        done: all pairs whose first row has a smaller id than this have now been handed out. To go on after
            an interruption, ask for ``rows=(done, stop)`` and drop the pairs from ``done`` on that are there.
    """

    first: Ids
    second: Ids
    distances: NDArray[np.float32]
    done: int


class PairRecall(NamedTuple):
    """What share of the true pairs is found, measured against an exact scan for some rows.

    Attributes:
        recall: share of the true pairs of these rows that were found; None if they have no pair.
        lower: one-sided 95 % confidence bound of the share among all pairs.
        upper: the bound on the other side.
        pairs: how many true pairs the rows have.
        rows: how many rows were scanned for.
    """

    recall: float | None
    lower: float
    upper: float
    pairs: int
    rows: int

    @classmethod
    def exact(cls) -> Self:
        """That of an answer that is exact itself."""
        return cls(1.0, 1.0, 1.0, 0, 0)

    @classmethod
    def of(cls, share: float, pairs: int, rows: int, having: int) -> Self:
        """That of a share found.

        The bounds are Wilson's, with rows in place of pairs, for a row's pairs are found or missed together.

        Args:
            share: of the true pairs that were found.
            pairs: how many true pairs there are.
            rows: how many rows were scanned for.
            having: how many of them have a pair.
        """
        if not having:
            return cls(None, 0.0, 1.0, pairs, rows)
        z = TWO_SIDED_90**2 / having
        middle = (share + z / 2) / (1 + z)
        spread = math.sqrt(z * (share * (1 - share) + z / 4)) / (1 + z)
        return cls(share, float(max(0.0, middle - spread)), float(min(1.0, middle + spread)), pairs, rows)


class Asked(NamedTuple):
    """What pairs are wanted.

    Attributes:
        radius: the largest distance that counts, rounded to float32.
        recall: wanted share of the pairs; 1 is exact.
        rows: only pairs whose smaller id is at least the first number and below the second; None for all.
        threads: how many work at the same time; None for one per core.
        among: (n,) ids; both rows of a pair must be among them. None for all.
    """

    radius: float
    recall: float
    rows: tuple[int, int] | None
    threads: int | None
    among: ArrayLike | None


class Unsorted(NamedTuple):
    """Pairs as they are found.

    Attributes:
        first: (n,) int64.
        second: (n,) int64.
        distances: (n,) float32.
    """

    first: Ids
    second: Ids
    distances: NDArray[np.float32]

    def at(self, places: NDArray[np.integer | np.bool_] | slice) -> Unsorted:
        """Those of the pairs that stand at some places."""
        return Unsorted(self.first[places], self.second[places], self.distances[places])


Find = Callable[[range], Unsorted | None]
"""Finds the pairs of a run of rows. None if they are more than ``MOST_PAIRS`` and of several rows."""


class AllPairs(Iterator[Pairs]):
    """All pairs, to be iterated over once; what is not asked for is not looked for.

    Attributes:
        recall: how many of the pairs are found.
    """

    def __init__(self, ids: Ids, step: int, find: Find, asked: Asked, recall: PairRecall) -> None:
        """Find nothing yet.

        Args:
            ids: (n,) ids of the rows that there are, ascending.
            step: how many rows to look at in one go.
            find: finds the pairs of the rows with some places among ``ids``.
            asked: for what.
            recall: how many of the pairs are found.
        """
        self.recall = recall
        self._ids, self._find, self._threads = ids, find, asked.threads or usable_cores()
        first, self._end = asked.rows or (0, int(ids[-1]) + 1 if len(ids) else 0)
        start, self._stop = (bisect_left(ids, id_) for id_ in (first, self._end))
        parts = (range(at, min(at + step, self._stop)) for at in range(start, self._stop, step))
        self._given = self._given_out(parts)

    def __repr__(self) -> str:
        return (
            f"<AllPairs of {len(self._ids):,} rows, recall {self.recall.recall:.3f}: "
            "iterate over it once, it gives arrays of pairs>"
        )

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Pairs:
        return next(self._given)

    def close(self) -> None:
        """Look for no more pairs, and wait until those that are being looked for are found."""
        self._given.close()

    def _given_out(self, parts: Iterator[range]) -> Generator[Pairs, None, None]:
        """Yield the pairs of all parts; the memory taken does not grow with the number of pairs."""
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="pairs")
        waiting: deque[tuple[range, Future[Unsorted | None]]] = deque()
        try:
            while True:
                while len(waiting) < 2 * self._threads and (part := next(parts, None)) is not None:
                    waiting.append((part, pool.submit(self._find, part)))
                if not waiting:
                    return
                part, future = waiting.popleft()
                found = future.result()
                if found is not None:
                    yield from self._cut(part, found)
                    continue
                middle = len(part) // 2
                for half in (part[middle:], part[:middle]):
                    waiting.appendleft((half, pool.submit(self._find, half)))
        finally:
            pool.shutdown(cancel_futures=True)

    def _cut(self, part: range, found: Unsorted) -> Iterator[Pairs]:
        """Sort the pairs of a part, and cut them into arrays that are not too long; one if there are none."""
        order = np.lexsort((found.second, found.distances, found.first))
        for start in range(0, max(len(order), 1), MOST_PAIRS):
            after = start + MOST_PAIRS
            if after < len(order):
                done = int(found.first[order[after]])
            else:
                done = self._end if part.stop == self._stop else int(self._ids[part.stop])
            yield Pairs(*found.at(order[start:after]), done)


def check_pairs(rows: tuple[int, int] | None, threads: int | None) -> None:
    """The gate for a run of rows and a number of threads.

    Raises:
        UsageError: naming what makes no sense.
    """
    whole = int | np.integer
    if rows is not None and not (
        isinstance(rows, tuple)
        and len(rows) == 2
        and all(isinstance(id_, whole) and id_ >= 0 for id_ in rows)
    ):
        raise UsageError(f"rows must be two ids (start, stop), each 0 or more, not {rows!r}")
    if threads is not None and (not isinstance(threads, whole) or threads < 1):
        raise UsageError(f"threads must be a whole number, 1 or more, not {threads!r}")
