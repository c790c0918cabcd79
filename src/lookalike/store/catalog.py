"""The reading side of the catalog: which images there are, where their files lie, and their embeddings."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lookalike.errors import NotFoundError
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.paths import CONTENT, is_content_name
from lookalike.store.annotation import Annotation
from lookalike.store.annotations import Annotations
from lookalike.store.database import Database
from lookalike.store.encoding import range_below, sound_vectors, to_path, to_vector
from lookalike.store.keeping import Keep, kept_by
from lookalike.store.ownership import embedder_of, require
from lookalike.store.records import FileStamp

if TYPE_CHECKING:
    from lookalike.store.listing import Filters, ListedImage


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
        annotation: what people say of it.
    """

    image_id: int
    sha256: bytes
    format: str
    width: int
    height: int
    paths: tuple[Path, ...]
    vector: Vectors
    annotation: Annotation = field(default_factory=Annotation)


class Totals(NamedTuple):
    """How much there is.

    Attributes:
        images: distinct images.
        files: files they lie in.
        folders: those that were indexed, and those of files that were named one by one, each with its number
            of files; none if the collection keeps no paths.
    """

    images: int
    files: int
    folders: dict[Path, int]


class Catalog:
    """Looks things up in the catalog and never changes it; safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def embedder(self) -> tuple[str, str] | None:
        """Name and fingerprint of the embedder whose vectors are stored; see ``embedder_of``."""
        return embedder_of(self._database)

    def keeps(self) -> Keep:
        """How much is kept of pictures; see ``keeping``."""
        return kept_by(self._database)

    def count(self) -> int:
        """How many images there are."""
        return self._database.number("SELECT count(*) FROM images")

    def stamp(self, path: Path) -> FileStamp | None:
        """Size and time of a file when it was last recorded; None if it never was, or they are not kept."""
        if is_content_name(path):
            return None
        row = self._database.row("SELECT size, mtime_ns FROM files WHERE path = ?", os.fsencode(path))
        return FileStamp(*row) if row else None

    def files(self, under: Path | None = None) -> Iterator[tuple[Path, Path]]:
        """Known files as (path, root), sorted by path.

        Args:
            under: only this path, and what lies in it if it is a folder; all files if None.
        """
        if under is None:
            rows = self._database.rows("SELECT path, root FROM files ORDER BY path")
        else:
            rows = self._database.rows(
                "SELECT path, root FROM files WHERE path = ? OR (path >= ? AND path < ?) ORDER BY path",
                *range_below(under),
            )
        return ((to_path(path), to_path(root)) for path, root in rows)

    def paths(self, under: Path | None = None) -> list[Path]:
        """Paths of known files, sorted; ``under`` as in ``files``."""
        return [path for path, _ in self.files(under)]

    def paths_of(self, image_id: int) -> list[Path]:
        """Where an image lies, sorted."""
        rows = self._database.rows("SELECT path FROM files WHERE image_id = ? ORDER BY path", image_id)
        return [to_path(path) for (path,) in rows]

    def small_of(self, image_id: int) -> bytes | None:
        """The small picture of an image, encoded; None if none is kept."""
        row = self._database.row("SELECT picture FROM sights WHERE image_id = ?", image_id)
        return row[0] if row and isinstance(row[0], bytes) else None

    def doubts(self, ids: Iterable[int] | None = None) -> dict[int, str]:
        """What is wrong with the files of images that were taken all the same, by id, in words for people.

        Of an image whose doubt is damaged it says no more than that there is one.

        Args:
            ids: of the images that are asked about; None for all.
        """
        rows = self._database.rows(
            "SELECT image_id, CASE WHEN checksum IS checksum_of(image_id, CAST(remark AS BLOB)) "
            "THEN remark ELSE 'read with a doubt' END FROM doubts "
            "WHERE ?1 IS NULL OR image_id IN (SELECT value FROM json_each(?1)) ORDER BY image_id",
            None if ids is None else json.dumps(list(ids)),
        )
        return {int(image_id): str(remark) for image_id, remark in rows}

    def areas(self, ids: Iterable[int]) -> dict[int, int]:
        """Width times height in pixels of images, by id; those that are gone are left out."""
        rows = self._database.rows(
            "SELECT id, width * height FROM images WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            json.dumps(list(ids)),
        )
        return {int(image_id): int(area) for image_id, area in rows}

    def image_of(self, sha256: bytes) -> int | None:
        """The id of the image with these bytes; None if there is none."""
        row = self._database.row("SELECT id FROM images WHERE sha256 = ?", sha256)
        return int(row[0]) if row else None

    def sha256_at(self, path: Path) -> bytes | None:
        """The SHA-256 of the image at a path; None if nothing known lies there."""
        row = self._database.row(
            "SELECT sha256 FROM files JOIN images ON image_id = id WHERE path = ?", os.fsencode(path)
        )
        return bytes(row[0]) if row else None

    def is_unwanted(self, sha256: bytes) -> bool:
        """Whether the image with these bytes was removed for good."""
        return self._database.row("SELECT 1 FROM unwanted WHERE sha256 = ?", sha256) is not None

    def unwanted(self) -> list[tuple[Path, bytes]]:
        """List what was removed for good: where it lay, and the SHA-256 of its bytes; sorted by path."""
        rows = self._database.rows("SELECT path, sha256 FROM unwanted ORDER BY path")
        return [(to_path(path), bytes(sha256)) for path, sha256 in rows]

    def copies(self, path: Path) -> list[Path]:
        """All files, sorted, that hold the same image as a known file, itself among them."""
        rows = self._database.rows(
            "SELECT path FROM files WHERE image_id = (SELECT image_id FROM files WHERE path = ?) "
            "ORDER BY path",
            os.fsencode(path),
        )
        return [to_path(copy) for (copy,) in rows]

    def in_several_files(self) -> list[int]:
        """List the ids of images that lie in several files, ascending."""
        query = "SELECT image_id FROM files GROUP BY image_id HAVING count(*) > 1 ORDER BY image_id"
        return [int(image_id) for (image_id,) in self._database.rows(query)]

    def places(self) -> list[tuple[int, Path]]:
        """List the id of every image, ascending, with the first of the paths where it lies."""
        query = "SELECT image_id, min(path) FROM files GROUP BY image_id ORDER BY image_id"
        return [(image_id, to_path(path)) for image_id, path in self._database.rows(query)]

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
            said, nothing = Annotations(self._database).of(row[0] for row in rows), Annotation()
        for image_id, path in files:
            paths.setdefault(image_id, []).append(to_path(path))
        return {
            image_id: ImageFacts(
                image_id, sha256, kind, width, height, places, to_vector(vector), said.get(image_id, nothing)
            )
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

    def listed(self, filters: Filters, *, after: int = 0, limit: int) -> list[ListedImage]:
        """List images, ascending by id, as of one moment; see ``listing.list_images``."""
        from lookalike.store.listing import list_images  # noqa: PLC0415  (not needed to search)

        return list_images(self._database, filters, after=after, limit=limit)

    def vectors(self, ids: Iterable[int], dim: int, fingerprint: str) -> Vectors:
        """Read the embeddings of images.

        Returns:
            (len(ids), dim) float32, in the order of ``ids``.

        Raises:
            NotFoundError: an image has been removed.
            DamagedError: a stored vector does not match its checksum.
            EmbedderMismatch: the collection has moved to another embedder.
        """
        query = "SELECT image_id, vector, checksum FROM embeddings WHERE image_id = ?"
        with self._database.consistent():
            require(self.embedder(), fingerprint)
            rows = [(image_id, self._database.row(query, image_id)) for image_id in ids]
        for image_id, row in rows:
            if row is None:
                raise NotFoundError(f"image {image_id} has just been removed; run the same command again")
        return sound_vectors([row for _, row in rows if row is not None], dim)

    def below(self, folder: Path) -> Ids:
        """Ids, ascending, of images that have a file in a folder or below it; it is not opened."""
        rows = self._database.rows(
            "SELECT DISTINCT image_id FROM files WHERE path = ? OR (path >= ? AND path < ?) "
            "ORDER BY image_id",
            *range_below(folder),
        )
        return np.array([row[0] for row in rows], np.int64)

    def having(self, labels: Sequence[str]) -> Ids:
        """Ids, ascending, of images that have all of some labels; see ``labels_wanted``."""
        return Annotations(self._database).having(labels)

    def roots(self) -> list[Path]:
        """The files and folders that were indexed, in no order; those without a known file are left out."""
        return [to_path(root) for (root,) in self._database.rows("SELECT DISTINCT root FROM files")]

    def totals(self) -> Totals:
        """How much there is, as of one moment."""
        with self._database.consistent():
            images = self.count()
            rows = self._database.rows("SELECT root, min(path), count(*) FROM files GROUP BY root")
        folders: Counter[Path] = Counter()
        for root, path, files in rows:
            folders[to_path(root) if root != path else to_path(root).parent] += int(files)
        files = folders.total()
        folders.pop(CONTENT, None)
        return Totals(images, files, dict(sorted(folders.items())))
