"""How well the class of a picture can be told from its hash alone, by those who know more or less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.hyperplanes import keyed

KNOWN = (10, 30, 100, 300, 1000)
"""Pictures whose hashes under the secret key somebody knows, as by sending them in."""

_RIDGE = 1.0  # added to the diagonal of the fit, which has more unknowns than equations for few pictures

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Pictures of known class, whose owner looks at the hashes of others.

    Attributes:
        vectors: (n, dim) float32 rows of unit length.
        labels: (n,) int64 classes.
    """

    vectors: Vectors
    labels: Labels


@dataclass(frozen=True, slots=True)
class Leak:
    """Shares of hashed pictures whose class was told rightly, 0 to 1, by the nearest labelled picture.

    Attributes:
        bits: length of the hashes.
        classes: how many there are.
        labelled: pictures of known class.
        hashed: pictures whose class was guessed.
        chance: share that is right if one guesses the most frequent class.
        vectors: by the embeddings themselves.
        same_key: by hashes, if the labelled pictures are hashed with the same key.
        other_key: by hashes, if the labelled pictures are hashed with another key.
        known: by hyperplanes that are estimated from so many pictures with their hashes under the key.
        joined: share of pictures whose hash with another key is nearest to their own, among all hashed ones.
    """

    bits: int
    classes: int
    labelled: int
    hashed: int
    chance: float
    vectors: float
    same_key: float
    other_key: float
    known: dict[int, float]
    joined: float

    def facts(self) -> dict[str, Any]:
        """The same as JSON shows it."""
        known = [{"pictures": count, "share": share} for count, share in self.known.items()]
        return {**{name: getattr(self, name) for name in self.__slots__}, "known": known}


def measure(labelled: Sample, hashed: Sample, bits: int, seeds: tuple[int, int]) -> Leak:
    """Measure a leak.

    Args:
        labelled: pictures whose class is known; their hashes serve as the known ones, too.
        hashed: pictures of which only hashes are seen.
        bits: length of a hash, at most the embedder's ``dim``.
        seeds: the secret key, and another owner's.

    Raises:
        UsageError: ``bits`` is out of range, or one of the samples is empty.
    """
    dim = labelled.vectors.shape[1]
    if not 0 < bits <= dim:
        raise UsageError(f"bits must be from 1 to {dim}, not {bits}")
    if not len(labelled.labels) or not len(hashed.labels):
        raise UsageError("there must be pictures of known class, and others")
    secret, other = (keyed(dim, bits, seed) for seed in seeds)
    seen = _signs(hashed.vectors, secret)
    by_secret, by_other = _signs(labelled.vectors, secret), _signs(labelled.vectors, other)

    def right(scores: NDArray[np.floating[Any]]) -> float:
        return float(np.mean(labelled.labels[scores.argmax(axis=1)] == hashed.labels))

    known = {}
    for count in KNOWN:
        if count <= len(labelled.labels):
            planes = _estimated(labelled.vectors[:count], by_secret[:count])
            known[count] = right(seen @ (labelled.vectors @ planes.T).T)
    own = (_signs(hashed.vectors, other) @ seen.T).argmax(axis=1) == np.arange(len(seen))
    _, counts = np.unique(hashed.labels, return_counts=True)
    return Leak(
        bits=bits,
        classes=len(np.unique(labelled.labels)),
        labelled=len(labelled.labels),
        hashed=len(hashed.labels),
        chance=float(counts.max() / counts.sum()),
        vectors=right(hashed.vectors @ labelled.vectors.T),
        same_key=right(seen @ by_secret.T),
        other_key=right(seen @ by_other.T),
        known=known,
        joined=float(own.mean()),
    )


def divided(vectors: Vectors, labels: Sequence[int], share: float, seed: int) -> tuple[Sample, Sample]:
    """Divide pictures at random, each class in the same proportion.

    Args:
        vectors: (n, dim) float32 rows of unit length.
        labels: n classes.
        share: of each class that goes to the first sample.
        seed: of the division.

    Returns:
        The two samples, each in random order.
    """
    random = np.random.default_rng(seed)
    classes = np.asarray(labels, np.int64)
    first = np.zeros(len(classes), bool)
    for one in np.unique(classes):
        members = random.permutation(np.flatnonzero(classes == one))
        first[members[: round(share * len(members))]] = True
    parts = [random.permutation(np.flatnonzero(chosen)) for chosen in (first, ~first)]
    one, two = (Sample(vectors[part], classes[part]) for part in parts)
    return one, two


def _signs(vectors: Vectors, planes: Vectors) -> NDArray[np.float32]:
    """Hashes as numbers -1 and 1, (n, bits): their product grows as fewer bits differ."""
    return np.where(vectors @ planes.T > 0, np.float32(1), np.float32(-1))


def _estimated(vectors: Vectors, signs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Hyperplanes, (bits, dim), by ridge regression of hashes on the embeddings that they are of.

    The least squares fit of signs points along the hyperplanes (Plan and Vershynin, "The generalized Lasso
    with non-linear observations", 2016).
    """
    rows = vectors.astype(np.float64)
    inner = rows @ rows.T + _RIDGE * np.eye(len(rows))
    return np.asarray((rows.T @ np.linalg.solve(inner, signs.astype(np.float64))).T)
