"""Where a search for duplicates lost a copy: it was no candidate, or a comparison refused it, and why."""

from __future__ import annotations

from collections.abc import Iterable

from lookalike import Collection
from lookalike.collection.duplicates.finding import RULES
from lookalike.collection.duplicates.group import Group
from lookalike.collection.duplicates.grouping import ordered
from lookalike.sight import VERIFIED_SCORE, Sight, look
from lookalike.sight.agreement import LEAST_EXPLAINED, MOST_DIFFERING, measure
from lookalike.sight.alignment import Alignment
from lookalike.sight.evidence import ANOTHER_PHOTO
from lookalike.sight.scoring import score_of
from lookalike.store import LookedAtPairs

FOUND, NO_CANDIDATE, CLOSE_LOOK, ELSEWHERE = "found", "no candidate", "close look", "elsewhere"
"""Outcomes: in one group; never compared; refused at up to 1,024 pixels; verified, but not in one group, as
the chance of the pair was too high, or another group took one of the two."""

REASONS = ("unlaid", "unlike", "overlay", "differs", "texture", "colours", "parallax", "few")
"""Why the second look refused a pair: no alignment held; too little of the overlap agrees; an overlay
explains what differs, and the support is too small for that; no overlay explains it; the faint texture is
another one; the hues are turned; two photos of one scene; all agrees, but the support is too small."""


class Outcomes:
    """What became of pairs of images in one search for duplicates."""

    def __init__(self, collection: Collection, groups: Iterable[Group]) -> None:
        """Read what was compared.

        Args:
            collection: was searched.
            groups: were found.
        """
        self._looks = collection.bases.now().looks
        pairs = LookedAtPairs(collection.bases.database, RULES).all()
        self._seen = {ordered(pair.first, pair.second): pair for pair in pairs}
        self._group_of = {member.image_id: group.group_id for group in groups for member in group.members}

    @property
    def compared(self) -> int:
        """How many pairs were compared."""
        return len(self._seen)

    def of(self, original: int, copy: int) -> str:
        """One of the outcomes, or of the reasons of the second look."""
        group = self._group_of.get(original)
        if group is not None and group == self._group_of.get(copy):
            return FOUND
        pair = self._seen.get(ordered(original, copy))
        if pair is None or pair.score is None:
            return NO_CANDIDATE
        if pair.score < 0:
            return CLOSE_LOOK
        if pair.score >= VERIFIED_SCORE:
            return ELSEWHERE
        first, second = self._looks.sight_of(pair.first), self._looks.sight_of(pair.second)
        return NO_CANDIDATE if first is None or second is None else reason_of(first, second)


def reason_of(first: Sight, second: Sight) -> str:
    """Why the second look does not take two pictures for copies, which it does not: one of ``REASONS``.

    Args:
        first: taken for the original.
        second: taken for the edited copy.
    """
    evidence = look(first, second)
    if ANOTHER_PHOTO in evidence.words:
        return "parallax"
    if evidence.matrix is None:
        return "unlaid"
    alignment = Alignment(evidence.matrix, evidence.inliers)
    agreement = measure(first.grey, second.grey, alignment)
    if agreement is None:
        return "unlaid"
    tests = {
        "overlay": agreement.overlaid,
        "unlike": agreement.explained < LEAST_EXPLAINED,
        "differs": agreement.differing > MOST_DIFFERING,
        "texture": not agreement.texture,
        "colours": score_of(alignment, agreement) >= VERIFIED_SCORE,
    }
    return next((reason for reason, holds in tests.items() if holds), "few")
