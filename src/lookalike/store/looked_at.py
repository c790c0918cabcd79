"""Pairs of images that the second look has compared, and how far the scan for duplicates has come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lookalike.store.database import Database

_SOUND = "checksum IS checksum_of(first, second, rules, score, CAST(evidence AS BLOB))"
_THERE = "EXISTS (SELECT 1 FROM images WHERE id = :{})"


class LookedAt(NamedTuple):
    """What was seen when two images were compared with each other.

    Attributes:
        first: the image that was taken for the original.
        second: the other.
        score: of the second look; None if it could not be taken, for a picture was out of reach.
        evidence: of the second look, a JSON object; None unless it verified the pair.
    """

    first: int
    second: int
    score: float | None
    evidence: str | None


class LookedAtPairs:
    """Remembers looked-at pairs, so that a search for duplicates can be interrupted and goes on.

    What is remembered could be found again. Pairs of other rules, which are versions of the second look, and
    damaged ones are not given out, and are replaced one by one.
    """

    def __init__(self, database: Database, rules: int) -> None:
        self._database, self._rules = database, rules

    def all(self) -> list[LookedAt]:
        """List all pairs, by ``(first, second)``."""
        rows = self._database.rows(
            "SELECT first, second, score, evidence FROM looked_at "  # noqa: S608  nothing but names of ours
            f"WHERE rules = ? AND {_SOUND} ORDER BY first, second",
            self._rules,
        )
        return [LookedAt(*row) for row in rows]

    def reached(self, fingerprint: str) -> int:
        """The image id up to which all images were searched for copies; 0 before the first.

        Args:
            fingerprint: of the embedder that finds candidates.
        """
        return self._database.number(
            "SELECT last_id FROM scans WHERE fingerprint = ? AND rules = ?", fingerprint, self._rules
        )

    def record(self, pairs: Iterable[LookedAt], fingerprint: str = "", reached: int = 0) -> None:
        """Remember pairs, and how far the search has come; once this returns it lasts.

        Pairs of which an image is gone are passed over.

        Args:
            pairs: what was seen.
            fingerprint: as in ``reached``.
            reached: the image id up to which all images were searched for; 0 says nothing about that.
        """
        with self._database.atomic() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO looked_at "
                "SELECT :first, :second, :rules, :score, :evidence, "
                "checksum_of(:first, :second, :rules, :score, CAST(:evidence AS BLOB)) "
                f"WHERE {_THERE.format('first')} AND {_THERE.format('second')}",
                [{**pair._asdict(), "rules": self._rules} for pair in pairs],
            )
            if reached:
                connection.execute(
                    "INSERT OR REPLACE INTO scans VALUES (?, ?, ?)", (fingerprint, self._rules, reached)
                )
