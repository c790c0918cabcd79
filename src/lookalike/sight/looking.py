"""The second look: two pictures in, evidence out."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from PIL import Image

from lookalike.sight.agreement import Agreement, measure
from lookalike.sight.alignment import Alignment, by_frames, by_keypoints
from lookalike.sight.evidence import NO_EVIDENCE, VERIFIED_SCORE, Evidence
from lookalike.sight.keypoints import Grey, Keypoints, find_keypoints
from lookalike.sight.small import reduced
from lookalike.sight.words import describe, turn_of

_CERTAIN = 2 * VERIFIED_SCORE  # a score from which no other alignment is tried

Found = tuple[float, Alignment, Agreement]


class Sight:
    """One picture as the second look sees it; its keypoints are found once, when they are first needed."""

    def __init__(self, image: Image.Image) -> None:
        """Reduce the picture.

        Args:
            image: mode ``RGB``, of any size; best decoded to at least 256 pixels on its longer side.
        """
        self.grey: Grey = np.asarray(reduced(image).convert("L"))

    @cached_property
    def keypoints(self) -> Keypoints:
        """At most 300 keypoints."""
        return find_keypoints(self.grey)


def look(first: Sight, second: Sight) -> Evidence:
    """Hold two pictures against each other.

    The score does not depend on which is first.

    Args:
        first: taken for the original.
        second: taken for the edited copy.
    """
    swapped = second.grey.tobytes() < first.grey.tobytes()
    found = _best(*((second, first) if swapped else (first, second)))
    if found is None:
        return NO_EVIDENCE
    score, alignment, agreement = found
    if swapped:
        alignment = Alignment(cv2.invertAffineTransform(alignment.matrix), alignment.inliers)
        agreement = measure(first.grey, second.grey, alignment) or agreement
    turned, mirrored = turn_of(alignment.matrix)
    shown = agreement.first_shown, agreement.second_shown
    return Evidence(
        score=score,
        inliers=alignment.inliers,
        agreement=agreement.explained,
        turned=turned,
        mirrored=mirrored,
        first_shown=shown[0],
        second_shown=shown[1],
        differs=agreement.differs,
        words=describe(turned, mirrored, shown, agreement.differs),
    )


def _best(first: Sight, second: Sight) -> Found | None:
    """The alignment with the highest score; frames are tried first, since they cost a tenth of keypoints."""
    best: Found | None = None
    for alignments in (lambda: by_frames(first.grey, second.grey), lambda: by_keypoints(first.keypoints, second.keypoints)):
        for alignment in alignments():
            agreement = measure(first.grey, second.grey, alignment)
            if agreement is None:
                continue
            found = score_of(alignment, agreement), alignment, agreement
            if best is None or found[0] > best[0]:
                best = found
        if best is not None and best[0] >= _CERTAIN:
            break
    return best
