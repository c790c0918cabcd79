"""Names of groups of duplicates, which stay when the groups change."""

from __future__ import annotations

from collections.abc import Mapping

from lookalike.store.database import Database


class GroupNames:
    """Remembers for each image the name of the group that it was in last, by the SHA-256 of its bytes.

    It also remembers every name that a group ever had, though no image may have it any more.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[bytes, str]:
        """List the names, by image."""
        return dict(self._database.rows("SELECT sha256, name FROM group_names"))

    def given(self) -> set[str]:
        """List all names that groups have or had."""
        return {str(name) for (name,) in self._database.rows("SELECT name FROM given_group_names")}

    def record(self, names: Mapping[bytes, str]) -> None:
        """Remember names by image, in place of older ones."""
        with self._database.atomic() as connection:
            connection.executemany("INSERT OR REPLACE INTO group_names VALUES (?, ?)", names.items())
            connection.executemany(
                "INSERT OR IGNORE INTO given_group_names VALUES (?)",
                [(name,) for name in set(names.values())],
            )
