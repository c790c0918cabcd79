"""Altered copies of some pictures, as each method sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.alterations import SMALLEST_SIDE
from lookalike.collection.pictures import open_picture
from lookalike.collection.workers import tasks_of, worked
from lookalike.embed import Embedder
from lookalike.errors import UsageError
from lookalike.labs.robust.grid import Edit
from lookalike.labs.robust.reading import ENOUGH, Pictures
from lookalike.labs.shared.classic_hashes import ALL_HASHES
from lookalike.labs.shared.described import Described, describe_images, joined
from lookalike.labs.shared.progress import progress
from lookalike.paths import shown
from lookalike.settings import Settings


@dataclass(frozen=True, slots=True)
class Queries:
    """What is altered.

    Attributes:
        places: (q,) int64, numbers of the pictures that copies are made of.
        grounds: (q,) int64, for each another picture, for copies that lie on one.
    """

    places: NDArray[np.int64]
    grounds: NDArray[np.int64]


def draw_queries(pictures: Pictures, most: int, seed: int) -> Queries:
    """Draw pictures to alter, without repetition, and a ground for each.

    Args:
        pictures: to draw from; too small ones are passed over.
        most: how many; all if there are fewer.
        seed: of the draw.

    Raises:
        UsageError: fewer than two pictures, or none large enough.
    """
    random = np.random.default_rng(seed)
    large = np.flatnonzero(pictures.sides >= SMALLEST_SIDE)
    count = len(pictures.paths)
    if count < 2 or not len(large):
        raise UsageError(
            f"{shown(pictures.folder)} needs two pictures or more, one of them at least {SMALLEST_SIDE} "
            f"pixels a side; {count} can be read"
        )
    places = random.permutation(large)[:most]
    steps = random.integers(1, count, len(places))  # from a picture to its ground, around the list
    return Queries(places, (places + steps) % count)


def describe_copies(
    pictures: Pictures, queries: Queries, edits: Sequence[Edit], embedder: Embedder, settings: Settings
) -> list[Described]:
    """Alter every query in every way and describe the copies, on all cores.

    Returns:
        for each edit, one row per query.
    """
    made: dict[int, Described] = {}

    def work(query: int) -> tuple[int, Described]:
        image, ground = opened(pictures, queries, query, settings)
        return query, joined(
            [
                describe_images([edit.change(image, ground) for edit in group], embedder, ALL_HASHES)
                for group in tasks_of(edits)
            ]
        )

    with progress("Altering pictures", len(queries.places)) as advance:
        for results in worked(range(len(queries.places)), work, settings.threads):
            made.update(results)
            advance(len(results))
    in_order = [made[query] for query in range(len(queries.places))]
    return [_row(in_order, number) for number in range(len(edits))]


def opened(
    pictures: Pictures, queries: Queries, query: int, settings: Settings
) -> tuple[Image.Image, Image.Image]:
    """A query's picture and its ground, as large as they are described.

    Raises:
        ImageError: one is no longer what it was.
    """
    limits = settings.limits
    places = (queries.places[query], queries.grounds[query])
    first, second = (open_picture(pictures.paths[place], limits, at_least=ENOUGH) for place in places)
    return first, second


def _row(described: Sequence[Described], number: int) -> Described:
    """The rows with this number of all parts."""
    return Described(
        np.stack([part.embeddings[number] for part in described]),
        {name: np.stack([part.hashes[name][number] for part in described]) for name in ALL_HASHES},
    )
