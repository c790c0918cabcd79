"""The writing side of the catalog: files and images are recorded and forgotten here, and nowhere else."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

from lookalike.errors import EmbedderMismatch
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of, range_below, stored, to_path
from lookalike.store.history import count_change
from lookalike.store.keeping import kept_by, unnamed
from lookalike.store.ownership import embedder_of, note, require
from lookalike.store.records import FileRecord, NewImage, Recorded

_PIECE = 500  # files; forgetting so many takes some hundredths of a second
_PAUSE = 0.01  # seconds


class Recorder:
    """Changes which files and images the catalog holds; each change lasts.

    A method is one transaction, but for those that forget many files.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, name: str, fingerprint: str) -> None:
        """Make an embedder the collection's own, if it has none.

        Raises:
            EmbedderMismatch: it has another.
        """
        with self._database.atomic() as connection:
            if embedder_of(self._database) is None:
                note(connection, name, fingerprint)
        own = embedder_of(self._database)
        if own is not None and own[1] != fingerprint:
            raise EmbedderMismatch(
                f"this collection holds vectors of {own[0]!r} (fingerprint {own[1][:8]}), which cannot be "
                f"mixed with those of {name!r} (fingerprint {fingerprint[:8]}); use another --collection"
            )

    def record(self, files: Iterable[FileRecord]) -> Recorded:
        """Record files and the images in them; once this returns it lasts.

        Where a file holds an image that was removed for good, nothing is recorded, and what the file held
        before is forgotten. A collection that keeps vectors takes neither paths nor small pictures.

        Raises:
            EmbedderMismatch: the collection has moved to another embedder; nothing was recorded.
        """
        done = Recorded()
        with self._database.atomic() as connection:
            own = embedder_of(self._database)
            displaced: set[tuple[int]] = set()
            nameless = kept_by(self._database) == "vectors"
            for given in files:
                file = unnamed(given) if nameless else given
                path = os.fsencode(file.path)
                before = connection.execute("SELECT image_id FROM files WHERE path = ?", (path,)).fetchone()
                if connection.execute("SELECT 1 FROM unwanted WHERE sha256 = ?", (file.sha256,)).fetchone():
                    done.unwanted += 1
                    connection.execute("DELETE FROM files WHERE path = ?", (path,))
                    displaced.update({before} - {None})
                    continue
                if file.image is not None:
                    require(own, file.image.fingerprint)
                    done.added += _insert(connection, file.image)
                row = connection.execute("SELECT id FROM images WHERE sha256 = ?", (file.sha256,)).fetchone()
                if row is None:
                    done.lost.append(given.path)
                    continue
                done.unchanged += before == row
                displaced.update({before} - {None})
                values = (path, os.fsencode(file.root), row[0], file.stamp.size, file.stamp.mtime_ns)
                connection.execute(
                    "INSERT OR REPLACE INTO files (path, root, image_id, size, mtime_ns, checksum) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (*values, checksum_of(*values)),
                )
            _finish(connection, displaced)
        return done

    def forget(self, paths: Iterable[Path], *, wholly: bool = False) -> int:
        """Forget files, and the images that lie nowhere else, some hundred in each transaction.

        Args:
            paths: of the files.
            wholly: also forget what people said of those images; else it holds again if they come back.

        Returns:
            How many of the files were known.
        """
        return sum(self._forget_some(some, wholly=wholly) for some in self._pieces(paths))

    def ban(self, paths: Iterable[Path]) -> int:
        """Forget the images that lie in some files, in all their files, and keep them out from now on.

        Some hundred are forgotten in each transaction; each image is, or is not, forgotten as a whole.

        Returns:
            How many files were forgotten.
        """
        return sum(self._ban_some(some) for some in self._pieces(paths))

    def unban(self, digests: Collection[bytes]) -> int:
        """Let images in again that ``ban`` keeps out, by the SHA-256 of their bytes; how many were named."""
        with self._database.atomic() as connection:
            connection.executemany("DELETE FROM unwanted WHERE sha256 = ?", [(sha256,) for sha256 in digests])
        return len(digests)

    def keep_small(self, image_id: int, picture: bytes) -> None:
        """Keep the small picture of an image that has none, unless the collection keeps vectors alone.

        An image that is gone is passed over.

        What searches find does not depend on it, so it counts as no change. It is called by searches, which
        must not wait for a writer.

        Raises:
            Busy: somebody else writes.
        """
        with self._database.atomic(wait=False) as connection:
            if kept_by(self._database) == "vectors":
                return
            connection.execute(
                "INSERT OR IGNORE INTO sights SELECT id, ?, ? FROM images WHERE id = ?",
                (picture, checksum_of(image_id, picture), image_id),
            )

    def drop_small(self, image_ids: Iterable[int]) -> None:
        """Drop small pictures; each is made again from the image's file when it is needed."""
        with self._database.atomic() as connection:
            connection.executemany("DELETE FROM sights WHERE image_id = ?", [(i,) for i in image_ids])

    def acknowledge_losses(self) -> int:
        """Delete the notes that the log was found damaged; how many there were."""
        with self._database.atomic() as connection:
            return connection.execute("DELETE FROM losses").rowcount

    def drop_revisions(self, numbers: Collection[int]) -> None:
        """Drop damaged revisions; the one that is counted for it has readers look at everything anew."""
        if numbers:
            with self._database.atomic() as connection:
                rows = [(number,) for number in numbers]
                connection.executemany("DELETE FROM revisions WHERE number = ?", rows)
                count_change(connection)

    def mend(self, image_id: int, image: NewImage) -> None:
        """Put what was read anew from an image's file in place of what is stored of it; its id stays.

        Raises:
            EmbedderMismatch: the collection has moved to another embedder; nothing was changed.
        """
        facts = (image.sha256, image.format, image.width, image.height)
        with self._database.atomic() as connection:
            require(embedder_of(self._database), image.fingerprint)
            connection.execute(
                "UPDATE images SET sha256 = ?, format = ?, width = ?, height = ?, checksum = ? WHERE id = ?",
                (*facts, checksum_of(*facts), image_id),
            )
            connection.execute(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", (image_id, *stored(image.vector))
            )
            _doubt(connection, image_id, image.remark)
            _finish(connection, set())
            # Readers let go of the image, find one too few, and read all vectors anew.
            connection.execute(
                "INSERT OR REPLACE INTO removals SELECT ?, max(number) FROM revisions", (image_id,)
            )

    def forget_image(self, image_id: int, *, wholly: bool = True) -> list[Path]:
        """Forget an image and all its files.

        Args:
            image_id: of the image.
            wholly: also forget what people said of it.

        Returns:
            Where it lay, sorted; empty if it was not known.
        """
        with self._database.atomic() as connection:
            rows = connection.execute(
                "SELECT path FROM files WHERE image_id = ? ORDER BY path", (image_id,)
            ).fetchall()
            connection.execute("DELETE FROM files WHERE image_id = ?", (image_id,))
            _finish(connection, {(image_id,)} if rows else set(), wholly=wholly)
        return [to_path(path) for (path,) in rows]

    def move_files(self, before: Path, after: Path) -> None:
        """Record that a folder, with all files in it, lies somewhere else now.

        Args:
            before: where the catalog has it. A file below it that was named itself is taken for named at its
                new place.
            after: where it is; the catalog knows no file there.
        """
        if before == after:
            return
        of_files = range_below(before)
        with self._database.atomic() as connection:
            rows = connection.execute(
                "SELECT path, root, image_id, size, mtime_ns FROM files "
                "WHERE path = ? OR (path >= ? AND path < ?)",
                of_files,
            ).fetchall()
            for path, root, *rest in rows:
                values = (_moved(path, before, after), _moved(root, before, after), *rest)
                connection.execute(
                    "UPDATE files SET path = ?, root = ?, checksum = ? WHERE path = ?",
                    (*values[:2], checksum_of(*values), path),
                )

    def _pieces(self, paths: Iterable[Path]) -> Iterator[list[bytes]]:
        """Some paths at a time, with a pause between in which others that wait to write get their turn."""
        rest = map(os.fsencode, paths)
        some = list(islice(rest, _PIECE))
        while some:
            yield some
            some = list(islice(rest, _PIECE))
            if some:
                time.sleep(_PAUSE)

    def _forget_some(self, paths: Sequence[bytes], *, wholly: bool) -> int:
        forgotten = 0
        with self._database.atomic() as connection:
            displaced: set[tuple[int]] = set()
            for path in paths:
                displaced.update(connection.execute("SELECT image_id FROM files WHERE path = ?", (path,)))
                forgotten += connection.execute("DELETE FROM files WHERE path = ?", (path,)).rowcount
            _finish(connection, displaced, wholly=wholly)
        return forgotten

    def _ban_some(self, paths: Sequence[bytes]) -> int:
        forgotten = 0
        with self._database.atomic() as connection:
            images: set[tuple[int]] = set()
            for path in paths:
                images.update(connection.execute("SELECT image_id FROM files WHERE path = ?", (path,)))
            for image in images:
                connection.execute(
                    "INSERT OR IGNORE INTO unwanted "
                    "SELECT sha256, path, checksum_of(sha256, path) FROM files "
                    "JOIN images ON image_id = id WHERE id = ?",
                    image,
                )
                forgotten += connection.execute("DELETE FROM files WHERE image_id = ?", image).rowcount
            _finish(connection, images, wholly=True)
        return forgotten


def _moved(path: bytes, before: Path, after: Path) -> bytes:
    """A stored path after a folder moved; one outside it stays."""
    place = to_path(path)
    return os.fsencode(after / place.relative_to(before)) if place.is_relative_to(before) else path


def _insert(connection: Connection, image: NewImage) -> bool:
    """Store an image unless one with the same bytes is there; whether it was stored."""
    facts = (image.sha256, image.format, image.width, image.height)
    cursor = connection.execute(
        "INSERT OR IGNORE INTO images (sha256, format, width, height, checksum) VALUES (?, ?, ?, ?, ?)",
        (*facts, checksum_of(*facts)),
    )
    image_id = cursor.lastrowid
    if cursor.rowcount != 1 or image_id is None:
        return False
    connection.execute("INSERT INTO embeddings VALUES (?, ?, ?)", (image_id, *stored(image.vector)))
    if image.small is not None:
        checksum = checksum_of(image_id, image.small)
        connection.execute("INSERT INTO sights VALUES (?, ?, ?)", (image_id, image.small, checksum))
    _doubt(connection, image_id, image.remark)
    return True


def _doubt(connection: Connection, image_id: int, remark: str) -> None:
    """Store what is wrong with an image's file in place of what was stored of that; empty for nothing."""
    connection.execute("DELETE FROM doubts WHERE image_id = ?", (image_id,))
    if remark:
        checksum = checksum_of(image_id, remark)
        connection.execute("INSERT INTO doubts VALUES (?, ?, ?)", (image_id, remark, checksum))


def _finish(connection: Connection, displaced: set[tuple[int]], *, wholly: bool = False) -> None:
    """End a change: count it, and remove the images that lie nowhere any more, with word to readers.

    Args:
        connection: inside the transaction.
        displaced: ids, as rows, of images that may have lost their last file.
        wholly: also forget what people said of those that have.
    """
    count_change(connection)
    for row in displaced:
        if connection.execute("SELECT 1 FROM files WHERE image_id = ? LIMIT 1", row).fetchone() is None:
            connection.execute("INSERT OR REPLACE INTO removals SELECT ?, max(number) FROM revisions", row)
            if wholly:
                said_of = "DELETE FROM annotations WHERE sha256 = (SELECT sha256 FROM images WHERE id = ?)"
                connection.execute(said_of, row)
            connection.execute("DELETE FROM images WHERE id = ?", row)
