"""Secret keys of hashes that were imported: without its key nobody can compare a picture with such a hash."""

from __future__ import annotations

from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of


class HashKeys:
    """The keys that checks hash by; each change lasts once a method returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, name: str, seed: bytes) -> None:
        """Keep a key.

        Args:
            name: by which entries of banks name it.
            seed: of its hyperplanes, 32 bytes.
        """
        with self._database.atomic() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO hash_keys VALUES (?, ?, ?)", (name, seed, checksum_of(name, seed))
            )

    def all(self) -> dict[str, bytes]:
        """The seed of each key, by its name; damaged ones are left out."""
        return dict(
            self._database.rows(
                "SELECT name, seed FROM hash_keys WHERE checksum IS checksum_of(CAST(name AS BLOB), seed)"
            )
        )

    def damaged(self) -> int:
        """How many are not what was stored."""
        return self._database.number("SELECT count(*) FROM hash_keys") - len(self.all())
