"""Metadata of bank entries: a JSON object that a program says of an entry, and reads again."""

from __future__ import annotations

import json
from typing import Any

from lookalike.errors import UsageError
from lookalike.store.annotation import MOST_METADATA
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of

_SOUND = "checksum IS checksum_of(entry_id, CAST(metadata AS BLOB))"


class EntryMetadata:
    """Keeps the metadata of entries; those of an entry go with it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, entry_id: int, metadata: dict[str, Any]) -> None:
        """Keep metadata in place of those before.

        Raises:
            UsageError: as compact JSON they have more than 8,192 bytes.
        """
        text = json.dumps(metadata, separators=(",", ":"))
        if len(text) > MOST_METADATA:
            raise UsageError(f"metadata have at most {MOST_METADATA:,} bytes as JSON, not {len(text):,}")
        with self._database.atomic() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO entry_metadata VALUES (?, ?, ?)",
                (entry_id, text, checksum_of(entry_id, text)),
            )

    def of(self, entry_id: int) -> dict[str, Any]:
        """The metadata of an entry; empty if there are none, or if they are damaged."""
        row = self._database.row(
            f"SELECT metadata FROM entry_metadata WHERE entry_id = ? AND {_SOUND}",  # noqa: S608
            entry_id,
        )
        found: dict[str, Any] = {} if row is None else json.loads(row[0])
        return found

    def damaged(self) -> int:
        """How many are not what was stored."""
        return self._database.number(f"SELECT count(*) FROM entry_metadata WHERE NOT ({_SOUND})")  # noqa: S608
