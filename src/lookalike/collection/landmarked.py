"""Copies in a crowd: found by landmarks where the embedder takes all images for nearly the same.

Imported once a query lies in a crowd: most searches need none of this.
"""

from __future__ import annotations

from collections.abc import Container

from lookalike import sight
from lookalike.collection.answers import COPIES
from lookalike.collection.basis import Basis
from lookalike.collection.queries import Query
from lookalike.collection.verdicts import Judgement, judge
from lookalike.kernels.arrays import Ids
from lookalike.sight.votes import Marked
from lookalike.store import ImageFacts, LandmarksOfImages

_NEAREST = 1000
"""Images nearest to the query whose landmarks are compared with its own."""

_AT_ONCE, _AT_MOST = 3, 30
"""Images that get the second look at first, and at most, as long as a copy was among the last few. Of nearly
all pages that are found the copy comes first."""


def copies_by_landmarks(
    query: Query,
    known: Container[int],
    fpr: float,
    basis: Basis,
    *,
    among: Ids | None = None,
    tries: int = 1,
) -> list[tuple[ImageFacts, Judgement]]:
    """The copies of a query that its landmarks find, with the judgement on each.

    Args:
        query: whose nearest images lie in a crowd.
        known: ids of images that need no second look.
        fpr: as for ``judge``.
        basis: what the answer stands on.
        among: ids of the only images that are asked about; None for all.
        tries: as for ``judge``.
    """
    if basis.database is None or query.sight is None:
        return []
    most = min(_NEAREST, len(basis.index))
    near = basis.index.search(query.vector[None], most, among=among).ids[0]
    stored = LandmarksOfImages(basis.database, sight.LANDMARK_RULES)
    marked = Marked(stored.of(near[near >= 0].tolist()))
    likely = [one for one in marked.likely(sight.find_landmarks(query.sight.grey)) if one not in known]
    found: list[tuple[ImageFacts, Judgement]] = []
    for start in range(0, min(len(likely), _AT_MOST), _AT_ONCE):
        there = basis.catalog.images(likely[start : start + _AT_ONCE]).values()
        # The collection may have moved to another embedder meanwhile.
        images = [image for image in there if image.vector.shape == query.vector.shape]
        judged = judge(query, images, basis, fpr, tries=tries, at_first=_AT_ONCE)
        copies = [(image, one) for image, one in zip(images, judged, strict=True) if one.verdict in COPIES]
        if not copies:
            break
        found += copies
    return found
