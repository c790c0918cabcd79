"""Strangers of a collection: pairs of its own pictures, without those that are copies."""

from __future__ import annotations

from collections.abc import Callable, Set
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from lookalike.calibration.background import FEWEST, Background
from lookalike.calibration.calibrated import Calibration
from lookalike.calibration.pairs import Pairs, highest_pairs, sampled_ranks
from lookalike.calibration.scoring import Scores, points_of
from lookalike.calibration.tail import Tail
from lookalike.kernels.arrays import Ids, Vectors

Look = Callable[[int, int], tuple[float, bool] | None]
"""The second look at two images, by id: its score, and whether they are verified copies; None if a picture
is gone. It is the same whichever image comes first."""

QUERIES = 300
"""Pictures of the collection that are compared with the others, to see what strangers score."""

CANDIDATES = 50_000
"""Pictures that they are compared with at most: of more, so many are drawn, and the queries among them. A
collection gives at most 30,000 (``collection.calibrating``); benchmarks may give more."""

_ALL_UP_TO = (60, 10)
"""Highest pairs that all get the second look; of the others fewer, the lower they are. The first number is of
pairs that a search would look at, for which it adds points; the second of others, which may be copies."""


def measure(
    ids: Ids,
    copies: Vectors,
    look: Look,
    fingerprint: str,
    *,
    not_copies: Set[tuple[int, int]] = frozenset(),
    threads: int = 1,
) -> Calibration:
    """Measure what strangers in a collection score: 300 pictures against all others.

    About 400 of the highest pairs get the second look, at different ranks, and stand for those around them.
    So a collection full of copies, where the highest pairs are nearly all copies, costs no more looks.

    Args:
        ids: (n,) int64 of the collection's images.
        copies: (n, dim) float32 copy parts in the same order, rows of unit length; may be memory-mapped.
        look: the second look.
        fingerprint: of the embedder.
        not_copies: pairs of ids that a person has decided are no copies, in either order. They are
            strangers, whatever the second look says.
        threads: how many look at the same time, which is nearly all that a measurement takes.

    Returns:
        What ships if there are fewer than 50 pictures.
    """
    if len(ids) < FEWEST:
        return Calibration.shipped(fingerprint)
    random = np.random.default_rng(0)
    background = Background.of(copies)
    drawn = np.sort(random.permutation(len(ids))[:CANDIDATES])
    candidates, levels = copies[drawn], background.levels(copies[drawn])
    own = np.sort(random.permutation(len(drawn))[:QUERIES])
    pairs = highest_pairs(candidates[own], levels[own], candidates, levels, own)
    known = ids[drawn]
    tail = Tail.of(*strangers_of(pairs, known[own], known, look, not_copies, threads))
    return Calibration(fingerprint, len(ids), background, tail)


def strangers_of(
    pairs: Pairs,
    queries: Ids,
    pictures: Ids,
    look: Look,
    not_copies: Set[tuple[int, int]] = frozenset(),
    threads: int = 1,
) -> tuple[Scores, Scores]:
    """The scores of strangers among some pairs.

    Args:
        pairs: as ``highest_pairs`` gives them.
        queries: ids of the queries, by row.
        pictures: ids of the pictures, by row.
        look: the second look.
        not_copies: as for ``measure``.
        threads: as for ``measure``.

    Returns:
        ``(scores, weights)``, (s,) each: how many pairs each score stands for.
    """
    decided = {frozenset(pair) for pair in not_copies}
    chosen: list[tuple[int, float]] = []
    for looked_at, all_up_to in zip((True, False), _ALL_UP_TO, strict=True):
        ranks = np.flatnonzero(pairs.looked_at == looked_at)
        chosen += [
            (int(ranks[place]), float(weight)) for place, weight in sampled_ranks(len(ranks), all_up_to)
        ]
    both = [(int(queries[pairs.queries[rank]]), int(pictures[pairs.pictures[rank]])) for rank, _ in chosen]
    unordered = [frozenset(pair) for pair in both]
    once = dict(zip(unordered, both, strict=True))  # each of two queries may be a picture of the other one
    with ThreadPoolExecutor(threads) as pool:
        looks = dict(zip(once, pool.map(lambda pair: look(*pair), once.values()), strict=True))
    scores, weights = [], []
    for (rank, weight), pair in zip(chosen, unordered, strict=True):
        seen = looks[pair]
        if seen is not None and seen[1] and pair not in decided:
            continue
        points = points_of([seen[0] if seen is not None and pairs.looked_at[rank] else None])[0]
        scores.append(pairs.scores[rank] + points)
        weights.append(weight)
    bulk_weights = np.full(len(pairs.bulk), pairs.bulk_weight)
    return np.concatenate([scores, pairs.bulk]), np.concatenate([weights, bulk_weights])
