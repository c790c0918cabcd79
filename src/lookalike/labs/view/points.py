"""The pictures of a map: with their embeddings, from a collection or straight from a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike import Collection
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import NotFoundError, UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.shared.embedded import embed_pictures
from lookalike.labs.shared.pictures import find, tell_left_out
from lookalike.paths import absolute, shown
from lookalike.settings import Settings

FEWEST = 10
"""Pictures; a map of fewer shows nothing, and t-SNE needs some to place others by."""

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Points:
    """Pictures to map.

    Attributes:
        source: name of the collection or folder.
        found: how many pictures it has, of which these were drawn.
        model: name of the embedder.
        paths: n files.
        vectors: (n, dim) float32, rows of unit length.
    """

    source: str
    found: int
    model: str
    paths: list[Path]
    vectors: Vectors

    @property
    def classes(self) -> list[str]:
        """The names of the folders that the pictures lie in, ascending."""
        return sorted({path.parent.name for path in self.paths})

    @property
    def labels(self) -> Labels:
        """For each picture the place of its folder's name in ``classes``, (n,)."""
        return labels_of(self.paths)


def load_points(source: Path, limit: int, seed: int, model: str | None, settings: Settings) -> Points:
    """Take a sample of pictures that is balanced over their classes, with embeddings.

    Args:
        source: folder of a collection, whose stored embeddings are used; or any folder with pictures.
        limit: most pictures to take.
        seed: of the sample.
        model: embedder for a folder of pictures; the one in the settings where None.
        settings: limits of pictures, and how many threads embed.

    Raises:
        NotFoundError: there is no such folder.
        UsageError: it has too few pictures, or a model is given for a collection.
    """
    source = absolute(source)
    if not source.is_dir():
        raise NotFoundError(f"there is no folder {shown(source)}")
    if not (source / "catalog.sqlite").exists():
        points = _of_folder(source, limit, seed, load_embedder(model or settings.model), settings)
    elif model is not None:
        raise UsageError(f"{shown(source)} is a collection, which has its embeddings: leave out --model")
    else:
        points = _of_collection(source, limit, seed, settings)
    if len(points.paths) < FEWEST:
        raise UsageError(
            f"a map needs {FEWEST} pictures or more, and {shown(source)} gave {len(points.paths)}"
        )
    return points


def labels_of(paths: Sequence[Path]) -> Labels:
    """The classes of pictures, (n,): places among the sorted names of the folders they lie in."""
    return np.unique([path.parent.name for path in paths], return_inverse=True)[1].astype(np.int64)


def balanced(labels: Labels, limit: int, seed: int) -> NDArray[np.intp]:
    """A sample in which no class has more members than another, unless the other has no more to give.

    Args:
        labels: (n,) classes.
        limit: size of the sample, if there are as many.
        seed: draws the members.

    Returns:
        (min(limit, n),) ascending places.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    counts = np.bincount(labels)
    turns = np.empty(len(labels), np.int64)
    turns[by_class] = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(order[np.argsort(turns[order], kind="stable")][:limit])


def _of_collection(folder: Path, limit: int, seed: int, settings: Settings) -> Points:
    with Collection.open(folder, settings=settings) as collection:
        if not len(collection):
            raise UsageError(f"the collection at {shown(folder)} is empty; add to it: lookalike index PATH")
        # By path, so that the sample does not depend on the order in which the pictures were indexed.
        images = sorted(collection.images(), key=lambda image: image[1])
        paths = [path for _, path in images]
        chosen = balanced(labels_of(paths), limit, seed)
        vectors = collection.vectors(images[place][0] for place in chosen)
        model = collection.embedder.card.name
    return Points(folder.name, len(paths), model, [paths[place] for place in chosen], vectors)


def _of_folder(folder: Path, limit: int, seed: int, embedder: Embedder, settings: Settings) -> Points:
    listed = find(folder)
    for item in listed.rejected:
        tell_left_out(item.path, item.reason)
    found = listed.paths
    chosen = balanced(labels_of(found), limit, seed) if found else np.empty(0, np.intp)
    wanted = [found[place] for place in chosen]
    readable, vectors = embed_pictures(wanted, embedder, settings)
    paths = [path for path, is_readable in zip(wanted, readable, strict=True) if is_readable]
    return Points(folder.name, len(found), embedder.card.name, paths, vectors)
