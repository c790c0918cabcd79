"""Agreement: how much of what two aligned pictures show is the same, window by window."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.sight.alignment import Alignment
from lookalike.sight.evidence import Mask, Matrix
from lookalike.sight.keypoints import Grey

Field = NDArray[np.float32]

WINDOW = 15  # pixels a side of a window
_STEP = 5  # pixels from a window to the next
_SHARP = 1.3  # pixels by which both pictures are blurred, which takes noise and JPEG's blocks away
_FLAT = 6.0  # levels of deviation up to which a window shows nothing
_MOST = 40.0  # levels beyond that from which more contrast adds no weight
_AGREES = 0.7  # correlation from which a window agrees
_STRICT = 0.93  # and from which it agrees beyond doubt
_CLASHES = 0.85  # correlation below which lettering is another one
_LETTERED = 12.0  # mean step in levels, across and down, of a window with lettering


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the windows of the overlap say. Shares are of the structure in the overlap: each window
    weighs what its contrast is.

    Attributes:
        explained: share in windows that agree.
        strictly: share in windows that agree beyond doubt.
        clashing: share in windows where both pictures show lettering or line work, and another one.
        windows: number of windows' areas that agree.
        flatness: share of the overlap in one flat tone, of the flatter picture.
        differs: (height, width) bool of the second picture, where the first one shows something else.
        first_shown: share of the first picture's area that the second shows.
        second_shown: share of the second picture's area that the first shows.
    """

    explained: float
    strictly: float
    clashing: float
    windows: float
    flatness: float
    differs: Mask
    first_shown: float
    second_shown: float


def measure(first: Grey, second: Grey, alignment: Alignment) -> Agreement | None:
    """Lay the pictures on each other and compare them window by window.

    The finer picture is moved onto the coarser one, so that nothing has to be invented. Brightness and
    contrast do not matter: windows are compared by their normalised correlation.

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
    onto_second = alignment.scale <= 1
    matrix = alignment.matrix if onto_second else np.linalg.inv(alignment.matrix)
    moving, base = (first, second) if onto_second else (second, first)
    moved, mask = _moved(moving, base.shape, matrix)
    if mask.sum() < 2 * WINDOW * WINDOW:
        return None
    fields = _equally_sharp(_blurred(base, _SHARP), moved, mask)
    windows = _Windows.of(*fields, mask)
    if windows is None:
        return None
    like, weight = windows.likeness, windows.weight
    total = float(weight.sum())
    if total <= 0:
        return None
    agreeing = like >= _AGREES
    differs = _spread(windows, ~agreeing & (weight > 0), base.shape)
    if not onto_second:
        differs = _onto(differs, second.shape, alignment.matrix)
    return Agreement(
        explained=float(weight[agreeing].sum()) / total,
        strictly=float(weight[like >= _STRICT].sum()) / total,
        clashing=float(weight[(like < _CLASHES) & windows.lettered].sum()) / total,
        windows=float((agreeing & (weight > 0)).sum()) * (_STEP / WINDOW) ** 2,
        flatness=max(_flatness(base, mask), _flatness(moved, mask)),
        differs=differs,
        first_shown=shown[0],
        second_shown=shown[1],
    )


@dataclass(frozen=True, slots=True)
class _Windows:
    """Windows of the overlap: (rows, columns) float32 or bool each."""

    likeness: Field
    weight: Field
    lettered: Mask

    @classmethod
    def of(cls, a: Field, b: Field, mask: Mask) -> _Windows | None:
        inside = mask.astype(np.float32)
        filled = _boxed(inside)
        usable = filled >= 0.7
        if not usable.any():
            return None
        filled = np.maximum(filled, 1e-3)
        mean_a, mean_b = _boxed(a * inside) / filled, _boxed(b * inside) / filled
        var_a = np.maximum(_boxed(a * a * inside) / filled - mean_a**2, 0)
        var_b = np.maximum(_boxed(b * b * inside) / filled - mean_b**2, 0)
        both = _boxed(a * b * inside) / filled - mean_a * mean_b
        like = both / np.sqrt(np.maximum(var_a * var_b, 1e-3))
        low, high = np.sqrt(np.minimum(var_a, var_b)), np.sqrt(np.maximum(var_a, var_b))
        weight = np.where(usable, np.minimum(np.maximum(high - _FLAT, 0), _MOST), 0)
        lettered = (_strokes(a) > _LETTERED) & (_strokes(b) > _LETTERED) & (low > 0.5 * high)
        return cls(like, weight, lettered)


_AT = (slice(_STEP // 2, None, _STEP),) * 2
"""The pixels that windows are centred on."""


def _boxed(field: Field) -> Field:
    """Mean of each window, what lies outside the picture taken for 0."""
    return np.asarray(cv2.boxFilter(field, -1, (WINDOW, WINDOW), borderType=cv2.BORDER_CONSTANT)[_AT])


def _strokes(field: Field) -> Field:
    """Mean step from pixel to pixel, across and down, in each window: high where there is lettering."""
    steps = np.zeros_like(field)
    steps[:, 1:] += np.abs(np.diff(field, axis=1))
    steps[1:] += np.abs(np.diff(field, axis=0))
    return _boxed(steps)


def _blurred(field: Grey | Field, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(field.astype(np.float32), (0, 0), sigma), np.float32)


def _moved(moving: Grey, shape: tuple[int, ...], matrix: Matrix) -> tuple[Field, Mask]:
    """A picture moved into another frame, blurred as that frame's pixels and ``_SHARP`` would."""
    scale = max(abs(float(np.linalg.det(matrix[:2, :2]))) ** 0.5, 0.02)
    before = (_SHARP**2 + 0.25 * max(1 - scale**2, 0)) ** 0.5 / scale
    blurred = _blurred(moving, before)
    size = (shape[1], shape[0])
    moved = cv2.warpPerspective(
        blurred, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    ones = np.full(moving.shape, 255, np.uint8)
    mask = cv2.warpPerspective(ones, matrix, size, flags=cv2.INTER_NEAREST)
    # Beside the edge of the moved picture, blurring has mixed what surrounds it into the other one.
    return np.asarray(moved, np.float32), np.asarray(cv2.erode(mask, np.ones((7, 7), np.uint8)) > 0)


def _equally_sharp(a: Field, b: Field, mask: Mask) -> tuple[Field, Field]:
    """Blur the sharper of two fields until both have the same share of fine detail, three pixels at most."""
    for _ in range(3):
        ratio = _detail(a, mask) / max(_detail(b, mask), 1e-6)
        if 0.8 <= ratio <= 1.25:
            break
        if ratio > 1:
            a = _blurred(a, 1.0)
        else:
            b = _blurred(b, 1.0)
    return a, b


def _detail(field: Field, mask: Mask) -> float:
    """Energy of the steps from pixel to pixel, as a share of the variance."""
    step = np.diff(field, axis=1)[mask[:, 1:]]
    return float((step * step).mean()) / max(float(field[mask].var()), 1e-3) if step.size else 1.0


def _flatness(field: NDArray[np.generic], mask: Mask) -> float:
    """Share of the overlap that lies within 4 levels of its most frequent tone."""
    counts = np.bincount(field[mask].astype(np.uint8), minlength=256)
    return float(np.convolve(counts, np.ones(9), "same").max() / max(counts.sum(), 1))


def _spread(windows: _Windows, chosen: Mask, shape: tuple[int, ...]) -> Mask:
    grown = np.repeat(np.repeat(chosen, _STEP, axis=0), _STEP, axis=1)
    return grown[: shape[0], : shape[1]]


def _onto(mask: Mask, shape: tuple[int, ...], matrix: Matrix) -> Mask:
    moved = cv2.warpPerspective(mask.astype(np.uint8), matrix, (shape[1], shape[0]), flags=cv2.INTER_NEAREST)
    return np.asarray(moved > 0)


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
