"""The interface of lshashpy3's ``LSHash``: a program written for it changes nothing but its import.

This is textbook LSH: random hyperplanes through the origin, one bucket per table, candidates ranked by
distance. ``lookalike.index.LSHIndex`` finds far more at the same cost; use it for anything new.

Where lshashpy3 0.0.9 gives a wrong answer or none, this module differs on purpose:

- It can be imported; theirs asks for ``pkg_resources``, which setuptools has given up.
- ``index_batch`` exists, and it indexes; the package as published has none.
- Hyperplanes come back from a file in the order in which they were drawn; theirs are sorted by name, "arr_10"
  before "arr_2". A file made for other sizes is refused; theirs is used as if it fitted.
- The tables' file holds points and ``extra_data``, hashed anew with the hyperplanes in use. Theirs holds
  pickled buckets: loading it can run any code, and under new hyperplanes nothing is found in it again.
- "euclidean", the default, is the distance, not its square. "centred_euclidean" takes each vector's mean from
  it; theirs compares nothing but the means. "hamming" counts differing bits; theirs is squared euclidean.
  "cosine" neither overflows for uint8 pixels nor divides by zero.
- ``extra_data`` may be a dict or a list, with which their queries crash; 0, "" and False are not turned into
  None.
- Hyperplanes depend on ``seed`` alone, not on NumPy's global random numbers.
- Of answers at equal distance, the one indexed first comes first; theirs follow the order of a set, which
  changes from run to run. What is indexed twice is answered twice; equal entries are one to them, and 1 and
  True are equal.
- Wrong sizes, NaN, ``num_results`` below 1 and ``save`` without a file are errors; theirs passes them over.

There is no Redis, and nothing that their README does not name (``hash_tables``, static distance functions).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lookalike.compat import entries, planes
from lookalike.compat.entries import Points
from lookalike.errors import UsageError
from lookalike.kernels.arrays import as_vectors
from lookalike.kernels.metrics import Metric

Answer = tuple[tuple[tuple[float, ...], Any], float]

_METRICS = {
    "hamming": Metric("hamming"),
    "euclidean": Metric("euclidean"),
    "true_euclidean": Metric("euclidean"),
    "centred_euclidean": Metric("euclidean"),
    "cosine": Metric("cosine"),
    "l1norm": Metric("manhattan"),
}


class LSHash:
    """Hash tables of points, in memory, kept in files on request.

    Attributes:
        hash_size: bits of a key.
        input_dim: length of a point.
        num_hashtables: number of tables.
        uniform_planes: (num_hashtables, hash_size, input_dim) float64 normals of the hyperplanes.
    """

    # More parameters than a function here may have: they are lshashpy3's, in its order, and seed.
    def __init__(
        self,
        hash_size: int,
        input_dim: int,
        num_hashtables: int = 1,
        storage_config: Mapping[str, Any] | None = None,
        matrices_filename: str | os.PathLike[str] | None = None,
        hashtable_filename: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        *,
        seed: int = 0,
    ) -> None:
        """Draw or load hyperplanes, and load the points of ``hashtable_filename`` if that file exists.

        Args:
            hash_size: bits of a key, 1 or more.
            input_dim: length of a point, 1 or more.
            num_hashtables: number of tables, 1 or more.
            storage_config: None or ``{"dict": None}``; both mean memory.
            matrices_filename: ".npz" file that the hyperplanes are loaded from, or saved to if it does not
                exist; lshashpy3's own files can be loaded.
            hashtable_filename: file that ``save`` writes; any name.
            overwrite: draw new hyperplanes even if ``matrices_filename`` exists, and replace it.
            seed: draws the hyperplanes; 0 or more.

        Raises:
            UsageError: an argument makes no sense, or a file was made for other sizes or by pickle.
            DamagedError: a file does not hold what it should.
            OSError: the hyperplanes cannot be saved.
        """
        sizes = {"hash_size": hash_size, "input_dim": input_dim, "num_hashtables": num_hashtables}
        for name, size in sizes.items():
            _check_whole(name, size, least=1)
        _check_whole("seed", seed, least=0)
        if storage_config not in (None, {"dict": None}):
            raise UsageError(
                f'storage_config must be None or {{"dict": None}}, not {storage_config!r}: '
                "points are kept in memory and, with hashtable_filename, in a file"
            )
        matrices = Path(matrices_filename) if matrices_filename else None
        if matrices and matrices.suffix != ".npz":
            raise UsageError(f'matrices_filename must end with ".npz", not {matrices.name!r}')
        self.hash_size, self.input_dim, self.num_hashtables = hash_size, input_dim, num_hashtables
        self._points: list[Points] = []
        self._extra_data: list[Any] = []
        self._tables: list[dict[str, list[int]]] = [{} for _ in range(num_hashtables)]
        self._file = Path(hashtable_filename) if hashtable_filename else None
        # Before new hyperplanes replace old ones: a file that cannot be read should change nothing.
        stored = entries.read(self._file, input_dim) if self._file and self._file.exists() else None
        shape = planes.Shape(num_hashtables, hash_size, input_dim)
        if matrices and matrices.exists() and not overwrite:
            self.uniform_planes = planes.read(matrices, shape)
        else:
            self.uniform_planes = planes.draw(shape, seed)
            if matrices:
                planes.write(matrices, self.uniform_planes)
        if stored:
            self._add(*stored)

    def index(self, input_point: ArrayLike, extra_data: Any = None) -> list[str]:
        """Add one point.

        Args:
            input_point: (input_dim,) finite numbers.
            extra_data: anything; comes back with the point. To be saved it must be what JSON can hold.

        Returns:
            The point's key in each table: ``hash_size`` characters "0" and "1".

        Raises:
            UsageError: not one such point; nothing was added.
        """
        return self._add(self._one(input_point), [extra_data])[0]

    def index_batch(
        self, input_points: ArrayLike, extra_data: Iterable[Any] | None = None
    ) -> list[list[str]]:
        """Add many points, hashed by one matrix product.

        Args:
            input_points: (n, input_dim) finite numbers.
            extra_data: n of what ``index`` takes, or None for none.

        Returns:
            For each point what ``index`` returns.

        Raises:
            UsageError: no such points, or another number of extra_data; nothing was added.
        """
        points = self._rows(input_points)
        if isinstance(extra_data, np.ndarray):
            extra_data = extra_data.tolist()  # plain numbers, which can be saved
        extra = [None] * len(points) if extra_data is None else list(extra_data)
        if len(extra) != len(points):
            raise UsageError(f"each point needs its extra_data: {len(points)} points came with {len(extra)}")
        return self._add(points, extra)

    def query(
        self, query_point: ArrayLike, num_results: int | None = None, distance_func: str | None = None
    ) -> list[Answer]:
        """Rank the points that share a bucket with a point in at least one table.

        Args:
            query_point: (input_dim,) finite numbers.
            num_results: how many answers at most, 1 or more; None for all.
            distance_func: "euclidean" (also None and "true_euclidean"), "centred_euclidean" (each vector's
                own mean is taken from it first), "cosine" (1 - cos), "l1norm", or "hamming": differing bits
                over the keys of all tables; then buckets one bit away from the query's are visited as well.

        Returns:
            ``((point, extra_data), distance)`` by ascending distance, then in the order of indexing.

        Raises:
            UsageError: an argument makes no sense.
        """
        name = distance_func or "euclidean"
        if name not in _METRICS:
            raise UsageError(f"unknown distance_func {distance_func!r}; use one of {', '.join(_METRICS)}")
        if num_results is not None:
            _check_whole("num_results", num_results, least=1)
        query = self._one(query_point)
        near: set[int] = set()
        for table, key in zip(self._tables, self._hash(query)[0], strict=True):
            for bucket in _within_one_bit(key) if name == "hamming" else (key,):
                near.update(table.get(bucket, ()))
        rows = sorted(near)
        if not rows:
            return []
        points = np.stack([self._points[row] for row in rows])
        distances = self._distances(name, query, points)
        return [
            ((tuple(points[place].tolist()), self._extra_data[rows[place]]), float(distances[place]))
            for place in np.argsort(distances, kind="stable")[:num_results]
        ]

    def save(self) -> None:
        """Write points and extra_data to ``hashtable_filename``, whole or not at all.

        Raises:
            UsageError: no ``hashtable_filename`` was given, or JSON cannot hold some extra_data.
            OSError: the file cannot be written.
        """
        if self._file is None:
            raise UsageError("there is nowhere to save to: give LSHash a hashtable_filename")
        entries.write(self._file, np.reshape(self._points, (-1, self.input_dim)), self._extra_data)

    def _rows(self, values: ArrayLike) -> Points:
        """The gate for points: a copy, (n, input_dim) float64."""
        as_vectors(values, self.input_dim)
        return np.array(values, np.float64).reshape(-1, self.input_dim)

    def _one(self, values: ArrayLike) -> Points:
        """The gate for one point: (1, input_dim) float64."""
        rows = self._rows(values)
        if len(rows) != 1:
            raise UsageError(f"one point was expected, not {len(rows)}; index_batch takes many")
        return rows

    def _add(self, points: Points, extra_data: list[Any]) -> list[list[str]]:
        """Put checked points into their buckets."""
        hashes = self._hash(points)
        for row, keys in enumerate(hashes, start=len(self._points)):
            for table, key in zip(self._tables, keys, strict=True):
                table.setdefault(key, []).append(row)
        self._points.extend(points)
        self._extra_data.extend(extra_data)
        return hashes

    def _margins(self, points: Points) -> Points:
        """(n, num_hashtables * hash_size): on which side of each hyperplane, and how far, points lie."""
        return np.asarray(points @ self.uniform_planes.reshape(-1, self.input_dim).T)

    def _hash(self, points: Points) -> list[list[str]]:
        """Keys of each point in each table; a bit is "1" where the margin is above 0."""
        digits = np.where(self._margins(points) > 0, b"1", b"0")
        keys: list[list[str]] = digits.view(f"S{self.hash_size}").astype(np.str_).tolist()
        return keys

    def _distances(self, name: str, query: Points, points: Points) -> Points:
        """(n,) float64 distances of points from a (1, input_dim) query."""
        if name == "hamming":
            query, points = self._margins(query), self._margins(points)
        elif name == "centred_euclidean":
            query, points = (each - each.mean(axis=1, keepdims=True) for each in (query, points))
        return _METRICS[name].exact(query[0], points)


def _check_whole(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise UsageError(f"{name} must be a whole number, {least} or more, not {value!r}")


def _within_one_bit(key: str) -> Iterator[str]:
    """A key, and all that differ from it in one bit."""
    yield key
    for place, digit in enumerate(key):
        yield key[:place] + ("1" if digit == "0" else "0") + key[place + 1 :]
