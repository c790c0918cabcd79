"""Images near a query, judged: by the whole query, and by the panels of collages.

A collage resembles none of the pictures that it shows. So the index is asked about each panel of a query too,
and what a panel is a copy of is a match of the collage. A collage of the collection is a match of a query if
one of its panels, of which the catalog keeps the vectors, is a copy of the whole query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lookalike import sight
from lookalike.collection.answers import COPIES
from lookalike.collection.basis import Basis
from lookalike.collection.crowds import is_near_crowd
from lookalike.collection.queries import Panel, Query
from lookalike.collection.verdicts import Judgement, judge
from lookalike.kernels.arrays import Ids
from lookalike.kernels.metrics import Metric
from lookalike.store import ImageFacts

_OF_CROWD = 20
"""Nearest images that tell whether a query lies in a crowd."""

_LEAST_NEAR = 0.4
"""Copy similarity from which a panel of a collage in the collection may be a copy of the query."""

Near = tuple[list[int], list[float]]
"""Ids of the images nearest to one picture, and their distances, ascending; id -1 if there are fewer."""

_AT_FIRST, _AT_MOST = 3, 10
"""Images near a panel that get the second look at first, and if all before them are copies. So a
picture of nine panels, which anybody may send to a server, takes ten times as long as others at most."""


class Judged(NamedTuple):
    """An image near a query, and what it is to it.

    Attributes:
        image: what is known of it.
        distance: from the query, by the metric that was asked for.
        judgement: on it.
    """

    image: ImageFacts
    distance: float
    judgement: Judgement


def judge_near(
    query: Query, near: Sequence[Near], metric: Metric, fpr: float, basis: Basis, among: Ids | None = None
) -> list[Judged]:
    """Judge the images near a query.

    Args:
        query: with its panels.
        near: the nearest images of the whole query, then those of each of its panels.
        metric: that their distances are of.
        fpr: share of strangers that may be called copies.
        basis: what the answer stands on.
        among: ids of the only images that are asked about; None for all.

    Returns:
        The images near the whole query, in their order; then others that it, or a panel, is a copy of.
    """
    (ids, distances), *of_panels = near
    images = _images(query, ids, basis)
    there = [
        (images[image_id], distance)
        for image_id, distance in zip(ids, distances, strict=True)
        if image_id in images
    ]
    judgements = judge(query, [image for image, _ in there], basis, fpr, tries=len(near))
    judged = [Judged(*one, judgement) for one, judgement in zip(there, judgements, strict=True)]
    copies = {
        **_copies_in_collages(query, judged, fpr, basis, among, tries=len(near)),
        **_copies_of_panels(query, [ids[:_AT_MOST] for ids, _ in of_panels], fpr, basis),
        **_copies_in_crowd(query, judged, fpr, basis, among, tries=len(near)),
    }
    told = [_told_by_copy(one, copies.pop(one.image.image_id, None)) for one in judged]
    return told + _at_distances(query, list(copies.values()), metric, basis)


def _images(query: Query, ids: Sequence[int], basis: Basis) -> dict[int, ImageFacts]:
    """What is known of images, by id; without those that another process has just removed."""
    known = basis.catalog.images(list(ids))
    return {key: image for key, image in known.items() if image.vector.shape == query.vector.shape}


def _copies_in_crowd(
    query: Query, judged: Sequence[Judged], fpr: float, basis: Basis, among: Ids | None, *, tries: int
) -> dict[int, tuple[ImageFacts, Judgement]]:
    """Further copies of a query that lies in a crowd, by id; none of any other query."""
    card = basis.embedder.card
    near = [one.image.vector for one in judged[:_OF_CROWD]]
    if not card.copy_dim or not near:
        return {}
    if not is_near_crowd(card.copy_part(query.vector[None])[0], card.copy_part(np.array(near, np.float32))):
        return {}
    from lookalike.collection.landmarked import copies_by_landmarks  # noqa: PLC0415

    seen = {
        one.image.image_id
        for one in judged
        if one.judgement.evidence is not None or one.judgement.verdict in COPIES
    }
    copies = copies_by_landmarks(query, seen, fpr, basis, among=among, tries=tries)
    return {image.image_id: (image, judgement) for image, judgement in copies}


def _copies_in_collages(
    query: Query, judged: Sequence[Judged], fpr: float, basis: Basis, among: Ids | None, *, tries: int
) -> dict[int, tuple[ImageFacts, Judgement]]:
    """The collages of the collection that show the query as one of their pictures, by id."""
    if basis.panels is None or query.sight is None:
        return {}
    copy = basis.embedder.card.copy_part(query.vector[None])[0]
    near = basis.panels.near(copy, _LEAST_NEAR, among)
    if not near:
        return {}
    from lookalike.collection.divided import copies_by_panels  # noqa: PLC0415

    known = {one.image.image_id for one in judged if one.judgement.verdict in COPIES}
    return copies_by_panels(query, near, known, fpr, basis, tries=tries)


def _copies_of_panels(
    query: Query, near: Sequence[Sequence[int]], fpr: float, basis: Basis
) -> dict[int, tuple[ImageFacts, Judgement]]:
    """The images that a panel is a copy of, by id, with the judgement of the surest panel."""
    found: dict[int, tuple[ImageFacts, Judgement]] = {}
    for panel, ids in zip(query.panels, near, strict=True):
        known = _images(query, ids, basis)
        images = [known[image_id] for image_id in ids if image_id in known]
        judged = judge(panel.query, images, basis, fpr, tries=1 + len(near), at_first=_AT_FIRST)
        for image, judgement in zip(images, judged, strict=True):
            surest = found.get(image.image_id)
            if judgement.verdict not in COPIES or (surest is not None and judgement.p >= surest[1].p):
                continue
            if (told := _of_whole(judgement, panel, query)) is not None:
                found[image.image_id] = image, told
    return found


def _of_whole(copy: Judgement, panel: Panel, query: Query) -> Judgement | None:
    """What was seen of a panel, as seen of the picture that it is part of; identical that cannot be."""
    place = panel.place_in(query)
    if copy.evidence is None or place is None:
        return None
    evidence = sight.in_second(copy.evidence, place)
    return None if evidence is None else copy._replace(verdict="copy", evidence=evidence)


def _told_by_copy(one: Judged, copy: tuple[ImageFacts, Judgement] | None) -> Judged:
    """An image near the whole query; by what landmarks or a panel told if it was not yet a copy."""
    if copy is None or one.judgement.verdict in COPIES:
        return one
    return one._replace(judgement=copy[1]._replace(copy_similarity=one.judgement.copy_similarity))


def _at_distances(
    query: Query, copies: Sequence[tuple[ImageFacts, Judgement]], metric: Metric, basis: Basis
) -> list[Judged]:
    """Images that are not near the whole query, with how far they are from it."""
    if not copies:
        return []
    part = basis.embedder.card.copy_part
    rows = np.array([image.vector for image, _ in copies], np.float32)
    distances = metric.exact(query.vector, rows).tolist()
    similarities = (1 - Metric("cosine").exact(part(query.vector[None])[0], part(rows))).tolist()
    return [
        Judged(image, distance, judgement._replace(copy_similarity=similarity))
        for (image, judgement), distance, similarity in zip(copies, distances, similarities, strict=True)
    ]
