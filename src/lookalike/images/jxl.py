"""JPEG XL, through the plugin that the ``jxl`` extra brings, once the size is known to be allowed."""

from __future__ import annotations

from PIL import Image
from pillow_jxl.JpegXLImagePlugin import JXLImageFile

from lookalike.settings import Limits

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_MOST = Limits().pixels


class JpegXL(JXLImageFile):
    """The plugin decodes all pixels as soon as it opens a file, so the size is read before."""

    def _open(self) -> None:
        if self.fp is None:
            raise ValueError("no file")
        start = self.fp.read(4096)
        self.fp.seek(0)
        width, height = stated_size(start)
        if width * height > _MOST:
            raise Image.DecompressionBombError(f"{width:,} x {height:,} pixels")
        super()._open()  # type: ignore[no-untyped-call]
        if not self.jpeg:  # the decoder has turned it upright; a JPEG that was packed is still as it was
            self.info.pop("exif", None)


DECODER = JpegXL


def stated_size(start: bytes) -> tuple[int, int]:
    """Width and height that the codestream's header states (ISO/IEC 18181-1, SizeHeader).

    Raises:
        ValueError: there is no codestream in these bytes.
    """
    at = 0
    if not start.startswith(b"\xff\x0a"):
        places = [start.find(box) + skip for box, skip in ((b"jxlc", 4), (b"jxlp", 8)) if box in start]
        at = min(places, default=-1)
    if at < 0 or start[at : at + 2] != b"\xff\x0a":
        raise ValueError("no codestream")
    bits = _Bits(int.from_bytes(start[at + 2 : at + 14], "little"))
    small = bits.take(1)
    height = _length(bits, small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return _length(bits, small), height


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
