"""Contents of several hashes: what clients of Hasher-Matcher-Actioner add to a bank by one request.

Each hash is an entry of its own. A content has the id of the entry of its first hash; an entry that belongs
to no other is a content of one hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from lookalike.store.banks import count_change
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of

_SOUND = "checksum IS checksum_of(entry_id, content_id)"


class Contents:
    """Joins entries into contents; each change is one transaction, and lasts once a method returns.

    If the entry of the first hash is removed, the others are contents of their own again.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def join(self, content_id: int, entry_ids: Iterable[int]) -> None:
        """Make entries further hashes of a content.

        Args:
            content_id: of the content: an entry that is none itself.
            entry_ids: of the same bank; the content's own is passed over.
        """
        with self._database.atomic() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO further_hashes VALUES (?, ?, ?)",
                [(one, content_id, checksum_of(one, content_id)) for one in entry_ids if one != content_id],
            )
            count_change(connection)

    def of(self, entry_ids: Iterable[int]) -> dict[int, int]:
        """The content that each of some entries belongs to."""
        ids = list(entry_ids)
        rows = self._database.rows(
            "SELECT entry_id, content_id FROM further_hashes "  # noqa: S608  names of ours
            f"WHERE entry_id IN (SELECT value FROM json_each(?)) AND {_SOUND}",
            json.dumps(ids),
        )
        return {**{one: one for one in ids}, **dict(rows)}

    def entries(self, content_id: int) -> list[int]:
        """Ids of a content's entries: its own, even if it is gone, then those of further hashes."""
        rows = self._database.rows(
            f"SELECT entry_id FROM further_hashes WHERE content_id = ? AND {_SOUND} ORDER BY entry_id",  # noqa: S608
            content_id,
        )
        return [content_id, *(int(row[0]) for row in rows)]

    def damaged(self) -> int:
        """How many rows are not what was stored."""
        return self._database.number(f"SELECT count(*) FROM further_hashes WHERE NOT ({_SOUND})")  # noqa: S608
