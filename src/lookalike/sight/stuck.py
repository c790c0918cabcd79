"""Stuck on: whether something in a colour of its own lies over the print of a page.

Two fillings of one form differ in the same way as a page and a copy of it with a sticker do. But a sticker
has a colour that nothing else on either page has, all that differs belongs to it, and it cuts through print:
strokes of the other page go on beyond its outline. What is filled in keeps to its field.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.sight.alignment import COARSE, Alignment, reducing
from lookalike.sight.colours import Chroma
from lookalike.sight.evidence import Mask
from lookalike.sight.overlay import Field

HALF = 0.5
"""Size of the colours that pages are compared by, as a share of their grey pictures."""

# A colour that neither page has elsewhere.
_COLOURED = 20.0  # chroma from which a pixel has a colour
_BIN = 12  # levels of chroma that count as one colour; neighbouring bins count with it
_BINS = 256 // _BIN + 1
_KNOWN = 5  # least number of pixels elsewhere with a colour that make it one of the page's own

# The places where the pages differ.
_OTHER, _OTHER_COLOUR = 32.0, 40.0  # levels from which the grey, or the chroma, of a pixel differs
_CLOSED = 7  # pixels up to which two places are one
_BESIDE = 9  # pixels a side of the square around a pixel that differs, which is not elsewhere
_MOST = 0.3  # share of the page that all places may take: a shirt in another colour takes more
_RIM, _BEYOND = 0.025, 0.01
"""A sticker may have a rim in white or black, of this share of the longer side. Beyond the rim, a share of
0.01 of what differs may lie, as specks of a JPEG do; a line of print that differs is more."""

_SHARE, _TIMES, _FEWEST = 0.15, 10, 300
"""The colour must take this share of what differs, this many times as much as on the other page, and this
many pixels."""

_PRINT, _RULE, _GROUND = 48, 31, 21
"""Print differs from its ground by 48 levels. A straight line of 31 pixels is no print but a rule, on which
things laid beside each other end. The ground is the median of 21 pixels a side, at a quarter of the size."""

# A stroke of print that goes on beyond the outline of what covers it.
_ACROSS = 3  # pixels from the inner side of an outline to its outer side
_SAME = 40.0  # levels by which the stroke may change across the outline
_COVERED = 60.0  # levels by which what covers the stroke differs from it
_AGREES = 28.0  # levels by which the pages may differ outside
_STROKES = 4  # cut strokes from which something was laid over print

_COARSE_SHARE = 0.1  # the same as ``_SHARE``, in the small pictures at a quarter of their size


class Page(NamedTuple):
    """A page in a frame that it shares with another one.

    Attributes:
        grey: (height, width) float32, 0 to 255.
        chroma: (height / 2, width / 2, 2) float32, 0 for grey.
    """

    grey: Field
    chroma: Chroma


def may_be_stuck_on(first: Chroma, second: Chroma, alignment: Alignment, differs: Mask) -> bool:
    """Whether one of two small pictures has a colour of its own where they differ, and the other has none.

    Args:
        first: (height, width, 2), at a quarter of its size.
        second: as ``first``.
        alignment: of the pictures at their full size.
        differs: where the second one shows something else, bool, at its full size.
    """
    size = (second.shape[1], second.shape[0])
    matrix = reducing(alignment.matrix, COARSE)
    moved = np.asarray(cv2.warpPerspective(first, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.float32)
    inside = cv2.resize(differs.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    around = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    one, other = (int((field & inside).sum()) for field in _foreign((moved, second), ~around, known=1))
    return max(one, other) >= max(_COARSE_SHARE * float(inside.sum()), _TIMES * min(one, other), 1)


def stuck_on(first: Page, second: Page) -> bool:
    """Whether two pages are the same but for something in a colour of its own, which lies over print."""
    size = (first.grey.shape[1], first.grey.shape[0])
    other = np.abs(first.grey - second.grey) > _OTHER
    tinted = np.abs(first.chroma - second.chroma).max(axis=2) > _OTHER_COLOUR
    other |= cv2.resize(tinted.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    covered = _filled(other)
    if not 0 < covered.mean() <= _MOST:
        return False
    beyond = cv2.dilate(covered, np.ones((_BESIDE, _BESIDE), np.uint8)) == 0
    half = (first.chroma.shape[1], first.chroma.shape[0])
    beyond_at_half = cv2.resize(beyond.astype(np.uint8), half, interpolation=cv2.INTER_NEAREST) > 0
    foreign = [
        (cv2.resize(field.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0) & other
        for field in _foreign((first.chroma, second.chroma), beyond_at_half, known=_KNOWN)
    ]
    counts = [int(field.sum()) for field in foreign]
    above = int(counts[1] > counts[0])
    if counts[above] < max(_FEWEST, _SHARE * other.sum(), _TIMES * counts[1 - above]):
        return False
    if _beyond(foreign[above], other) > _BEYOND:
        return False
    pages = (first.grey, second.grey)
    return _cut_strokes(pages[above], pages[1 - above], covered) >= _STROKES


def _foreign(sides: tuple[Chroma, Chroma], beyond: Mask, known: int) -> list[Mask]:
    """Where each of two pictures has a colour that neither has beyond what differs, (height, width) each."""
    seen = np.zeros((_BINS, _BINS), np.uint8)
    bins, coloured = [], []
    for side in sides:
        places = np.clip((side + 128) // _BIN, 0, _BINS - 1).astype(np.intp)
        bins.append(places)
        coloured.append(np.hypot(side[..., 0], side[..., 1]) > _COLOURED)
        own = places[beyond & coloured[-1]]
        counts = np.bincount(own[:, 0] * _BINS + own[:, 1], minlength=_BINS * _BINS)
        seen |= (counts.reshape(_BINS, _BINS) >= known).astype(np.uint8)
    near = cv2.dilate(seen, np.ones((3, 3), np.uint8)) > 0
    return [
        np.asarray(colour & ~near[places[..., 0], places[..., 1]])
        for places, colour in zip(bins, coloured, strict=True)
    ]


def _filled(other: Mask) -> NDArray[np.uint8]:
    """The places where pages differ, with what they enclose: 1 each."""
    closed = cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((_CLOSED, _CLOSED), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(np.zeros_like(closed), outlines, -1, 1, cv2.FILLED), np.uint8)


def _beyond(foreign: Mask, other: Mask) -> float:
    """The share of what differs that lies neither in what has a colour of its own, nor at its rim."""
    reach = 2 * round(_RIM * max(other.shape)) + 1
    stuck = cv2.dilate(_filled(foreign), np.ones((reach, reach), np.uint8)) > 0
    return float((other & ~stuck).sum()) / max(float(other.sum()), 1.0)


def _cut_strokes(above: Field, below: Field, covered: NDArray[np.uint8]) -> int:
    """The number of strokes of print that go on beyond the outline of what covers them."""
    cut = np.zeros(covered.shape, np.uint8)
    turned = cut.T
    inked = _print(below)
    for inside, ink, over, under, found in (
        (covered, inked, above, below, cut),
        (covered.T, inked.T, above.T, below.T, turned),
    ):
        for way in (slice(None), slice(None, None, -1)):
            here, there = inside[way][_ACROSS:], inside[way][:-_ACROSS]
            edge = (here == 1) & (there == 0) & ink[way][_ACROSS:] & ink[way][:-_ACROSS]
            covering, stroke = over[way][_ACROSS:], under[way][_ACROSS:]
            goes_on, agreeing = under[way][:-_ACROSS], over[way][:-_ACROSS]
            covers = (np.abs(stroke - goes_on) < _SAME) & (np.abs(covering - stroke) > _COVERED)
            found[way][_ACROSS:][edge & covers & (np.abs(agreeing - goes_on) < _AGREES)] = 1
    return int(cv2.connectedComponents(cv2.dilate(cut, np.ones((3, 3), np.uint8)))[0]) - 1


def _print(page: Field) -> Mask:
    """Where a page has print, and no rules, bool."""
    grey = page.astype(np.uint8)
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    ground = cv2.resize(cv2.medianBlur(small, _GROUND), (page.shape[1], page.shape[0]))
    inked = (np.abs(page - ground) > _PRINT).astype(np.uint8)
    lines = np.ones((1, _RULE), np.uint8)
    across, down = (cv2.morphologyEx(inked, cv2.MORPH_OPEN, line) for line in (lines, lines.T))
    rules = cv2.dilate(np.maximum(across, down), np.ones((3, 3), np.uint8))
    return np.asarray((inked > 0) & (rules == 0))
