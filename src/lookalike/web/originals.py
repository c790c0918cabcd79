"""The file an image was indexed from, as an answer to a browser.

The bytes may come from anybody. They are sent as what they were found to be when they were indexed, and the
page that a browser makes of them may run and load nothing.
"""

from __future__ import annotations

from urllib.parse import quote

from lookalike.collection.originals import original
from lookalike.errors import ImageError, NotFoundError
from lookalike.images import Limits
from lookalike.store import ImageFacts

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "JPEG2000": "image/jp2",
    "JXL": "image/jxl",
}
"""Media type of each format that the catalog knows; a RAW photo is none of them."""

UNKNOWN_TYPE = "application/octet-stream"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # browsers lay out a lone image by a style


def read_original(image: ImageFacts, limits: Limits) -> bytes:
    """Read the bytes that an image was indexed from.

    Raises:
        NotFoundError: no file holds them any more.
    """
    try:
        return original(image.paths, image.sha256, limits)
    except ImageError as error:
        raise NotFoundError(
            f"the files of image {image.image_id} are gone or hold something else now"
        ) from error


def headers_of(image: ImageFacts) -> dict[str, str]:
    """Headers of the answer that holds an image's file: its name, its ``ETag``, and what it may do.

    A file of a format that has no media type is offered for saving instead of shown.
    """
    called = image.annotation.called(image.paths[0], image.sha256) if image.paths else ""
    name = quote(called.encode("utf-8", "replace")) if called else f"image-{image.image_id}"
    way = "inline" if image.format in MEDIA_TYPES else "attachment"
    return {
        "ETag": f'"{image.sha256.hex()[:32]}"',
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": f"{way}; filename*=UTF-8''{name}",
        "Content-Security-Policy": _POLICY,
    }
