"""What a check leaves out: hashes without their package, forgotten pictures, banks that are empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lookalike.banks.counts import EntryCounts
from lookalike.banks.pdq import can_hash
from lookalike.store import Bank, BankEntries, BankTable, Database
from lookalike.store.banks import BankRevision


class Uncompared:
    """Tells which entries of banks are passed over; safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        """Nothing is counted before it is asked for; ``database`` is the collection's."""
        self._table, self._entries = BankTable(database), BankEntries(database)
        self._pictures = EntryCounts(database)
        self._counted: tuple[BankRevision, dict[int, int]] | None = None

    def said(self, banks: Iterable[Bank]) -> str:
        """What is passed over, and what to do about it, in one line; empty if nothing is.

        Args:
            banks: whose entries count.
        """
        looked_at = list(banks)
        return "; ".join([*self._hashes(looked_at), *self._forgotten(looked_at)])

    def nothing(self, banks: Iterable[Bank]) -> str:
        """A line if no picture can be reported, since all banks but negative ones are empty; else empty.

        Args:
            banks: all that are asked.
        """
        reporting = [bank for bank in banks if not bank.negative]
        if any(self._entries.has_any(bank.bank_id) for bank in reporting):
            return ""
        return "nothing to compare with: every enabled bank is empty or negative"

    def _hashes(self, banks: Iterable[Bank]) -> Iterator[str]:
        """Whether PDQ hashes are passed over, since the package for them is missing."""
        if can_hash():
            return
        counts = self._counts()
        if count := sum(counts.get(bank.bank_id, 0) for bank in banks):
            hashes = "1 PDQ hash is" if count == 1 else f"{count:,} PDQ hashes are"
            yield f"{hashes} not compared, for want of the package pdqhash: pip install 'lookalike[pdq]'"

    def _forgotten(self, banks: Iterable[Bank]) -> Iterator[str]:
        """Whether copies of pictures cannot be found, since the collection has forgotten the pictures."""
        counts = self._pictures.forgotten()
        if count := sum(counts.get(bank.bank_id, 0) for bank in banks):
            pictures = "1 known picture is" if count == 1 else f"{count:,} known pictures are"
            yield (
                f"{pictures} compared by the same bytes alone, since the collection has forgotten "
                f"{'it: index it' if count == 1 else 'them: index them'} again"
            )

    def _counts(self) -> dict[int, int]:
        """How many PDQ hashes each bank has, by the bank's id; counted once per change of banks."""
        now = self._table.revision()
        counted = self._counted
        if counted is None or counted[0] != now:
            counts = self._entries.counts()
            counted = now, {bank: kinds["pdq"] for bank, kinds in counts.items() if kinds["pdq"]}
            self._counted = counted
        return counted[1]
