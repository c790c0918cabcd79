"""Panels: the pictures that one picture is put together from, as a collage or a screenshot is.

Seen as a whole, a collage of four resembles none of the four, so each has to be looked for by itself. Panels
are found by cutting the picture in two, again and again, along straight lines from edge to edge: the
recursive X-Y cut, by which pages are taken apart (Nagy and Seth 1984). A line is a gap of one colour, or a
seam, where nearly every pixel differs from the one across. What no line cuts may still have an inset.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.sight.insets import Pixels, find_inset
from lookalike.sight.places import Box
from lookalike.sight.small import reduced

Plain = NDArray[np.bool_]
"""Which rows of some pixels, or which columns, are of one colour: (n,)."""

PANEL_RULES = 1
"""Version of ``find_cells``: another number whenever it would find others in the same picture."""

MOST = 9
"""Panels of one picture at most, the largest."""

_LEAST_SIDE, _LEAST_SHARE = 32, 0.04  # of a panel: pixels on its shorter side, share of the picture's area
_MOST_SHARE = 0.7  # more of the picture is that picture with a border
_LEAST_CELLS, _LEAST_FILLED = 2, 0.5  # of a collage: pictures, and the share of its area that they fill
_PLAIN = 32  # levels of 255 within which a line is of one colour: JPEG ripples beside strong colours
_PLAIN_KEPT = 32, 56
"""The same in the brightness of a small picture as it is kept, a coarser JPEG: of pictures with little
contrast, in which any line may be within 56 levels, and of those with much."""

_LINES = 2  # gaps in what is too small to be cut, from which it is text
_STEP, _ALONG, _RISE = 16, 0.85, 0.35
"""A seam: pixels two apart differ by such a step, along that share of the line; that is so much more than the
share at the lines nearby, which a texture would have too."""
_NEARBY = (4, 5, 6)  # pixels


class _Part(NamedTuple):
    """A rectangle of the reduced picture, in pixels.

    Attributes:
        top: row of the picture with which it begins.
        left: column of the picture with which it begins.
        pixels: (channels, height, width) uint8.
        plain: levels of 255 within which a line is of one colour.
        seams: whether it is cut along seams, too, and not only along gaps.
    """

    top: int
    left: int
    pixels: Pixels
    plain: int
    seams: bool = True

    @property
    def area(self) -> int:
        return int(self.pixels[0].size)

    def plain_lines(self) -> tuple[Plain, Plain]:
        """Which of its rows, and which of its columns, are of one colour."""
        return _plain(self.pixels, self.plain), _plain(self.pixels.transpose(0, 2, 1), self.plain)

    def box(self, wide: int, tall: int) -> Box:
        """Where it lies in a picture of that size."""
        _, height, width = self.pixels.shape
        right, bottom = self.left + width, self.top + height
        return Box(self.left / wide, self.top / tall, right / wide, bottom / tall)

    def inner(self, rows: slice, columns: slice) -> _Part:
        """The rectangle in it that rows and columns cut out."""
        pixels = self.pixels[:, rows, columns]
        return self._replace(top=self.top + rows.start, left=self.left + columns.start, pixels=pixels)


def find_panels(image: Image.Image) -> list[Box]:
    """Find the panels of a picture, the largest first; none if it is one picture.

    Args:
        image: mode ``RGB``, of any size.
    """
    whole = _whole(image)
    pieces = [piece for piece in _pieces(whole) if not _is_text(piece)]
    insets = [piece.inner(*inset) for piece in pieces if (inset := find_inset(piece.pixels))]
    return _boxes([*pieces, *insets], whole)


def find_cells(image: Image.Image) -> list[Box]:
    """Find the pictures of a collage, the largest first; none if lines do not part most of a picture in two.

    For all pictures of a collection, of which few are collages: it leaves out insets, which take most of the
    time, and single panels, which many photos have (a thing on white ground, a window).

    Args:
        image: mode ``RGB``, of any size.
    """
    whole = _whole(image)
    return _cells([piece for piece in _pieces(whole) if not _is_text(piece)], whole)


def may_have_cells(small: Image.Image) -> bool:
    """Whether a picture without cells in its small picture may have some in its file.

    In a small picture as it is kept, gaps ripple, and the colours of narrow ones run into their cells. So
    this looks for gaps of about one brightness.

    Args:
        small: mode ``RGB``, of ``decode_small``.
    """
    brightness = np.asarray(small.convert("L"))[None]
    wholes = [_Part(0, 0, brightness, levels, seams=False) for levels in _PLAIN_KEPT]
    return any(_cells(list(_pieces(whole)), whole) for whole in wholes)


def _whole(image: Image.Image) -> _Part:
    """All of a picture, reduced."""
    return _Part(0, 0, np.ascontiguousarray(np.asarray(reduced(image)).transpose(2, 0, 1)), _PLAIN)


def _cells(pieces: Sequence[_Part], whole: _Part) -> list[Box]:
    """Where the pictures of a collage lie; none if pieces are no such pictures."""
    found = _boxes([piece for piece in pieces if piece.area < whole.area], whole)
    share = sum(box.share for box in found)
    return found if len(found) >= _LEAST_CELLS and share >= _LEAST_FILLED else []


def _boxes(parts: Sequence[_Part], whole: _Part) -> list[Box]:
    """Where the largest of some parts lie, without those that are too small or nearly the whole."""
    _, tall, wide = whole.pixels.shape
    least, most = _LEAST_SHARE * whole.area, _MOST_SHARE * whole.area
    fitting = sorted((part for part in parts if least <= part.area <= most), key=lambda part: -part.area)
    return [part.box(wide, tall) for part in fitting[:MOST]]


def _pieces(part: _Part) -> Iterator[_Part]:
    """What is left of a part if no line cuts any of its pieces any more."""
    trimmed = _trimmed(part)
    if trimmed is None:
        return
    inner, rows, columns = trimmed
    down, column = _best_line(inner.pixels, columns, inner.seams)
    across, row = _best_line(inner.pixels.transpose(0, 2, 1), rows, inner.seams)
    everything = slice(0, None)
    if max(down, across) == 0:
        yield inner
    elif down >= across:
        yield from _pieces(inner.inner(everything, slice(0, column)))
        yield from _pieces(inner.inner(everything, slice(column + 1, None)))
    else:
        yield from _pieces(inner.inner(slice(0, row), everything))
        yield from _pieces(inner.inner(slice(row + 1, None), everything))


def _trimmed(part: _Part) -> tuple[_Part, Plain, Plain] | None:
    """A part without plain rows and columns at its edges; None if too little is left.

    Returns:
        what is left, and which of its rows and of its columns are plain.
    """
    while min(part.pixels[0].shape) >= _LEAST_SIDE:
        plain_rows, plain_columns = part.plain_lines()
        rows, columns = (np.flatnonzero(~plain).tolist() for plain in (plain_rows, plain_columns))
        if not rows or not columns:
            return None
        inner = part.inner(slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        if inner.area == part.area:
            return part, plain_rows, plain_columns
        part = inner
    return None


def _plain(lines: Pixels, levels: int) -> Plain:
    """Which rows are of one colour within so many levels, (height,)."""
    apart: NDArray[Any] = (lines.max(axis=2) - lines.min(axis=2)).max(axis=0)
    return np.asarray(apart <= levels, np.bool_)


def _best_line(pixels: Pixels, plain: Plain, seams: bool) -> tuple[float, int]:
    """The line from top to bottom that parts pixels best: how well, 0 for none, and its column.

    The widest gap comes first, and counts for more than any seam.

    Args:
        pixels: of a part.
        plain: which of its columns are plain.
        seams: whether a seam will do, if there is no gap.
    """
    wide = pixels.shape[2]
    if wide < 2 * _LEAST_SIDE:
        return 0.0, 0
    if gaps := _runs(plain):
        gap = max(gaps, key=len)
        return 1.0 + len(gap), int(gap[len(gap) // 2])
    if not seams:
        return 0.0, 0
    parted = np.zeros(wide)
    parted[1:-1] = np.count_nonzero(_apart(pixels[..., 2:], pixels[..., :-2]) > _STEP, axis=0)
    parted /= pixels.shape[1]
    if parted.max() < _ALONG:
        return 0.0, 0
    around = np.pad(parted, max(_NEARBY), mode="edge")
    nearby = np.max([np.roll(around, step) for near in _NEARBY for step in (-near, near)], axis=0)
    nearby = nearby[max(_NEARBY) : -max(_NEARBY)]
    found = np.where((parted >= _ALONG) & (parted - nearby >= _RISE), parted, 0.0)
    found[:_LEAST_SIDE] = found[-_LEAST_SIDE:] = 0.0
    column = int(found.argmax())
    return float(found[column]), column


def _is_text(part: _Part) -> bool:
    """Whether gaps cross what is too small to be cut, as they part lines of text, rows and columns."""
    return sum(len(_runs(plain)) for plain in part.plain_lines()) >= _LINES


def _runs(plain: Plain) -> list[NDArray[np.intp]]:
    """The places of what is true, in runs side by side."""
    places = np.flatnonzero(plain)
    return np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else []


def _apart(first: Pixels, second: Pixels) -> Pixels:
    """By how many levels pixels differ, in the colour in which they differ most; (height, width)."""
    return np.asarray((np.maximum(first, second) - np.minimum(first, second)).max(axis=0))
