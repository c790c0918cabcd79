"""Panels: the pictures that one picture is put together from, as a collage or a screenshot is.

Seen as a whole, a collage of four resembles none of the four, so each has to be looked for by itself. Panels
are found by cutting the picture in two, again and again, along straight lines from edge to edge: the
recursive X-Y cut, by which pages are taken apart (Nagy and Seth 1984). A line is a gap of one colour, or a
seam, where nearly every pixel differs from the one across. What no line cuts may still have an inset.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.sight.insets import Pixels, find_inset
from lookalike.sight.places import Box
from lookalike.sight.small import reduced

MOST = 9
"""Panels of one picture at most, the largest."""

_LEAST_SIDE, _LEAST_SHARE = 32, 0.04  # of a panel: pixels on its shorter side, share of the picture's area
_MOST_SHARE = 0.7  # more of the picture is that picture with a border
_PLAIN = 32  # levels of 255 within which a line is of one colour: JPEG ripples beside strong colours
_LINES = 2  # gaps in what is too small to be cut, from which it is text
_STEP, _ALONG, _RISE = 16, 0.85, 0.35
"""A seam: pixels two apart differ by such a step, along that share of the line; that is so much more than the
share at the lines nearby, which a texture would have too."""
_NEARBY = (4, 5, 6)  # pixels


class _Part(NamedTuple):
    """A rectangle of the reduced picture, in pixels."""

    top: int
    left: int
    pixels: Pixels

    @property
    def area(self) -> int:
        return int(self.pixels[0].size)

    def box(self, wide: int, tall: int) -> Box:
        """Where it lies in a picture of that size."""
        _, height, width = self.pixels.shape
        right, bottom = self.left + width, self.top + height
        return Box(self.left / wide, self.top / tall, right / wide, bottom / tall)

    def inner(self, rows: slice, columns: slice) -> _Part:
        """The rectangle in it that rows and columns cut out."""
        return _Part(self.top + rows.start, self.left + columns.start, self.pixels[:, rows, columns])


def find_panels(image: Image.Image) -> list[Box]:
    """Find the panels of a picture, the largest first; none if it is one picture.

    Args:
        image: mode ``RGB``, of any size.
    """
    pixels = np.ascontiguousarray(np.asarray(reduced(image)).transpose(2, 0, 1))
    _, tall, wide = pixels.shape
    least, most = _LEAST_SHARE * tall * wide, _MOST_SHARE * tall * wide
    found = [part for part in _panels(_Part(0, 0, pixels)) if least <= part.area <= most]
    found.sort(key=lambda part: -part.area)
    return [part.box(wide, tall) for part in found[:MOST]]


def _panels(part: _Part) -> Iterator[_Part]:
    """The panels of a part: what is left if no line cuts any of its pieces any more, and insets of that."""
    inner = _trimmed(part)
    if inner is None:
        return
    down, column = _best_line(inner.pixels)
    across, row = _best_line(inner.pixels.transpose(0, 2, 1))
    everything = slice(0, None)
    if max(down, across) == 0:
        if not _is_text(inner.pixels):
            yield inner
            if inset := find_inset(inner.pixels):
                yield inner.inner(*inset)
    elif down >= across:
        yield from _panels(inner.inner(everything, slice(0, column)))
        yield from _panels(inner.inner(everything, slice(column + 1, None)))
    else:
        yield from _panels(inner.inner(slice(0, row), everything))
        yield from _panels(inner.inner(slice(row + 1, None), everything))


def _trimmed(part: _Part) -> _Part | None:
    """A part without plain rows and columns at its edges; None if too little is left."""
    while min(part.pixels[0].shape) >= _LEAST_SIDE:
        rows = np.flatnonzero(~_plain(part.pixels)).tolist()
        columns = np.flatnonzero(~_plain(part.pixels.transpose(0, 2, 1))).tolist()
        if not rows or not columns:
            return None
        inner = part.inner(slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        if inner.area == part.area:
            return part
        part = inner
    return None


def _plain(lines: Pixels) -> NDArray[np.bool_]:
    """Which rows are of one colour, (height,)."""
    apart: NDArray[Any] = (lines.max(axis=2) - lines.min(axis=2)).max(axis=0)
    return np.asarray(apart <= _PLAIN, np.bool_)


def _best_line(pixels: Pixels) -> tuple[float, int]:
    """The line from top to bottom that parts pixels best: how well, 0 for none, and its column.

    The widest gap comes first, and counts for more than any seam.
    """
    wide = pixels.shape[2]
    if wide < 2 * _LEAST_SIDE:
        return 0.0, 0
    if gaps := _runs(_plain(pixels.transpose(0, 2, 1))):
        gap = max(gaps, key=len)
        return 1.0 + len(gap), int(gap[len(gap) // 2])
    parted = np.zeros(wide)
    parted[1:-1] = (_apart(pixels[..., 2:], pixels[..., :-2]) > _STEP).mean(axis=0)
    around = np.pad(parted, max(_NEARBY), mode="edge")
    nearby = np.max([np.roll(around, step) for near in _NEARBY for step in (-near, near)], axis=0)
    nearby = nearby[max(_NEARBY) : -max(_NEARBY)]
    seams = np.where((parted >= _ALONG) & (parted - nearby >= _RISE), parted, 0.0)
    seams[:_LEAST_SIDE] = seams[-_LEAST_SIDE:] = 0.0
    column = int(seams.argmax())
    return float(seams[column]), column


def _is_text(pixels: Pixels) -> bool:
    """Whether gaps cross what is too small to be cut, as they part lines of text, rows and columns."""
    return sum(len(_runs(_plain(lines))) for lines in (pixels, pixels.transpose(0, 2, 1))) >= _LINES


def _runs(plain: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The places of what is true, in runs side by side."""
    places = np.flatnonzero(plain)
    return np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else []


def _apart(first: Pixels, second: Pixels) -> Pixels:
    """By how many levels pixels differ, in the colour in which they differ most; (height, width)."""
    return np.asarray((np.maximum(first, second) - np.minimum(first, second)).max(axis=0))
