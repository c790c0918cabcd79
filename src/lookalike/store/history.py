"""History: what changed in the catalog since a revision, by which an index in memory catches up."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from sqlite3 import Connection

import numpy as np

from lookalike.errors import RESTORE, DamagedError
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of, sound_vectors
from lookalike.store.ownership import embedder_of, require


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened after a reader last looked.

    Attributes:
        revision: the catalog's, to ask from next time.
        mark: of that revision.
        removed: ids that are gone, int64; some the reader may never have seen.
        added: ids that are new, ascending, int64.
        vectors: (added, dim) float32.
        count: images there are now.
    """

    revision: int
    mark: str | None
    removed: Ids
    added: Ids
    vectors: Vectors
    count: int


def count_change(connection: Connection) -> int:
    """Note inside a transaction that images change, so that readers look again; the new revision.

    Raises:
        DamagedError: the count is lost.
    """
    number = _counted(connection.execute("SELECT max(number) FROM revisions").fetchone()) + 1
    values = number, secrets.token_hex(8)
    connection.execute("INSERT INTO revisions VALUES (?, ?, ?)", (*values, checksum_of(*values)))
    return number


def _counted(row: tuple[object, ...] | None) -> int:
    if row is None or not isinstance(row[0], int):
        raise DamagedError(f"the catalog has lost count of its changes; {RESTORE}")
    return row[0]


class History:
    """Reads the catalog's revisions, and what changed after one of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def revision(self) -> int:
        """Number of changes so far: it grows with each, whichever process makes it.

        Raises:
            DamagedError: it is lost.
        """
        return _counted(self._database.row("SELECT max(number) FROM revisions"))

    def mark(self, revision: int) -> str | None:
        """The mark of a revision, 16 random hexadecimal digits; None for a revision that never was here."""
        row = self._database.row("SELECT mark FROM revisions WHERE number = ?", revision)
        return str(row[0]) if row else None

    def changes(self, revision: int, last_id: int, dim: int, fingerprint: str) -> Changes:
        """Find what changed after a revision.

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
            require(embedder_of(self._database), fingerprint)
            now = self.revision()
            mark = self.mark(now)
            count = self._database.number("SELECT count(*) FROM images")
            removed = self._database.rows("SELECT image_id FROM removals WHERE revision > ?", revision)
            rows = self._database.rows(
                "SELECT image_id, vector, checksum FROM embeddings WHERE image_id > ? ORDER BY image_id",
                last_id,
            )
        return Changes(
            now,
            mark,
            np.array([row[0] for row in removed], np.int64),
            np.array([row[0] for row in rows], np.int64),
            sound_vectors(rows, dim),
            count,
        )
