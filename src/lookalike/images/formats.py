"""Which bytes and which file names count as images.

An image is recognised by its first bytes alone, never by its name, and is then given to exactly one decoder.
Pillow's own registry is not asked: it knows dozens of formats that nobody photographs in, each one more
parser for a hostile file to reach.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from PIL.ImageFile import ImageFile

from lookalike.errors import UnreadableImage
from lookalike.images.names import RAW_SUFFIXES
from lookalike.images.raw_signs import is_raw

_SIGNATURES = (
    (b"\xff\xd8\xff", "Jpeg"),
    (b"\x89PNG\r\n\x1a\n", "Png"),
    (b"GIF87a", "Gif"),
    (b"GIF89a", "Gif"),
    (b"BM", "Bmp"),
    (b"II\x2a\x00", "Tiff"),
    (b"MM\x00\x2a", "Tiff"),
    (b"II\x2b\x00", "Tiff"),
    (b"MM\x00\x2b", "Tiff"),
    (b"\xff\x4f\xff\x51", "Jpeg2K"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "Jpeg2K"),
)
"""What files of a format begin with, and how Pillow's module and class for it begin."""

NO_PICTURE = "not a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or JPEG 2000 image"
"""What is said of bytes that are of no allowed format."""

_JPEG_XL = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")
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
            return _of_pillow(decoder)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _of_pillow("WebP")
    brand = _brand(data)
    if brand in _AVIF_BRANDS:
        return _of_pillow("Avif")
    if brand in _HEIC_BRANDS | _HEIF_CONTAINERS:
        heif: type[ImageFile] = import_module("pi_heif").HeifImageFile
        return heif
    raise UnreadableImage(NO_PICTURE)


def _of_pillow(name: str) -> type[ImageFile]:
    """One of Pillow's decoders, imported when a file of its format is met: all nine take 20 ms."""
    decoder: type[ImageFile] = getattr(import_module(f"PIL.{name}ImagePlugin"), f"{name}ImageFile")
    return decoder


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
