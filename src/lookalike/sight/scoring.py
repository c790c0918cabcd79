"""The score: how far what was found in two pictures goes beyond chance.

Each number here was chosen on photos and drawn pages, so that no pair of different ones came near the border;
docs/copies.md has the figures.
"""

from __future__ import annotations

from lookalike.sight.agreement import LEAST_EXPLAINED, MOST_DIFFERING, Agreement
from lookalike.sight.alignment import Alignment
from lookalike.sight.evidence import WHOLE

CERTAIN = 40.0
"""Score from which no other alignment is tried."""

UNPROVEN = 6.0
"""Support that counts if the overlap does not agree: below the border, whatever it is."""

_PER_WINDOW = 1.75  # what a window is worth if frame lies on frame: chance has eight tries
_CLOSE = 0.85  # agreement that chance does not give: an inlier counts twice, and windows count
_PER_CLOSE_WINDOW = 0.1
_OVERLAID = 15.0
"""How many times the support a pair needs if an overlay that is not sure explains away what differs. With
that excuse, two motorcycles on white ground reached 59 by chance, and two drawn seas 100; most honest
overlays reach more."""

_SHOWN = 0.6
"""Share of one of the pictures that the other must show: a copy shows most of its original, or is shown
by it. Where a small part of one lies on a small part of the other, repeated structure aligns by chance."""

_FEW, _LITTLE = 10, 25.0
"""Inliers below which, with so little support, nothing is proven if each picture shows something beyond the
other. A crop lies within its original; but a thing that has moved on plain ground looks like two crops of one
picture."""


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
    if agreement.overlaid and not agreement.surely:
        support /= _OVERLAID
    shown = max(agreement.first_shown, agreement.second_shown)
    support *= min(1.0, shown / _SHOWN) ** 2
    much = alignment.inliers >= _FEW or support >= _LITTLE
    proven = _holds(agreement) and (shown >= WHOLE or much)
    return (support if proven else min(support, UNPROVEN)) * explained


def _holds(agreement: Agreement) -> bool:
    """Whether the overlap agrees as that of copies does: nowhere anything else, but for an overlay."""
    clean = agreement.explained >= LEAST_EXPLAINED and agreement.differing <= MOST_DIFFERING
    return agreement.texture and (clean or agreement.overlaid)
