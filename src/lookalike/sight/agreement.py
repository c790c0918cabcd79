"""Agreement: how much of what two aligned pictures show is the same, window by window."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lookalike.sight.alignment import Alignment
from lookalike.sight.band import bands
from lookalike.sight.evidence import Mask, Matrix
from lookalike.sight.keypoints import Grey
from lookalike.sight.overlay import Field, adjusted, laid_over

MOST_DIFFERING = 0.02
"""Share of windows that may differ in a copy."""

LEAST_EXPLAINED = 0.5
"""Share of the structure in the overlap that must agree,"""

_LEAST_OVERLAID = 0.4
"""or if something was laid over one of the pictures."""

_WHOLE = 0.9
"""Share of the frame that the overlap must cover for a band along an edge of the frame."""

WINDOW = 9  # pixels a side of a window
_STEP = 5  # pixels from a window to the next
_SHARP = 1.3  # pixels by which both pictures are blurred, which takes noise and JPEG's blocks away
_EDGE = 5  # pixels beside the edge of the overlap that are left out: blurring mixes the surroundings in
_FLAT = 6.0  # levels of deviation up to which a window shows nothing
_MOST = 40.0  # levels beyond that from which more contrast adds no weight
_AGREES = 0.7  # correlation from which a window agrees
_SHOWS = 16.0  # levels of deviation from which a window is expected to agree,
_SHOWN = 0.4  # or this share of what the tenth window has, if that is less
_DIFFERS = 0.8  # correlation below which such a window differs,
_CLEARLY = 0.5  # or, on a noisy ground, one with less contrast than ``_SHOWS``
_CLEAN, _NOISY = 0.5, 1.5  # levels of deviation in the emptiest windows of something drawn, and of a photo
_FAINTEST, _FAINT = 1.5, 8.0  # levels of deviation of faint texture, such as the letters of a page of text,
_ALSO = 0.6  # if the other picture has this share of it in the same window
_FEWEST = 60  # windows with faint texture, from which it says something
_TEXTURE, _ROUGH_TEXTURE = 0.86, 0.45  # median correlation of faint texture that is the same, by noise


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the windows of the overlap say.

    Attributes:
        explained: share of the structure in the overlap that agrees; each window weighs what its contrast is.
        windows: number of windows' areas that agree.
        differing: share of the windows with marked contrast that differ. Copies have none, whatever was done
            to the whole picture: 0.004 after heavy noise, 0.02 and more for two fillings of one template.
        texture: whether the faint texture of both, if there is much of it, is the same.
        overlaid: whether what differs was laid over one of the pictures,
        band: and is a band along an edge, which is surer.
        differs: (height, width) bool of the second picture, where the first one shows something else.
        first_shown: share of the first picture's area that the second shows.
        second_shown: share of the second picture's area that the first shows.
    """

    explained: float
    windows: float
    differing: float
    texture: bool
    overlaid: bool
    band: bool
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
    if mask.sum() < 4 * WINDOW * WINDOW:
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
    explained = float(weight[agreeing].sum()) / total
    other = windows.other
    differing = float(other.sum()) / max(float(windows.shows.sum()), 1.0)
    differs = _spread(~agreeing & (weight > 0), base.shape)
    if not onto_second:
        differs = _onto(differs, second.shape, alignment.matrix)
    overlaid = band = False
    if differing > MOST_DIFFERING:
        shares = shown[onto_second], explained
        overlaid, band = _overlaid(*_raw(moving, base, matrix), windows, shares)
    return Agreement(
        explained=explained,
        windows=float((agreeing & (weight > 0)).sum()) * (_STEP / WINDOW) ** 2,
        differing=differing,
        texture=windows.texture,
        overlaid=overlaid,
        band=band,
        differs=differs,
        first_shown=shown[0],
        second_shown=shown[1],
    )


def _overlaid(
    first: Field, second: Field, windows: _Windows, shares: tuple[float, float]
) -> tuple[bool, bool]:
    """Whether something was laid over one picture, and whether that is a band along an edge.

    Args:
        first: (height, width) float32, not blurred.
        second: (height, width) float32, not blurred, laid on the first.
        windows: of both.
        shares: of the frame shown, and of the structure explained.
    """
    shown, explained = shares
    agreeing = (windows.likeness >= _AGREES) & (windows.weight > 0)
    where = _spread(agreeing, first.shape)
    if not where.any():
        return False, False
    if shown >= _WHOLE:
        found = bands(adjusted(first, second, where), second, windows.other, agreeing, _STEP)
        if found:
            return found == 1, found == 1
    if explained < _LEAST_OVERLAID:
        return False, False
    same = windows.shows & ~windows.other
    spread = _spread(windows.other, first.shape), _spread(same, first.shape)
    return laid_over(first, second, *spread), False


@dataclass(frozen=True, slots=True)
class _Windows:
    """Windows of the overlap: (rows, columns) float32 or bool each."""

    likeness: Field
    weight: Field
    shows: Mask
    other: Mask
    texture: bool

    @classmethod
    def of(cls, a: Field, b: Field, mask: Mask) -> _Windows | None:
        inside = mask.astype(np.float32)
        filled = _boxed(inside)
        usable = filled >= 0.7
        if not usable.any():
            return None
        filled = np.maximum(filled, 1e-3)
        a, b = a * inside, b * inside
        mean_a, mean_b = _boxed(a) / filled, _boxed(b) / filled
        var_a = np.maximum(_boxed(a * a) / filled - mean_a**2, 0)
        var_b = np.maximum(_boxed(b * b) / filled - mean_b**2, 0)
        both = _boxed(a * b) / filled - mean_a * mean_b
        like = both / np.sqrt(np.maximum(var_a * var_b, 1e-3))
        contrast = np.sqrt(np.maximum(var_a, var_b))
        weight = np.where(usable, np.minimum(np.maximum(contrast - _FLAT, 0), _MOST), 0)
        noise = float(np.percentile(contrast[usable], 5))
        shows = usable & (contrast > _least_contrast(contrast[usable]))
        clearly = np.interp(noise, (_CLEAN, _NOISY), (_DIFFERS, _CLEARLY))
        other = shows & (like < np.where(contrast > _SHOWS, _DIFFERS, clearly))
        faint = usable & (contrast <= _FAINT) & (np.minimum(var_a, var_b) > (_ALSO * contrast) ** 2)
        faint &= contrast > _FAINTEST
        texture = faint.sum() < _FEWEST or np.median(like[faint]) >= np.interp(
            noise, (_CLEAN, _NOISY), (_TEXTURE, _ROUGH_TEXTURE)
        )
        return cls(like, weight, shows, other, bool(texture))


def _least_contrast(contrast: Field) -> float:
    """The contrast from which a window is expected to agree, by what the others have."""
    some = contrast[contrast > _FLAT]
    return min(_SHOWS, max(_FLAT, _SHOWN * float(np.percentile(some, 90)))) if some.size else _SHOWS


_AT = (slice(_STEP // 2, None, _STEP),) * 2
"""The pixels that windows are centred on."""


def _boxed(field: Field) -> Field:
    """Mean of each window, what lies outside the picture taken for 0."""
    return np.asarray(cv2.boxFilter(field, -1, (WINDOW, WINDOW), borderType=cv2.BORDER_CONSTANT)[_AT])


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
    around = np.ones((2 * _EDGE + 1, 2 * _EDGE + 1), np.uint8)
    inside = cv2.erode(mask, around, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(moved, np.float32), np.asarray(inside > 0)


def _raw(moving: Grey, base: Grey, matrix: Matrix) -> tuple[Field, Field]:
    """The frame's own picture and the moved one, not blurred."""
    moved = cv2.warpPerspective(
        moving, matrix, (base.shape[1], base.shape[0]), borderMode=cv2.BORDER_REPLICATE
    )
    return base.astype(np.float32), np.asarray(moved, np.float32)


def _equally_sharp(a: Field, b: Field, mask: Mask) -> tuple[Field, Field]:
    """Blur the sharper of two fields until both have the same share of fine detail, three pixels at most."""
    inside = _boxed(mask.astype(np.float32)) >= 1
    detail_a, detail_b = _detail(a), _detail(b)
    for _ in range(3):
        both = inside & (np.minimum(detail_a[1], detail_b[1]) > _FLAT**2)
        if not both.any():
            break
        shares = [fine[both] / np.maximum(variance[both], 1e-6) for fine, variance in (detail_a, detail_b)]
        # In most windows both show the same, even if something was laid over one of them.
        ratio = float(np.median(shares[0] / np.maximum(shares[1], 1e-6)))
        if 0.8 <= ratio <= 1.25:
            break
        if ratio > 1:
            a = _blurred(a, 1.0)
            detail_a = _detail(a)
        else:
            b = _blurred(b, 1.0)
            detail_b = _detail(b)
    return a, b


def _detail(field: Field) -> tuple[Field, Field]:
    """In each window, the mean square of the steps from pixel to pixel, and the variance."""
    step = np.zeros_like(field)
    np.subtract(field[:, 1:], field[:, :-1], out=step[:, 1:])
    return _boxed(step * step), _boxed(field * field) - _boxed(field) ** 2


def _spread(chosen: Mask, shape: tuple[int, ...]) -> Mask:
    """The pixels that lie nearest to the chosen windows."""
    spread = np.zeros(shape, np.bool_)
    grown = np.repeat(np.repeat(chosen, _STEP, axis=0), _STEP, axis=1)[: shape[0], : shape[1]]
    spread[: grown.shape[0], : grown.shape[1]] = grown
    return spread


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
