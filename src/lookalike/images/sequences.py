"""Sequences: files of several frames or pages, as animations and scanned documents are.

One frame stands for such a file wherever pictures are compared. Before one is deleted as a copy of another,
that is not enough: their other frames may differ.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from PIL.ImageFile import ImageFile

from lookalike.errors import ImageError, ImageTooLarge, UnreadableImage
from lookalike.images import counting, frames, reasons, tiff
from lookalike.images.decode import decode
from lookalike.images.files import first_bytes, read_file
from lookalike.images.finish import finished, orientation_of
from lookalike.images.formats import decoder_of
from lookalike.images.raw_signs import is_raw
from lookalike.images.room import taken
from lookalike.images.silence import silence
from lookalike.settings import Limits

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import TiffImageFile

MOST_FRAMES = 120
"""Frames of a file that are compared; a file with more is not compared at all."""

_MOST_PIXELS = 400_000_000  # of all frames of a file together; about ten seconds

_SINGLE = frozenset({"JPEG", "BMP", "JPEG2000"})
"""Formats whose decoders see one picture in a file: such a file need not be opened."""


def has_several_frames(path: Path, limits: Limits) -> bool:
    """Whether a file holds several frames or pages. No pixel is decoded.

    Args:
        path: a file of any kind; what is no picture has none.
        limits: ``file_bytes`` holds for files of a format that can have several.

    Raises:
        ImageError: it is of such a format, but cannot be read or is damaged.
    """
    start = first_bytes(str(path))
    try:
        decoder = decoder_of(start)
    except UnreadableImage:
        return False
    if decoder.format in _SINGLE or is_raw(start):
        return False
    return _is_sequence(decoder, read_file(path, limits))


def every_frame(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    """Decode all frames or pages of a file, in their order, each as ``decode`` makes it: upright, RGB.

    Args:
        data: the encoded file.
        limits: as for ``decode``; ``pixels`` holds for each frame.

    Raises:
        ImageTooLarge: it has more than 120 frames, or more pixels than are compared.
        UnreadableImage: it is no picture, or a frame is damaged.
    """
    decoder = decoder_of(data)
    if decoder.format in _SINGLE or is_raw(data) or not _is_sequence(decoder, data):
        yield decode(data, limits=limits).image
        return
    name = decoder.format or decoder.__name__
    counting.refuse_costly(data, name, limits)
    source = _opened(decoder, data)
    pixels = 0
    for number in count():
        frame = _frame(source, number, data, limits)
        if frame is None:
            return
        pixels += frame.width * frame.height
        if number == MOST_FRAMES or pixels > _MOST_PIXELS:
            raise ImageTooLarge(f"it has more than {MOST_FRAMES} frames or pages, or too large ones")
        yield frame


def _is_sequence(decoder: type[ImageFile], data: bytes) -> bool:
    with _opened(decoder, data) as source, silence():
        try:
            return frames.are_several(source)
        except Exception as error:
            raise UnreadableImage(reasons.of_damage(decoder.format or "", error)) from error


def _opened(decoder: type[ImageFile], data: bytes) -> ImageFile:
    try:
        with silence():
            return decoder(io.BytesIO(data))
    except Exception as error:
        raise UnreadableImage(reasons.of_damage(decoder.format or "", error)) from error


def _frame(source: ImageFile, number: int, data: bytes, limits: Limits) -> Image.Image | None:
    """A frame of an open file; None behind the last one."""
    try:
        with silence():
            try:
                source.seek(number)
            except EOFError:
                return None
            width, height = source.size
            if width * height > limits.pixels:
                raise ImageTooLarge(f"a frame of {width:,} x {height:,} pixels (setting max_pixels)")
            with taken(width * height):
                if tiff.is_tiff(source):
                    return _page(source, number, data)
                source.load()
                return finished(source, orientation_of(source), None)
    except ImageError:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise ImageTooLarge("a frame that is too large to decode here") from error
    except Exception as error:
        raise UnreadableImage(
            f"frame {number + 1}: {reasons.of_damage(source.format or '', error)}"
        ) from error


def _page(source: TiffImageFile, number: int, data: bytes) -> Image.Image:
    def again() -> TiffImageFile:
        other = type(source)(io.BytesIO(data))
        other.seek(number)
        tiff.prepare(other)
        return other

    tiff.prepare(source)
    source.load()
    return finished(tiff.corrected(source, source, again), orientation_of(source), None)
