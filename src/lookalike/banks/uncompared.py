"""Entries of banks that nothing can be compared with here: PDQ hashes, if the package for them is missing."""

from __future__ import annotations

from collections.abc import Iterable

from lookalike.banks.pdq import can_hash
from lookalike.store import Bank, BankEntries, BankTable, Database
from lookalike.store.banks import BankRevision


class Uncompared:
    """Tells which entries of banks are passed over; safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        """Nothing is counted before it is asked for; ``database`` is the collection's."""
        self._table, self._entries = BankTable(database), BankEntries(database)
        self._counted: tuple[BankRevision, dict[int, int]] | None = None

    def said(self, banks: Iterable[Bank]) -> str:
        """What is passed over, and what to do about it, in one line; empty if nothing is.

        Args:
            banks: whose entries count.
        """
        if can_hash():
            return ""
        counts = self._counts()
        count = sum(counts.get(bank.bank_id, 0) for bank in banks)
        if not count:
            return ""
        hashes = "1 PDQ hash is" if count == 1 else f"{count:,} PDQ hashes are"
        return f"{hashes} not compared, for want of the package pdqhash: pip install 'lookalike[pdq]'"

    def _counts(self) -> dict[int, int]:
        """How many PDQ hashes each bank has, by the bank's id; counted once per change of banks."""
        now = self._table.revision()
        counted = self._counted
        if counted is None or counted[0] != now:
            counts = self._entries.counts()
            counted = now, {bank: kinds["pdq"] for bank, kinds in counts.items() if kinds["pdq"]}
            self._counted = counted
        return counted[1]
