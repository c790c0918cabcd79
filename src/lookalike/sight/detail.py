"""Details: whether two pictures that agree everywhere else differ in one small place.

Saving a picture again, sharpening or recolouring it changes all of it a little: then many windows agree less
well, and the worst of them are only the worst of many. A number, a name or a face that was exchanged changes
one place and leaves all others as they are. So a difference counts only if the pictures agree well elsewhere.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.quantiles import percentile
from lookalike.sight.evidence import Mask
from lookalike.sight.overlay import drawn, laid_over, one_way
from lookalike.sight.windows import AGREES, Laid, Windows, spread

_MOST = 0.15
"""Share of the windows that show something which may differ: more is no detail."""

_AROUND = 2  # windows around one that differs, which may be touched by what differs
_LOW = 0.5  # per cent of the windows elsewhere that may agree less well than the level
_SURE = 0.95  # correlation below which a window of something drawn may differ, if all others agree better,
_TIMES = 15.0  # and how many times as far from 1 as the level it must be
_DIFFERS = 0.8  # correlation below which one of a photo may
_WELL, _WELL_IN_PHOTO = 0.97, 0.9  # least levels at which a difference counts, if the windows that differ
_FEW = 3  # or nearly differ lie in so many places at most,
_SOMETHING_ELSE = 0.3  # and in a photo some are below this, though both pictures have contrast there,
_FEWEST = 3  # and this is their number


def agree_everywhere(windows: Windows) -> bool:
    """Whether no window differs at all, so that no other alignment can fit better."""
    return not bool((windows.shows & (windows.likeness < _SURE)).any())


def detail(laid: Laid, windows: Windows) -> Mask | None:
    """The place where two pictures differ in a detail.

    Args:
        laid: whole pictures of the same thing, as far as could be seen at a smaller size.
        windows: of both.

    Returns:
        (height, width) bool in the frame of ``laid``; None if they differ nowhere, or if that may come from
        what was done to the whole picture, or from something that was laid over a photo.
    """
    shows, like = windows.shows, windows.likeness
    first, second = laid.raw()
    agreeing = spread((like >= AGREES) & shows, first.shape)
    if not agreeing.any():
        return None
    if drawn(first, agreeing) and drawn(second, agreeing):
        level = _level(windows, shows & (like < _SURE))
        well, limit = level >= _WELL, min(_SURE, 1 - _TIMES * (1 - level))
        differing = shows & (like < limit)
    elif _something_else(windows):
        differing, limit = windows.other, _DIFFERS
        well = _level(windows, differing) >= _WELL_IN_PHOTO
    else:
        return None
    few = _places(shows & (like < (1 + limit) / 2)) <= _FEW
    if not (well and few and 0 < differing.sum() <= _MOST * shows.sum()):
        return None
    where = spread(differing, first.shape)
    if differing is windows.other and (
        one_way(first, second, where, agreeing) or laid_over(first, second, where, agreeing)
    ):
        return None
    return where


def is_drawn(laid: Laid, windows: Windows) -> bool:
    """Whether two pictures, as in ``detail``, are drawn, and no photos."""
    sides = laid.raw()
    agreeing = spread((windows.likeness >= AGREES) & windows.shows, sides[0].shape)
    return bool(agreeing.any()) and all(drawn(side, agreeing) for side in sides)


def _level(windows: Windows, differing: Mask) -> float:
    """The correlation that nearly all windows reach which lie apart from those that differ; 0 if few do."""
    elsewhere = windows.likeness[windows.shows & (_around(differing) == 0)]
    if 2 * elsewhere.size < windows.shows.sum():
        return 0.0
    return percentile(elsewhere, _LOW)


def _around(differing: Mask) -> NDArray[np.uint8]:
    """The windows that differ and those beside them, 1 each."""
    return np.asarray(cv2.dilate(differing.astype(np.uint8), np.ones((2 * _AROUND + 1,) * 2, np.uint8)))


def _places(differing: Mask) -> int:
    return int(cv2.connectedComponents(_around(differing))[0]) - 1


def _something_else(windows: Windows) -> bool:
    clearly = windows.other & windows.both & (windows.likeness < _SOMETHING_ELSE)
    return int(clearly.sum()) >= _FEWEST
