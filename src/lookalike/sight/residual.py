"""Residuals: what is left of a drawn picture after another one was made as soft as it is.

At half the size a letter is a few pixels wide, and two digits differ less than two ways to reduce a picture
do. So the larger picture is filtered until it looks like the smaller one, by the filter that fits best over
all. What an exchanged digit leaves is then several times as much as anything else leaves, in one place; and
what many exchanged words leave stands out from all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.quantiles import percentile
from lookalike.sight.evidence import Mask
from lookalike.sight.overlay import Field
from lookalike.sight.windows import Laid

Doubles = NDArray[np.float64]

# The filter that makes the larger picture as soft as the smaller one.
_REACH = 2  # pixels to each side that the filter takes in: 5 x 5 weights and a constant
_BEFORE = 0.5  # blur of the larger picture before it is sampled, in pixels of the smaller one
_FITTED = 20_000  # most pixels that the filter is fitted to
_WORST = 98  # per cent of them that are kept for a second fit: what differs must not bend the filter
_EDGE = 9  # pixels a side of the square around a pixel that must lie inside the overlap
_STEEP = 20.0  # curvature, in levels, from which a pixel shows more than plain ground

# What the filter leaves, as a share of a window's variance.
_WINDOW, _SOFT = 7, 0.7  # pixels a side of a window; pixels of blur against the noise of a JPEG
_SHOWS = 16.0  # deviation, in levels, from which a window shows something
_FAINT = 6.0  # deviation of the noise that is allowed for
_LEAST = 0.002  # share that rounding alone may leave
_OTHER, _BETWEEN = 0.94, 4.0
"""Two pages have other content, in however many places, if the worst window leaves 0.94, and if at most 4
times as many pixels as differ lie between: these have a third to a ninth of what is left in the worst window.
Whatever is done to a whole picture leaves a little in most places and more in ever fewer. Pages saved as JPEG
at half the size left 0.2 at most; small print that was also sharpened left 0.94, with 9 times as many pixels
between. Two spreadsheets left 0.97, with twice as many."""

_NEAR = 3.0  # a pixel belongs to what differs if a third of what the worst window leaves is left there

# A detail stands out from all pixels elsewhere.
_AROUND = 17  # pixels a side of the square around a pixel that differs, which is not elsewhere
_LEVEL = 99.5  # percentile of what is left elsewhere, with which a detail is compared
_TIMES = 12.0  # how many times as much a detail must leave
_CLEARLY, _TIMES_CLEARLY = 0.4, 5.0  # fewer times if it leaves 0.4: brightening left 0.36 of a grey word
_FEW, _SMALL = 3, 64  # most places of a detail, and most pixels a side of each
_FEWEST = 400  # least number of pixels elsewhere that show something
_TONES = 72  # least number of grey levels of a picture: few colours leave out shades in single places


class _Pair(NamedTuple):
    """A picture and another one softened to look like it: (height, width) float32 each."""

    base: Field
    softened: Field
    inside: Mask

    def error(self) -> float:
        """The mean square of what is left."""
        return float(np.square(self.base - self.softened)[self.inside].mean())


def residual(laid: Sequence[Laid]) -> tuple[Laid, Mask] | None:
    """The places where one of two drawn pictures leaves much more than elsewhere.

    Args:
        laid: the pictures by several alignments; the one that leaves least is chosen.

    Returns:
        that one, and (height, width) bool in its frame; None if no place stands out.
    """
    pairs = [(pair, one) for one in laid if (pair := _softened(one)) is not None]
    if not pairs:
        return None
    pair, chosen = min(pairs, key=lambda one: one[0].error())
    left, shows = _left(pair)
    if not shows.any():
        return None
    most = float(left[shows].max())
    differing = shows & (left >= most / _NEAR)
    around = np.asarray(
        cv2.dilate(differing.astype(np.uint8), np.ones((_AROUND, _AROUND), np.uint8)), np.uint8
    )
    elsewhere = left[shows & (around == 0)]
    between = shows & (left >= most / _NEAR**2) & ~differing
    if most >= _OTHER and between.sum() <= _BETWEEN * differing.sum():
        return chosen, differing
    if elsewhere.size < _FEWEST or not _few_and_small(around):
        return None
    level = max(percentile(elsewhere, _LEVEL), _LEAST)
    times = _TIMES_CLEARLY if most >= _CLEARLY else _TIMES
    return (chosen, differing) if most >= times * level else None


def _few_and_small(around: NDArray[np.uint8]) -> bool:
    """Whether what differs, with its surroundings, lies in few places of the size of a short word."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(around)
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    return count - 1 <= _FEW and bool(sides.max() <= _SMALL)


def _softened(laid: Laid) -> _Pair | None:
    """Filter the moving picture until it looks like the one of the frame; None if that cannot be judged.

    The weights are those of least squares, with a little ridge regression, since the neighbouring pixels of
    plain ground are all alike.
    """
    if np.count_nonzero(np.bincount(laid.base.ravel(), minlength=256)) < _TONES:
        return None
    base, size = laid.base.astype(np.float32), (laid.base.shape[1], laid.base.shape[0])
    scale = max(abs(float(np.linalg.det(laid.matrix[:2, :2]))) ** 0.5, 0.02)
    blurred = cv2.GaussianBlur(laid.moving.astype(np.float32), (0, 0), _BEFORE / min(scale, 1.0))
    moved = cv2.warpPerspective(
        blurred, laid.matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    ones = cv2.warpPerspective(
        np.ones(laid.moving.shape, np.uint8), laid.matrix, size, flags=cv2.INTER_NEAREST
    )
    inside = cv2.erode(ones, np.ones((_EDGE, _EDGE)), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    steep = cv2.dilate(np.abs(cv2.Laplacian(moved, cv2.CV_32F)), np.ones((5, 5))) > _STEEP
    pixels = np.flatnonzero(steep & inside)
    if len(pixels) < _FEWEST:
        return None
    pixels = pixels[:: -(-len(pixels) // _FITTED)]
    side = 2 * _REACH + 1
    padded = cv2.copyMakeBorder(moved, *(_REACH,) * 4, cv2.BORDER_REPLICATE)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
    rows = windows.reshape(*base.shape, side * side)[np.unravel_index(pixels, base.shape)]
    weights = _fitted(rows.astype(np.float64), base.ravel()[pixels].astype(np.float64))
    kernel = weights[:-1].reshape(side, side).astype(np.float32)
    filtered = cv2.filter2D(moved, -1, kernel, borderType=cv2.BORDER_REPLICATE) + np.float32(weights[-1])
    return _Pair(base, np.asarray(filtered, np.float32), inside)


def _fitted(rows: Doubles, targets: Doubles) -> Doubles:
    """Weights and a constant by which rows give their targets, fitted again without the worst rows.

    Args:
        rows: (n, k) float64.
        targets: (n,) float64.

    Returns:
        (k + 1,) float64, the constant last.
    """
    rows = np.column_stack([rows, np.ones(len(rows))])
    for _ in range(2):
        ridge = len(rows) * np.eye(rows.shape[1])
        weights = np.asarray(np.linalg.solve(rows.T @ rows + ridge, rows.T @ targets), np.float64)
        off = np.abs(targets - rows @ weights)
        kept = off <= percentile(off, _WORST)
        rows, targets = rows[kept], targets[kept]
    return weights


def _left(pair: _Pair) -> tuple[Field, Mask]:
    """The share of variance that is left in the window around each pixel, and whether that shows anything.

    It is 1 less the square of the correlation. So a window whose contrast alone has changed leaves nothing:
    where a picture was made brighter, a grey word fades and a black one does not.
    """
    base, softened = (np.asarray(cv2.GaussianBlur(side, (0, 0), _SOFT), np.float32) for side in pair[:2])
    first, second, between = (_variance(field) for field in (base, softened, base - softened))
    variance = np.maximum(first, second)
    common = np.maximum(first + second - between, 0) / 2
    alike = common * common / np.maximum(first * second, 1e-3)
    inside = cv2.erode(pair.inside.astype(np.uint8), np.ones((_WINDOW, _WINDOW), np.uint8)) > 0
    share = np.asarray(np.maximum(1 - alike, 0) * variance / (variance + _FAINT**2), np.float32)
    return share, np.asarray(inside & (variance > _SHOWS**2))


def _variance(field: Field) -> Field:
    size = (_WINDOW, _WINDOW)
    mean, squares = cv2.boxFilter(field, -1, size), cv2.boxFilter(field * field, -1, size)
    return np.asarray(np.maximum(squares - mean * mean, 0), np.float32)
