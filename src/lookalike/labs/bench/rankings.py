"""How well copies are ranked: by the distance alone, counted from levels, and with the second look."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.calibration.background import Background
from lookalike.calibration.pairs import LOOKED_AT
from lookalike.calibration.scoring import scores_of
from lookalike.embed import Embedder
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.copies import Described, Trial, describe
from lookalike.labs.learn.copy_methods import Describer, Rows
from lookalike.labs.learn.copy_scores import (
    Scores,
    border,
    joined,
    micro_average_precision,
    passing,
    summarised,
)
from lookalike.labs.shared.progress import tracked
from lookalike.settings import Settings
from lookalike.sight import Sight, decode_small, encode_small, look, reduced
from lookalike.sight.small import MOST_BYTES

RATE = 1e-5
_KEPT = 2_000  # scores of false pairs kept per query set


@dataclass(frozen=True, slots=True)
class Ranking:
    """How one way to score the same candidates fared.

    Attributes:
        name: of the way.
        micro_ap: micro average precision.
        recall: share of copies whose original passes the border that 1e-5 of the false pairs pass.
        first_false: share of copies whose original scores higher than every false pair.
    """

    name: str
    micro_ap: float
    recall: float
    first_false: float


def rankings(paths: list[Path], pictures: int, copied: int, embedder: Embedder) -> list[Ranking]:
    """Copy pictures in 26 ways, search for them, and rank the 10 nearest by the whole vector in four ways.

    Args:
        paths: photos.
        pictures: so many are searched.
        copied: so many of them are copied, and as many that are not searched.
        embedder: with a copy part.
    """
    drawn = random.Random(2).sample(paths, min(pictures + copied, len(paths)))
    unmatched, database = drawn[:copied], drawn[copied:]
    trial = Trial(sorted(database), database[:copied], unmatched)
    describers = [Describer("vectors", embedder.embed), Describer("small", _small_rows)]
    described = describe(trial, describers, Settings())
    queries, known = (rows["vectors"] for rows in (described.queries, described.database))
    candidates = np.argsort(-(queries @ known.T), axis=1)[:, :LOOKED_AT]
    looks = _looks(described, candidates)
    part = embedder.card.copy_part
    similarities = np.einsum("qd,qcd->qc", part(queries), part(known)[candidates])
    background = Background.of(part(known))
    query_levels, levels = background.levels(part(queries)), background.levels(part(known))[candidates]
    none = np.zeros_like(query_levels), np.zeros_like(levels)
    unseen: list[list[float | None]] = [[None] * candidates.shape[1]] * len(queries)
    return [
        _ranked(name, _scores(similarities, at, looked), candidates, described)
        for name, at, looked in (
            ("copy part alone", none, unseen),
            ("counted from levels", (query_levels, levels), unseen),
            ("with the second look", none, looks),
            ("both", (query_levels, levels), looks),
        )
    ]


def _scores(
    similarities: Vectors, levels: tuple[Vectors, Vectors], looks: Sequence[Sequence[float | None]]
) -> Scores:
    """The scores of the best ten of each query, (queries, 10)."""
    rows = [
        scores_of(row, float(query_level), of_row, looked)
        for row, query_level, of_row, looked in zip(similarities, *levels, looks, strict=True)
    ]
    return np.stack(rows).astype(np.float32)


def _ranked(name: str, scores: Scores, candidates: Rows, described: Described) -> Ranking:
    """Figures of one way; pairs that are no candidates are not considered."""
    every = np.full((len(scores), len(described.database["vectors"])), -np.inf, np.float32)
    np.put_along_axis(every, candidates, scores, axis=1)
    keep = max(_KEPT, passing(every.size, RATE) + 1)
    pairs = joined([summarised(every, described.originals, keep)], keep)
    own = pairs.own[pairs.matched]
    return Ranking(
        name,
        micro_average_precision(pairs),
        float((own > border(pairs, RATE).score).mean()),
        float((own > pairs.false[0]).mean()),
    )


def _small_rows(images: Sequence[Image.Image]) -> Rows:
    """Small pictures as rows: (n, 10,240) uint8, each encoded and padded with zeros."""
    rows = np.zeros((len(images), MOST_BYTES), np.uint8)
    for row, image in zip(rows, images, strict=True):
        data = encode_small(reduced(image))[:MOST_BYTES]
        row[: len(data)] = np.frombuffer(data, np.uint8)
    return rows


def _looks(described: Described, candidates: Rows) -> list[list[float | None]]:
    """The second look's scores of each query's candidates."""

    @cache
    def known(row: int) -> Sight:
        return Sight(decode_small(described.database["small"][row].tobytes()))

    found: list[list[float | None]] = []
    for data, rows in tracked(list(zip(described.queries["small"], candidates, strict=True)), "Looking"):
        sight = Sight(decode_small(data.tobytes()))
        found.append([look(known(int(row)), sight).score for row in rows])
    return found
