"""The second look: two pictures in, evidence out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from functools import cached_property

import cv2
import numpy as np
from PIL import Image

from lookalike.sight.agreement import LEAST_OUTLINED, Agreement, measure
from lookalike.sight.alignment import COARSE, Alignment, Places, by_keypoints, plausible, refined
from lookalike.sight.colours import chroma_of, colours_differ
from lookalike.sight.edits import Colours, no_edit_explains
from lookalike.sight.evidence import ANOTHER_PHOTO, NO_EVIDENCE, VERIFIED_SCORE, WHOLE, Evidence, Mask
from lookalike.sight.frames import Frame, by_frames
from lookalike.sight.glance import keypoints_at_half, looks_drawn, may_be_copy
from lookalike.sight.keypoints import BYTES_EACH, MOST, Grey, Keypoints, find_keypoints
from lookalike.sight.parallax import from_two_places
from lookalike.sight.relief import relief_differs
from lookalike.sight.scoring import CERTAIN, UNPROVEN, score_of
from lookalike.sight.small import reduced
from lookalike.sight.stuck import may_be_stuck_on
from lookalike.sight.words import describe, turn_of

Found = tuple[float, Alignment, Agreement]

_SETTLED = 0.85
"""Agreement of frame on frame from which keypoints would find the same: what differs there, differs."""
_SAME = 0.7  # pixels by which the corners of two alignments differ at most if they are one
_SIZES = (0.5, 1.0)  # sizes at which an alignment is refined, one after the other
_WORTH_REFINING = 0.3
"""Agreement from which it may only be pixels or fractions of one that keep a copy from being verified."""
_FARTHEST = 0.12
"""Share of the longer side by which refining may move a corner: it is there for what a few edges less have
moved. Let go farther, it stretched one curtain rail until it lay on another one."""

_FEW = 40  # keypoints of both pictures, below which hardly any of them agree on how a copy was cropped
_CUT = 0.06
"""Share of the longer side by which that may have moved a corner: a small ball is a large one, reduced."""
_EXACT = 10  # inliers whose movement is exact by their number
_LESS = 0.8  # differing windows, as a share of those before, from which refining goes on


class Sight:
    """One picture as the second look sees it; its keypoints are found once, when they are first needed.

    Attributes:
        grey: the picture, (height, width) uint8, at most 256 pixels on the longer side.
        coarse: ``grey`` at a quarter of its size, at least a pixel.
        frame: what whole frames are compared by.
        chroma: its colours.
    """

    def __init__(self, image: Image.Image) -> None:
        """Reduce the picture.

        Args:
            image: mode ``RGB``, of any size; best decoded to at least 256 pixels on its longer side.
        """
        small = reduced(image)
        self.grey: Grey = np.asarray(small.convert("L"))
        tall, wide = self.grey.shape
        size = (max(1, round(COARSE * wide)), max(1, round(COARSE * tall)))
        self.coarse: Grey = np.asarray(cv2.resize(self.grey, size, interpolation=cv2.INTER_AREA))
        self.frame = Frame.of(self.grey)
        self.chroma = chroma_of(small)
        self._keypoints: Keypoints | None = None
        self._at_half: Keypoints | None = None
        self._finding = threading.Lock()

    @property
    def bytes_at_most(self) -> int:
        """Memory that it takes once all its keypoints are found."""
        pixels = self.grey.nbytes + self.coarse.nbytes + self.chroma.nbytes
        return pixels + sum(part.nbytes for part in self.frame.parts) + 2 * MOST * BYTES_EACH

    @property
    def colours(self) -> Colours:
        """Its colours, with their brightness."""
        return Colours(self.coarse, self.chroma, self.grey.shape)

    @cached_property
    def drawn(self) -> bool:
        """Whether it is drawn, and no photo."""
        return looks_drawn(self.grey)

    @property
    def keypoints(self) -> Keypoints:
        """At most 300 keypoints. If two threads ask at the same moment, one of them waits for the other."""
        with self._finding:
            if self._keypoints is None:
                self._keypoints = find_keypoints(self.grey)
            return self._keypoints

    @property
    def keypoints_at_half(self) -> Keypoints:
        """The keypoints that the picture has at half its size, for a glance."""
        with self._finding:
            if self._at_half is None:
                self._at_half = keypoints_at_half(self.grey)
            return self._at_half

    @property
    def for_glances(self) -> tuple[Keypoints, ...]:
        """What the keypoints of another picture, at half its size, are looked for in.

        A picture of fine texture has so many small keypoints that the most marked ones are all smaller than
        what can be seen at half the size; then those that it has itself at that size are looked at too.
        """
        found = self.keypoints
        return (found, self.keypoints_at_half) if len(found) >= MOST else (found,)


def look(first: Sight, second: Sight, *, glance: bool = False, frames_only: bool = False) -> Evidence:
    """Hold two pictures against each other.

    The score does not depend on which is first, but for a glance.

    Args:
        first: taken for the original.
        second: taken for the edited copy.
        glance: whether to leave it at the frames if hardly any keypoints of the first picture, at half its
            size, agree with the second. Of many candidates most are strangers, and so they cost a third.
        frames_only: whether to lay only the whole of one on the whole of the other, which costs a hundredth
            of finding keypoints.
    """
    # The smaller picture is laid on the larger one, whichever is first, so that the score is the same.
    swapped = (second.grey.size, second.grey.tobytes()) < (first.grey.size, first.grey.tobytes())
    sides = (second, first) if swapped else (first, second)
    if frames_only:
        guessed = by_frames(sides[0].frame, sides[1].frame)
    else:
        guessed = _guessed(*sides, first if glance else None)
    found = _best(*sides, guessed)
    if found is None:
        return NO_EVIDENCE
    score, alignment, agreement = found
    another = score >= VERIFIED_SCORE and bool(alignment.inliers) and from_two_places(agreement.laid)
    another = another and not (first.drawn and second.drawn)  # what is drawn has no depth
    shown = agreement.first_shown, agreement.second_shown
    if swapped:
        alignment = Alignment(np.linalg.inv(alignment.matrix), alignment.inliers)
        shown = shown[::-1]
    differs = agreement.differs_on(second.grey)
    words = (ANOTHER_PHOTO,) if another else ()
    stuck_on = 0.0 if another else _score_if_stuck_on(first, second, score, alignment, agreement, differs)
    turned, mirrored = turn_of(alignment.matrix, first.grey.shape)
    return Evidence(
        score=UNPROVEN * agreement.explained if another else score,
        inliers=alignment.inliers,
        agreement=agreement.explained,
        turned=turned,
        mirrored=mirrored,
        first_shown=shown[0],
        second_shown=shown[1],
        differs=differs,
        words=(*describe(turned, mirrored, shown, differs), *words),
        matrix=alignment.matrix / alignment.matrix[2, 2],
        if_stuck_on=stuck_on,
    )


def _score_if_stuck_on(
    first: Sight, second: Sight, score: float, alignment: Alignment, agreement: Agreement, differs: Mask
) -> float:
    """The score if all that differs was stuck on one of two pages; 0 if that cannot be."""
    whole = not alignment.inliers and min(agreement.first_shown, agreement.second_shown) >= WHOLE
    if score >= VERIFIED_SCORE or not whole or agreement.explained < LEAST_OUTLINED:
        return 0.0
    if not (first.drawn and second.drawn):
        return 0.0
    if not may_be_stuck_on(first.chroma, second.chroma, alignment, differs):
        return 0.0
    return score_of(alignment, agreement._replace(overlaid=True, surely=True))


def _best(first: Sight, second: Sight, guessed: Iterable[Alignment]) -> Found | None:
    """The alignment with the highest score; frames are tried first, since they cost a tenth of keypoints.

    Args:
        first: is laid on the second.
        second: the larger one.
        guessed: alignments that may hold.
    """
    best: Found | None = None
    for alignment in _alignments(first, second, guessed):
        best = _better(best, first, second, alignment)
        if best is not None and best[0] >= CERTAIN:
            return best
        if not alignment.inliers and best is not None and best[2].explained >= _SETTLED:
            break
    return best if best is None else _refined(best, first, second)


def _refined(best: Found, first: Sight, second: Sight) -> Found:
    """An alignment that nearly fits, moved to where it fits better."""
    for size in _SIZES:
        score, alignment, agreement = best
        if score >= VERIFIED_SCORE or agreement.explained < _WORTH_REFINING or alignment.inliers >= _EXACT:
            break
        finer = refined(first.grey, second.grey, alignment, size)
        if finer is None or _off(first, alignment, finer) > _FARTHEST * max(second.grey.shape):
            break
        best = _better(best, first, second, finer) or best
        if best[2].differing > _LESS * agreement.differing:
            break
    return best


def _off(first: Sight, one: Alignment, other: Alignment) -> float:
    """The pixels by which the corners of the first picture come to lie apart, at most."""
    return float(np.abs(one.corners(first.grey.shape) - other.corners(first.grey.shape)).max())


def _better(best: Found | None, first: Sight, second: Sight, alignment: Alignment) -> Found | None:
    """The best so far, or the new alignment if its score is higher."""
    agreement = measure(first.grey, second.grey, alignment)
    if agreement is None:
        return best
    score = score_of(alignment, agreement)
    if score >= VERIFIED_SCORE and _told_apart(first, second, alignment, agreement):
        score = UNPROVEN * agreement.explained
    return (score, alignment, agreement) if best is None or score > best[0] else best


def _told_apart(first: Sight, second: Sight, alignment: Alignment, agreement: Agreement) -> bool:
    """Whether pictures that agree by their marked edges have other colours, or differ between the edges."""
    # What was laid over one picture has its own colours; around it, they must be those of the other.
    unlike = agreement.differs_on(second.grey)
    if colours_differ(first.chroma, second.chroma, alignment, unlike, agreement.overlaid):
        return True
    if not alignment.inliers and _colours_not_explained(first, second, alignment, agreement):
        return True
    return relief_differs(agreement.laid)


def _colours_not_explained(first: Sight, second: Sight, alignment: Alignment, agreement: Agreement) -> bool:
    """Whether no edit explains the colours, compared in the frame of the coarser picture."""
    if alignment.scale > 1:
        first, second = second, first
        alignment = Alignment(np.linalg.inv(alignment.matrix), alignment.inliers)
    unlike, sides = agreement.differs_on(second.grey), (first.colours, second.colours)
    drawn = first.drawn and second.drawn
    return no_edit_explains(*sides, alignment, unlike, agreement.surely, agreement.as_sharp, drawn)


def _alignments(first: Sight, second: Sight, guessed: Iterable[Alignment]) -> Iterator[Alignment]:
    """The guessed alignments, each once, that hold at a first glance."""
    tried: list[Places] = []
    for alignment in guessed:
        corners = alignment.corners(first.grey.shape)
        if any(np.abs(corners - other).max() <= _SAME for other in tried):
            continue
        tried.append(corners)
        if plausible(first.coarse, second.coarse, alignment):
            yield alignment


def _guessed(first: Sight, second: Sight, glanced: Sight | None) -> Iterator[Alignment]:
    """Alignments worth measuring; keypoints are found only when the frames did not settle it.

    Args:
        first: is laid on the second.
        second: the larger one.
        glanced: the one of both that a glance is taken at before, if any.
    """
    yield from by_frames(first.frame, second.frame)
    if glanced is not None:
        other = second if glanced is first else first
        if not may_be_copy(glanced.grey, lambda: glanced.keypoints_at_half, other.for_glances):
            return
    yield from by_keypoints(first.keypoints, second.keypoints)
    if max(len(first.keypoints), len(second.keypoints)) < _FEW:
        yield from _nearly_framed(first, second)


def _nearly_framed(first: Sight, second: Sight) -> Iterator[Alignment]:
    """Frames moved to where they fit, since an edge of one of them may have been cut off."""
    for framed in by_frames(first.frame, second.frame):
        moved = refined(first.grey, second.grey, framed, COARSE)
        if moved is not None and _off(first, framed, moved) <= _CUT * max(second.grey.shape):
            yield moved
