"""Whether a calibration keeps its word: what share of strangers, not measured before, it calls copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lookalike.calibration import Calibration, measure
from lookalike.calibration.background import Background
from lookalike.calibration.pairs import highest_pairs, sampled_ranks
from lookalike.calibration.scoring import points_of
from lookalike.calibration.strangers import strangers_of
from lookalike.calibration.tail import Tail
from lookalike.kernels.arrays import Ids
from lookalike.labs.bench.gathered import Gathered

RATES = (1e-3, 1e-4, 1e-5)
FOLDS = 4
_ALL_UP_TO = 150  # highest pairs of a fold that all get the second look; of the others fewer


@dataclass(frozen=True, slots=True)
class Kept:
    """How a calibration fared on one kind of collection.

    Attributes:
        kind: of the pictures.
        images: in the collections that it was measured on.
        pairs: of held-out queries and pictures.
        called: how many of them it calls copies at each of ``RATES``.
        verified: how many of them the second look takes for copies.
        both: how many of these are called copies at each of ``RATES``.
        scale: points over which the tail falls by a factor e, mean of the folds.
    """

    kind: str
    images: int
    pairs: int
    called: tuple[float, ...]
    verified: float
    both: tuple[float, ...]
    scale: float

    def factors(self) -> list[float]:
        """How many times as many strangers are called copies as were asked for, at each rate."""
        return [called / (rate * self.pairs) for called, rate in zip(self.called, RATES, strict=True)]

    def unverified_factors(self) -> list[float]:
        """The same without those that the second look takes for copies, which no calibration can tell."""
        return [
            (called - both) / (rate * self.pairs)
            for called, both, rate in zip(self.called, self.both, RATES, strict=True)
        ]


def check(gathered: Gathered, fingerprint: str) -> Kept:
    """Hold out a fourth of the pictures at a time as queries, and measure on the others.

    Verified pairs of photos do not count, since they may be copies. Those of drawn pictures do.

    Args:
        gathered: pictures.
        fingerprint: of their embedder.
    """
    copies = gathered.copies
    fold_of = np.random.default_rng(1).permutation(len(copies)) % FOLDS
    counted, pairs, scales = _Counts.none(), 0, []
    for fold in range(FOLDS):
        inside, outside = (np.flatnonzero(chosen) for chosen in (fold_of != fold, fold_of == fold))
        calibration = measure(inside, copies[inside], gathered.looked, fingerprint)
        some = _called(calibration, gathered, inside, outside)
        counted = counted.plus(some)
        pairs += len(inside) * len(outside)
        scales.append(calibration.own.scale if calibration.own else 0.0)
    images = round(len(copies) * (1 - 1 / FOLDS))
    return Kept(
        gathered.name,
        images,
        pairs,
        tuple(counted.called.tolist()),
        counted.verified,
        tuple(counted.both.tolist()),
        float(np.mean(scales)),
    )


class _Counts(NamedTuple):
    """Weighted numbers of pairs: called copies at each rate, verified, and both at each rate."""

    called: NDArray[np.float64]
    verified: float
    both: NDArray[np.float64]

    @classmethod
    def none(cls) -> Self:
        return cls(np.zeros(len(RATES)), 0.0, np.zeros(len(RATES)))

    def plus(self, other: _Counts) -> _Counts:
        return _Counts(self.called + other.called, self.verified + other.verified, self.both + other.both)


def _called(calibration: Calibration, gathered: Gathered, inside: Ids, outside: Ids) -> _Counts:
    queries, pictures = gathered.copies[outside], gathered.copies[inside]
    levels = calibration.levels(queries), calibration.levels(pictures)
    found = highest_pairs(queries, levels[0], pictures, levels[1], None)
    others = found.scores[~found.looked_at]
    chances = calibration.chances(others, [None] * len(others))
    called = (chances[:, None] <= np.array(RATES)).sum(axis=0).astype(np.float64)
    _, verified, both = _Counts.none()
    ranks = np.flatnonzero(found.looked_at)
    for place, weight in sampled_ranks(len(ranks), _ALL_UP_TO):
        rank = ranks[place]
        pair = int(outside[found.queries[rank]]), int(inside[found.pictures[rank]])
        looked, is_copy = gathered.looked(*pair)
        if is_copy and not gathered.drawn:
            continue
        verified += weight * is_copy
        score = found.scores[rank : rank + 1] + points_of([looked])
        is_called = calibration.chances(score, [looked])[0] <= np.array(RATES)
        called += weight * is_called
        both += weight * (is_called & is_copy)
    return _Counts(called, verified, both)


def pooled_strangers(gathered: list[Gathered], *, levelled: bool) -> Tail:
    """The tail of strangers of several collections, each of the same weight.

    Args:
        gathered: pictures of each collection.
        levelled: whether scores count from the levels in their collection, or from 0.
    """
    scores, weights = [], []
    for one in gathered:
        background = Background.of(one.copies) if levelled else Background.none()
        levels = background.levels(one.copies)
        every = np.arange(len(one.copies))
        pairs = highest_pairs(one.copies, levels, one.copies, levels, every)
        some, weight = strangers_of(pairs, every, every, one.looked)
        scores.append(some)
        weights.append(weight)
    total = sum(weight.sum() for weight in weights)
    even = [weight * (total / len(weights) / weight.sum()) for weight in weights]
    return Tail.of(np.concatenate(scores), np.concatenate(even))
