"""How many entries banks have, counted anew only where something was removed: ten million take 7 seconds."""

from __future__ import annotations

import threading
from collections import Counter

from lookalike.store import BankEntries, BankTable, Database, Kind
from lookalike.store.banks import BankRevision


class EntryCounts:
    """Counts entries by bank and kind, later those alone that came since; safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        """Nothing is counted before it is asked for."""
        self._database = database
        self._table, self._entries = BankTable(database), BankEntries(database)
        self._lock = threading.Lock()
        self._revision: BankRevision | None = None
        self._last = 0
        self._counts: dict[int, Counter[Kind]] = {}

    def now(self) -> dict[int, Counter[Kind]]:
        """How many entries of each kind each bank has, by the bank's id; empty banks are left out."""
        with self._lock, self._database.consistent():
            now = self._table.revision()
            if now != self._revision:
                if self._revision is None or not self._table.was(self._revision) or not self._went_on():
                    self._last, self._counts = self._entries.last(), self._entries.counts()
                self._revision = now
            return {bank_id: Counter(counts) for bank_id, counts in self._counts.items()}

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
