"""Entries of banks that checks and lookups leave out for a time, or until they are enabled again."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np

from lookalike.kernels.arrays import Ids
from lookalike.store.banks import count_change
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of

FOR_EVER = 0
"""In place of a time up to which an entry is disabled."""

_SOUND = "disabled_entries.checksum IS checksum_of(entry_id, until)"


class DisabledEntries:
    """Disables entries and enables them; each change is one transaction, and lasts once a method returns.

    A row that is not what was stored disables nothing: a bank should rather report too much.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def disable(self, ids: Iterable[int], until: int) -> None:
        """Disable entries that are there.

        Args:
            ids: of the entries.
            until: seconds since 1970, from which on they are enabled again, or ``FOR_EVER``.
        """
        with self._database.atomic() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO disabled_entries VALUES (?, ?, ?)",
                [(entry_id, until, checksum_of(entry_id, until)) for entry_id in ids],
            )
            count_change(connection)

    def enable(self, ids: Iterable[int]) -> None:
        """Enable entries, whether they were disabled or not."""
        with self._database.atomic() as connection:
            connection.executemany("DELETE FROM disabled_entries WHERE entry_id = ?", [(one,) for one in ids])
            count_change(connection)

    def until(self, ids: Iterable[int]) -> dict[int, int]:
        """Up to when entries are or were disabled, as ``disable`` was told; the others are left out."""
        rows = self._database.rows(
            "SELECT entry_id, until FROM disabled_entries "  # noqa: S608  names of ours
            f"WHERE entry_id IN (SELECT value FROM json_each(?)) AND {_SOUND}",
            json.dumps(list(ids)),
        )
        return {int(entry_id): int(until) for entry_id, until in rows}

    def among(self, ids: Iterable[int], now: float) -> set[int]:
        """Those of some entries that are disabled at a time, in seconds since 1970."""
        return {one for one, until in self.until(ids).items() if is_disabled(until, now)}

    def images(self, bank_id: int, now: float) -> tuple[Ids, float]:
        """The images of a bank's pictures that are disabled at a time.

        Args:
            bank_id: of the bank.
            now: seconds since 1970.

        Returns:
            Their ids, (n,) int64, and until when the answer stays the same, unless somebody changes it.
        """
        rows = self._database.rows(
            "SELECT images.id, until FROM disabled_entries JOIN bank_entries ON bank_entries.id = entry_id "  # noqa: S608
            f"JOIN images ON sha256 = value WHERE bank_id = ? AND kind = 'picture' AND {_SOUND}",
            bank_id,
        )
        disabled = [row for row in rows if is_disabled(row[1], now)]
        soonest = min((float(until) for _, until in disabled if until != FOR_EVER), default=float("inf"))
        return np.array([image_id for image_id, _ in disabled], np.int64), soonest

    def damaged(self) -> int:
        """How many rows are not what was stored."""
        return self._database.number(f"SELECT count(*) FROM disabled_entries WHERE NOT ({_SOUND})")  # noqa: S608


def is_disabled(until: int, now: float) -> bool:
    """Whether what is disabled up to a time is disabled now; both in seconds since 1970."""
    return until == FOR_EVER or until > now
