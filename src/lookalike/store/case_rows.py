"""Cases as the catalog holds them: a checked picture, the entry of a bank that it matched, a decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

from lookalike.errors import DamagedError
from lookalike.store.bank_entries import Kind
from lookalike.store.encoding import checksum_of

CaseDecision = Literal["confirmed", "not a match", "unsure"]
"""What a person decides of a case."""

CASE_DECISIONS: tuple[CaseDecision, ...] = get_args(CaseDecision)

CaseState = Literal["waiting", "gone", "confirmed", "not a match", "unsure"]
"""A case waits; or waits for nothing, since the entry is gone from the bank; or was decided."""

CASE_STATES: tuple[CaseState, ...] = get_args(CaseState)

STATE_WORDS: dict[str, CaseState] = {state.replace(" ", "-"): state for state in CASE_STATES}
"""Each state by its name in one word: "not-a-match" leads to "not a match"."""

DECISION_WORDS: dict[str, CaseDecision] = {one.replace(" ", "-"): one for one in CASE_DECISIONS}
"""The same of decisions."""

ENTRY = (
    "(SELECT min(e.id) FROM bank_entries AS e "
    "WHERE e.kind = c.kind AND e.value = c.value AND +e.bank_id = c.bank_id)"
)
"""SQL for the id of the entry of a case ``c``; NULL once the bank no longer has it.

The plus keeps SQLite from the index by bank, by which it would walk all entries of the bank for each case.
"""

WHOLE = (
    "SELECT c.id, c.bank_id, banks.name, banks.enabled, c.sha256, p.name, p.picture IS NOT NULL, c.kind, "  # noqa: S608
    f"c.value, c.found, c.queued, c.decision, c.logged, {ENTRY}, "
    "(SELECT images.id FROM images WHERE c.kind = 'picture' AND images.sha256 = c.value) "
    "FROM cases AS c JOIN banks ON banks.id = c.bank_id JOIN checked_pictures AS p ON p.sha256 = c.sha256 "
)
"""SQL for the rows that ``CaseRow.of_row`` reads."""


class CheckedPicture(NamedTuple):
    """What is kept of a checked picture.

    Attributes:
        sha256: of its bytes.
        name: of the file or upload.
        small: a JPEG, as ``sight.encode_small`` makes it.
    """

    sha256: bytes
    name: str
    small: bytes


class NewCase(NamedTuple):
    """A pair that waits for a decision.

    Attributes:
        bank_id: of the bank.
        kind: of the entry that matched.
        value: of that entry.
        found: what the check found, as JSON can hold it.
    """

    bank_id: int
    kind: Kind
    value: bytes
    found: Mapping[str, Any]


class CaseRow(NamedTuple):
    """A case.

    Attributes:
        case_id: never used again.
        bank_id: of the bank.
        bank: its name.
        enabled: whether checks ask that bank.
        sha256: of the checked picture's bytes.
        name: of the checked picture; empty once it was purged.
        kept: whether the small copy of the checked picture is still there.
        kind: of the entry that it matched.
        value: of that entry.
        found: what the check found, as in ``NewCase``.
        queued: when it was first found, in seconds since 1970.
        decision: the last one; None if there is none.
        logged: number of the entry of the audit log that holds it.
        entry_id: of the entry; None once the bank no longer has it.
        image_id: of the entry's picture; None for a hash, and once the collection has forgotten it.
    """

    case_id: int
    bank_id: int
    bank: str
    enabled: bool
    sha256: bytes
    name: str
    kept: bool
    kind: Kind
    value: bytes
    found: Mapping[str, Any]
    queued: int
    decision: CaseDecision | None
    logged: int | None
    entry_id: int | None
    image_id: int | None

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> CaseRow:
        """The case that a row of ``WHOLE`` describes.

        Raises:
            DamagedError: what is stored of it makes no sense.
        """
        case_id, bank_id, bank, enabled, sha256, name, kept, kind, value, found, *rest = row
        try:
            told = json.loads(found)
        except ValueError:
            raise DamagedError(f"case {case_id} is damaged; run: lookalike verify") from None
        return cls(case_id, bank_id, bank, bool(enabled), sha256, name, bool(kept), kind, value, told, *rest)

    @property
    def state(self) -> CaseState:
        """What the case waits for, or what was decided."""
        return self.decision or ("gone" if self.entry_id is None else "waiting")


def sealed(*columns: bytes | str | int | None) -> tuple[bytes | str | int | None, ...]:
    """The columns of a row, with their checksum at the end."""
    return *columns, checksum_of(*columns)
