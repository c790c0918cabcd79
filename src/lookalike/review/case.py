"""A case as a reviewer sees it: a plain value, for programs and for screens."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.store import AuditEntry, BankEntry, CaseRow


def iso(seconds: float) -> str:
    """A time in seconds since 1970 as ISO 8601 in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


@dataclass(frozen=True, slots=True)
class Case:
    """A checked picture and an entry of a bank that it matched.

    Attributes:
        row: the case as the catalog holds it.
        entry: the entry; None once the bank no longer has it.
        paths: where the entry's picture lies; empty for a hash, and once the collection has forgotten it.
        logged: the entry of the audit log that holds the decision; None if there is no decision.
    """

    row: CaseRow
    entry: BankEntry | None
    paths: tuple[Path, ...]
    logged: AuditEntry | None

    def facts(self) -> dict[str, Any]:
        """The case as JSON shows it, on all surfaces; docs/review.md describes the fields."""
        row, labels = self.row, self.entry and self.entry.entry
        log = {} if self.logged is None else json.loads(self.logged.text)
        return {
            "case_id": row.case_id,
            "state": row.state,
            "bank": row.bank,
            "sha256": row.sha256.hex(),
            "name": row.name,
            "kept": row.kept,
            "entry_id": row.entry_id,
            "kind": row.kind,
            "value": row.value.hex(),
            "note": labels.note if labels else "",
            "tags": list(labels.tags) if labels else [],
            "image_id": row.image_id,
            "paths": [str(path) for path in self.paths],
            **{name: row.found[name] for name in ("verdict", "p", "differing", "evidence", "fpr", "model")},
            "queued": iso(row.queued),
            "decision": row.decision,
            "who": log.get("who"),
            "when": log.get("when"),
            "logged": row.logged,
        }
