"""Files that were cut short, judged by the pixels that are there.

Viewers show a download that lacks its last bytes, so this program reads it too. Which rows are there is found
by decoding twice, with two different fillings for the missing bytes: rows that are the same both times do not
depend on the filling, so they were in the file. In a JPEG only the rows above the first one that differs
count: the filling ends before the last rows, which are then grey both times. A progressive JPEG counts as
read once its scans have brought all of the picture, if only coarsely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ImageFile import ImageFile

from lookalike.images.jpeg_scans import Scans, next_restart, scans_of
from lookalike.images.rgb import to_rgb
from lookalike.images.webp import webp_filled

LEAST_SHOWN = 0.7
"""A file of which a smaller share of the rows was read is refused: of 24 photographs that lack 30 % of their
rows all count as copies of their originals, of those that lack 40 % every third."""

Opener = Callable[[bytes], tuple[ImageFile, tuple[int, int]]]
"""Opens bytes as one format, without loading pixels; also gives the size that they state."""

Rows = npt.NDArray[np.bool_]
"""(height,) whether each row was read."""

_NOISE = bytes((position * 89 + 41) % 251 for position in range(4096))
_END_OF_JPEG = b"\xff\xd9"
_CUTTABLE = frozenset({"JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"})


_Reading = tuple[ImageFile, tuple[int, int], Image.Image]


class Rest(NamedTuple):
    """What could be read of a file that is cut short.

    Attributes:
        picture: loaded and of full size; grey where nothing was read.
        source: the open file it came from, for its metadata.
        size: width and height that the file's header states.
        share: of the rows that were read, 0 to 1.
        coarse: whether every row is there, but without the finest detail.
    """

    picture: Image.Image
    source: ImageFile
    size: tuple[int, int]
    share: float
    coarse: bool = False

    @property
    def remark(self) -> str:
        """What is missing, in one line for people."""
        if self.coarse:
            return "cut short, all rows read, but not their finest detail"
        return f"cut short, {int(self.share * 100)} % read"


def rest(data: bytes, name: str, reopen: Opener) -> Rest | None:
    """Read what there is.

    Args:
        data: the file, which failed to decode.
        name: Pillow's name of its format.
        reopen: opens bytes as this format.

    Returns:
        None if the format cannot be read in part, or too little is there.
    """
    if name not in _CUTTABLE:
        return None
    readings = list(islice(filter(None, _readings(data, name, reopen)), 2))
    if len(readings) < 2:
        return None
    (source, size, first), (_, _, second) = readings
    if first.size != second.size or first.mode != second.mode:
        return None
    known, coarse = _rows_that_agree(first, second), False
    if name == "JPEG":
        known, coarse = _rows_of_jpeg(known, scans_of(data))
    share = float(known.mean())
    if share < LEAST_SHOWN:
        return None
    return Rest(_filled(first, known), source, size, share, coarse)


def _rows_of_jpeg(agree: Rows, scans: Scans) -> tuple[Rows, bool]:
    """Which rows of a JPEG were read, and whether they lack their finest detail.

    The filling of a progressive one may decode to blocks that stay as they are, up to a thousand in a row, so
    that its rows are not counted: what its last scan brought is left open, unless that is all of it.
    """
    if scans.last and agree.all():
        return agree, False
    if scans.coarse:
        return np.ones_like(agree), True
    if scans.last and not scans.progressive:
        return np.logical_and.accumulate(agree), False
    return np.zeros_like(agree), False


def _readings(data: bytes, name: str, reopen: Opener) -> Iterator[_Reading | None]:
    """The file read several times, each time with something else in place of what is missing."""
    if name == "JPEG":
        entropy = data.rstrip(b"\xff")  # half a marker
        for filling in (b"", _NOISE + next_restart(data) + _NOISE):
            yield _whole(reopen, entropy + filling + _END_OF_JPEG)
    elif name == "WEBP":
        for filled in webp_filled(data):
            yield _whole(reopen, filled)
    else:
        for level in (0, 255):
            yield _over(reopen, data, level)


def _whole(reopen: Opener, data: bytes) -> _Reading | None:
    with suppress(Exception):
        source, size = reopen(data)
        source.load()
        return source, size, source.copy()
    return None


def _over(reopen: Opener, data: bytes, level: int) -> _Reading | None:
    """Decode over an image that is filled with one level, as far as the decoder gets."""
    with suppress(Exception):
        source, size = reopen(data)
        prepare = source.load_prepare

        def prepare_filled() -> None:
            prepare()
            source.im.paste(_ink(source.im.mode, level), (0, 0, *source.im.size))

        source.load_prepare = prepare_filled  # type: ignore[method-assign]
        with suppress(Exception):
            source.load()
        return source, size, source._new(source.im)
    return None


def _ink(mode: str, level: int) -> float | tuple[int, ...]:
    bands = Image.getmodebands(mode)
    return level if bands == 1 else (level,) * bands


def _rows_that_agree(first: Image.Image, second: Image.Image) -> Rows:
    one, other = np.asarray(first), np.asarray(second)
    return np.asarray((one == other).reshape(len(one), -1).all(axis=1))


def _filled(image: Image.Image, known: Rows) -> Image.Image:
    """Grey above the first known row and below the last; unknown rows between repeat the one above.

    Interlacing leaves such rows. A BMP is stored from the bottom up, so that it lacks its top.
    """
    places = np.flatnonzero(known).tolist()
    start, end = places[0], places[-1] + 1
    filled = image.crop((0, start, image.width, end))
    for row in np.flatnonzero(~known[start:end]).tolist():
        filled.paste(filled.crop((0, row - 1, image.width, row)), (0, row))
    if end - start == image.height:
        return filled
    whole = Image.new("RGB", image.size, (128, 128, 128))
    whole.paste(to_rgb(filled), (0, start))
    whole.info = dict(image.info) if image.mode == "RGB" else {}
    return whole
