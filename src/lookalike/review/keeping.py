"""``check --keep``: stores a small copy and a case of each reported picture, for a person to decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lookalike.banks import BankResult, CheckAnswer, EntryMatch
from lookalike.collection.pictures import Opened
from lookalike.errors import NotFoundError, UsageError
from lookalike.paths import shown
from lookalike.sight import encode_small, reduced
from lookalike.store import BankTable, Cases, CheckedPicture, NewCase

_LONGEST_NAME = 1000  # characters
_UNNAMED = "a picture without a name"  # an empty name is that of a purged one


class Keeping:
    """Puts reported pictures into the queue, under one name."""

    def __init__(self, cases: Cases, banks: BankTable, name: str) -> None:
        """Keep nothing yet.

        Args:
            cases: the queue.
            banks: of the same catalog.
            name: of the file or upload; of a long one the end is kept.
        """
        self._cases, self._banks = cases, banks
        self._name = shown(name)[-_LONGEST_NAME:] or _UNNAMED

    def __call__(self, opened: Opened, model: str, answer: CheckAnswer) -> CheckAnswer:
        """Queue a picture with every match that a bank reports and nobody has decided.

        Args:
            opened: the picture, at least 256 pixels on its longer side if it has so many.
            model: fingerprint of the network that saw it.
            answer: what the banks say of it.

        Returns:
            The answer with the ids of the cases.

        Raises:
            UsageError: it is a picture in memory, which has no bytes by which it would be known again.
        """
        if opened.sha256 is None:
            raise UsageError("a picture in memory cannot be kept for review: check its file or its bytes")
        new = [case for result in answer.results for case in self._new(result, model)]
        if not new:
            return answer
        picture = CheckedPicture(opened.sha256, self._name, encode_small(reduced(opened.image)))
        return replace(answer, cases=tuple(self._cases.queue(picture, new)))

    def _new(self, result: BankResult, model: str) -> Iterator[NewCase]:
        if not result.reported:
            return
        try:
            bank_id = self._banks.named(result.bank).bank_id
        except NotFoundError:  # deleted since it was asked
            return
        for match in result.matches:
            if match.decision != "confirmed":
                found = {**_found(match), "fpr": result.fpr, "model": model}
                yield NewCase(bank_id, match.kind, bytes.fromhex(match.value), found)


def _found(match: EntryMatch) -> dict[str, Any]:
    evidence = match.match and match.match.evidence
    return {
        "verdict": match.verdict,
        "p": match.p,
        "differing": match.differing,
        "evidence": evidence and evidence.facts(),
    }
