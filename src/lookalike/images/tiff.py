"""What Pillow reads wrong in a TIFF without a word, put right.

Found by writing files of each sample type, layout, byte order and compression and comparing pixels: 16-bit
and float "min is white" came out as negatives, uncompressed 16-bit planes as stripes, signed bytes wrapped
around, numbers of big-endian compressed files with their bytes swapped, 10 to 14 bits in 16 as black.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeGuard, cast

import numpy as np
from PIL import Image
from PIL.ExifTags import Base
from PIL.ImageFile import ImageFile, _Tile

from lookalike.images.deep import scaled, white_of

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import TiffImageFile

_WHITE_IS_ZERO, _SEPARATE, _SIGNED = 0, 2, 2
_NATIVE = {"I;16BS": "I;16NS", "I;32BS": "I;32NS", "F;32BF": "F;32NF"}
"""libtiff hands out numbers in the machine's byte order, whatever the file's."""


def is_tiff(source: Image.Image) -> TypeGuard[TiffImageFile]:
    """Whether a picture is an open TIFF; told by its format, since Pillow's decoder may not be imported."""
    return source.format == "TIFF"


def prepare(source: TiffImageFile) -> None:
    """Let an opened TIFF, not yet loaded, be read the way its tags say."""
    bits = source.tag_v2.get(Base.BitsPerSample, (1,))[0]
    by_libtiff = source.use_load_libtiff
    rawmode = _rawmode(source)
    if not by_libtiff and source.tag_v2.get(Base.PlanarConfiguration) == _SEPARATE and bits > 8:
        # Pillow takes each plane's 16-bit numbers for bytes; libtiff knows better.
        _use_libtiff(source, f"{source.mode};16N")
    elif by_libtiff and rawmode in _NATIVE:
        _use_libtiff(source, _NATIVE[rawmode])


def _rawmode(source: TiffImageFile) -> str:
    args = source.tile[0].args if source.tile else None
    return str(args[0]) if isinstance(args, tuple) else ""


def _use_libtiff(source: TiffImageFile, rawmode: str) -> None:
    width, height = source._tile_size
    source.use_load_libtiff = True
    source.tile = [_Tile("libtiff", (0, 0, width, height), 0, (rawmode, False, source.tag_v2.offset))]


def corrected(
    source: TiffImageFile, picture: Image.Image, reopen: Callable[[], ImageFile] | None
) -> Image.Image:
    """Put loaded pixels right.

    Args:
        source: where they come from; its tags are read.
        picture: the pixels.
        reopen: opens the same file again, prepared but not loaded; None if it cannot be read once more.

    Returns:
        ``picture``, or a new image in its place.
    """
    tags = source.tag_v2
    bits = tags.get(Base.BitsPerSample, (1,))[0]
    kind = tags.get(Base.SampleFormat, (1,))[0]
    inverted = tags.get(Base.PhotometricInterpretation) == _WHITE_IS_ZERO
    if picture.mode == "L" and kind == _SIGNED:
        return Image.fromarray(np.asarray(picture) ^ np.uint8(128))
    if picture.mode == "RGB" and bits == 16 and reopen:
        return _full_depth(picture, reopen)
    if picture.mode == "I" and bits == 32 and kind == 1:
        values = np.asarray(picture).view(np.uint32).astype(np.float64)
        return Image.fromarray(scaled(values, float(values.min()), float(values.max())))
    if inverted and picture.mode == "F":
        return Image.fromarray(-np.asarray(picture))
    if inverted and picture.mode.startswith("I;16"):
        values = np.asarray(picture)
        white = white_of(int(values.max()))
        return Image.fromarray(255 - scaled(values, 0, white))
    return picture


def _full_depth(picture: Image.Image, reopen: Callable[[], ImageFile]) -> Image.Image:
    """16-bit colour, of which Pillow keeps the upper bytes, if those alone do not show much.

    The lower bytes are what a reading in the opposite byte order gives.
    """
    highest = max(high for _, high in cast(tuple[tuple[int, int], ...], picture.getextrema()))
    if highest >= 64:
        return picture
    other = cast("TiffImageFile", reopen())
    swapped = {"L": "B", "B": "L", "N": "B"}
    rawmode = _rawmode(other)
    rawmode = rawmode[:-1] + swapped[rawmode[-1:]]
    other.tile = [
        tile._replace(args=(rawmode, *tile.args[1:])) for tile in other.tile if isinstance(tile.args, tuple)
    ]
    other.load()
    values = np.asarray(picture).astype(np.uint16) << 8 | np.asarray(other)
    return Image.fromarray(scaled(values, 0, white_of(int(values.max()))))
