"""Which bytes and which file names count as images.

An image is recognised by its first bytes alone, never by its name, and is then given to exactly one decoder.
Pillow's own registry is not asked: it knows dozens of formats that nobody photographs in, each one more
parser for a hostile file to reach.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from lookalike.errors import UnreadableImage

# fmt: off
SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".gif",
    ".bmp", ".dib", ".tif", ".tiff", ".avif", ".heic", ".heif",
)
# fmt: on
"""Endings, in lower case, of the files that a walk through a folder takes."""

_SIGNATURES: tuple[tuple[bytes, type[ImageFile]], ...] = (
    (b"\xff\xd8\xff", JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", PngImageFile),
    (b"GIF87a", GifImageFile),
    (b"GIF89a", GifImageFile),
    (b"BM", BmpImageFile),
    (b"II\x2a\x00", TiffImageFile),
    (b"MM\x00\x2a", TiffImageFile),
    (b"II\x2b\x00", TiffImageFile),
    (b"MM\x00\x2b", TiffImageFile),
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_CONTAINERS = frozenset({b"mif1", b"msf1"})


def has_image_suffix(name: str) -> bool:
    """Whether a file called ``name`` is worth opening during a walk."""
    return name.lower().endswith(SUFFIXES)


def decoder_of(data: bytes) -> type[ImageFile]:
    """The one Pillow class that may decode ``data``.

    Raises:
        UnreadableImage: no allowed format starts like this, or it needs a package that is not installed.
    """
    if not data:
        raise UnreadableImage("the file is empty (0 bytes)")
    for signature, decoder in _SIGNATURES:
        if data.startswith(signature):
            return decoder
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WebPImageFile
    brand = _brand(data)
    if brand in _AVIF_BRANDS:
        return AvifImageFile
    if brand in _HEIC_BRANDS | _HEIF_CONTAINERS:
        heif = _heif_decoder()
        if heif is None:
            raise UnreadableImage("a HEIC image; to read those, run: pip install 'lookalike[heic]'")
        return heif
    raise UnreadableImage("not a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC image")


def _brand(data: bytes) -> bytes:
    """The brand of an ISO media file (ISO/IEC 14496-12, section 4.3), empty for anything else.

    A file that only calls itself a container says what it contains in its list of compatible brands.
    """
    if data[4:8] != b"ftyp":
        return b""
    major = data[8:12]
    if major in _HEIF_CONTAINERS:
        end = min(int.from_bytes(data[:4], "big"), 256)
        for compatible in (data[at : at + 4] for at in range(16, end, 4)):
            if compatible in _AVIF_BRANDS:
                return compatible
    return major


@cache
def _heif_decoder() -> type[ImageFile] | None:
    """The decoder that the ``heic`` extra brings, if it is installed."""
    try:
        decoder: type[ImageFile] = import_module("pillow_heif").HeifImageFile
    except ImportError:
        return None
    return decoder
