"""Edits: whether an edit of a whole picture explains how its colours differ from those of another one.

A thing that is sold in several colours is photographed on the same white ground each time. In grey the photos
agree, and a black shirt may be a green one without its colours. But whoever edits a photo edits all of it. So
if a good part of two pictures is the same, an edit that leaves that part alone must explain the rest: one
that changes how bright everything is, or how colourful. Brightness alone makes no red of a black, and
colourfulness alone leaves everything as bright as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors
from lookalike.kernels.quantiles import percentile
from lookalike.sight.alignment import Alignment, stretching
from lookalike.sight.colours import Chroma
from lookalike.sight.evidence import Mask
from lookalike.sight.keypoints import Grey

_TO_RGB = np.array([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]], np.float32)
"""From brightness, Cb and Cr to red, green and blue (JPEG, ITU-T T.871)."""

_NEAR = np.ones((3, 3), np.uint8)
"""Pixels around one, between whose colours its own may lie: edges are moved by less."""

_AS_LARGE = 0.01  # by which the sizes of two pictures may differ that lie on each other exactly
_FEWEST, _FEWEST_OF_PHOTO = 200, 800
"""Pixels that are compared, at a quarter of the size: of a photo of 64 pixels, a caption would fill a few."""

_SAME = 8.0  # levels by which a pixel that counts as the same may differ
_KEPT = 0.3  # share of the overlap that must be the same
_OFF = 16.0  # levels from which a pixel has changed, or is not explained,
_AREA = 15  # pixels of a photo that have changed together, from which it counts,
_CHANGED = 0.05  # share of the overlap that must have changed,
_LEFT = 0.25  # and times as many pixels that an edit may leave unexplained
_GAINS = (0.6, 1.7)  # how many times as much contrast an edit may give
_BALANCES = (0.7, 1.4)  # how many times as much of red, of green or of blue
_FACTORS = (0.7, 0.8, 0.9, 1.1, 1.2, 1.3, 1.4)  # times as bright
_GAMMAS = (0.67, 0.75, 0.85, 1.2, 1.35, 1.5)
_MOST_COLOUR = 2.5  # times as colourful as an edit may make a picture
_TURNS = (-16, -8, 8, 16)  # degrees by which it may turn all hues

_MANY_TONES = 80.0
"""Levels over which most of what has changed must spread for an edit of two steps to be believed. What has
one tone, or two, can be made any other by two steps."""

_BLACK, _WHITE = 4.0, 251.0  # levels beyond which a tone may have been cut off
_MOST, _SURELY = 75, 8.0
"""Per cent of the tones by which a line is told, the best ones, and those that lie at most so far off."""

_LEVELS = np.arange(256, dtype=np.float32)
_CURVES = [np.minimum(factor * _LEVELS, 255) for factor in _FACTORS]
_CURVES += [255 * (_LEVELS / 255) ** gamma for gamma in _GAMMAS]


class Colours(NamedTuple):
    """The colours of a picture.

    Attributes:
        grey: (height, width) uint8, at a quarter of its size.
        chroma: (height, width, 2) float32, likewise.
        shape: height and width of the picture itself.
    """

    grey: Grey
    chroma: Chroma
    shape: tuple[int, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height at a quarter of the size."""
        return self.grey.shape[1], self.grey.shape[0]

    def levels(self) -> Vectors:
        """Brightness, Cb and Cr, (height, width, 3) float32."""
        return np.dstack([self.grey.astype(np.float32), self.chroma])


def no_edit_explains(
    first: Colours,
    second: Colours,
    alignment: Alignment,
    unlike: Mask,
    overlaid: bool,
    as_sharp: bool,
    drawn: bool,
) -> bool:
    """Whether two aligned pictures are partly the same, and partly of colours that no edit gives.

    Args:
        first: one of them.
        second: the other one.
        alignment: of the pictures at their full size, frame on frame: keypoints lay them less exactly.
        unlike: where they do not agree in grey either, bool, of the second picture at its full size.
        overlaid: whether something was laid over one of them there, which has colours of its own.
        as_sharp: whether both are equally sharp.
        drawn: whether both are drawn, so that there is no noise.
    """
    moved, inside = _moved(first, second, alignment)
    covered = cv2.resize(unlike.astype(np.uint8), second.size, interpolation=cv2.INTER_AREA)
    hidden = _enclosed(np.asarray(covered, np.uint8))
    sides = moved, second.levels()
    exact = as_sharp and abs(alignment.scale - 1) <= _AS_LARGE
    one, other = (_rgb(side) for side in sides)
    off = np.minimum(_off(one, other, exact), _off(other, one, exact))
    if overlaid:
        _, places = cv2.connectedComponents((hidden | (off > _OFF)).astype(np.uint8))
        hidden = np.isin(places, np.unique(places[hidden]))
    chosen = inside & ~hidden
    areas = chosen & (off > _OFF)
    if not drawn:
        areas = _large(areas)
    count, changed = int(chosen.sum()), int(areas.sum())
    fewest = _FEWEST if drawn else _FEWEST_OF_PHOTO
    if count < fewest or changed < _CHANGED * count or (off[chosen] <= _SAME).sum() < _KEPT * count:
        return False
    return all(
        (_off(made, _rgb(edited), exact)[areas] > _OFF).sum() > _LEFT * changed
        for original, edited in (sides, sides[::-1])
        for made in _edited(original, edited, chosen)
    )


def _large(changed: Mask) -> Mask:
    """What has changed, without what noise and the blocks of a JPEG have changed here and there."""
    _, places, stats, _ = cv2.connectedComponentsWithStats(changed.astype(np.uint8), connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= _AREA
    large[0] = False  # what has not changed
    return np.asarray(large[places])


def _enclosed(covered: NDArray[np.uint8]) -> Mask:
    """The pixels that are covered, or lie within an outline that is."""
    near = cv2.dilate(covered, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(near, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(near, outlines, -1, 1, cv2.FILLED) > 0)


def _moved(first: Colours, second: Colours, alignment: Alignment) -> tuple[Vectors, Mask]:
    """The levels of the first picture in the frame of the second, and where it has some."""
    ways = [
        stretching(colours.size[0] / colours.shape[1], colours.size[1] / colours.shape[0])
        for colours in (first, second)
    ]
    matrix = ways[1] @ alignment.matrix @ np.linalg.inv(ways[0])
    softened = 0.5 * max(alignment.scale**-2 - 1, 1e-4) ** 0.5  # as much as pixels of the other's size would
    levels = cv2.GaussianBlur(first.levels(), (0, 0), softened)
    moved = cv2.warpPerspective(levels, matrix, second.size, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpPerspective(
        np.ones(first.grey.shape, np.uint8), matrix, second.size, flags=cv2.INTER_NEAREST
    )
    return np.asarray(moved, np.float32), np.asarray(cv2.erode(inside, _NEAR, borderValue=1) > 0)


def _rgb(levels: Vectors) -> Vectors:
    """Red, green and blue, 0 to 255, of brightness, Cb and Cr."""
    return np.asarray(np.clip(levels @ _TO_RGB.T, 0, 255), np.float32)


def _off(made: Vectors, edited: Vectors, exact: bool) -> Vectors:
    """By how many levels each pixel of one picture differs from the other, (height, width) float32.

    Args:
        made: red, green and blue, (height, width, 3).
        edited: as ``made``.
        exact: whether both are equally large and sharp. Else edges may lie a little beside each other, or be
            softer, and a pixel may have any of the levels around it.
    """
    if exact:
        return np.asarray(np.abs(cv2.blur(made, (3, 3)) - cv2.blur(edited, (3, 3))).max(axis=2), np.float32)
    below, above = cv2.erode(made, _NEAR) - edited, edited - cv2.dilate(made, _NEAR)
    return np.asarray(np.maximum(below, above).max(axis=2), np.float32)


def _edited(original: Vectors, edited: Vectors, chosen: Mask) -> Iterator[Vectors]:
    """What edits of the whole make of a picture: red, green and blue, (height, width, 3) float32 each.

    Args:
        original: brightness, Cb and Cr, (height, width, 3).
        edited: the same of the picture that it is to be like.
        chosen: (height, width) bool: where the two are compared.
    """
    coloured, before, after = _coloured(original, edited, chosen), _rgb(original), _rgb(edited)[chosen]
    yield coloured
    yield _contrasted(before, before[chosen], after)
    yield _balanced(before, before[chosen], after)
    if _spread(original[..., 0][chosen], edited[..., 0][chosen]) >= _MANY_TONES:
        yield _contrasted(coloured, coloured[chosen], after)
    hues = cv2.cvtColor(before / 255, cv2.COLOR_RGB2HSV)
    for turn in _TURNS:
        turned = np.dstack([(hues[..., 0] + turn) % 360, hues[..., 1:]])
        yield np.asarray(255 * cv2.cvtColor(turned, cv2.COLOR_HSV2RGB), np.float32)
    places = before.astype(np.uint8)
    for curve in _CURVES:
        yield curve.astype(np.float32)[places]


def _spread(original: Vectors, edited: Vectors) -> float:
    """By how many levels the brightness of most pixels differs that have changed."""
    changed = original[np.abs(original - edited) > _OFF]
    return percentile(changed, 90) - percentile(changed, 10) if len(changed) else 0.0


def _coloured(original: Vectors, edited: Vectors, chosen: Mask) -> Vectors:
    """The original as colourful as the edited picture, and as bright as it was."""
    one, other = original[chosen, 1:], edited[chosen, 1:]
    times = float((one * other).sum()) / max(float((one**2).sum()), 1.0)
    times = min(max(times, 0.0), _MOST_COLOUR)
    return _rgb(np.dstack([original[..., 0], times * original[..., 1:]]))


def _balanced(picture: Vectors, original: Vectors, edited: Vectors) -> Vectors:
    """The picture with more or less of red, of green and of blue, and more colourful."""
    gains = (original * edited).sum(axis=0) / np.maximum((original**2).sum(axis=0), 1.0)
    made = np.clip(np.clip(gains, *_BALANCES) * picture, 0, 255)
    return np.asarray(made, np.float32)


def _contrasted(picture: Vectors, original: Vectors, edited: Vectors) -> Vectors:
    """The picture with the brightness and contrast that bring most of some pixels near the edited ones."""
    free = np.minimum(original, edited) > _BLACK
    free &= np.maximum(original, edited) < _WHITE
    x, y = original[free], edited[free]
    if len(x) < _FEWEST:
        return picture
    kept = np.ones(len(x), np.bool_)
    for _ in range(3):
        middle, target = x[kept].mean(), y[kept].mean()
        beside = x[kept] - middle
        gain = float((beside * (y[kept] - target)).mean()) / max(float((beside**2).mean()), 1e-3)
        gain = float(np.clip(gain, *_GAINS))
        off = np.abs(y - target - gain * (x - middle))
        kept = off <= max(_SURELY, percentile(off, _MOST))
    return np.asarray(np.clip(target + gain * (picture - middle), 0, 255), np.float32)
