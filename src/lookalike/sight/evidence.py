"""Evidence: what the second look at two pictures found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

Matrix = NDArray[np.floating[Any]]
"""A movement, (3, 3) float64: takes (x, y, 1) of the first picture to the second, up to a factor, in pixels.
(0, 0) is the middle of the first pixel."""

VERIFIED_SCORE = 10.0
"""Score from which the second picture counts as a copy of the first."""

WHOLE = 0.94
"""Share of a picture from which it counts as shown whole."""

CHANGED = "changed"
"""The first word of what is said of a picture that shows something else somewhere."""


DIFFERS = -1.0
"""Score of two pictures that pass for one at 256 pixels and differ in a detail."""

DIFFERS_IN = "differs in detail:"
"""The first words of what is said of them, before the place."""

ANOTHER_PHOTO = "another photo of the scene"
"""What is said of two photos that were taken from two places."""

NOTHING_ALIKE = "nothing alike to the network"
"""What is said of two pictures whose outlines agree, and whose embeddings tell that nothing else does."""

_FAR = 1.6
"""Times the distance up to which an embedder calls pictures alike, beyond which it finds nothing alike."""

_NEARLY_ALL = 0.9
"""Share of each picture that the other shows, from which an embedding of the whole should tell a copy."""

ONLY_SMALL = "compared by small pictures only"
"""What is said of a copy that could not be looked at closely."""


def _nowhere() -> Mask:
    return np.zeros((0, 0), np.bool_)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How one picture lies on another, and how well they agree there.

    Attributes:
        score: 0 if nothing speaks for a copy; verified from 10 (``VERIFIED_SCORE``). About the number of
            keypoints or areas that agree, times the share of the overlap that does. -1 (``DIFFERS``) if the
            pictures agree, but for a detail that was seen at a larger size.
        inliers: pairs of keypoints that agree on one movement; 0 if the whole frames were laid on each other.
        agreement: share of the structure in the overlap that is the same in both, 0 to 1.
        turned: degrees clockwise by which the first picture was turned to give the second, above -180 to 180.
        mirrored: whether it was mirrored, left to right, before that.
        first_shown: share of the first picture's area that the second shows.
        second_shown: share of the second picture's area that shows the first.
        differs: (height, width) bool of the second picture at 256 pixels: where the first picture lies
            on it and shows something else. Empty if they could not be laid on each other.
        words: what was done to the first picture to get the second, as ("mirrored", "cropped to 31 %").
        matrix: (3, 3) float64: lays the first picture on the second, both reduced to 256 pixels; the lower
            right entry is 1. None if they could not be laid on each other.
        if_stuck_on: the score if the files show that all that differs was stuck on one of two pages; 0 if
            that cannot be.
    """

    score: float
    inliers: int = 0
    agreement: float = 0.0
    turned: float = 0.0
    mirrored: bool = False
    first_shown: float = 0.0
    second_shown: float = 0.0
    differs: Mask = field(default_factory=_nowhere, compare=False, repr=False)
    words: tuple[str, ...] = field(default=(), compare=False)
    matrix: Matrix | None = field(default=None, compare=False, repr=False)
    if_stuck_on: float = field(default=0.0, compare=False, repr=False)

    @property
    def uncut(self) -> bool:
        """Whether each picture shows all of the other, but for what may have been laid over it."""
        return min(self.first_shown, self.second_shown) >= WHOLE

    @property
    def whole(self) -> bool:
        """Whether each picture shows all of the other, and nowhere anything else."""
        return self.uncut and not any(word.startswith(CHANGED) for word in self.words)

    @property
    def verified(self) -> bool:
        """Whether the second look takes one picture for a copy of the other."""
        return self.score >= VERIFIED_SCORE

    @property
    def whole_copy(self) -> bool:
        """Whether the second look takes one picture for the other, whole."""
        return self.verified and self.whole

    @property
    def uncut_copy(self) -> bool:
        """Whether it takes one picture for the other, uncut: then details can be compared."""
        return self.verified and self.uncut

    @property
    def told_by_files(self) -> bool:
        """Whether the files, at a larger size, may show that it is a copy, or that it is none."""
        return self.uncut_copy or self.perhaps_stuck_on

    @property
    def perhaps_stuck_on(self) -> bool:
        """Whether it is a copy if something was stuck on a page, which the small pictures do not tell."""
        return not self.verified and self.if_stuck_on >= VERIFIED_SCORE

    @property
    def differs_in_detail(self) -> bool:
        """Whether the pictures agree but for a detail, so that they are two versions of one thing."""
        return self.score == DIFFERS

    def believed(self, distance: float) -> Evidence:
        """This evidence once the embeddings were asked, too; not verified any more if they contradict it.

        A frame and a rug, each on white ground, have one outline, and nothing else that could differ by much.
        Where each picture shows nearly all of the other, a copy is also near by its embedding: of 1,050 such
        copies, edited in 26 ways, one lay beyond 1.6 times the distance of alike pictures, by ``lite0``.
        Crops, panels and pasted pictures may be as far away as strangers.

        Args:
            distance: of the copy parts of both pictures, in multiples of the distance up to which the
                embedder calls pictures alike.
        """
        shown = min(self.first_shown, self.second_shown)
        if not self.verified or distance <= _FAR or shown < _NEARLY_ALL:
            return self
        return replace(self, score=0.0, words=(*self.words, NOTHING_ALIKE))

    def facts(self) -> dict[str, Any]:
        """The evidence as JSON shows it, on all surfaces; docs/json.md describes the fields."""
        return {
            "verified": self.verified,
            "score": round(self.score, 2),
            "inliers": self.inliers,
            "agreement": round(self.agreement, 4),
            "turned": round(self.turned, 1),
            "mirrored": self.mirrored,
            "first_shown": round(self.first_shown, 4),
            "second_shown": round(self.second_shown, 4),
            "words": list(self.words),
            "matrix": None if self.matrix is None else np.round(self.matrix, 6).tolist(),
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Self:
        """The evidence that ``facts`` describes, without the mask.

        Raises:
            KeyError: a field is missing.
            TypeError: a field is of another kind, or is none of evidence.
            ValueError: a field makes no sense.
        """
        known = {name: value for name, value in facts.items() if name != "verified"}
        matrix = known["matrix"]
        known["matrix"] = None if matrix is None else np.array(matrix, np.float64)
        return cls(**{**known, "words": tuple(known["words"])})


NO_EVIDENCE = Evidence(0.0)
"""The pictures cannot be laid on each other."""
