"""Agreement: how much of what two aligned pictures show is the same, window by window."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from lookalike.sight.alignment import Alignment
from lookalike.sight.band import bands, may_be_bands
from lookalike.sight.evidence import Mask, Matrix
from lookalike.sight.keypoints import Grey
from lookalike.sight.outline import ends_on_one
from lookalike.sight.overlay import adjusted, laid_over, marked_each
from lookalike.sight.windows import AGREES, STEP, WINDOW, Laid, Windows, spread

MOST_DIFFERING = 0.02
"""Share of windows that may differ in a copy."""

LEAST_EXPLAINED = 0.5
"""Share of the structure in the overlap that must agree,"""

_LEAST_OVERLAID = 0.4
"""or if something was laid over one of the pictures,"""

LEAST_OUTLINED = 0.3
"""or if outlines tell that it was: letters weigh much more than what they cover."""

_WHOLE = 0.9
"""Share of the frame that the overlap must cover for a band along an edge of the frame."""


class Agreement(NamedTuple):
    """What the windows of the overlap say.

    Attributes:
        explained: share of the structure in the overlap that agrees; each window weighs what its contrast is.
        windows: number of windows' areas that agree.
        differing: share of the windows with marked contrast that differ. Copies have none, whatever was done
            to the whole picture: 0.004 after heavy noise, 0.02 and more for two fillings of one template.
        texture: whether the faint texture of both, if there is much of it, is the same.
        as_sharp: whether both are equally sharp.
        overlaid: whether what differs was laid over one of the pictures,
        surely: and is a band along an edge, or was told by its outline, which is surer.
        laid: the pictures, laid on each other.
        unlike: (rows, columns) bool, windows in its frame that show something and do not agree.
        first_shown: share of the first picture's area that the second shows.
        second_shown: share of the second picture's area that the first shows.
    """

    explained: float
    windows: float
    differing: float
    texture: bool
    as_sharp: bool
    overlaid: bool
    surely: bool
    laid: Laid
    unlike: Mask
    first_shown: float
    second_shown: float

    def differs_on(self, picture: Grey) -> Mask:
        """Where one of the two pictures, (height, width), shows something else than the other: bool."""
        return self.laid.on(spread(self.unlike, self.laid.base.shape), picture)


def measure(first: Grey, second: Grey, alignment: Alignment) -> Agreement | None:
    """Lay the pictures on each other and compare them window by window.

    Args:
        first: (height, width) uint8.
        second: (height, width) uint8.
        alignment: lays ``first`` on ``second``.

    Returns:
        None if the overlap is too small to say anything.
    """
    shown = _shares(first.shape, second.shape, alignment.matrix)
    if min(shown) <= 0:
        return None
    laid = Laid.by(first, second, alignment)
    windows = laid.windows()
    if windows is None:
        return None
    like, weight = windows.likeness, windows.weight
    total = float(weight.sum())
    if total <= 0:
        return None
    agreeing = like >= AGREES
    explained = float(weight[agreeing].sum()) / total
    other = windows.other
    differing = float(other.sum()) / max(float(windows.shows.sum()), 1.0)
    overlaid = surely = False
    if differing > MOST_DIFFERING:
        shares = shown[laid.onto_second], explained
        overlaid, surely = _overlaid(laid, windows, shares)
    return Agreement(
        explained=explained,
        windows=float((agreeing & (weight > 0)).sum()) * (STEP / WINDOW) ** 2,
        differing=differing,
        texture=windows.texture,
        as_sharp=windows.as_sharp,
        overlaid=overlaid,
        surely=surely,
        laid=laid,
        unlike=~agreeing & (weight > 0),
        first_shown=shown[0],
        second_shown=shown[1],
    )


def _overlaid(laid: Laid, windows: Windows, shares: tuple[float, float]) -> tuple[bool, bool]:
    """Whether something was laid over one picture, and whether that is sure.

    Args:
        laid: both pictures.
        windows: of both.
        shares: of the frame shown, and of the structure explained.
    """
    shown, explained = shares
    agreeing = (windows.likeness >= AGREES) & (windows.weight > 0)
    perhaps_band = shown >= _WHOLE and may_be_bands(windows.other, agreeing)
    if not agreeing.any() or not (perhaps_band or explained >= LEAST_OUTLINED):
        return False, False
    first, second = laid.raw()
    matched = adjusted(first, second, spread(agreeing, first.shape))
    if perhaps_band:
        found = bands(matched, second, windows.other, agreeing, STEP)
        if found:
            return found == 1, found == 1
    if marked_each(matched, second, spread(windows.other, first.shape)):
        return False, False
    if explained >= LEAST_OUTLINED and ends_on_one(first, second, windows):
        return True, True
    if explained < _LEAST_OVERLAID:
        return False, False
    same = windows.shows & ~windows.other
    areas = spread(windows.other, first.shape), spread(same, first.shape)
    return laid_over(first, second, *areas), False


def _shares(first: tuple[int, ...], second: tuple[int, ...], matrix: Matrix) -> tuple[float, float]:
    """The share of each frame that the overlap covers; 0 if the movement folds the first frame."""
    tall, wide = first[:2]
    frame = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]]) - 0.5
    with_depth = np.column_stack([frame, np.ones(4)]) @ matrix.T
    if with_depth[:, 2].min() <= 0:
        return 0.0, 0.0
    laid = (with_depth[:, :2] / with_depth[:, 2:]).astype(np.float32)
    if not cv2.isContourConvex(laid):
        return 0.0, 0.0
    target = (np.array([[0, 0], [second[1], 0], [second[1], second[0]], [0, second[0]]]) - 0.5).astype(
        np.float32
    )
    area, _ = cv2.intersectConvexConvex(laid, target)
    whole = cv2.contourArea(laid)
    return min(area / max(whole, 1e-6), 1.0), min(area / (second[0] * second[1]), 1.0)
