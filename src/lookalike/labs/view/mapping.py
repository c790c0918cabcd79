"""A map of pictures: everything that its drawing, its page and its result file tell."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Ids
from lookalike.labs.shared.progress import progress
from lookalike.labs.view.buckets import BITS, Crowding, crowding, keys_of
from lookalike.labs.view.neighbours import nearest_others
from lookalike.labs.view.points import Points
from lookalike.labs.view.projection import COMPONENTS, ITERATIONS, METHODS, Projection, project
from lookalike.labs.view.separation import (
    Separation,
    class_silhouettes,
    neighbours_of,
    sample,
    separation_of_embedding,
    separation_of_map,
)

NEIGHBOURS_SHOWN = 8
BEST = next(iter(METHODS))
COLOURS = 12
"""Classes that get a colour; with more, no eye would tell them apart."""


@dataclass(frozen=True, slots=True)
class PictureMap:
    """A map of n pictures.

    Attributes:
        points: the pictures.
        limit: how many were asked for at most.
        seed: of the sample, of t-SNE and of the hyperplanes.
        projection: where they lie.
        embedding: how well the embedding separates classes.
        maps: how well each of ``projection.METHODS`` does.
        coloured: the classes to draw in colour, ascending: all, or those that the first of the maps separates
            best.
        neighbours: (n, 8) the nearest other pictures by cosine in the embedding's space, nearest first.
        similarities: (n, 8) float32, their cosines.
        keys: (n,) uint8 hash keys.
        crowding: how the pictures share buckets, by the length of the key.
    """

    points: Points
    limit: int
    seed: int
    projection: Projection
    embedding: Separation
    maps: dict[str, Separation]
    coloured: tuple[int, ...]
    neighbours: Ids
    similarities: NDArray[np.float32]
    keys: NDArray[np.uint8]
    crowding: tuple[Crowding, ...]

    def facts(self) -> dict[str, Any]:
        """The numbers and settings, as JSON can hold them."""
        n = len(self.points.paths)
        embedding = asdict(self.embedding)
        del embedding["trustworthiness"]
        return {
            "points": n,
            "classes": len(self.points.classes),
            "methods": {name: asdict(separation) for name, separation in self.maps.items()},
            "embedding": embedding,
            "explained_variance": list(self.projection.explained_variance),
            "buckets": [asdict(row) for row in self.crowding],
            "settings": {
                "source": self.points.source,
                "found": self.points.found,
                "limit": self.limit,
                "seed": self.seed,
                "model": self.points.model,
                "dimensions": self.points.vectors.shape[1],
                "standardised": True,
                "tsne_components": min(COMPONENTS, n, self.points.vectors.shape[1]),
                "tsne_components_variance": self.projection.kept_variance,
                "tsne_perplexity": self.projection.perplexity,
                "tsne_iterations": ITERATIONS,
                "neighbours": neighbours_of(n),
                "measured_pictures": len(sample(n, self.seed)),
                "key_bits": BITS,
                "bucket_neighbours": self.neighbours.shape[1],
            },
        }


def make_map(points: Points, limit: int, seed: int) -> PictureMap:
    """Lay pictures out and measure.

    Args:
        points: 10 pictures or more.
        limit: how many were asked for at most.
        seed: of t-SNE, of the hyperplanes, and of the sample that is measured if there are very many.

    Raises:
        UsageError: all pictures have the same embedding.
    """
    vectors, labels = points.vectors, points.labels
    with progress(f"Laying out {len(vectors):,} pictures", None):
        projection = project(vectors, seed)
        neighbours, distances = nearest_others(vectors, NEIGHBOURS_SHOWN)
        keys = keys_of(vectors, seed)
        maps = {
            name: separation_of_map(places, vectors, labels, seed)
            for name, places in projection.places.items()
        }
        silhouettes = class_silhouettes(projection.places[BEST], labels, seed)
        return PictureMap(
            points,
            limit,
            seed,
            projection,
            separation_of_embedding(vectors, labels, seed),
            maps,
            best_separated(silhouettes, np.bincount(labels)),
            neighbours,
            1 - distances,
            keys,
            crowding(keys, neighbours),
        )


def best_separated(silhouettes: NDArray[np.float64], counts: NDArray[np.int64]) -> tuple[int, ...]:
    """The classes to draw in colour.

    Args:
        silhouettes: (classes,) of each class on the map.
        counts: (classes,) pictures; a class with less than half of the largest one's is no landmark.

    Returns:
        Up to 12 classes, ascending.
    """
    if len(counts) <= COLOURS:
        return tuple(range(len(counts)))
    landmarks = 2 * counts >= counts.max()
    order = np.lexsort((-silhouettes, ~landmarks))[:COLOURS]
    return tuple(sorted(order.tolist()))
