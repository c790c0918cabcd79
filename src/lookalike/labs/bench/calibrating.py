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
DIVISIONS = 6
"""Times that the pictures are divided anew. The strangers that score highest are few and come in series, as
the machines of one catalogue, so that one division tells more of its luck than of the calibration."""

_ALL_UP_TO = 150  # highest pairs of a fold that all get the second look; of the others fewer


@dataclass(frozen=True, slots=True)
class Kept:
    """How a calibration fared on one kind of collection.

    Attributes:
        kind: of the pictures.
        images: in the collections that it was measured on.
        pairs: of held-out queries and pictures, in each division.
        called: how many of them it calls copies at each of ``RATES``, mean of the divisions.
        verified: how many of them the second look takes for copies, likewise.
        both: how many of these are called copies at each of ``RATES``, likewise.
        scale: points over which the tail falls by a factor e, mean of the folds.
        divisions: ``called`` of each division.
    """

    kind: str
    images: int
    pairs: int
    called: tuple[float, ...]
    verified: float
    both: tuple[float, ...]
    scale: float
    divisions: tuple[tuple[float, ...], ...]

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
    counted, pairs, scales = [], 0, []
    for seed in range(1, DIVISIONS + 1):
        fold_of = np.random.default_rng(seed).permutation(len(copies)) % FOLDS
        counts, pairs = _Counts.none(), 0
        for fold in range(FOLDS):
            inside, outside = (np.flatnonzero(chosen) for chosen in (fold_of != fold, fold_of == fold))
            calibration = measure(inside, copies[inside], gathered.looked, fingerprint)
            counts = counts.plus(_called(calibration, gathered, inside, outside))
            pairs += len(inside) * len(outside)
            scales.append(calibration.own.scale if calibration.own else 0.0)
        counted.append(counts)
    called, both = (
        np.array(every) for every in zip(*((one.called, one.both) for one in counted), strict=True)
    )
    return Kept(
        gathered.name,
        round(len(copies) * (1 - 1 / FOLDS)),
        pairs,
        tuple(called.mean(axis=0).tolist()),
        float(np.mean([one.verified for one in counted])),
        tuple(both.mean(axis=0).tolist()),
        float(np.mean(scales)),
        tuple(map(tuple, called.tolist())),
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
