"""What a collection holds, asked for by image or by folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike.errors import NotFoundError
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.store.database import Database
from lookalike.store.encoding import range_below, to_path, to_vector


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the catalog knows of an image.

    Attributes:
        image_id: stable as long as the image is in the collection.
        sha256: of the bytes of each of its files.
        format: as ``"JPEG"``.
        width: pixels, upright.
        height: pixels, upright.
        paths: where it lies, sorted; never empty.
        vector: its embedding, (dim,) float32.
    """

    image_id: int
    sha256: bytes
    format: str
    width: int
    height: int
    paths: tuple[Path, ...]
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is.

    Attributes:
        images: distinct images.
        files: files they lie in.
        folders: those that were indexed, and those of files that were named one by one, each with its number
            of files.
    """

    images: int
    files: int
    folders: dict[Path, int]


class Holdings:
    """Looks things up in the catalog; safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def images(self, ids: Iterable[int]) -> dict[int, ImageFacts]:
        """Facts about images, by id, as of one moment; those that are gone are left out."""
        wanted = json.dumps(list(ids))
        paths: dict[int, list[Path]] = {}
        with self._database.consistent():
            files = self._database.rows(
                "SELECT image_id, path FROM files WHERE image_id IN (SELECT value FROM json_each(?)) "
                "ORDER BY path",
                wanted,
            )
            rows = self._database.rows(
                "SELECT id, sha256, format, width, height, vector FROM images "
                "JOIN embeddings ON image_id = id WHERE id IN (SELECT value FROM json_each(?))",
                wanted,
            )
        for image_id, path in files:
            paths.setdefault(image_id, []).append(to_path(path))
        return {
            image_id: ImageFacts(image_id, sha256, kind, width, height, places, to_vector(vector))
            for image_id, sha256, kind, width, height, vector in rows
            if (places := tuple(paths.get(image_id, ())))
        }

    def image(self, image_id: int) -> ImageFacts:
        """Facts about one image.

        Raises:
            NotFoundError: there is no such image.
        """
        found = self.images([image_id])
        if image_id not in found:
            raise NotFoundError(f"there is no image {image_id} in the collection")
        return found[image_id]

    def image_of(self, sha256: bytes) -> int | None:
        """The id of the image with these bytes; None if there is none."""
        row = self._database.row("SELECT id FROM images WHERE sha256 = ?", sha256)
        return int(row[0]) if row else None

    def below(self, folder: Path) -> Ids:
        """Ids, ascending, of images that have a file in a folder or below it; it is not opened."""
        rows = self._database.rows(
            "SELECT DISTINCT image_id FROM files WHERE path = ? OR (path >= ? AND path < ?) "
            "ORDER BY image_id",
            *range_below(folder),
        )
        return np.array([row[0] for row in rows], np.int64)

    def totals(self) -> Totals:
        """How much there is, as of one moment."""
        with self._database.consistent():
            (images,) = self._database.rows("SELECT count(*) FROM images")
            rows = self._database.rows("SELECT root, min(path), count(*) FROM files GROUP BY root")
        folders: Counter[Path] = Counter()
        for root, path, files in rows:
            folders[to_path(root) if root != path else to_path(root).parent] += int(files)
        return Totals(int(images[0]), folders.total(), dict(sorted(folders.items())))
