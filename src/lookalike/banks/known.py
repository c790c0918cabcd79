"""The perceptual hashes of all banks in memory, brought up to date before each look at them."""

from __future__ import annotations

import threading

import numpy as np

from lookalike.banks.hashes import LENGTHS, RADIUS
from lookalike.index.hamming import HammingIndex
from lookalike.store import BankEntries, BankEntry, BankTable, Database, Kind
from lookalike.store.banks import BankRevision

_UNSEEN = BankRevision(-1, "")
_SLACK = 10_000  # entries in memory of which any number may be gone


class KnownHashes:
    """Finds entries of one kind by a perceptual hash, in all banks; safe to use from many threads.

    New entries are added to the index in memory. Those that were removed stay there until they are more than
    the others; they are not found, since each answer is looked up in the catalog.
    """

    def __init__(self, database: Database, kind: Kind) -> None:
        """Nothing is read before it is asked for.

        Args:
            database: the collection's.
            kind: "pdq" or "lookalike".
        """
        self._table, self._entries, self._kind = BankTable(database), BankEntries(database), kind
        self._lock = threading.Lock()
        self._revision, self._model, self._last = _UNSEEN, "", 0
        self._total = 0
        self._index = HammingIndex(RADIUS[kind])

    def count(self, model: str = "") -> int:
        """How many hashes are in memory, up to date; some may have been removed."""
        return len(self._current(model))

    def near(self, value: bytes, model: str = "") -> list[tuple[BankEntry, int]]:
        """Find entries whose hash differs from a value in few bits (``RADIUS``), and in how many.

        Args:
            value: of a picture.
            model: fingerprint of the embedder that hashed it; empty for PDQ.
        """
        found = self._current(model).search(value)
        differing = dict(zip(found.ids.tolist(), found.differing.tolist(), strict=True))
        entries = self._entries.entries(differing)
        return [(entry, differing[entry.entry_id]) for entry in entries if entry.entry.kind == self._kind]

    def _current(self, model: str) -> HammingIndex:
        with self._lock:
            now = self._table.revision()
            if now == self._revision and model == self._model:
                return self._index
            if model != self._model or not self._table.was(self._revision):
                self._start_anew(model)
            self._read_on()
            total, before = self._entries.total(), self._total
            self._total = total
            removed = total < before and len(self._index) > _SLACK  # else counting costs more than it saves
            if removed and len(self._index) > 2 * self._entries.count(self._kind, model):
                self._start_anew(model)
                self._read_on()
            self._revision = now
            return self._index

    def _start_anew(self, model: str) -> None:
        self._model, self._last, self._index = model, 0, HammingIndex(RADIUS[self._kind])

    def _read_on(self) -> None:
        ids, values = [], []
        for some, joined in self._entries.hashes(self._kind, self._model, self._last):
            ids.append(some)
            values.append(np.frombuffer(joined, np.uint8).reshape(-1, LENGTHS[self._kind]))
        if ids:
            self._index.add(np.concatenate(ids), np.concatenate(values))
            self._last = int(ids[-1][-1])
