"""The score: how far what was found in two pictures goes beyond chance.

Each number here was chosen on photos and drawn pages, so that no pair of different ones came near the border;
docs/copies.md has the figures.
"""

from __future__ import annotations

import numpy as np

from lookalike.sight.agreement import Agreement
from lookalike.sight.alignment import Alignment

CERTAIN = 40.0
"""Score from which no other alignment is tried."""

_UNPROVEN = 6.0  # support that counts if the overlap does not agree: below the border, whatever it is
_PER_WINDOW = 4.0  # what a window is worth if frame lies on frame, which leaves chance eight tries
_CLOSE = 0.85  # agreement that chance does not give: an inlier then counts twice, and windows count too
_PER_CLOSE_WINDOW = 0.25
_MOST_CLASHING = 0.16
"""Share in windows of lettering that differ: stickers and captions stay below it, other words on one template
mostly do not."""

_PHOTO, _PAGE = 0.45, 0.7
"""Share of one flat tone up to which a picture is taken for a photo, and from which for something drawn.

Pages, charts, logos and chats share their layout with others of their kind, so that they must agree nearly
everywhere to be copies. Photos need less, which leaves room for what was laid over them.
"""

_NEEDED = {"frames": (0.5, 0.9), "keypoints": (0.4, 0.9)}
"""Agreement that a photo and something drawn need, by how they were aligned."""


def score_of(alignment: Alignment, agreement: Agreement) -> float:
    """The score of one alignment; ``evidence.VERIFIED_SCORE`` is the border.

    Args:
        alignment: of two pictures.
        agreement: how well they agree under it.

    Returns:
        0 or more: keypoints or windows that agree, times the share of the overlap that does.
    """
    explained = agreement.explained
    if alignment.inliers:
        support = float(alignment.inliers)
        if explained >= _CLOSE:
            support += alignment.inliers + _PER_CLOSE_WINDOW * agreement.windows
        least = _NEEDED["keypoints"]
    else:
        support = _PER_WINDOW * agreement.windows
        least = _NEEDED["frames"]
    needed = float(np.interp(agreement.flatness, (_PHOTO, _PAGE), least))
    if explained < needed or agreement.clashing > _MOST_CLASHING:
        support = min(support, _UNPROVEN)
    return support * explained
