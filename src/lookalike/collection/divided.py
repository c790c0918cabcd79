"""Copies among the panels of a collection's collages: the images that show a query as one of their pictures.

Imported once a panel is near a query: most searches need none of this.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

from PIL import Image

from lookalike import sight
from lookalike.collection.answers import COPIES
from lookalike.collection.basis import Basis
from lookalike.collection.kept_panels import NearPanel
from lookalike.collection.queries import Query
from lookalike.collection.verdicts import MOST_PIXELS, Judgement, ScoredPairs, believed, chance_in, verdict_of
from lookalike.sight import Evidence, Sight
from lookalike.store import ImageFacts

_AT_ONCE, _AT_MOST = 3, 10
"""Images whose nearest panel gets the second look at first, and at most, while a copy was among the last."""


class _Seen(NamedTuple):
    """A panel of an image, and what was seen of it."""

    panel: Sight
    evidence: Evidence


def copies_by_panels(
    query: Query, near: Sequence[NearPanel], known: Container[int], fpr: float, basis: Basis, *, tries: int
) -> dict[int, tuple[ImageFacts, Judgement]]:
    """The images of which a panel is a copy of the query, by id, with the judgement on each.

    Args:
        query: the whole picture that is searched for.
        near: the panels that may be copies of it, one of each image, the likeliest first.
        known: ids of images that need no further look.
        fpr: as for ``judge``.
        basis: what the answer stands on.
        tries: as for ``judge``, without the panels of an image.
    """
    likely = [one for one in near if one.image_id not in known][:_AT_MOST]
    found: dict[int, tuple[ImageFacts, Judgement]] = {}
    pixels = 0
    fine = cache(query.fine)  # decoded once, however many images are looked at closely
    for start in range(0, len(likely), _AT_ONCE):
        some = likely[start : start + _AT_ONCE]
        images = basis.catalog.images(one.image_id for one in some)
        with ThreadPoolExecutor(basis.threads) as pool:
            seen = list(pool.map(lambda one: _look(query, one, basis), some))
        before = len(found)
        for one, small in zip(some, seen, strict=True):
            image = images.get(one.image_id)
            if small is None or image is None:
                continue
            last = small
            if small.evidence.told_by_files:
                pixels += image.width * image.height
                cut = basis.looks.panels_in_file(image, [one.box]) if pixels <= MOST_PIXELS else None
                last = _look_closely(query, small, cut[0] if cut else None, fine)
            if (judgement := _judged(query, one, last, fpr, basis, tries)) is not None:
                found[one.image_id] = image, judgement
        if len(found) == before:
            break
    return found


def _look(query: Query, near: NearPanel, basis: Basis) -> _Seen | None:
    """Hold a panel, by the small picture of its image, against the query; None if either cannot be seen."""
    panel = basis.looks.panel_of(near.image_id, near.box)
    if panel is None or query.sight is None:
        return None
    return _Seen(panel, sight.look(panel, query.sight, glance=True))


def _look_closely(
    query: Query, seen: _Seen, cut: Image.Image | None, fine: Callable[[], sight.Fine | None]
) -> _Seen:
    """Look again by the files, as ``compare`` does.

    Args:
        query: the whole picture that is searched for.
        seen: by the small picture of the image.
        cut: the panel, out of the file of the image; None if that is not read.
        fine: gives the query as the close look sees it.
    """
    if cut is None or query.sight is None:
        return seen._replace(evidence=sight.looked_closely(seen.evidence, None, None))
    panel = Sight(cut)
    evidence = sight.look(panel, query.sight)
    return _Seen(panel, sight.looked_closely(evidence, sight.Fine(cut), fine()))


def _judged(
    query: Query, near: NearPanel, seen: _Seen, fpr: float, basis: Basis, tries: int
) -> Judgement | None:
    """The judgement on an image by what was seen of its panel; None unless that is a copy of the query.

    Every panel of the image is a chance for strangers to look alike, as every panel of the query is.
    """
    card = basis.embedder.card
    pairs = ScoredPairs(card.copy_part(query.vector[None]), near.copy[None], basis.calibration)
    distance = float(pairs.distances[0])
    evidence = believed(seen.evidence, distance, card)
    (chance,) = pairs.chances([evidence.score])
    p = chance_in(tries + basis.panels_of(near.image_id), chance)
    whole = basis.looks.sight_of(near.image_id)
    if verdict_of(p, fpr, distance, card.same_distance) not in COPIES or whole is None:
        return None
    place = sight.Place(near.box, seen.panel.grey.shape, whole.grey.shape, seen.panel.drawn)
    told = sight.in_first(evidence, place)
    return None if told is None else Judgement("copy", p, 1 - distance, told)
