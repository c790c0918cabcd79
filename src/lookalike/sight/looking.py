"""The second look: two pictures in, evidence out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from PIL import Image

from lookalike.sight.agreement import Agreement, measure
from lookalike.sight.alignment import Alignment, by_frames, by_keypoints
from lookalike.sight.evidence import NO_EVIDENCE, Evidence
from lookalike.sight.keypoints import Grey, Keypoints, find_keypoints
from lookalike.sight.scoring import CERTAIN, score_of
from lookalike.sight.small import reduced
from lookalike.sight.words import describe, turn_of

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
    # The smaller picture is laid on the larger one, whichever is first, so that the score is the same.
    swapped = (second.grey.size, second.grey.tobytes()) < (first.grey.size, first.grey.tobytes())
    found = _best(*((second, first) if swapped else (first, second)))
    if found is None:
        return NO_EVIDENCE
    score, alignment, agreement = found
    if swapped:
        alignment = Alignment(np.linalg.inv(alignment.matrix), alignment.inliers)
        agreement = measure(first.grey, second.grey, alignment) or agreement
    turned, mirrored = turn_of(alignment.matrix, first.grey.shape)
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
        matrix=alignment.matrix / alignment.matrix[2, 2],
    )


def _best(first: Sight, second: Sight) -> Found | None:
    """The alignment with the highest score; frames are tried first, since they cost a tenth of keypoints."""
    best: Found | None = None
    for alignment in _alignments(first, second):
        agreement = measure(first.grey, second.grey, alignment)
        if agreement is None:
            continue
        found = score_of(alignment, agreement), alignment, agreement
        if best is None or found[0] > best[0]:
            best = found
        if best[0] >= CERTAIN:
            break
    return best


def _alignments(first: Sight, second: Sight) -> Iterator[Alignment]:
    """Alignments worth measuring; keypoints are found only when the frames did not settle it."""
    yield from by_frames(first.grey, second.grey)
    yield from by_keypoints(first.keypoints, second.keypoints)
