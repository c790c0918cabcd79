"""Windows: two aligned pictures in one frame, compared in small windows all over the overlap."""

from __future__ import annotations

from typing import NamedTuple, Self

import cv2
import numpy as np

from lookalike.kernels.quantiles import median, percentile
from lookalike.sight.alignment import Alignment
from lookalike.sight.evidence import Mask, Matrix
from lookalike.sight.keypoints import Grey
from lookalike.sight.overlay import Field, adjusted

WINDOW = 9  # pixels a side of a window
STEP = 5  # pixels from a window to the next
_FILLED = 0.7  # share of a window that must lie inside the overlap
_SHARP = 1.3  # pixels by which both pictures are blurred, which takes noise and JPEG's blocks away
_EDGE = 5  # pixels beside the edge of the overlap that are left out: blurring mixes the surroundings in
_FLAT = 6.0  # levels of deviation up to which a window shows nothing
_MOST = 40.0  # levels beyond that from which more contrast adds no weight
AGREES = 0.7  # correlation from which a window agrees
_SHOWS = 16.0  # levels of deviation from which a window is expected to agree,
_SHOWN = 0.4  # or this share of what the tenth window has, if that is less
_DIFFERS = 0.8  # correlation below which such a window differs,
_CLEARLY = 0.5  # or, on a noisy ground, one with less contrast than ``_SHOWS``
_CLEAN, _NOISY = 0.5, 1.5  # levels of deviation in the emptiest windows of something drawn, and of a photo
_FAINTEST, _FAINT = 1.5, 8.0  # levels of deviation of faint texture, such as the letters of a page of text,
_ALSO = 0.6  # if the other picture has this share of it in the same window
_FEWEST = 60  # windows with faint texture, from which it says something
_TEXTURE, _ROUGH_TEXTURE = 0.75, 0.45
"""Median correlation of faint texture that is the same, by noise. Heavy JPEG, and few colours, left 0.79 to
0.86 of it to photos on plain ground."""

_BOTH = 0.5  # share of the contrast of one picture that the other has where both show something


class Laid(NamedTuple):
    """Two pictures in the frame of the coarser one, so that nothing has to be invented.

    Attributes:
        base: (height, width) uint8, the picture of that frame.
        moving: the other one, in its own frame.
        matrix: (3, 3) float64, lays ``moving`` on ``base``.
        onto_second: whether ``base`` is the second picture.
    """

    base: Grey
    moving: Grey
    matrix: Matrix
    onto_second: bool

    @classmethod
    def by(cls, first: Grey, second: Grey, alignment: Alignment) -> Laid:
        """Choose the frame.

        Args:
            first: (height, width) uint8.
            second: (height, width) uint8.
            alignment: lays ``first`` on ``second``.
        """
        if alignment.scale <= 1:
            return cls(second, first, alignment.matrix, True)
        return cls(first, second, np.linalg.inv(alignment.matrix), False)

    @property
    def scale(self) -> float:
        """Size of the picture of the frame as a share of the other one, at most 1."""
        return min(1.0, Alignment(self.matrix, 0).scale)

    def windows(self) -> Windows | None:
        """Compare them, equally sharp, window by window; None if the overlap is too small to say anything."""
        moved, mask = _moved(self.moving, self.base.shape, self.matrix)
        if mask.sum() < 4 * WINDOW * WINDOW:
            return None
        return Windows.of(_blurred(self.base, _SHARP), moved, mask.astype(np.float32))

    def raw(self) -> tuple[Field, Field]:
        """The frame's own picture and the moved one, (height, width) float32 each, not blurred."""
        size = (self.base.shape[1], self.base.shape[0])
        moved = cv2.warpPerspective(self.moving, self.matrix, size, borderMode=cv2.BORDER_REPLICATE)
        return self.base.astype(np.float32), np.asarray(moved, np.float32)

    def fields(self) -> tuple[Field, Field, Mask]:
        """Both in the frame, (height, width) float32, blurred; and where both are there, bool."""
        moved, inside = _moved(self.moving, self.base.shape, self.matrix)
        return _blurred(self.base, _SHARP), moved, inside

    def alike(self) -> tuple[Grey, Grey, Mask]:
        """Both in the frame, (height, width) uint8, blurred and equally bright; and where both are there."""
        base, moved, inside = self.fields()
        if inside.any():
            moved = adjusted(moved, base, inside)
        return base.astype(np.uint8), moved.astype(np.uint8), inside

    def on(self, mask: Mask, picture: Grey) -> Mask:
        """A mask of the frame, in the frame of one of the two pictures."""
        if picture is self.base:
            return mask
        size = (picture.shape[1], picture.shape[0])
        moved = cv2.warpPerspective(
            mask.astype(np.uint8), self.matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        )
        return np.asarray(moved > 0)


class Windows(NamedTuple):
    """Windows of the overlap, (rows, columns) each.

    Attributes:
        likeness: float32, their normalised correlation.
        weight: float32, what they count for by their contrast, in levels; 0 if they show nothing.
        shows: bool, those with so much contrast that copies agree there.
        other: bool, those of them that differ.
        both: bool, those in which both pictures have contrast, neither one less than half of the other's.
        texture: whether the faint texture of both, if there is much of it, is the same.
        as_sharp: whether both were equally sharp before either was blurred for it.
    """

    likeness: Field
    weight: Field
    shows: Mask
    other: Mask
    both: Mask
    texture: bool
    as_sharp: bool

    @classmethod
    def of(cls, a: Field, b: Field, inside: Field) -> Windows | None:
        """Compare two fields, (height, width) float32 each, made equally sharp, where ``inside`` is 1, not 0.

        Brightness and contrast do not matter, as windows are compared by their normalised correlation.

        Returns:
            None if too little is inside.
        """
        filled = _boxed(inside)
        usable = filled >= _FILLED
        if not usable.any():
            return None
        given = _Side.of(a, inside), _Side.of(b, inside)
        one, other = _equally_sharp(*given, inside, filled >= 1)
        as_sharp = one is given[0] and other is given[1]
        filled = np.maximum(filled, 1e-3)
        mean_a, mean_b = one.mean / filled, other.mean / filled
        var_a = np.maximum(one.square / filled - mean_a**2, 0)
        var_b = np.maximum(other.square / filled - mean_b**2, 0)
        both = _boxed(one.masked * other.masked) / filled - mean_a * mean_b
        like = both / np.sqrt(np.maximum(var_a * var_b, 1e-3))
        contrast = np.sqrt(np.maximum(var_a, var_b))
        weight = np.where(usable, np.minimum(np.maximum(contrast - _FLAT, 0), _MOST), 0)
        noise = percentile(contrast[usable], 5)
        shows = usable & (contrast > _least_contrast(contrast[usable]))
        clearly = np.interp(noise, (_CLEAN, _NOISY), (_DIFFERS, _CLEARLY))
        other = shows & (like < np.where(contrast > _SHOWS, _DIFFERS, clearly))
        faint = usable & (contrast <= _FAINT) & (np.minimum(var_a, var_b) > (_ALSO * contrast) ** 2)
        faint &= contrast > _FAINTEST
        texture = faint.sum() < _FEWEST or median(like[faint]) >= np.interp(
            noise, (_CLEAN, _NOISY), (_TEXTURE, _ROUGH_TEXTURE)
        )
        shared = np.minimum(var_a, var_b) > (_BOTH * contrast) ** 2
        return cls(like, weight, shows, other, shared, bool(texture), as_sharp)


def _least_contrast(contrast: Field) -> float:
    """The contrast from which a window is expected to agree, by what the others have."""
    some = contrast[contrast > _FLAT]
    return min(_SHOWS, max(_FLAT, _SHOWN * percentile(some, 90))) if some.size else _SHOWS


_AT = (slice(STEP // 2, None, STEP),) * 2
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


class _Side(NamedTuple):
    """One of two pictures, and what its windows hold, what lies outside the overlap taken for 0.

    Attributes:
        field: (height, width) float32.
        masked: the same, 0 outside the overlap.
        mean: (rows, columns) float32, mean of each window.
        square: (rows, columns) float32, mean square of each window.
        steps: (rows, columns) float32, mean square of the steps from pixel to pixel. Steps across and down
            both count: where a picture has only level lines, it has no steps across.
    """

    field: Field
    masked: Field
    mean: Field
    square: Field
    steps: Field

    @classmethod
    def of(cls, field: Field, inside: Field) -> Self:
        """Look into the windows of a field; ``inside`` is 1 in the overlap, else 0."""
        masked = field * inside
        return cls(field, masked, _boxed(masked), _boxed(masked * masked), _boxed(_steps(field)))


def _steps(field: Field) -> Field:
    """The squares of the steps to each pixel from those on its left and above it, added up."""
    wide = field.shape[1]
    pixels = np.ascontiguousarray(field).ravel()  # in one row, which is twice as fast
    steps = np.zeros_like(pixels)
    np.square(pixels[1:] - pixels[:-1], out=steps[1:])
    steps[::wide] = 0
    down = pixels[wide:] - pixels[:-wide]
    steps[wide:] += np.square(down, out=down)
    return steps.reshape(field.shape)


def _equally_sharp(a: _Side, b: _Side, inside: Field, whole: Mask) -> tuple[_Side, _Side]:
    """Blur the sharper of two fields until both have the same share of fine detail, three pixels at most.

    Args:
        a: one of them.
        b: the other.
        inside: as for ``Windows.of``.
        whole: (rows, columns) bool, windows that lie inside with all their pixels.
    """
    for _ in range(3):
        variances = [side.square - side.mean**2 for side in (a, b)]
        both = whole & (np.minimum(*variances) > _FLAT**2)
        if not both.any():
            break
        shares = [
            side.steps[both] / np.maximum(variance[both], 1e-6)
            for side, variance in zip((a, b), variances, strict=True)
        ]
        # In most windows both show the same, even if something was laid over one of them.
        ratio = median(shares[0] / np.maximum(shares[1], 1e-6))
        if 0.8 <= ratio <= 1.25:
            break
        if ratio > 1:
            a = _Side.of(_blurred(a.field, 1.0), inside)
        else:
            b = _Side.of(_blurred(b.field, 1.0), inside)
    return a, b


def at_pixels(mask: Mask) -> Mask:
    """The mask at the pixel in the middle of each window, (rows, columns)."""
    return mask[_AT]


def spread(chosen: Mask, shape: tuple[int, ...]) -> Mask:
    """The pixels that lie nearest to the chosen windows."""
    spread = np.zeros(shape, np.bool_)
    grown = np.repeat(np.repeat(chosen, STEP, axis=0), STEP, axis=1)[: shape[0], : shape[1]]
    spread[: grown.shape[0], : grown.shape[1]] = grown
    return spread
