"""JPEG XL, through the plugin that the ``jxl`` extra brings, once the size is known to be allowed."""

from __future__ import annotations

from PIL import Image
from pillow_jxl import JpegXLImagePlugin
from pillow_jxl.JpegXLImagePlugin import JXLImageFile

from lookalike.settings import Limits

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_MOST = Limits().pixels
_SKIPPED = {b"jxlc": 0, b"jxlp": 4}
"""Boxes that hold a codestream, or the first part of one, and the bytes before it in the box."""

JpegXLImagePlugin.DECODE_THREADS = 0  # as for other formats: there is a process for each core


class JpegXL(JXLImageFile):
    """The plugin decodes all pixels as soon as it opens a file, so the size is read before."""

    def _open(self) -> None:
        if self.fp is None:
            raise ValueError("no file")
        width, height = stated_size(self.fp.read())
        self.fp.seek(0)
        if width * height > _MOST:
            raise Image.DecompressionBombError(f"{width:,} x {height:,} pixels")
        super()._open()  # type: ignore[no-untyped-call]
        if not self.jpeg:  # the decoder has turned it upright; a JPEG that was packed is still as it was
            self.info.pop("exif", None)


DECODER = JpegXL


def stated_size(data: bytes) -> tuple[int, int]:
    """Width and height that the codestream's header states (ISO/IEC 18181-1, SizeHeader).

    Raises:
        ValueError: there is no codestream in these bytes.
    """
    at = 0 if data.startswith(b"\xff\x0a") else _codestream(data)
    if data[at : at + 2] != b"\xff\x0a":
        raise ValueError("no codestream")
    bits = _Bits(int.from_bytes(data[at + 2 : at + 14], "little"))
    small = bits.take(1)
    height = _length(bits, small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return _length(bits, small), height


def _codestream(data: bytes) -> int:
    """Where the codestream begins in a file of boxes (ISO/IEC 18181-2, clause 9).

    Raises:
        ValueError: no box holds one.
    """
    at = 0
    while at + 8 <= len(data):
        size, head = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        skipped = _SKIPPED.get(data[at + 4 : at + 8])
        if skipped is not None:
            return at + head + skipped
        if size < head:  # 0: to the end of the file
            break
        at += size
    raise ValueError("no codestream")


class _Bits:
    """Bits of a number, the lowest first."""

    def __init__(self, value: int) -> None:
        self._value = value

    def take(self, count: int) -> int:
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken


def _length(bits: _Bits, small: int) -> int:
    return (bits.take(5) + 1) * 8 if small else bits.take((9, 13, 18, 30)[bits.take(2)]) + 1
