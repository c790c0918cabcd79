"""Which bytes and which file names count as images.

An image is recognised by its first bytes alone, never by its name, and is then given to exactly one decoder.
Pillow's own registry is not asked: it knows dozens of formats that nobody photographs in, each one more
parser for a hostile file to reach.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from pi_heif import HeifImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from lookalike.errors import UnreadableImage
from lookalike.images.names import RAW_SUFFIXES
from lookalike.images.raw_signs import is_raw

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
    (b"\xff\x4f\xff\x51", Jpeg2KImageFile),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", Jpeg2KImageFile),
)
NO_PICTURE = "not a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or JPEG 2000 image"
"""What is said of bytes that are of no allowed format."""

_JPEG_XL = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")
_TIFF = (b"II", b"MM")
_EXTRAS = {"raw": ("a RAW photo", "rawpy"), "jxl": ("a JPEG XL image", "pillow_jxl")}
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_CONTAINERS = frozenset({b"mif1", b"msf1"})


def is_picture(start: bytes) -> bool:
    """Whether a file that starts so holds an image that can be decoded here."""
    try:
        decoder_of(start)
    except UnreadableImage:
        return False
    return True


def missing_extra(name: str) -> str:
    """The kind of a file for which an optional package is missing; empty if it can be read."""
    extra = "raw" if name.lower().endswith(RAW_SUFFIXES) else "jxl" if name.lower().endswith(".jxl") else ""
    if not extra or _installed(extra):
        return ""
    return f"{name[name.rindex('.') :].lower()} (needs lookalike[{extra}])"


@cache
def _installed(extra: str) -> bool:
    return find_spec(_EXTRAS[extra][1]) is not None


def _optional(extra: str) -> type[ImageFile]:
    """The decoder that an extra brings.

    Raises:
        UnreadableImage: the extra is not installed.
    """
    if not _installed(extra):
        raise UnreadableImage(f"{_EXTRAS[extra][0]}; to read those, run: pip install 'lookalike[{extra}]'")
    decoder: type[ImageFile] = import_module(f"lookalike.images.{extra}").DECODER
    return decoder


def decoder_of(data: bytes) -> type[ImageFile]:
    """The one Pillow class that may decode ``data``.

    Raises:
        UnreadableImage: no allowed format starts like this, or it needs a package that is not installed.
    """
    if not data:
        raise UnreadableImage("the file is empty (0 bytes)")
    if is_raw(data):
        return _optional("raw")
    if data.startswith(_JPEG_XL):
        return _optional("jxl")
    for signature, decoder in _SIGNATURES:
        if data.startswith(signature):
            return decoder
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WebPImageFile
    brand = _brand(data)
    if brand in _AVIF_BRANDS:
        return AvifImageFile
    if brand in _HEIC_BRANDS | _HEIF_CONTAINERS:
        heif: type[ImageFile] = HeifImageFile
        return heif
    raise UnreadableImage(NO_PICTURE)


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
