"""Pillow images that callers hand in, converted to the pictures that their files would give."""

from __future__ import annotations

import io
from contextlib import suppress

from PIL import Image
from PIL.ImageFile import ImageFile

from lookalike.errors import UnreadableImage
from lookalike.images import reasons, tiff
from lookalike.images.decode import decode
from lookalike.images.finish import finished, orientation_of
from lookalike.images.formats import decoder_of
from lookalike.images.silence import silence
from lookalike.settings import Limits


def from_pillow(image: Image.Image, limits: Limits, *, at_least: int | None = None) -> Image.Image:
    """Make an upright RGB picture of a Pillow image.

    One that was opened from a file and not yet loaded is read from its file's bytes, so that the path, the
    bytes and the Pillow image give the very same pixels. Any other is taken as it is in memory: the frame it
    shows, with its orientation, transparency and colour profile.

    Args:
        image: any mode; left as it is.
        limits: hold for a file that is still to be read.
        at_least: as in ``decode``.

    Raises:
        ImageError: it cannot be read.
    """
    data = _unread_file(image)
    if data is not None:
        with suppress(UnreadableImage):  # such as a format that is read from callers only
            picture = decode(data, limits=limits, at_least=at_least).image
            _close_file(image, limits)
            return picture
    try:
        with silence():
            picture = tiff.corrected(image, image, None) if tiff.is_tiff(image) else image
            return finished(picture, orientation_of(image), at_least)
    except Exception as error:
        raise UnreadableImage(reasons.of_damage(image.format or "", error)) from error


def as_file(picture: bytes | Image.Image, limits: Limits) -> bytes:
    """The file of a picture, to be kept.

    Args:
        picture: a file's bytes, which stay as they are; or a Pillow image. If that was opened from a file and
            not yet loaded, the file's bytes are taken; of any other a PNG is made, upright and RGB.
        limits: as in ``from_pillow``.

    Raises:
        ImageError: it is a Pillow image that cannot be read.
    """
    if isinstance(picture, bytes):
        return picture
    data = _unread_file(picture)
    if data is not None:
        with suppress(UnreadableImage):  # such as a format that is read from callers only
            decoder_of(data)
            _close_file(picture, limits)
            return data
    file = io.BytesIO()
    from_pillow(picture, limits).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _close_file(image: Image.Image, limits: Limits) -> None:
    """Load an image unless it is too large; that closes its file, as callers may expect of any use."""
    if image.width * image.height <= limits.pixels and not getattr(image, "is_animated", False):
        with suppress(Exception), silence():
            image.load()


def _unread_file(image: Image.Image) -> bytes | None:
    """The bytes of the file behind an image that shows what its file says; None if there is no such file.

    That holds until pixels are loaded, which a caller may change then. The frames of an animation are loaded
    from its file again and again.
    """
    if not isinstance(image, ImageFile):
        return None
    if image._im is not None and not getattr(image, "is_animated", False):
        return None
    try:
        if image.fp is None or image.tell() != 0:
            return None
        place = image.fp.tell()
        image.fp.seek(0)
        try:
            return image.fp.read()
        finally:
            image.fp.seek(place)
    except (OSError, ValueError, EOFError, AttributeError):
        return None
