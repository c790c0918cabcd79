"""The close look: whether two pictures show the same down to their small print.

The second look works at 256 pixels, where two invoices that differ in a number are one picture. At 1,024 they
are not. ``looked_closely`` takes back that one is a copy of the other if a detail differs, and says where.
``same_closely`` is stricter: it vouches that nothing differs, before a file goes for the sake of another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from lookalike.sight.agreement import measure
from lookalike.sight.alignment import Alignment, reducing, refined, stretching
from lookalike.sight.detail import (
    agree_everywhere,
    between_captions,
    detail,
    else_exact,
    is_drawn,
    over_both_photos,
)
from lookalike.sight.elsewhere import differ_faintly
from lookalike.sight.evidence import DIFFERS, DIFFERS_IN, ONLY_SMALL, Evidence, Mask
from lookalike.sight.frames import frame_matrix
from lookalike.sight.keypoints import Grey
from lookalike.sight.looking import Sight, look
from lookalike.sight.moved import drifted_part, moved_part
from lookalike.sight.residual import residual
from lookalike.sight.small import SMALL_SIDE, shows_more
from lookalike.sight.stuck import HALF, Page, stuck_on
from lookalike.sight.windows import Laid, Windows
from lookalike.sight.words import place_of

FINE_SIDE = 1024
"""Pixels on the longer side of the pictures that are looked at closely; smaller ones are not enlarged."""

_ON_FRAME = 0.02
"""Share of the longer side by which an alignment may miss the second picture's frame, if it lays frame on
frame, which the small pictures tell to a pixel of theirs."""

_REDUCED = 0.9
"""Size of the smaller picture, as a share of the larger one, up to which residuals are looked at: reducing
takes more from a letter than anything else that leaves a page readable."""


class Fine:
    """One picture as the close look sees it.

    Attributes:
        grey: (height, width) uint8, at most 1,024 pixels on the longer side.
        chroma: (height, width, 2) uint8, its colours at half the size, 128 for grey.
    """

    def __init__(self, image: Image.Image) -> None:
        """Reduce the picture.

        Args:
            image: mode ``RGB``, best decoded to at least 1,024 pixels on its longer side.
        """
        grey = np.asarray(image.convert("L"))
        share = min(1.0, FINE_SIDE / max(grey.shape))
        size = max(1, round(share * grey.shape[1])), max(1, round(share * grey.shape[0]))
        self.grey: Grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
        half = [max(1, round(HALF * side)) for side in size]
        colours = cv2.resize(np.asarray(image), half, interpolation=cv2.INTER_AREA)
        self.chroma = np.asarray(Image.fromarray(colours).convert("YCbCr"))[..., 1:].copy()

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.grey.nbytes + self.chroma.nbytes

    @property
    def times(self) -> float:
        """How many times as large it is as the small picture."""
        return max(1.0, float(max(self.grey.shape)) / SMALL_SIDE)


def looked_closely(evidence: Evidence, first: Fine | None, second: Fine | None) -> Evidence:
    """Look at two pictures closely, if the second look took one of them for the other, uncut.

    Crops and collages are left as they are, and so is what it did not take for a copy; but two pages are
    verified if all that differs was stuck over print. A caption or a sticker leaves a copy a copy: where one
    picture has changed, it counts only if something was laid over the other one too, or if two drawings,
    exact otherwise, differ elsewhere than along an edge.

    Args:
        evidence: of the second look.
        first: the first picture; None if it cannot be had at that size.
        second: the second picture; None likewise.

    Returns:
        the evidence, not verified any more if the pictures differ in a detail.
    """
    if evidence.perhaps_stuck_on:
        return _with_something_stuck_on(evidence, first, second)
    if not evidence.uncut_copy:
        return evidence
    if first is None or second is None:
        return replace(evidence, words=(*evidence.words, ONLY_SMALL))
    if not all(shows_more(*seen.grey.shape) for seen in (first, second)):
        return evidence
    differs = _detail(evidence, first, second)
    if differs is None:
        return evidence
    words = (*evidence.words, f"{DIFFERS_IN} {place_of(differs)}")
    return replace(evidence, score=DIFFERS, differs=differs, words=words)


def _with_something_stuck_on(evidence: Evidence, first: Fine | None, second: Fine | None) -> Evidence:
    """Verify two pages if something was stuck on one of them, and they are the same otherwise."""
    if first is None or second is None or not all(shows_more(*seen.grey.shape) for seen in (first, second)):
        return evidence
    for alignment in _alignments(evidence, first, second):
        if stuck_on(*_pages(first, second, alignment)):
            return replace(evidence, score=evidence.if_stuck_on)
    return evidence


def _pages(first: Fine, second: Fine, alignment: Alignment) -> tuple[Page, Page]:
    """Two pages in the frame of the second."""
    laid = []
    for field, target, size in ((first.grey, second.grey, 1.0), (first.chroma, second.chroma, HALF)):
        matrix, shape = reducing(alignment.matrix, size), (target.shape[1], target.shape[0])
        moved = cv2.warpPerspective(field, matrix, shape, borderMode=cv2.BORDER_REPLICATE)
        laid.append((moved.astype(np.float32), target.astype(np.float32)))
    (grey, other_grey), (chroma, other_chroma) = laid
    return Page(grey, chroma - 128), Page(other_grey, other_chroma - 128)


def same_closely(first: Image.Image, second: Image.Image) -> bool:
    """Whether two pictures show all of each other, and nowhere anything else.

    Args:
        first: mode ``RGB``, best decoded to at least 1,024 pixels on its longer side.
        second: mode ``RGB``.
    """
    evidence = look(Sight(first), Sight(second))
    if not evidence.whole_copy:
        return False
    fine = Fine(first), Fine(second)
    return any(_same(fine[0].grey, fine[1].grey, alignment) for alignment in _alignments(evidence, *fine))


def _alignments(evidence: Evidence, first: Fine, second: Fine) -> Iterator[Alignment]:
    """Frame on frame, if it is that; the alignment of the small pictures, enlarged; the same, refined."""
    if evidence.matrix is None:
        return
    enlarge, reduce = stretching(second.times, second.times), stretching(first.times, first.times)
    rough = Alignment(enlarge @ evidence.matrix @ np.linalg.inv(reduce), evidence.inliers)
    shapes = first.grey.shape, second.grey.shape
    framed = Alignment(frame_matrix(*shapes, round(-evidence.turned / 90) % 4, evidence.mirrored), 0)
    off = np.abs(framed.corners(shapes[0]) - rough.corners(shapes[0])).max()
    if off <= _ON_FRAME * max(shapes[1]):
        yield framed
    yield rough
    finer = refined(first.grey, second.grey, rough, 0.5)
    if finer is not None:
        yield finer


def _same(first: Grey, second: Grey, alignment: Alignment) -> bool:
    agreement = measure(first, second, alignment)
    return agreement is not None and agreement.differing == 0


def _detail(evidence: Evidence, first: Fine, second: Fine) -> Mask | None:
    """Where the second picture, at 256 pixels, differs in a detail by the alignment that fits best."""
    found: list[tuple[Laid, Windows]] = []
    for alignment in _alignments(evidence, first, second):
        laid = Laid.by(first.grey, second.grey, alignment)
        windows = laid.windows()
        if windows is not None:
            found.append((laid, windows))
            if agree_everywhere(windows):
                break
    if not found:
        return None
    laid, windows = min(found, key=lambda one: _misfit(one[1]))
    same = agree_everywhere(windows)
    if not evidence.whole:
        where = over_both_photos(laid, windows)
        where = between_captions(laid, windows) if where is None else where
        if where is None:
            laid, where = differ_faintly(found) or (laid, None)
    else:
        where = None if same else detail(laid, windows)
        if where is None and laid.scale <= _REDUCED and is_drawn(laid, windows):
            laid, where = residual([one for one, _ in found]) or (laid, None)
    if where is None and not same:
        where = moved_part(laid)
    if where is None:
        where = drifted_part(laid)
    return None if where is None else _reduced(where, laid, second)


def _misfit(windows: Windows) -> tuple[bool, bool, int]:
    """How badly an alignment fits, by its windows: the smallest fits best."""
    return not agree_everywhere(windows), not else_exact(windows), int(windows.other.sum())


def _reduced(where: Mask, laid: Laid, second: Fine) -> Mask:
    """A mask of the frame, in the frame of the second picture at 256 pixels."""
    fine = laid.on(where, second.grey).astype(np.float32)
    size = [max(1, round(side / second.times)) for side in fine.shape]
    return np.asarray(cv2.resize(fine, (size[1], size[0]), interpolation=cv2.INTER_AREA) > 0)
