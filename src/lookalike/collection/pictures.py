"""One RGB picture from whatever a caller has: a path, a URL, encoded bytes or a picture in memory."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from PIL import Image

from lookalike import images
from lookalike.embed import Embedder
from lookalike.errors import ImageError, UnreadableImage, UsageError
from lookalike.images import Decoded, Limits, decode, read_file
from lookalike.images.given import from_pillow
from lookalike.kernels.arrays import Vectors
from lookalike.paths import absolute, given, on_disk, shown
from lookalike.sight import SMALL_SIDE

if TYPE_CHECKING:
    from lookalike.images.decoders import Decoders

Source = str | Path | bytes | Image.Image
"""A path, an ``http(s)://`` URL, an encoded image, or a decoded one."""

URL_SCHEMES = ("http://", "https://")


class Whole(Protocol):
    """Gives a picture, decoded anew."""

    def __call__(self, at_least: int | None = None) -> Image.Image:
        """Decode it, upright, mode ``RGB``.

        Args:
            at_least: pixels on its shorter side that are enough; at full size if None.

        Raises:
            ImageError: it cannot be had, or not at full size because its file shows more than this picture,
                as an animation.
        """


_ONE_FRAME = "one of its several frames or pages was looked at"


class Opened(NamedTuple):
    """A picture that somebody gave.

    Attributes:
        image: upright, mode ``RGB``; reduced if less is enough for the caller.
        whole: decodes it again, at full size or as large as is enough.
        size: width and height at full size; None for a picture in memory, which is not measured.
        sha256: of its bytes; None for a picture in memory.
        remark: why it is only a part of what was given, one line; empty if it is all.
    """

    image: Image.Image
    whole: Whole
    size: tuple[int, int] | None = None
    sha256: bytes | None = None
    remark: str = ""

    @classmethod
    def of_bytes(
        cls, data: bytes, limits: Limits, *, at_least: int | None = None, decoders: Decoders | None = None
    ) -> Opened:
        """Decode a picture.

        Args:
            data: as a file holds them.
            limits: what it may cost.
            at_least: pixels per side that are enough for the caller; see ``images.decode``.
            decoders: decode it; if None, this process does, for as long as it takes.

        Raises:
            ImageError: they are no usable image.
        """
        by = decoders.decode if decoders else decode
        decoded = by(data, limits=limits, at_least=at_least)
        size = decoded.width, decoded.height

        def whole(at_least: int | None = None) -> Image.Image:
            return wholly(by(data, limits=limits, at_least=at_least), at_least)

        remark = decoded.remark or (_ONE_FRAME if decoded.several else "")
        return cls(decoded.image, whole, size, hashlib.sha256(data).digest(), remark)


def wholly(decoded: Decoded, at_least: int | None) -> Image.Image:
    """A decoded picture; at full size only if it is all that its file shows.

    Args:
        decoded: of a file.
        at_least: None if it was decoded at full size, to say whether another file holds the same.

    Raises:
        UnreadableImage: the file has other frames or pages, so that this one does not tell what it holds.
    """
    if at_least is None and decoded.several:
        raise UnreadableImage("a file of several frames or pages, of which only one was decoded")
    return decoded.image


def open_source(
    source: Source, limits: Limits, *, at_least: int | None = None, decoders: Decoders | None = None
) -> Opened:
    """Get a picture from any source.

    Args:
        source: see ``Source``.
        limits: what it may cost.
        at_least: pixels per side that are enough for the caller; see ``images.decode``.
        decoders: as in ``Opened.of_bytes``.

    Raises:
        ImageError: the picture cannot be had; the message names the source.
        UsageError: not a source, or an empty path.
    """
    if isinstance(source, Image.Image):
        image = from_pillow(source, limits, at_least=at_least)

        def whole(at_least: int | None = None) -> Image.Image:
            return from_pillow(source, limits, at_least=at_least)

        return Opened(image, whole)
    name = "the given bytes" if isinstance(source, bytes) else shown(source)
    try:
        if isinstance(source, bytes):
            data = source
        elif isinstance(source, str) and source.lower().startswith(URL_SCHEMES):
            data = images.fetch(source, limits)
        elif isinstance(source, str | Path):
            data = read_file(_findable(given(source)), limits)
        else:
            raise UsageError(
                f"cannot search with a {type(source).__name__}; give a path, URL, bytes or picture"
            )
        return Opened.of_bytes(data, limits, at_least=at_least, decoders=decoders)
    except ImageError as error:
        raise type(error)(f"{name}: {error}") from error


def open_picture(source: Source, limits: Limits, *, at_least: int | None = None) -> Image.Image:
    """Get an upright RGB picture from any source; see ``open_source``."""
    return open_source(source, limits, at_least=at_least).image


def enough_for(embedder: Embedder) -> int:
    """Pixels per side that a picture needs, to be embedded and to be looked at again."""
    return max(embedder.card.side, SMALL_SIDE)


def _findable(path: Path) -> Path:
    """The path, in the disk's own spelling if it is not there as it was given."""
    return path if os.path.lexists(path) else on_disk(absolute(path))


def embed_source(source: Source, embedder: Embedder, limits: Limits) -> Vectors:
    """Embed one picture.

    Returns:
        (1, dim) float32 of unit length.

    Raises:
        ImageError: the picture cannot be had.
    """
    return embedder.embed([open_picture(source, limits, at_least=enough_for(embedder))])
