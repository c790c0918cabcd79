"""The single truth: which images there are, where their files lie, and their embeddings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

import numpy as np

from lookalike.errors import DamagedError, EmbedderMismatch, NotFoundError
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.paths import shown
from lookalike.store.database import Database
from lookalike.store.encoding import is_sound, range_below, sound_vectors, stored, to_path

_LARGEST_INTEGER = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells, without reading a file, that it has not changed."""

    size: int
    mtime_ns: int

    def __post_init__(self) -> None:
        # A file can claim to be of the year 2300, which SQLite's integers do not reach in nanoseconds.
        object.__setattr__(self, "mtime_ns", max(-_LARGEST_INTEGER, min(self.mtime_ns, _LARGEST_INTEGER)))


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image that was read and embedded.

    Attributes:
        sha256: of the file's bytes.
        format: as ``"JPEG"``.
        width: pixels, upright.
        height: pixels, upright.
        vector: (dim,) float32.
        fingerprint: of the embedder that made the vector.
    """

    sha256: bytes
    format: str
    width: int
    height: int
    vector: Vectors
    fingerprint: str


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file to record as a place where an image lies.

    Attributes:
        path: absolute.
        root: what a person named when this file was met.
        stamp: the file's size and time when it was read.
        sha256: of its bytes.
        image: what was computed from it; None where the catalog knows these bytes already.
    """

    path: Path
    root: Path
    stamp: FileStamp
    sha256: bytes
    image: NewImage | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording files came to.

    Attributes:
        added: images that are new.
        lost: files not recorded, because an image that was known when they were read has been removed since.
    """

    added: int
    lost: list[Path]


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened after a reader last looked.

    Attributes:
        revision: the catalog's, to ask from next time.
        removed: ids that are gone, int64; some the reader may never have seen.
        added: ids that are new, ascending, int64.
        vectors: (added, dim) float32.
        count: images there are now.
    """

    revision: int
    removed: Ids
    added: Ids
    vectors: Vectors
    count: int


class Catalog:
    """Images, files and embeddings in one SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def embedder(self) -> tuple[str, str] | None:
        """Name and fingerprint of the embedder whose vectors are stored; None before the first.

        Raises:
            DamagedError: only one of them is there.
        """
        facts = dict(self._database.rows("SELECT name, value FROM facts"))
        if not facts:
            return None
        if facts.keys() != {"embedder", "fingerprint"}:
            raise DamagedError(
                "the catalog does not say which embedder made its vectors; restore it or index anew"
            )
        return facts["embedder"], facts["fingerprint"]

    def claim(self, name: str, fingerprint: str) -> None:
        """Make an embedder the collection's own, if it has none.

        Raises:
            EmbedderMismatch: it has another.
        """
        with self._database.atomic() as connection:
            connection.executemany(
                "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO NOTHING",
                [("embedder", name), ("fingerprint", fingerprint)],
            )
        own = self.embedder()
        if own is not None and own[1] != fingerprint:
            raise EmbedderMismatch(
                f"this collection holds vectors of {own[0]!r} (fingerprint {own[1][:8]}), which cannot be "
                f"mixed with those of {name!r} (fingerprint {fingerprint[:8]}); use another --collection"
            )

    def stamp(self, path: Path) -> FileStamp | None:
        """The stamp recorded for a path, if any."""
        row = self._database.row("SELECT size, mtime_ns FROM files WHERE path = ?", os.fsencode(path))
        return FileStamp(*row) if row else None

    def knows(self, sha256: bytes) -> bool:
        """Whether an image with these bytes is stored."""
        return self._database.row("SELECT 1 FROM images WHERE sha256 = ?", sha256) is not None

    def record(self, files: Iterable[FileRecord]) -> Recorded:
        """Record files and the images in them; once this returns it lasts.

        Raises:
            EmbedderMismatch: the collection has moved to another embedder; nothing was recorded.
        """
        added, lost = 0, []
        with self._database.atomic() as connection:
            own = self.embedder()
            displaced: set[tuple[int]] = set()
            for file in files:
                if file.image is not None:
                    _require(own, file.image.fingerprint)
                    added += _insert(connection, file.image)
                row = connection.execute("SELECT id FROM images WHERE sha256 = ?", (file.sha256,)).fetchone()
                if row is None:
                    lost.append(file.path)
                    continue
                path = os.fsencode(file.path)
                displaced.update(connection.execute("SELECT image_id FROM files WHERE path = ?", (path,)))
                connection.execute(
                    "INSERT OR REPLACE INTO files (path, root, image_id, size, mtime_ns) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (path, os.fsencode(file.root), row[0], file.stamp.size, file.stamp.mtime_ns),
                )
            _finish(connection, displaced)
        return Recorded(added, lost)

    def forget(self, paths: Iterable[Path]) -> int:
        """Forget files, and the images that lie nowhere else.

        Returns:
            How many of the files were known.
        """
        forgotten = 0
        with self._database.atomic() as connection:
            displaced: set[tuple[int]] = set()
            for path in map(os.fsencode, paths):
                displaced.update(connection.execute("SELECT image_id FROM files WHERE path = ?", (path,)))
                forgotten += connection.execute("DELETE FROM files WHERE path = ?", (path,)).rowcount
            _finish(connection, displaced)
        return forgotten

    def forget_image(self, image_id: int) -> list[Path]:
        """Forget an image and all its files.

        Returns:
            Where it lay, sorted; empty if it was not known.
        """
        with self._database.atomic() as connection:
            rows = connection.execute(
                "SELECT path FROM files WHERE image_id = ? ORDER BY path", (image_id,)
            ).fetchall()
            connection.execute("DELETE FROM files WHERE image_id = ?", (image_id,))
            _finish(connection, {(image_id,)} if rows else set())
        return [to_path(path) for (path,) in rows]

    def files(self, under: Path | None = None) -> Iterator[tuple[Path, Path]]:
        """Known files as (path, root), by path; only the path ``under`` and what lies in it, if given."""
        if under is None:
            rows = self._database.rows("SELECT path, root FROM files ORDER BY path")
        else:
            rows = self._database.rows(
                "SELECT path, root FROM files WHERE path = ? OR (path >= ? AND path < ?) ORDER BY path",
                *range_below(under),
            )
        return ((to_path(path), to_path(root)) for path, root in rows)

    def paths_of(self, image_id: int) -> list[Path]:
        """Where an image lies, sorted."""
        rows = self._database.rows("SELECT path FROM files WHERE image_id = ? ORDER BY path", image_id)
        return [to_path(path) for (path,) in rows]

    def images(self) -> list[tuple[int, Path]]:
        """The id of every image, ascending, and where it lies: the first of its paths."""
        query = "SELECT image_id, min(path) FROM files GROUP BY image_id ORDER BY image_id"
        return [(image_id, to_path(path)) for image_id, path in self._database.rows(query)]

    def vectors(self, ids: Iterable[int], dim: int, fingerprint: str) -> Vectors:
        """Embeddings of images, (ids, dim) float32, as ``changes`` has them.

        Raises:
            NotFoundError: an image has been removed.
            DamagedError, EmbedderMismatch: see ``changes``.
        """
        query = "SELECT image_id, vector, checksum FROM embeddings WHERE image_id = ?"
        with self._database.consistent():
            _require(self.embedder(), fingerprint)
            rows = [(image_id, self._database.row(query, image_id)) for image_id in ids]
        for image_id, row in rows:
            if row is None:
                raise NotFoundError(f"image {image_id} has just been removed; run the same command again")
        return sound_vectors([row for _, row in rows if row is not None], dim)

    def count(self) -> int:
        """How many images there are."""
        row = self._database.row("SELECT count(*) FROM images")
        return int(row[0]) if row else 0

    def revision(self) -> int:
        """Grows with every change, whichever process makes it.

        Raises:
            DamagedError: it is lost.
        """
        row = self._database.row("SELECT max(number) FROM revisions")
        if row is None or not isinstance(row[0], int):
            raise DamagedError("the catalog has lost count of its changes; restore it or index anew")
        return row[0]

    def mark(self, revision: int) -> str | None:
        """What was drawn at random for a revision, 16 hexadecimal digits; None if there was none here."""
        row = self._database.row("SELECT mark FROM revisions WHERE number = ?", revision)
        return str(row[0]) if row else None

    def changes(self, revision: int, last_id: int, dim: int, fingerprint: str) -> Changes:
        """What changed after a revision.

        Args:
            revision: what the reader saw last; 0 for nothing.
            last_id: highest image id the reader has seen; 0 for none.
            dim: length of a vector.
            fingerprint: of the embedder whose vectors the reader holds.

        Raises:
            DamagedError: a stored vector does not match its checksum.
            EmbedderMismatch: the collection has moved to another embedder.
        """
        with self._database.consistent():
            _require(self.embedder(), fingerprint)
            now, count = self.revision(), self.count()
            removed = self._database.rows("SELECT image_id FROM removals WHERE revision > ?", revision)
            rows = self._database.rows(
                "SELECT image_id, vector, checksum FROM embeddings WHERE image_id > ? ORDER BY image_id",
                last_id,
            )
        return Changes(
            now,
            np.array([row[0] for row in removed], np.int64),
            np.array([row[0] for row in rows], np.int64),
            sound_vectors(rows, dim),
            count,
        )

    def problems(self) -> list[str]:
        """Everything wrong with the file itself, a line each; empty where all is well."""
        found = [
            f"catalog: {text}" for (text,) in self._database.rows("PRAGMA integrity_check") if text != "ok"
        ]
        found += [
            f"catalog: row {row} of {table} belongs to no row of {parent}; restore it or index anew"
            for table, row, parent, _ in self._database.rows("PRAGMA foreign_key_check")
        ]
        rows = self._database.rows(
            "SELECT images.id, vector, checksum FROM images LEFT JOIN embeddings ON image_id = images.id"
        )
        for image_id, vector, checksum in rows:
            if not is_sound(vector, checksum):
                paths = ", ".join(shown(path) for path in self.paths_of(image_id))
                found.append(
                    f"the vector of image {image_id} is damaged; lookalike remove, then index again: {paths}"
                )
        return found


def _require(own: tuple[str, str] | None, fingerprint: str) -> None:
    """Make sure that vectors of an embedder belong here.

    Raises:
        EmbedderMismatch: the collection has another embedder.
    """
    if own is not None and own[1] != fingerprint:
        raise EmbedderMismatch(f"the collection has moved to {own[0]!r}; run the same command again")


def _insert(connection: Connection, image: NewImage) -> bool:
    """Store an image unless one with the same bytes is there; whether it was stored."""
    cursor = connection.execute(
        "INSERT OR IGNORE INTO images (sha256, format, width, height) VALUES (?, ?, ?, ?)",
        (image.sha256, image.format, image.width, image.height),
    )
    if cursor.rowcount != 1:
        return False
    connection.execute("INSERT INTO embeddings VALUES (?, ?, ?)", (cursor.lastrowid, *stored(image.vector)))
    return True


def _finish(connection: Connection, displaced: set[tuple[int]]) -> None:
    """End a change: count it, and remove the images that lie nowhere any more, with word to readers.

    Args:
        connection: inside the transaction.
        displaced: ids, as rows, of images that may have lost their last file.
    """
    connection.execute("INSERT INTO revisions (mark) VALUES (lower(hex(randomblob(8))))")
    for row in displaced:
        if connection.execute("SELECT 1 FROM files WHERE image_id = ? LIMIT 1", row).fetchone() is None:
            connection.execute("INSERT INTO removals SELECT ?, max(number) FROM revisions", row)
            connection.execute("DELETE FROM images WHERE id = ?", row)
