"""Elsewhere: whether two photos that clearly differ in some places also differ faintly in others.

A sticker, a caption or letters change a photo where they lie. What was done to the whole afterwards, as
saving it again, changes all the rest about evenly. Between two moments before one camera, people have come,
who could be stickers; but clouds, leaves and shadows have changed a little too, while walls have not.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.kernels.quantiles import median, percentile
from lookalike.sight.evidence import Mask
from lookalike.sight.overlay import drawn
from lookalike.sight.windows import AGREES, Laid, Windows, spread

_AROUND = 5  # windows around one that differs, into which an overlay or its shadow may reach
_FEWEST = 150  # least number of windows beyond that show something
_WORST = 5  # per cent of these windows that are the worst
_LEAST = 0.01  # how far below a correlation of 1 all the worst must be
_TIMES = 12.0
"""How many times as far below 1 as the median window all the worst must be. Of 287 copies of photos with a
caption, stickers or text, then edited in six ways, none had more than 10.2; seven pairs of frames of a road
had 13.6 to 62."""


def differ_faintly(found: Sequence[tuple[Laid, Windows]]) -> tuple[Laid, Mask] | None:
    """Where two photos differ clearly, if they also differ faintly in some places far from there.

    Args:
        found: two photos that differ in places, laid on each other in several ways. By all but the best, they
            differ a little wherever something is near.

    Returns:
        the way by which half of the photos agrees best, and (height, width) bool in its frame; None if they
        differ nowhere or evenly elsewhere, or if one of them is drawn.
    """
    ways = [(_off(windows), laid, windows) for laid, windows in found]
    enough = [way for way in ways if way[0].size >= _FEWEST]
    if not enough:
        return None
    off, laid, windows = min(enough, key=lambda way: median(way[0]))
    if not windows.other.any() or percentile(off, 100 - _WORST) < max(_LEAST, _TIMES * median(off)):
        return None
    agreeing = spread((windows.likeness >= AGREES) & windows.shows, laid.base.shape)
    if any(drawn(field, agreeing) for field in laid.raw()):
        return None
    return laid, spread(windows.other, laid.base.shape)


def _off(windows: Windows) -> Vectors:
    """How far from 1 the correlation of each window is that lies apart from all that differ: (n,) float32."""
    side = 2 * _AROUND + 1
    near = cv2.dilate(windows.other.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    return np.asarray(1 - windows.likeness[windows.shows & ~near])
