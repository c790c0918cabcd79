"""Small copies of the collection's pictures, made when they are first asked for and kept in memory."""

from __future__ import annotations

import io
import threading

from cachetools import LRUCache
from PIL import Image

from lookalike.images import Limits
from lookalike.images.decoders import Decoders
from lookalike.store import ImageFacts
from lookalike.web.originals import read_original

MEDIA_TYPE = "image/webp"
_QUALITY = 80
_KEPT_BYTES = 32 << 20


class Thumbnails:
    """Makes and keeps thumbnails; safe to use from many threads."""

    def __init__(self, limits: Limits, decoders: Decoders) -> None:
        self._limits, self._decoders = limits, decoders
        self._kept: LRUCache[tuple[bytes, int], bytes] = LRUCache(_KEPT_BYTES, getsizeof=len)
        self._lock = threading.Lock()

    @staticmethod
    def tag(image: ImageFacts, side: int) -> str:
        """A thumbnail's ``ETag``, which stays the same exactly as long as the thumbnail does."""
        return f'"{image.sha256.hex()[:32]}-{side}"'

    def kept(self, image: ImageFacts, side: int) -> bytes | None:
        """A thumbnail that was made before and is still at hand."""
        with self._lock:
            return self._kept.get((image.sha256, side))

    def make(self, image: ImageFacts, side: int) -> bytes:
        """Make a thumbnail.

        Args:
            image: of the collection. A file that no longer holds its bytes is not shown.
            side: pixels that the longer side has at most.

        Returns:
            A WebP file.

        Raises:
            NotFoundError: none of its files can be read any more.
        """
        data = self._encoded(read_original(image, self._limits), side)
        with self._lock:
            self._kept[image.sha256, side] = data
        return data

    def _encoded(self, data: bytes, side: int) -> bytes:
        return small_file(self._decoders.decode(data, limits=self._limits, at_least=side).image, side)


def small_file(picture: Image.Image, side: int) -> bytes:
    """A WebP file of a picture, which is made smaller: at most so many pixels a side."""
    picture.thumbnail((side, side), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=_QUALITY, method=2)
    return file.getvalue()
