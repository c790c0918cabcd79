"""Ownership: the catalog holds vectors of one embedder, since those of two cannot be compared."""

from __future__ import annotations

from sqlite3 import Connection

from lookalike.errors import RESTORE, DamagedError, EmbedderMismatch
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of
from lookalike.store.keeping import FACT


def embedder_of(database: Database) -> tuple[str, str] | None:
    """Name and fingerprint of the embedder whose vectors are stored; None before the first.

    Raises:
        DamagedError: only one of them is there.
    """
    facts = dict(database.rows("SELECT name, value FROM facts WHERE name != ?", FACT))
    if not facts:
        return None
    if facts.keys() != {"embedder", "fingerprint"}:
        raise DamagedError(f"the catalog does not say which embedder made its vectors; {RESTORE}")
    return facts["embedder"], facts["fingerprint"]


def note(connection: Connection, name: str, fingerprint: str) -> None:
    """Note inside a transaction whose vectors the catalog holds from now on."""
    facts = (("embedder", name), ("fingerprint", fingerprint))
    connection.executemany(
        "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", [(*fact, checksum_of(*fact)) for fact in facts]
    )


def require(own: tuple[str, str] | None, fingerprint: str) -> None:
    """Make sure that vectors of an embedder belong here.

    Raises:
        EmbedderMismatch: the collection has another embedder.
    """
    if own is not None and own[1] != fingerprint:
        raise EmbedderMismatch(f"the collection has moved to {own[0]!r}; run the same command again")
