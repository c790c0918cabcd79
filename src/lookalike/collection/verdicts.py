"""Verdicts: whether each image is identical to the query, a copy, similar or different, and how surely."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from lookalike import sight
from lookalike.calibration import Calibration
from lookalike.calibration.pairs import LOOKED_AT
from lookalike.calibration.scoring import LookScores, Scores
from lookalike.collection.answers import Verdict
from lookalike.collection.basis import Basis
from lookalike.collection.queries import Query, query_of_image
from lookalike.embed import ModelCard
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.metrics import Metric
from lookalike.sight import Evidence
from lookalike.store import ImageFacts

CLOSELY = 10
"""Images of one query that get the close look at most."""

MOST_PIXELS = 120_000_000
"""Pixels that their files have together at most, which bounds the time of decoding.
``judge`` reads one always."""


class Judgement(NamedTuple):
    """What an image is to a query; see ``Match``."""

    verdict: Verdict
    p: float
    copy_similarity: float
    evidence: Evidence | None


class ScoredPairs:
    """The copy parts of one picture and of n others, compared with each other.

    Attributes:
        distances: (n,) float64 cosine distances.
    """

    def __init__(self, one: Vectors, others: Vectors, calibration: Calibration) -> None:
        """Measure distances and levels.

        Args:
            one: (1, dim) float32 of unit length.
            others: (n, dim) float32 rows of unit length.
            calibration: says what strangers score.
        """
        self.distances = Metric("cosine").exact(one[0], others)
        self._similarities = np.asarray(1 - self.distances, np.float32)
        self._level, self._levels = float(calibration.levels(one)[0]), calibration.levels(others)
        self._calibration = calibration

    def scores(self, looks: LookScores) -> Scores:
        """The score of each pair, (n,) float64; ``looks`` are the scores of n second looks, None for none."""
        return self._calibration.scores(self._similarities, self._level, self._levels, looks)

    def chances(self, looks: LookScores) -> list[float]:
        """The chance p of each pair: the share of strangers that score as high."""
        return [float(chance) for chance in self._calibration.chances(self.scores(looks), looks)]


def verdict_of(p: float, fpr: float, distance: float, border: float) -> Verdict:
    """The verdict on two pictures.

    Args:
        p: chance that strangers score so high; 0 if the two are identical.
        fpr: share of strangers that may be called copies.
        distance: cosine distance of the copy parts.
        border: distance up to which pictures that are no copies count as similar.
    """
    if p == 0:
        return "identical"
    if p <= fpr:
        return "copy"
    return "similar" if distance <= border else "different"


def believed(evidence: Evidence, distance: float, card: ModelCard) -> Evidence:
    """The evidence on two pictures once their embeddings were asked, too; see ``Evidence.believed``.

    Args:
        evidence: by the second look.
        distance: cosine distance of the copy parts.
        card: of the embedder; one without a copy part was not trained for copies, and is not asked.
    """
    return evidence.believed(distance / card.same_distance) if card.copy_dim else evidence


def chance_in(tries: int, chance: float) -> float:
    """The chance that any of so many tries succeeds, each of which does by chance (Šidák 1967)."""
    return 1.0 if chance >= 1.0 else -math.expm1(tries * math.log1p(-chance))


def judge(
    query: Query,
    images: Sequence[ImageFacts],
    basis: Basis,
    fpr: float,
    *,
    tries: int = 1,
    at_first: int = LOOKED_AT,
) -> list[Judgement]:
    """Judge images that may be copies of a query, or look like it.

    Args:
        query: its vector is of the same embedder as theirs.
        images: in any order.
        basis: what the collection's answers stand on.
        fpr: share of strangers that may be called copies.
        tries: how many parts of the query are compared with an image, this one among them. Each of them, and
            each picture of which the image is known to be put together, is a chance for strangers to look
            alike, so that a small p is that many times as large.
        at_first: images that get the second look, the best by their embeddings. While all of them turn out
            to be copies, as many more do, so that every copy of a picture that lies in many places is found.

    Returns:
        A judgement on each image, in their order. Images that did not get the second look are judged by their
        embeddings alone, which never proves a copy at an ``fpr`` below 1e-5.
    """
    if not images:
        return []
    card = basis.embedder.card
    copies = card.copy_part(np.array([image.vector for image in images], np.float32))
    pairs = ScoredPairs(card.copy_part(query.vector[None]), copies, basis.calibration)
    order = np.argsort(-pairs.scores([None] * len(images)), kind="stable")
    seen = _look(query, images, order.tolist(), basis, at_first)
    found = [
        seen.get(place, _Seen()).believed(distance, card)
        for place, distance in enumerate(pairs.distances.tolist())
    ]
    chances = pairs.chances([None if one.evidence is None else one.evidence.score for one in found])
    judged = []
    for image, one, chance, distance in zip(images, found, chances, pairs.distances.tolist(), strict=True):
        parts = tries + basis.panels_of(image.image_id)
        p = 0.0 if one.identical else chance_in(parts, chance)
        verdict = verdict_of(p, fpr, distance, card.same_distance)
        judged.append(Judgement(verdict, p, 1 - distance, one.evidence))
    return judged


class _Seen(NamedTuple):
    """What was seen of an image: whether it is identical to the query, and evidence if it was looked at."""

    identical: bool = False
    evidence: Evidence | None = None

    def believed(self, distance: float, card: ModelCard) -> _Seen:
        """This once the embeddings were asked, too."""
        if self.evidence is None:
            return self
        return self._replace(evidence=believed(self.evidence, distance, card))

    @property
    def copy(self) -> bool:
        """Whether it is one, as far as the second look can tell."""
        return self.identical or (self.evidence is not None and self.evidence.verified)


def _look(
    query: Query, images: Sequence[ImageFacts], order: list[int], basis: Basis, at_first: int
) -> dict[int, _Seen]:
    """Look at the first images of an order, and at more while all of them are copies; by their places."""

    def look(place: int) -> _Seen:
        image = images[place]
        other = query_of_image(image, basis.looks, basis.limits)
        evidence = None
        if query.sight is not None and other.sight is not None:
            evidence = sight.look(other.sight, query.sight, glance=True)
        return _Seen(query.is_identical(other), evidence)

    seen: dict[int, _Seen] = {}
    if query.sight is None and query.sha256 is None:
        return seen
    with ThreadPoolExecutor(basis.threads) as pool:
        for start in range(0, len(order), at_first):
            places = order[start : start + at_first]
            seen.update(zip(places, pool.map(look, places), strict=True))
            if not all(seen[place].copy for place in places):
                break
        seen.update(_look_closely(query, images, seen, basis, pool))
    return seen


def _look_closely(
    query: Query, images: Sequence[ImageFacts], seen: Mapping[int, _Seen], basis: Basis, pool: Executor
) -> dict[int, _Seen]:
    """Look closely at those that pass for the query, the likeliest first, up to the bounds above.

    No file is decoded for a pair of which either picture has hardly more pixels than its small one.
    """
    if query.size is not None and not sight.shows_more(*query.size):
        return {}
    copies = {
        place: one.evidence
        for place, one in seen.items()
        if not one.identical
        and one.evidence is not None
        and one.evidence.told_by_files
        and sight.shows_more(images[place].width, images[place].height)
    }
    if not copies:
        return {}
    near: list[int] = []
    pixels = 0
    for place in list(copies)[:CLOSELY]:
        pixels += images[place].width * images[place].height
        if near and pixels > MOST_PIXELS:
            break
        near.append(place)
    whole = query.fine()

    def look(place: int) -> _Seen:
        other = basis.looks.fine_of(images[place]) if whole and place in near else None
        evidence = sight.looked_closely(copies[place], other, whole)
        if evidence.verified and not evidence.whole and other is not None and query.sight is not None:
            seen = basis.looks.file_sight_of(images[place])
            if seen is not None:
                evidence = sight.looked_closely(sight.look(seen, query.sight), other, whole)
        return _Seen(evidence=evidence)

    return dict(zip(copies, pool.map(look, copies), strict=True))
