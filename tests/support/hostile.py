"""Bad, odd and merely rare image files, each with what must become of it.

Used by the unit tests of `lookalike.images` and by the end-to-end tests: whatever a folder holds, indexing it
refuses exactly these files, for these reasons, and takes the others.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the corpus.

    Attributes:
        path: where it was written.
        refused: part of the reason for which it must be refused, or ``None`` if it must decode.
    """

    path: Path
    refused: str | None = None


def photo(width: int = 64, height: int = 48, *, seed: int = 0) -> Image.Image:
    """A smooth, colourful RGB picture that survives lossy formats, and no two rows or columns alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    """``image`` as a file of the format ``form``."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def exif(orientation: int) -> bytes:
    """EXIF that holds an orientation and nothing else."""
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags.tobytes()


def avif_with_broken_exif() -> bytes:
    """An AVIF whose EXIF does not start the way TIFF does, which libavif holds against the whole image."""
    tags = Image.Exif()
    tags[0x010E] = "a description"
    whole = encoded(photo(), "AVIF", exif=tags.tobytes())
    broken = whole.replace(b"MM\x00\x2a", b"XXXX")
    if broken == whole:
        raise RuntimeError("this Pillow writes EXIF differently: find its start another way")
    return broken


def stored_as(image: Image.Image, orientation: int) -> Image.Image:
    """The pixels that a camera stores so that ``orientation`` (EXIF 2.32, table 6) turns them into ``image``.

    The first row of the file is the top, bottom, left or right of the picture, its first column likewise.
    """
    pixels = np.asarray(image)
    stored = {
        1: pixels,
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: pixels.swapaxes(0, 1),
        6: pixels.swapaxes(0, 1)[::-1],
        7: pixels.swapaxes(0, 1)[::-1, ::-1],
        8: pixels.swapaxes(0, 1)[:, ::-1],
    }[orientation]
    return Image.fromarray(np.ascontiguousarray(stored))


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(side: int = 50_000, *, bits: int = 1, colours: int = 0) -> bytes:
    """A well-formed PNG of ``side`` x ``side`` zeros in a few hundred kilobytes.

    Args:
        side: a multiple of 1,000.
        bits: per pixel.
        colours: the type of colour as PNG numbers it; with 0 and 1 bit, the picture is black.
    """
    rows_at_once = 1_000
    zeros = rows_at_once * (1 + (side * bits + 7) // 8)
    squeeze = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = squeeze.compress(bytes(zeros)) + squeeze.flush(zlib.Z_FULL_FLUSH)  # repeats as it is
    repeats = side // rows_at_once
    adler = (zeros * repeats % 65_521) << 16 | 1  # of nothing but zeros
    rows = b"\x78\xda" + block * repeats + squeeze.flush() + struct.pack(">I", adler)
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colours]
    header = struct.pack(">IIBBBBB", side, side, bits // channels, colours, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def claiming(jpeg: bytes, width: int, height: int) -> bytes:
    """A baseline JPEG whose frame header says ``width`` x ``height``."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def scanned(jpeg: bytes, scans: int) -> bytes:
    """A progressive JPEG with scans added that hold no coefficients, but are gone through all the same."""
    empty = b"\xff\xda" + struct.pack(">HBBB", 8, 1, 1, 0) + bytes((1, 63, 0))
    return jpeg[:-2] + empty * scans + jpeg[-2:]


def with_segments(jpeg: bytes, marker: int, contents: list[bytes]) -> bytes:
    """A JPEG with application segments put in front."""
    segments = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for data in contents)
    return jpeg[:2] + segments + jpeg[2:]


def tiff(entries: list[tuple[int, int, int, int]], after: bytes = b"") -> bytes:
    """A little-endian TIFF with one directory of (tag, type, count, value or offset)."""
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II\x2a\x00" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + after


def _readable() -> Iterator[tuple[str, bytes]]:
    """Names and bytes of files that are rare but right."""
    picture = photo()
    yield "one-pixel.png", encoded(photo(1, 1), "PNG")
    deep = np.linspace(0, 65535, 48 * 64, dtype=np.uint16).reshape(48, 64)
    yield "sixteen-bits.png", encoded(Image.fromarray(deep), "PNG")
    yield "sixteen-bits.tif", encoded(Image.fromarray(deep), "TIFF")
    yield "floats.tiff", encoded(Image.fromarray(deep.astype(np.float32)), "TIFF")
    yield "print.jpg", encoded(picture.convert("CMYK"), "JPEG")
    yield "palette.png", encoded(picture.quantize(16), "PNG", transparency=bytes(range(0, 256, 16)))
    yield "glass.webp", encoded(photo().convert("RGBA"), "WEBP", lossless=True)
    yield "black-and-white.tif", encoded(picture.convert("1"), "TIFF", compression="group4")
    frames = {"save_all": True, "append_images": [photo(seed=seed) for seed in (1, 2)], "duration": 100}
    yield "moving.gif", encoded(picture, "GIF", **frames)
    yield "moving.webp", encoded(picture, "WEBP", **frames)
    yield "moving.png", encoded(picture, "PNG", **frames)
    yield "moving.avif", encoded(picture, "AVIF", **frames)
    yield "two-eyes.mpo", encoded(picture, "MPO", save_all=True, append_images=[photo(seed=1)])
    for orientation in range(1, 9):
        stored = stored_as(picture, orientation)
        yield f"turned-{orientation}.jpg", encoded(stored, "JPEG", exif=exif(orientation))
    jpeg = encoded(picture, "JPEG")
    yield "new\nline.jpg", jpeg
    yield "UPPER.JPEG", jpeg
    yield "png-inside.jpg", encoded(picture, "PNG")
    yield "huge-exif.jpg", with_segments(jpeg, 0xE1, [b"Exif\0\0" + bytes(65_000)] * 20)
    yield "broken-exif.jpg", with_segments(jpeg, 0xE1, [b"Exif\0\0II\x2a\x00\x08\0\0\0\xff\xff"])
    yield "broken-exif.png", encoded(picture, "PNG", exif=b"no exif at all")
    yield "broken-exif.webp", encoded(picture, "WEBP", exif=b"no exif at all")
    yield "broken-exif.avif", avif_with_broken_exif()


def _refused() -> Iterator[tuple[str, bytes, str]]:
    """Names, bytes and reasons of files that must be refused."""
    picture = photo()
    jpeg, png, gif = (encoded(picture, form) for form in ("JPEG", "PNG", "GIF"))
    for form in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF"):
        data = encoded(photo(320, 240), form)
        kind = "damaged" if form in ("WEBP", "AVIF") else "incomplete"
        yield f"truncated.{form.lower()}", data[: len(data) // 2], f"{kind} {form} image"
    yield "bomb.png", png_bomb(), "50,000 x 50,000 pixels, above the limit"
    yield "empty.jpg", b"", "empty"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.jpg", jpeg)
    yield "zip.jpg", archive.getvalue(), "not a JPEG"
    yield "text.png", b"<html>not found</html>", "not a JPEG"
    yield "only-magic.png", png[:8], "damaged PNG image"
    yield "wide-claim.jpg", claiming(jpeg, 60_000, 60_000), "60,000 x 60,000 pixels, above the limit"
    yield "no-pixels.jpg", claiming(jpeg, 0, 48), "damaged JPEG image"
    yield "wide-claim.gif", gif[:6] + b"\xff\xff\xff\xff" + gif[10:], "65,535 x 65,535 pixels"
    yield "no-frames.gif", b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0) + b";", "damaged GIF image"
    yield "wide-claim.bmp", _wide_bmp(), "40,000 x 40,000 pixels, above the limit"
    yield "wide-claim.webp", _wide_webp(), "16,001 x 16,001 pixels, above the limit"
    wide = [(0x100, 4, 1, 4_000_000_000), (0x101, 4, 1, 4_000_000_000), (0x102, 3, 1, 8)]
    yield (
        "wide-claim.tif",
        tiff([*wide, (0x106, 3, 1, 1), (0x111, 4, 1, 8), (0x117, 4, 1, 9)]),
        "above the limit",
    )
    yield (
        "crazy-directory.tif",
        b"II\x2a\x00" + struct.pack("<IH", 8, 65_535) + b"\xff" * 900,
        "damaged TIFF image",
    )
    yield "far-directory.tif", b"II\x2a\x00\xff\xff\xff\xff", "damaged TIFF image"
    yield "circular-directory.tif", _circular_tiff(), "damaged TIFF image"


def _wide_bmp() -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, 40_000, 40_000, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 12, 0, 0, 54) + info + bytes(12)


def _wide_webp() -> bytes:
    data = bytearray(encoded(photo(), "WEBP", exif=exif(1)))
    data[24:30] = (16_000).to_bytes(3, "little") * 2
    return bytes(data)


def _circular_tiff() -> bytes:
    """A TIFF without dimensions whose only directory names itself as the next one."""
    return b"II\x2a\x00" + struct.pack("<IHHHIII", 8, 1, 0x112, 3, 1, 6, 8)


def build(folder: Path) -> list[Case]:
    """Write the corpus into an empty folder.

    Args:
        folder: an existing folder; nothing is written elsewhere.

    Returns:
        One case for each entry that a scan of the folder reaches. Some are refused by the scan itself (links
        in a circle, named pipes), some when read, the others when decoded.
    """
    cases = []

    def write(name: str, data: bytes, refused: str | None = None) -> None:
        path = folder / name
        path.write_bytes(data)
        cases.append(Case(path, refused))

    for name, data in _readable():
        write(name, data)
    for name, data, reason in _refused():
        write(name, data, reason)
    jpeg = encoded(photo(), "JPEG")
    with suppress(OSError):  # a file system that takes UTF-8 names only never shows us such a file
        write(os.fsdecode(b"caf\xe9.jpg"), jpeg)
    (folder / "link.jpg").symlink_to("print.jpg")
    cases.append(Case(folder / "link.jpg"))
    (folder / "circle.jpg").symlink_to("circle.jpg")
    cases.append(Case(folder / "circle.jpg", "circle"))
    (folder / "dangling.jpg").symlink_to("nowhere.jpg")
    cases.append(Case(folder / "dangling.jpg", "no such file"))
    os.mkfifo(folder / "pipe.jpg")
    cases.append(Case(folder / "pipe.jpg", "named pipe"))
    write("locked.jpg", jpeg, "permission denied" if os.geteuid() else None)
    (folder / "locked.jpg").chmod(0)
    return cases
