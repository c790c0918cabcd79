"""Copies: which of the pairs that were looked at are copies at an asked rate, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lookalike.calibration.calibrated import UNPROVEN
from lookalike.collection.duplicates.alikeness import Alikeness
from lookalike.collection.duplicates.grouping import Pair, ordered
from lookalike.sight import VERIFIED_SCORE
from lookalike.store import LookedAt


class Judged(NamedTuple):
    """What is said of two images.

    Attributes:
        pair: the images, and the score of the pair as its strength.
        similarity: cosine of the copy parts of their embeddings.
        p: chance that two strangers score so high.
    """

    pair: Pair
    similarity: float
    p: float


def judge(
    pairs: Sequence[tuple[int, int]], looks: Sequence[float | None], alikeness: Alikeness
) -> list[Judged]:
    """Judge pairs of images.

    Args:
        pairs: ids.
        looks: scores of the second look at them; None for a pair that was not looked at.
        alikeness: of the collection.

    Raises:
        NotFoundError: an image has just been removed.
    """
    alike = alikeness.of(pairs)
    scores, chances = alike.scores(looks), alike.chances(looks)
    return [
        Judged(Pair(*pair, score), similarity, p)
        for pair, score, similarity, p in zip(
            pairs, scores.tolist(), alike.similarities.tolist(), chances.tolist(), strict=True
        )
    ]


def copies_among(seen: Sequence[LookedAt], fpr: float, alikeness: Alikeness) -> list[Judged]:
    """Those of the pairs that were looked at whose chance is at most ``fpr``.

    Raises:
        NotFoundError: an image has just been removed.
    """
    # Without being verified none comes below that, so that their embeddings need not be read.
    least = VERIFIED_SCORE if fpr < UNPROVEN else 0.0
    scores = {
        ordered(pair.first, pair.second): pair.score
        for pair in seen
        if pair.score is not None and pair.score >= least
    }
    found = judge(list(scores), list(scores.values()), alikeness)
    return [judged for judged in found if judged.p <= fpr]
