"""How often each method finds the originals of altered copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.embed import ModelCard
from lookalike.labs.robust.borders import Border
from lookalike.labs.robust.copies import Queries
from lookalike.labs.robust.grid import Edit
from lookalike.labs.robust.methods import EMBEDDING, PDQ, Rows, are_the_same, between
from lookalike.labs.shared.classic_hashes import first_by_chance


@dataclass(frozen=True, slots=True)
class Score:
    """How the copies of one edit fared, by method.

    Attributes:
        edit: what was done to them.
        first: share whose original comes before every other picture. Where several are equally near, what
            counts is the chance that it comes first in a random order of these.
        found: share whose original lies within the method's border.
    """

    edit: Edit
    first: Mapping[str, float]
    found: Mapping[str, float]


def score(
    edit: Edit,
    copies: Mapping[str, Rows],
    known: Mapping[str, Rows],
    queries: Queries,
    originals: NDArray[np.bool_],
    borders: Mapping[str, Border],
) -> Score:
    """Compare copies with all pictures.

    Args:
        edit: how the copies were made; if they lie on a ground, that picture does not compete.
        copies: for each method, one row per query.
        known: by method, one row per picture.
        queries: which pictures the copies are of.
        originals: (queries, pictures), see ``find_originals``.
        borders: by method.
    """
    first, found = {}, {}
    for method, rows in copies.items():
        distances = between(rows, known[method])
        own = distances[np.arange(len(distances)), queries.places]
        found[method] = float(np.mean(own <= borders[method].within))
        chances = []
        for row, right, ground in zip(distances, originals, queries.grounds, strict=True):
            competes = np.ones(len(row), np.bool_)
            competes[ground] = right[ground] or not edit.on_ground
            chances.append(first_by_chance(row[competes], right[competes]))
        first[method] = float(np.mean(chances))
    return Score(edit, first, found)


def find_originals(known: Mapping[str, Rows], queries: Queries, card: ModelCard) -> NDArray[np.bool_]:
    """Which pictures count as a query's original: itself, and what ``are_the_same`` holds to be it too.

    Args:
        known: by method, one row per picture.
        queries: the pictures.
        card: the embedder's: its own border, and the part of an embedding that it holds for.

    Returns:
        (queries, pictures).
    """
    rows = (card.copy_part(np.asarray(known[EMBEDDING], np.float32)), known[PDQ])
    copies, pdq = (between(some[queries.places], some) for some in rows)
    originals = are_the_same(copies, pdq, card.same_distance)
    originals[np.arange(len(originals)), queries.places] = True
    return originals
