"""Decisions that people took about pairs of images, by the SHA-256 of their bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from lookalike.errors import UsageError
from lookalike.store.database import Database
from lookalike.store.encoding import checksum_of

Decision = Literal["not a match", "keep all"]

DECISIONS: tuple[Decision, ...] = get_args(Decision)


class Decisions:
    """Remembers decisions; they outlive ids, paths and embedders, for they name bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, decision: Decision, pairs: Iterable[tuple[bytes, bytes]]) -> int:
        """Remember a decision about pairs, in place of earlier ones about the same pairs.

        Args:
            decision: what was decided.
            pairs: of SHA-256 digests, in either order; twice the same stands for the files of one image.

        Returns:
            How many pairs it is about.

        Raises:
            UsageError: there is no such decision.
        """
        if decision not in DECISIONS:
            raise UsageError(f"a decision is {' or '.join(map(repr, DECISIONS))}, not {decision!r}")
        rows = {(min(pair), max(pair), decision) for pair in pairs}
        with self._database.atomic() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?)",
                [(*row, checksum_of(*row)) for row in sorted(rows)],
            )
        return len(rows)

    def pairs(self, decision: Decision) -> set[tuple[int, int]]:
        """Pairs of images, by id and the lesser first, about which this was decided and which are both there.

        The files of one image are the pair of the image and itself.
        """
        rows = self._database.rows(
            "SELECT one.id, other.id FROM decisions JOIN images AS one ON one.sha256 = first "
            "JOIN images AS other ON other.sha256 = second "
            "WHERE decision = ? AND decisions.checksum IS checksum_of(first, second, decision)",
            decision,
        )
        return {(min(pair), max(pair)) for pair in rows}

    def count(self) -> int:
        """How many pairs there are decisions about, whether their images are there or not."""
        return self._database.number("SELECT count(*) FROM decisions")

    def forget(self) -> int:
        """Forget all decisions; how many pairs they were about."""
        with self._database.atomic() as connection:
            return connection.execute("DELETE FROM decisions").rowcount
