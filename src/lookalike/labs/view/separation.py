"""How well a map keeps what is alike together: numbers, so that two maps can be compared.

Each is computed for the embedding's own space as well, which says what a map could at best show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_samples

from lookalike.kernels.arrays import Vectors
from lookalike.labs.view.neighbours import nearest_others
from lookalike.labs.view.points import Labels

NEIGHBOURS = 10
MEASURED_AT_MOST = 5_000
"""Pictures; a drawn sample stands for more, since time and memory grow with their square."""

Space = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Separation:
    """How a space keeps classes and neighbours together.

    Attributes:
        silhouette: mean over pictures of (b - a) / max(a, b), where a is the mean distance to the picture's
            own class and b to the nearest other class; -1 to 1. None if there is only one class.
        neighbour_agreement: share of the 10 nearest neighbours that are of the same class, 0 to 1. None
            if there is only one class.
        trustworthiness: 1 where all of the 10 nearest on the map are among the 10 nearest in the embedding,
            the lower the farther the others come from. None for the embedding itself.
    """

    silhouette: float | None
    neighbour_agreement: float | None
    trustworthiness: float | None = None


def separation_of_embedding(vectors: Vectors, labels: Labels, seed: int) -> Separation:
    """Measure the embedding's own space, by cosine distance.

    Args:
        vectors: (n, dim) float32, n >= 10.
        labels: (n,) classes.
        seed: of the sample, where there are many pictures.
    """
    return Separation(*_by_class(vectors, labels, seed, "cosine"))


def separation_of_map(places: Space, vectors: Vectors, labels: Labels, seed: int) -> Separation:
    """Measure a map, by Euclidean distance.

    Trustworthiness is Venna and Kaski's, "Neighborhood preservation in nonlinear projection methods" (ICANN
    2001), against the embedding.

    Args:
        places: (n, 2) of the pictures on the map.
        vectors: (n, dim) float32 unit rows, n >= 10; their Euclidean distances rank as their cosines do.
        labels: (n,) classes.
        seed: of the sample, where there are many pictures.
    """
    some = sample(len(places), seed)
    k = neighbours_of(len(some))
    trust = trustworthiness(vectors[some], places[some], n_neighbors=k)
    return Separation(*_by_class(places, labels, seed, "euclidean"), float(trust))


def class_silhouettes(places: Space, labels: Labels, seed: int) -> NDArray[np.float64]:
    """Mean silhouette of each class on a map, (classes,); 0 for one of which no picture is in the sample."""
    classes = int(labels.max()) + 1
    some = sample(len(places), seed)
    if not _divides(labels[some]):
        return np.zeros(classes)
    values = silhouette_samples(places[some], labels[some])
    counts = np.bincount(labels[some], minlength=classes)
    return np.asarray(np.bincount(labels[some], values, classes) / np.maximum(1, counts))


def sample(n: int, seed: int) -> NDArray[np.intp]:
    """Ascending places of the pictures that are measured: all, or a sample of very many."""
    if n <= MEASURED_AT_MOST:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, MEASURED_AT_MOST, replace=False))


def neighbours_of(n: int) -> int:
    """How many neighbours are looked at among n pictures; trustworthiness is defined below half of them."""
    return min(NEIGHBOURS, (n - 1) // 2)


def _by_class(space: Space, labels: Labels, seed: int, metric: str) -> tuple[float | None, float | None]:
    """Silhouette and neighbour agreement of labelled points."""
    if labels.max() == 0:
        return None, None
    near, _ = nearest_others(space, neighbours_of(len(space)), metric)
    agreement = float((labels[near] == labels[:, None]).mean())
    some = sample(len(space), seed)
    if not _divides(labels[some]):
        return None, agreement
    return float(silhouette_samples(space[some], labels[some], metric=metric).mean()), agreement


def _divides(labels: Labels) -> bool:
    """Whether a silhouette is defined: two classes or more, and fewer than pictures."""
    return 2 <= len(np.unique(labels)) < len(labels)
