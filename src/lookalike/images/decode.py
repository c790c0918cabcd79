"""Untrusted bytes to an upright RGB image, within limits.

Everything that a hostile or broken file can do wrong ends here, as one error with one short line.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import NamedTuple

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from lookalike.errors import ImageError, ImageTooLarge, UnreadableImage, UsageError
from lookalike.images import counting, cut_short, frames, reasons, tiff
from lookalike.images.cut_short import Opener
from lookalike.images.files import too_many_bytes
from lookalike.images.finish import HEADROOM, SIDEWAYS, finished, orientation_of
from lookalike.images.formats import decoder_of
from lookalike.images.jpeg_scans import without_long_runs
from lookalike.images.room import taken
from lookalike.images.silence import silence
from lookalike.settings import Limits

_DEFAULT_LIMITS = Limits()
Asked = Callable[[int], AbstractContextManager[object]]
"""Gives room for so many pixels; see ``Room.taken``."""

_SCALED_DOWN = 8
"""How many times the pixel limit the file of a JPEG may have that is scaled down while it is decoded: its
memory is that of the smaller image, its time still that of the file."""

_FRAMES_MISSING = "cut short, the last frames are missing"


class Decoded(NamedTuple):
    """A decoded image.

    Attributes:
        image: mode ``RGB``, upright; smaller than the original if ``decode`` was given ``at_least``.
        width: pixels of the upright original.
        height: pixels of the upright original.
        format: Pillow's name of the format, as ``"JPEG"``.
        remark: what a person should know of the file, one line, as ``"cut short, 98 % read"``; mostly empty.
        several: whether the file has more frames or pages than the one that is given here.
    """

    image: Image.Image
    width: int
    height: int
    format: str
    remark: str = ""
    several: bool = False


def decode(
    data: bytes,
    *,
    limits: Limits = _DEFAULT_LIMITS,
    at_least: int | None = None,
    room: Asked = taken,
) -> Decoded:
    """Decode an image of an allowed format; of an animation, the frame that ``frames`` chooses.

    Safe to call from many threads. No warning leaves this function. A file that is cut short is decoded as
    far as it goes, if that shows most of the picture, and the result says so. Nothing ends a picture that
    takes long: for that, ask ``Decoders``, which call this function in other processes.

    Args:
        data: the encoded image.
        limits: ``file_bytes`` and ``pixels``, checked before any pixel is decoded.
        at_least: the caller will shrink the image so that its shorter side has this many pixels. A larger
            image may then come back already shrunk by a whole number, much faster for JPEG, its shorter side
            never below ``at_least`` unless the original's is.
        room: asked for the room that the picture's pixels take, before they are decoded.

    Raises:
        UnreadableImage: not an image of an allowed format, or damaged.
        ImageTooLarge: more bytes or pixels than ``limits`` allow, or than memory holds.
        UsageError: ``at_least`` is below 1.
    """
    if at_least is not None and at_least < 1:
        raise UsageError(f"at_least must be 1 pixel or more, not {at_least}")
    if len(data) > limits.file_bytes:
        raise too_many_bytes(len(data), limits)
    decoder = decoder_of(data)
    name = decoder.format or decoder.__name__
    counting.refuse_costly(data, name, limits)
    if name == "JPEG":
        data = without_long_runs(data)
    open_ = partial(_open, decoder, limits=limits, at_least=at_least)
    try:
        with silence():
            try:
                early = counting.pixels_at_opening(data, name)
                if early > limits.pixels:
                    raise _too_many_pixels(f"{early:,}", limits.pixels)
                with room(early):
                    return _decode(data, name, at_least, open_, nullcontext if early else room)
            except (ImageError, MemoryError, Image.DecompressionBombError):
                raise
            except Exception:
                with _room_of_rest(data, open_, room, limits):
                    decoded = _decode_rest(data, name, at_least, open_)
                if decoded is None:
                    raise
                return decoded
    except ImageError:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise ImageTooLarge(f"a {name} image that is too large to decode here") from error
    except Exception as error:
        raise UnreadableImage(reasons.of_damage(name, error)) from error


def _open(
    decoder: type[ImageFile], data: bytes, *, limits: Limits, at_least: int | None
) -> tuple[ImageFile, tuple[int, int]]:
    """Open a file without decoding a pixel; also gives the size that its header states.

    Raises:
        ImageTooLarge: it has more pixels than may be decoded.
        Exception: whatever the decoder raises.
    """
    source = _parsed(decoder, data)
    width, height = size = source.size
    most = limits.pixels
    if isinstance(source, JpegImageFile) and at_least:
        source.draft(None, (at_least * HEADROOM, at_least * HEADROOM))
        if source.size != size and not source.info.get("progressive"):
            most = _SCALED_DOWN * limits.pixels
    if width * height > most or source.width * source.height > limits.pixels:
        raise _too_many_pixels(f"{width:,} x {height:,}", most)
    if tiff.is_tiff(source):
        tiff.prepare(source)
    return source, size


def _too_many_pixels(found: str, most: int) -> ImageTooLarge:
    return ImageTooLarge(f"{found} pixels, above the limit of {most:,} (setting max_pixels)")


def _parsed(decoder: type[ImageFile], data: bytes) -> ImageFile:
    try:
        return decoder(io.BytesIO(data))
    except Exception:
        if decoder.format != "AVIF" or b"Exif" not in data:
            raise
    # libavif gives up on an image whose EXIF is malformed; under another name it leaves that part alone.
    return decoder(io.BytesIO(data.replace(b"Exif", b"none")))


def _decode(data: bytes, name: str, at_least: int | None, open_: Opener, room: Asked) -> Decoded:
    source, size = open_(data)
    with source, room(_pixels_held(source, size)):
        picture = frames.telling(source)
        if not isinstance(source, JpegImageFile):
            size = picture.size  # TIFF and HEIF are turned upright by their decoders
        if tiff.is_tiff(source):
            picture = tiff.corrected(source, picture, lambda: open_(data)[0])
        orientation = orientation_of(source)
        image = finished(picture, orientation, at_least)
        several = frames.are_several(source)
    remark = _FRAMES_MISSING if several and counting.ends_early(data, name) else ""
    return Decoded(image, *_turned(size, orientation), name, remark, several)


def _decode_rest(data: bytes, name: str, at_least: int | None, open_: Opener) -> Decoded | None:
    """What is left of a file that did not decode; None if that is too little."""
    rest = cut_short.rest(data, name, open_)
    if rest is None:
        return None
    picture = rest.picture
    if tiff.is_tiff(rest.source):
        picture = tiff.corrected(rest.source, picture, None)
    orientation = orientation_of(rest.source)
    image = finished(picture, orientation, at_least)
    return Decoded(image, *_turned(rest.size, orientation), name, rest.remark)


def _turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    width, height = size
    return (height, width) if orientation in SIDEWAYS else (width, height)


def _pixels_held(source: ImageFile, original: tuple[int, int]) -> int:
    """How many pixels decoding holds in memory.

    A progressive JPEG is held whole, as coefficients, whatever size it is scaled to.
    """
    width, height = original if source.info.get("progressive") else source.size
    return width * height


def _room_of_rest(data: bytes, open_: Opener, room: Asked, limits: Limits) -> AbstractContextManager[object]:
    """Room for two readings of a file that did not decode; for the most pixels if it does not even open."""
    try:
        width, height = open_(data)[1]
    except Exception:  # noqa: BLE001 - whatever decoders raise; the file may still open once it is completed
        return room(limits.pixels)
    return room(2 * width * height)
