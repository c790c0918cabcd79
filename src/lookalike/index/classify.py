"""Classification by a vote of the k nearest neighbours, over any index.

Cover and Hart, "Nearest neighbor pattern classification", IEEE Transactions on Information Theory, 1967.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import UsageError
from lookalike.index.base import Index
from lookalike.kernels.arrays import Ids, as_ids


class Classifier:
    """Gives a query the label that most of its k nearest neighbours have. Each neighbour has one vote.

    If several labels have the most votes, the one with the nearest voter wins; if these voters are equally
    near (their float32 distances are equal), the smaller label wins. The index decides which neighbours vote;
    it orders equal distances by id.

    The index may go on changing, but every row that can be a neighbour must have a label.

    >>> from lookalike.index import ExactIndex
    >>> index = ExactIndex(1, "euclidean")
    >>> index.add([10, 11, 12], [[0.0], [1.0], [5.0]])
    >>> classifier = Classifier(index, [10, 11, 12], ["cat", "cat", "dog"])
    >>> classifier.predict([[0.4], [4.0]], k=1).tolist()
    ['cat', 'dog']
    >>> classifier.votes([4.0], k=3).tolist()
    [[2, 1]]
    """

    def __init__(self, index: Index, ids: ArrayLike, labels: ArrayLike) -> None:
        """Label an index.

        Args:
            index: finds the neighbours.
            ids: (n,) ids of its rows; they need not all be in the index.
            labels: (n,) numbers or text, the label of each id.

        Raises:
            UsageError: no labels, another number of labels than of ids, or labels without an order.
        """
        if not callable(getattr(index, "search", None)):
            raise UsageError(f"index must be an index, such as LSHIndex, not {type(index).__name__}")
        known = as_ids(ids)
        try:
            given = np.asarray(labels)
        except ValueError as error:
            raise UsageError(f"labels must form an array of shape (n,): {error}") from error
        if given.shape != known.shape or not len(known):
            raise UsageError(
                f"one label for each id was expected, and at least one, not labels of shape {given.shape} "
                f"for {len(known)} ids"
            )
        try:
            self._classes, places = np.unique(given, return_inverse=True)
        except TypeError as error:
            raise UsageError(f"labels must be all numbers or all text: {error}") from error
        order = np.argsort(known)
        self._ids, self._class_places = known[order], places[order]
        self._index = index

    @property
    def classes(self) -> NDArray[Any]:
        """All labels, each once, ascending: (classes,), of the type that they were given in."""
        return self._classes

    def predict(self, queries: ArrayLike, k: int, *, recall: float | None = None) -> NDArray[Any]:
        """Label queries.

        Args:
            queries: (q, dim), or (dim,) for one query.
            k: how many neighbours vote, 1 or more; if the index holds fewer, all of them do.
            recall: see ``Index.search``.

        Returns:
            (q,) labels, of the type that they were given in.

        Raises:
            UsageError: the index is empty, a neighbour has no label, or see ``Index.search``.
        """
        tally = self._tally(queries, k, recall)
        order = np.lexsort((tally.classes, tally.nearest, -tally.votes, tally.queries))
        _, first = np.unique(tally.queries[order], return_index=True)
        return np.asarray(self._classes[tally.classes[order[first]]])

    def votes(self, queries: ArrayLike, k: int, *, recall: float | None = None) -> NDArray[np.int64]:
        """Count votes.

        Args:
            queries: see ``predict``.
            k: see ``predict``.
            recall: see ``predict``.

        Returns:
            (q, classes) int64, columns in the order of ``classes``. Each line adds up to k, or to the number
            of rows in the index if that is smaller.

        Raises:
            UsageError: see ``predict``.
        """
        tally = self._tally(queries, k, recall)
        votes = np.zeros((tally.asked, len(self._classes)), np.int64)
        votes[tally.queries, tally.classes] = tally.votes
        return votes

    def _tally(self, queries: ArrayLike, k: int, recall: float | None) -> _Tally:
        """Count the votes of each query's neighbours."""
        if not len(self._index):
            raise UsageError("the index is empty, so there is nothing to vote: add labelled vectors first")
        found = self._index.search(queries, k, recall=recall)
        query, place = np.nonzero(found.ids >= 0)
        ballots = query * len(self._classes) + self._places_of_labels(found.ids[query, place])
        # Ballots are in the order of distance within a query, so the first for a class is its nearest.
        different, first, votes = np.unique(ballots, return_index=True, return_counts=True)
        queries_voting, classes = np.divmod(different, len(self._classes))
        nearest = found.distances[query, place][first]
        return _Tally(len(found.ids), queries_voting, classes, votes, nearest)

    def _places_of_labels(self, ids: Ids) -> NDArray[np.intp]:
        """Look up the places in ``classes`` of the labels of (n,) ids."""
        places = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        unlabelled = self._ids[places] != ids
        if unlabelled.any():
            raise UsageError(
                f"id {ids[unlabelled][0]} is a neighbour but has no label: "
                "label it or remove it from the index"
            )
        return self._class_places[places]


class _Tally(NamedTuple):
    """Votes, one entry per query and class that got any; there may be very many classes that got none.

    Attributes:
        asked: how many queries there were.
        queries: (n,) int64, the number of the query.
        classes: (n,) int64, the place of the class in ``Classifier.classes``.
        votes: (n,) int64, how many votes the class got.
        nearest: (n,) float32, the distance of its nearest voter.
    """

    asked: int
    queries: NDArray[np.int64]
    classes: NDArray[np.int64]
    votes: NDArray[np.int64]
    nearest: NDArray[np.float32]
