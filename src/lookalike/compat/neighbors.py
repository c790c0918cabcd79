"""The interface of scikit-learn's ``NearestNeighbors`` and ``KNeighborsTransformer``, on an LSH index.

What differs from them:

- Answers are approximate, to the ``recall`` that is asked for; ``recall=1`` is exact. They are sorted by
  distance, then by row.
- Vectors and distances are float32.
- ``metric`` is "euclidean", "cosine", "manhattan" or "minkowski:P". Bare "minkowski" and "hamming" are
  refused, since they mean other things here (exponent 3; differing signs) than there.
- Sparse matrices and precomputed distances are refused.
"""

# ruff: noqa: N803 (scikit-learn passes rows by the name X)

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import MissingExtra, UsageError
from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Ids, Vectors, as_vectors
from lookalike.kernels.metrics import parse_metric

try:
    from scipy.sparse import csr_matrix
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise MissingExtra(
        "lookalike.compat.neighbors needs scikit-learn 1.6 or newer: pip install 'lookalike[sklearn]'"
    ) from error

Distances = NDArray[np.float32]


class LSHNeighbors(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Approximate nearest neighbours as a scikit-learn estimator.

    In a pipeline it is a transformer: rows become a sparse graph of distances to their neighbours, which
    every estimator with ``metric="precomputed"`` takes.

    A pickle holds the parameters and the rows it was fitted to, but no index. The seed makes the same index
    again, so a pickle does not depend on how this version lays an index out, and unpickling takes as long as
    fitting.

    Attributes:
        n_samples_fit_: number of rows it was fitted to.
        n_features_in_: length of a row.
        feature_names_in_: names of columns; only there if the rows had some.

    >>> neighbors = LSHNeighbors(n_neighbors=2).fit([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    >>> distances, rows = neighbors.kneighbors([[0.0, 0.0]])
    >>> distances.tolist(), rows.tolist()
    ([[0.0, 1.0]], [[0, 2]])
    """

    def __init__(
        self,
        *,
        n_neighbors: int = 5,
        radius: float = 1.0,
        metric: str = "euclidean",
        recall: float = 0.95,
        tables: int | None = None,
        bits: int | None = None,
        seed: int = 0,
    ) -> None:
        """Set parameters; as scikit-learn has it, they are checked when they are used.

        Args:
            n_neighbors: how many neighbours, if a call does not say.
            radius: how far they may be, if a call does not say.
            metric: "euclidean", "cosine", "manhattan", or "minkowski:P" with P from 1 to 20.
            recall: share of the true neighbours that is wanted on average, in (0, 1]; 1 is exact.
            tables: see ``LSHIndex``.
            bits: see ``LSHIndex``.
            seed: see ``LSHIndex``.
        """
        self.n_neighbors = n_neighbors
        self.radius = radius
        self.metric = metric
        self.recall = recall
        self.tables = tables
        self.bits = bits
        self.seed = seed

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Index rows.

        Args:
            X: (n, features) finite numbers; copied.
            y: passed over; pipelines give it.

        Raises:
            UsageError: ``metric``, ``tables``, ``bits`` or ``seed`` make no sense.
            ValueError: not such rows; scikit-learn says what is wrong.
            TypeError: ``X`` is a sparse matrix.
        """
        _check_metric(self.metric)
        rows = self._validated(X, reset=True).copy()  # the index copies too, and both must stay the same
        settings = {"metric": self.metric, "tables": self.tables, "bits": self.bits, "seed": self.seed}
        self._index = _index(rows, settings)
        # What the index was made with: parameters may be set anew before it is pickled.
        self._rows, self._settings = rows, settings
        self.n_samples_fit_ = len(rows)
        return self

    def kneighbors(
        self,
        X: ArrayLike | None = None,
        n_neighbors: int | None = None,
        return_distance: bool = True,
    ) -> tuple[Distances, Ids] | Ids:
        """Find the nearest fitted rows.

        Args:
            X: (q, features) queries; None for the fitted rows, none of which is its own neighbour.
            n_neighbors: how many, from 1 to as many as there are; None for the parameter.
            return_distance: whether distances are wanted.

        Returns:
            ``(distances, rows)``, or only rows: (q, n_neighbors) float32 and int64, each row sorted by
            (distance, row).

        Raises:
            NotFittedError: there was no ``fit``.
            UsageError: ``n_neighbors`` or ``recall`` makes no sense.
            ValueError: the queries do not fit; scikit-learn says why.
        """
        check_is_fitted(self)
        count = self.n_neighbors if n_neighbors is None else n_neighbors
        self._check_count(count, self.n_samples_fit_ - (X is None))
        if X is None:
            found = self._index.search(self._rows, count + 1, recall=self.recall)
            keep = found.ids != np.arange(len(self._rows))[:, None]
            keep[keep.all(axis=1), -1] = False  # the row itself was not among the found
            distances, rows = found.distances[keep].reshape(-1, count), found.ids[keep].reshape(-1, count)
        else:
            found = self._index.search(self._validated(X), count, recall=self.recall)
            distances, rows = found.distances, found.ids
        return (distances, rows) if return_distance else rows

    def radius_neighbors(
        self,
        X: ArrayLike | None = None,
        radius: float | None = None,
        return_distance: bool = True,
        sort_results: bool = True,
    ) -> tuple[NDArray[np.object_], NDArray[np.object_]] | NDArray[np.object_]:
        """Find the fitted rows within a distance.

        Args:
            X: (q, features) queries; None for the fitted rows, none of which is its own neighbour.
            radius: the largest distance; None for the parameter.
            return_distance: whether distances are wanted.
            sort_results: there because scikit-learn has it; answers are always sorted.

        Returns:
            ``(distances, rows)``, or only rows: (q,) objects, each an array, float32 and int64, sorted by
            (distance, row).

        Raises:
            NotFittedError: there was no ``fit``.
            UsageError: ``radius`` or ``recall`` makes no sense.
            ValueError: the queries do not fit; scikit-learn says why.
        """
        starts, rows, distances = self._within(X, radius)
        return (_split(distances, starts), _split(rows, starts)) if return_distance else _split(rows, starts)

    def kneighbors_graph(
        self,
        X: ArrayLike | None = None,
        n_neighbors: int | None = None,
        mode: str = "connectivity",
    ) -> csr_matrix:
        """Make the graph of nearest neighbours.

        Args:
            X: see ``kneighbors``.
            n_neighbors: see ``kneighbors``.
            mode: "connectivity" for ones (float64), "distance" for distances (float32).

        Returns:
            (q, n_samples_fit_) matrix with a value where a column's row is a neighbour.

        Raises:
            UsageError: no such mode, or see ``kneighbors``.
        """
        distances, rows = self.kneighbors(X, n_neighbors)
        starts = np.arange(len(rows) + 1) * rows.shape[1]
        return self._graph(starts, rows.ravel(), distances.ravel(), mode)

    def radius_neighbors_graph(
        self,
        X: ArrayLike | None = None,
        radius: float | None = None,
        mode: str = "connectivity",
        sort_results: bool = True,
    ) -> csr_matrix:
        """Make the graph of neighbours within a distance.

        Args:
            X: see ``radius_neighbors``.
            radius: see ``radius_neighbors``.
            mode: see ``kneighbors_graph``.
            sort_results: there because scikit-learn has it; answers are always sorted.

        Returns:
            See ``kneighbors_graph``.

        Raises:
            UsageError: no such mode, or see ``radius_neighbors``.
        """
        return self._graph(*self._within(X, radius), mode)

    def transform(self, X: ArrayLike) -> csr_matrix:
        """Make the graph of distances that estimators with ``metric="precomputed"`` take.

        As with ``KNeighborsTransformer`` each row has one neighbour more than ``n_neighbors``, since a
        fitted row finds itself.

        Args:
            X: (q, features) queries.

        Returns:
            (q, n_samples_fit_) matrix of float32.

        Raises:
            UsageError: see ``kneighbors``.
        """
        check_is_fitted(self)
        return self.kneighbors_graph(X, self.n_neighbors + 1, mode="distance")

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_index"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "_rows" in state:
            self._index = _index(self._rows, self._settings)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        """How many names ``get_feature_names_out`` makes."""
        return int(self.n_samples_fit_)

    def _validated(self, X: ArrayLike, *, reset: bool = False) -> Vectors:
        """Rows as float32; the caller's own memory if it already fits."""
        rows = validate_data(self, X, dtype=(np.float64, np.float32), reset=reset)
        return as_vectors(rows, rows.shape[1])

    def _check_count(self, count: int, most: int) -> None:
        if not isinstance(count, int | np.integer) or count < 1:
            raise UsageError(f"n_neighbors must be a whole number, 1 or more, not {count!r}")
        if count > most:
            raise UsageError(
                f"n_neighbors = {count} is too many: with n_samples_fit = {self.n_samples_fit_} "
                f"a query has {most}"
            )

    def _within(
        self,
        X: ArrayLike | None,
        radius: float | None,
    ) -> tuple[Ids, Ids, Distances]:
        """``(starts, rows, distances)`` of what lies within a radius; see ``Ranges``."""
        check_is_fitted(self)
        queries = self._rows if X is None else self._validated(X)
        found = self._index.within(queries, self.radius if radius is None else radius, recall=self.recall)
        if X is not None:
            return found.starts, found.ids, found.distances
        keep = found.ids != np.repeat(np.arange(len(queries)), np.diff(found.starts))
        starts = np.concatenate([[0], np.cumsum(keep)])[found.starts]
        return starts, found.ids[keep], found.distances[keep]

    def _graph(self, starts: Ids, rows: Ids, distances: Distances, mode: str) -> csr_matrix:
        """A matrix, not yet a sparse array, since that is what scikit-learn's own graphs are by default."""
        if mode not in ("connectivity", "distance"):
            raise UsageError(f'mode must be "connectivity" or "distance", not {mode!r}')
        values = distances if mode == "distance" else np.ones(len(rows))
        return csr_matrix((values, rows, starts), shape=(len(starts) - 1, self.n_samples_fit_))


def _check_metric(text: str) -> None:
    metric = parse_metric(text)
    if metric.name == "hamming" or (metric.name == "minkowski" and ":" not in str(text)):
        raise UsageError(
            f"metric {text!r} means something else in scikit-learn; use euclidean, cosine, manhattan, or "
            "minkowski:P with P from 1 to 20"
        )


def _index(rows: Vectors, settings: dict[str, Any]) -> LSHIndex:
    """An index whose ids are the places of rows."""
    index = LSHIndex(rows.shape[1], **settings)
    index.add(np.arange(len(rows)), rows)
    index.settle()
    return index


def _split(values: NDArray[Any], starts: Ids) -> NDArray[np.object_]:
    """One array for each query."""
    return np.fromiter(np.split(values, starts[1:-1]), np.object_, len(starts) - 1)
