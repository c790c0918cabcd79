"""The queue of cases: pairs of a checked picture and an entry of a bank, and what people decide of them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from lookalike.errors import Conflict, NotFoundError
from lookalike.store.audit import AuditLog
from lookalike.store.bank_entries import Kind
from lookalike.store.case_rows import (
    ENTRY,
    WHOLE,
    CaseDecision,
    CaseRow,
    CaseState,
    CheckedPicture,
    NewCase,
    sealed,
)
from lookalike.store.database import Database
from lookalike.store.keeping import refuse_without

_OF = "sha256, bank_id, kind, value"
_OTHER_COLUMNS = "found, queued, decision, logged"
_SOUND = (
    "checksum IS checksum_of(sha256, bank_id, CAST(kind AS BLOB), value, CAST(found AS BLOB), queued, "
    "CAST(decision AS BLOB), logged)"
)
_IN_STATE = {
    "waiting": f"c.decision IS NULL AND {ENTRY} IS NOT NULL",
    "gone": f"c.decision IS NULL AND {ENTRY} IS NULL",
}
_NEEDED = f"c.decision = 'unsure' OR (c.decision IS NULL AND {ENTRY} IS NOT NULL)"
"""SQL: somebody has still to look at a case ``c``."""

Pair = tuple[int, Kind, bytes]
"""An entry of a bank: the bank's id, kind and value."""


class Cases:
    """Queues cases and decides them; each change is one transaction, and lasts once a method returns."""

    def __init__(self, database: Database) -> None:
        self._database, self.log = database, AuditLog(database)

    def queue(self, picture: CheckedPicture, cases: Iterable[NewCase]) -> list[int]:
        """Let pairs of a picture wait for a decision, unless they wait or are decided already.

        Returns:
            Ids of the cases of all these pairs, in their order.

        Raises:
            UsageError: the collection keeps no small pictures.
        """
        ids, now = [], int(time.time())
        with self._database.atomic() as connection:
            refuse_without(self._database, "review")
            connection.execute(
                "INSERT INTO checked_pictures VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO UPDATE SET "
                "name = excluded.name, picture = excluded.picture, checksum = excluded.checksum "
                "WHERE checked_pictures.picture IS NULL",
                sealed(*picture),
            )
            for case in cases:
                columns = picture.sha256, case.bank_id, case.kind, case.value
                connection.execute(
                    f"INSERT OR IGNORE INTO cases ({_OF}, {_OTHER_COLUMNS}, checksum) "  # noqa: S608
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    sealed(*columns, json.dumps(case.found), now, None, None),
                )
                ids += connection.execute(
                    "SELECT id FROM cases WHERE sha256 = ? AND bank_id = ? AND kind = ? AND value = ?",
                    columns,
                ).fetchone()
        return ids

    def decided(self, sha256: bytes) -> dict[Pair, CaseDecision]:
        """What was decided of a picture, by entry; decisions that are damaged are left out."""
        rows = self._database.rows(
            "SELECT bank_id, kind, value, decision FROM cases "  # noqa: S608  names of ours
            f"WHERE sha256 = ? AND decision IS NOT NULL AND {_SOUND}",
            sha256,
        )
        return {(bank_id, kind, value): decision for bank_id, kind, value, decision in rows}

    def page(
        self, state: CaseState | None = None, bank_id: int | None = None, *, after: int = 0, most: int = 100
    ) -> list[CaseRow]:
        """List cases in the order in which they came.

        Args:
            state: only those that stand there; all if None.
            bank_id: only those of this bank; of all banks if None.
            after: only those with ids above it.
            most: how many.
        """
        condition, values = _condition(state, bank_id)
        rows = self._database.rows(
            f"{WHOLE} WHERE c.id > ? AND {condition} ORDER BY c.id LIMIT ?", after, *values, most
        )
        return [CaseRow.of_row(row) for row in rows]

    def case(self, case_id: int) -> CaseRow:
        """One case.

        Raises:
            NotFoundError: there is none of this id.
        """
        row = self._database.row(f"{WHOLE} WHERE c.id = ?", case_id)
        if row is None:
            raise NotFoundError(f"there is no case {case_id}; list them with: lookalike review list")
        return CaseRow.of_row(row)

    def counts(self, bank_id: int | None = None) -> Counter[CaseState]:
        """How many cases stand where, of one bank or of all."""
        condition, values = _condition(None, bank_id)
        rows = self._database.rows(
            f"SELECT ifnull(c.decision, iif({ENTRY} IS NULL, 'gone', 'waiting')) AS state, count(*) "  # noqa: S608
            f"FROM cases AS c WHERE {condition} GROUP BY state",
            *values,
        )
        return Counter(dict(rows))

    def picture(self, case_id: int) -> bytes:
        """The small copy of the checked picture of a case, a JPEG.

        Raises:
            NotFoundError: there is no such case, or the copy was purged.
        """
        row = self._database.row(
            "SELECT picture FROM cases JOIN checked_pictures USING (sha256) WHERE id = ?", case_id
        )
        if row is None or row[0] is None:
            raise NotFoundError(f"of case {case_id} no picture is kept")
        return bytes(row[0])

    def decide(
        self,
        case_id: int,
        decision: CaseDecision,
        who: str,
        when: str,
        token: str | None = None,
        replaces: int | None = None,
    ) -> CaseRow:
        """Write a decision into the audit log and remember it.

        Args:
            case_id: of the case.
            decision: what was decided.
            who: decided it.
            when: in ISO 8601.
            token: name of the token by which a server let them in; None without one.
            replaces: the entry of the log with the decision in whose place this one comes; None if there is
                none yet.

        Raises:
            NotFoundError: there is no such case.
            Conflict: another decision stands there, or none.
        """
        with self._database.atomic() as connection:
            case = self.case(case_id)
            if case.logged != replaces:
                raise self._conflict(case)
            told = ("verdict", "p", "fpr", "model")
            facts = {
                "when": when,
                "who": who,
                "token": token,
                "what": decision,
                "case": case_id,
                "picture": case.sha256.hex(),
                "bank": case.bank,
                "entry": f"{case.kind}:{case.value.hex()}",
                "replaces": replaces,
                **{name: case.found[name] for name in told},
            }
            logged = self.log.append(connection, facts)
            (found,) = connection.execute("SELECT found FROM cases WHERE id = ?", (case_id,)).fetchone()
            columns = case.sha256, case.bank_id, case.kind, case.value, found, case.queued, decision, logged
            connection.execute(
                "UPDATE cases SET decision = ?, logged = ?, checksum = ? WHERE id = ?",
                (decision, logged, sealed(*columns)[-1], case_id),
            )
            return self.case(case_id)

    def _conflict(self, case: CaseRow) -> Conflict:
        """What stands where another decision, or none, was expected."""
        entry = None if case.logged is None else self.log.entry(case.logged)
        if entry is None:
            return Conflict(f"case {case.case_id} has no decision that could be replaced; decide it")
        told = json.loads(entry.text)
        return Conflict(
            f"case {case.case_id} was decided: {case.decision}, by {told['who']}, {told['when']}; to decide "
            f"otherwise, say that this replaces entry {entry.number} of the audit log",
            entry.number,
        )

    def purge(self, who: str, when: str) -> int:
        """Delete the kept copies and names of pictures of which no case needs to be looked at any more.

        Their bytes are overwritten in the catalog's file. Decisions stay. Cases that wait for nothing, since
        their entry is gone, are deleted. What was done is written into the audit log.

        Returns:
            How many pictures were purged.
        """
        with self._database.atomic() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            rows = connection.execute(
                "SELECT sha256 FROM checked_pictures AS p WHERE picture IS NOT NULL AND NOT EXISTS "  # noqa: S608
                f"(SELECT 1 FROM cases AS c WHERE c.sha256 = p.sha256 AND ({_NEEDED}))"
            ).fetchall()
            gone = _IN_STATE["gone"]
            connection.execute(
                f"DELETE FROM cases WHERE id IN (SELECT c.id FROM cases AS c WHERE {gone})"  # noqa: S608
            )
            connection.executemany(
                "UPDATE checked_pictures SET name = '', picture = NULL, checksum = ? WHERE sha256 = ?",
                [(sealed(sha256, "", None)[-1], sha256) for (sha256,) in rows],
            )
            if rows:
                self.log.append(
                    connection, {"when": when, "who": who, "what": "purge", "pictures": len(rows)}
                )
        return len(rows)

    def damaged(self) -> dict[str, int]:
        """How many cases and kept pictures are not what was stored, by what they are called."""
        count = "SELECT count(*) FROM {} WHERE NOT ({})"
        picture = "checksum IS checksum_of(sha256, CAST(name AS BLOB), picture)"
        found = {
            "cases": self._database.number(count.format("cases", _SOUND)),
            "checked pictures": self._database.number(count.format("checked_pictures", picture)),
        }
        return {name: many for name, many in found.items() if many}


def _condition(state: CaseState | None, bank_id: int | None) -> tuple[str, list[Any]]:
    """SQL that holds for the cases ``c`` of a state and a bank, and its values."""
    conditions, values = ["1"], list[Any]()
    if state is not None:
        conditions.append(_IN_STATE.get(state, "c.decision = ?"))
        values += [] if state in _IN_STATE else [state]
    if bank_id is not None:
        conditions.append("c.bank_id = ?")
        values.append(bank_id)
    return " AND ".join(conditions), values
