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
_MOST_CLASHING = 0.17
"""Share in windows of lettering that differs: stickers and captions stay below it, other words on one
template do not."""

_NEEDED = 0.5
"""Share of the structure in the overlap that must agree."""

_PHOTO, _PAGE = 0.45, 0.7
_SHARP = 0.6
_PAGES_NEED = 0.9
"""Two pictures of one layout, such as pages, tables, chats or brick walls, agree roughly nearly everywhere
and closely in few places; copies agree closely where they agree at all. So a share of what agrees must agree
beyond doubt: 0.6 in a photo, where the most frequent tone takes up to 0.45 of the overlap. Of something
drawn, where it takes 0.7 or more, 0.9 of everything must."""


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
    else:
        support = _PER_WINDOW * agreement.windows
    return support * explained if _holds(agreement) else min(support, _UNPROVEN) * explained


def _holds(agreement: Agreement) -> bool:
    """Whether the overlap agrees as that of copies does, by where and how closely it agrees."""
    closely = np.interp(agreement.flatness, (_PHOTO, _PAGE), (_SHARP * agreement.explained, _PAGES_NEED))
    return (
        agreement.explained >= _NEEDED
        and agreement.strictly >= closely
        and agreement.clashing <= _MOST_CLASHING
    )
