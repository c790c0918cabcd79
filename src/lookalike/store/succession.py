"""A second set of vectors, filled bit by bit, that takes the place of the first when it is complete."""

from __future__ import annotations

from collections.abc import Iterable

from lookalike.kernels.arrays import Vectors
from lookalike.store.database import Database
from lookalike.store.encoding import stored
from lookalike.store.history import count_change
from lookalike.store.ownership import note

_WAITING = "FROM images WHERE id NOT IN (SELECT image_id FROM successor_embeddings)"


class Succession:
    """The move of a catalog from one embedder to another.

    Until ``complete`` nothing that readers see changes; what was recorded lasts, and a later process goes on
    with it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str, fingerprint: str) -> int:
        """Start moving to an embedder, or go on where that was stopped.

        Returns:
            How many vectors of another embedder, whose move was never completed, were dropped.
        """
        with self._database.atomic() as connection:
            if connection.execute("SELECT fingerprint FROM successor").fetchone() == (fingerprint,):
                return 0
            dropped = connection.execute("DELETE FROM successor_embeddings").rowcount
            connection.execute("INSERT OR REPLACE INTO successor VALUES (1, ?, ?)", (name, fingerprint))
            return dropped

    def waiting(self) -> list[tuple[int, bytes]]:
        """Images without a new vector: (id, SHA-256 of the file's bytes), by id."""
        rows = self._database.rows(f"SELECT id, sha256 {_WAITING} ORDER BY id")
        return [(int(image_id), bytes(sha256)) for image_id, sha256 in rows]

    def record(self, vectors: Iterable[tuple[int, Vectors]], fingerprint: str) -> None:
        """Store new vectors, (dim,) each, by image; once this returns they last.

        Images that are gone are passed over, and so is everything if another process has meanwhile begun
        to move to another embedder or completed the move.
        """
        with self._database.atomic() as connection:
            if connection.execute("SELECT fingerprint FROM successor").fetchone() == (fingerprint,):
                connection.executemany(
                    "INSERT OR REPLACE INTO successor_embeddings SELECT id, ?, ? FROM images WHERE id = ?",
                    [(*stored(vector), image_id) for image_id, vector in vectors],
                )

    def complete(self, fingerprint: str) -> bool:
        """Let the new embedder and its vectors take over, in one transaction, if no image waits.

        Returns:
            Whether the collection is now the new embedder's.
        """
        with self._database.atomic() as connection:
            new = connection.execute("SELECT embedder, fingerprint FROM successor").fetchone()
            if new is None or new[1] != fingerprint:
                own = connection.execute("SELECT value FROM facts WHERE name = 'fingerprint'").fetchone()
                return bool(own == (fingerprint,))
            if connection.execute(f"SELECT 1 {_WAITING} LIMIT 1").fetchone():
                return False
            connection.execute("DELETE FROM embeddings")
            connection.execute("INSERT INTO embeddings SELECT * FROM successor_embeddings")
            note(connection, *new)
            connection.execute("DELETE FROM successor_embeddings")
            connection.execute("DELETE FROM successor")
            count_change(connection)
            return True
