"""How good a model is at classes: by its head, by the vote of neighbours, and as a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.index import Classifier, ExactIndex
from lookalike.kernels.arrays import Vectors

VOTERS = (1, 5, 10)
RANKS = 10


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one class fared.

    Attributes:
        name: the class.
        pictures: how many were tested.
        found: share of them that were given their class.
        mistaken_for: the class that most of the others were given, empty where none were.
    """

    name: str
    pictures: int
    found: float
    mistaken_for: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured on test pictures, with the training pictures as neighbours.

    Attributes:
        training: number of training pictures.
        test: number of test pictures.
        top_1: share of test pictures to which the head gives their class; None without a head.
        neighbours: the same by the vote of the k nearest training pictures, by k.
        mean_average_precision: at 10, see ``average_precision``.
        classes: each class, by the head where there is one, else by the nearest picture.
        confusion: pictures of class i that were given class j, (classes, classes).
    """

    training: int
    test: int
    top_1: float | None
    neighbours: dict[int, float]
    mean_average_precision: float
    classes: tuple[ClassScore, ...]
    confusion: NDArray[np.int64]

    def facts(self) -> dict[str, Any]:
        """As JSON can hold it, without the matrix."""
        plain = asdict(self)
        del plain["confusion"]
        plain["neighbours"] = {str(k): accuracy for k, accuracy in self.neighbours.items()}
        return plain


def evaluate(
    names: Sequence[str],
    training: tuple[Vectors, NDArray[np.int64]],
    test: tuple[Vectors, NDArray[np.int64]],
    predicted: NDArray[np.int64] | None,
) -> Evaluation:
    """Measure.

    Args:
        names: of the classes; labels are places in it.
        training: (n, dim) embeddings and (n,) labels.
        test: (q, dim) embeddings and (q,) labels.
        predicted: (q,) labels that the head gives to the test pictures, if there is one.
    """
    (known, labels), (queries, wanted) = training, test
    index = ExactIndex(known.shape[1])
    index.add(np.arange(len(known)), known)
    classifier = Classifier(index, np.arange(len(known)), labels)
    by_vote = {k: classifier.predict(queries, k) for k in VOTERS}
    neighbours = index.search(queries, RANKS).ids
    precision = average_precision(labels[neighbours] == wanted[:, None], np.bincount(labels)[wanted])
    given = by_vote[1] if predicted is None else predicted
    confusion = np.zeros((len(names), len(names)), np.int64)
    np.add.at(confusion, (wanted, given), 1)
    return Evaluation(
        len(known),
        len(queries),
        None if predicted is None else float((predicted == wanted).mean()),
        {k: float((vote == wanted).mean()) for k, vote in by_vote.items()},
        float(precision.mean()),
        tuple(_class_score(names, confusion, place) for place in range(len(names))),
        confusion,
    )


def average_precision(relevant: NDArray[np.bool_], possible: NDArray[np.int64]) -> NDArray[np.float64]:
    """Average precision of ranked answers, cut off at their length.

    Manning, Raghavan and Schütze, "Introduction to Information Retrieval", section 8.4: the mean, over the
    relevant answers that there could be, of the precision at the rank of each; 0 for one that is missing.

    Args:
        relevant: (q, k) whether the answer at each rank is of the right class.
        possible: (q,) how many right answers there are in all, at least 1.

    Returns:
        (q,) from 0 to 1.
    """
    ranks = np.arange(1, relevant.shape[1] + 1)
    precision = relevant.cumsum(axis=1) / ranks
    return np.asarray((precision * relevant).sum(axis=1) / np.minimum(possible, len(ranks)), np.float64)


def _class_score(names: Sequence[str], confusion: NDArray[np.int64], place: int) -> ClassScore:
    row = confusion[place]
    wrong = row.copy()
    wrong[place] = 0
    pictures = int(row.sum())
    return ClassScore(
        names[place],
        pictures,
        float(row[place] / pictures) if pictures else 0.0,
        names[int(wrong.argmax())] if wrong.any() else "",
    )
