"""Decisions of reviewers, applied when the same bytes are checked again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lookalike.banks.results import EntryMatch
from lookalike.store import Bank, CaseDecision, Cases, Kind


class Decided:
    """The decisions about one picture, by entry."""

    def __init__(self, cases: Cases, sha256: bytes | None) -> None:
        """Read them.

        Args:
            cases: of the collection.
            sha256: of the picture's bytes; None for a picture in memory, of which nothing can be remembered.
        """
        self._decided = {} if sha256 is None else cases.decided(sha256)

    def dismissed(self, bank: Bank) -> int:
        """How many entries of a bank, which may be gone, a person took for no match of the picture."""
        return sum(
            decision == "not a match" and of == bank.bank_id for (of, *_), decision in self._decided.items()
        )

    def applied(self, bank: Bank, matches: Iterable[EntryMatch]) -> list[EntryMatch]:
        """The matches of a bank without those that a person dismissed, each with what was decided of it."""
        found = [(match, self._of(bank, match.kind, match.value)) for match in matches]
        return [replace(match, decision=decision) for match, decision in found if decision != "not a match"]

    def _of(self, bank: Bank, kind: Kind, value: str) -> CaseDecision | None:
        return self._decided.get((bank.bank_id, kind, bytes.fromhex(value)))
