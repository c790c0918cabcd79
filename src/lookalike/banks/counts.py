"""How many entries banks have, counted anew only if they may have changed: ten million take 7 seconds."""

from __future__ import annotations

import threading
from collections import Counter

from lookalike.store import BankEntries, BankTable, Database, History, Kind
from lookalike.store.banks import BankRevision


class EntryCounts:
    """Counts what banks have, and keeps the counts until they may have changed; safe in many threads.

    If entries came and none has gone, ``now`` counts the new ones alone.
    """

    def __init__(self, database: Database) -> None:
        """Nothing is counted before it is asked for."""
        self._database = database
        self._table, self._entries = BankTable(database), BankEntries(database)
        self._history = History(database)
        self._lock = threading.Lock()
        self._revision: BankRevision | None = None
        self._last = 0
        self._counts: dict[int, Counter[Kind]] = {}
        self._forgotten: dict[int, int] = {}
        self._moment: tuple[BankRevision, int, str | None] | None = None  # at which those were counted

    def now(self) -> dict[int, Counter[Kind]]:
        """How many entries of each kind each bank has, by the bank's id; empty banks are left out."""
        with self._lock, self._database.consistent():
            now = self._table.revision()
            if now != self._revision:
                if self._revision is None or not self._table.was(self._revision) or not self._went_on():
                    self._last, self._counts = self._entries.last(), self._entries.counts()
                self._revision = now
            return {bank_id: Counter(counts) for bank_id, counts in self._counts.items()}

    def forgotten(self) -> dict[int, int]:
        """How many pictures of each bank the collection has forgotten, by the bank's id; without zeros.

        Raises:
            DamagedError: the catalog has lost count of its changes.
        """
        with self._lock, self._database.consistent():
            images = self._history.revision()
            now = self._table.revision(), images, self._history.mark(images)
            if now != self._moment:
                self._forgotten, self._moment = self._entries.forgotten(), now
            return dict(self._forgotten)

    def _went_on(self) -> bool:
        """Count the entries that came since the last time; whether no other has gone, so that that is all."""
        last, added = self._entries.last(), self._entries.counts(self._last)
        known = sum(counts.total() for counts in (*self._counts.values(), *added.values()))
        if known != self._entries.total():
            return False
        for bank_id, counts in added.items():
            self._counts.setdefault(bank_id, Counter()).update(counts)
        self._last = last
        return True
