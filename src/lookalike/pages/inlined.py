"""Pictures inside a page, as ``data:`` addresses."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO

from markupsafe import Markup
from PIL import Image

_JPEG_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Inlined:
    """A picture that lies in the page itself.

    Attributes:
        source: a JPEG file as a ``data:`` address.
        width: pixels.
        height: pixels.
    """

    source: Markup
    width: int
    height: int


def inlined(image: Image.Image, side: int) -> Inlined:
    """A small copy of a picture.

    Args:
        image: of any mode; it is left as it is.
        side: pixels that the longer side has at most.
    """
    small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = BytesIO()
    small.save(file, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return Inlined(data_uri(file.getvalue(), "image/jpeg"), small.width, small.height)


def data_uri(data: bytes, media_type: str) -> Markup:
    """A file as an address that holds it; its letters need no escapes in HTML."""
    return Markup(f"data:{media_type};base64,{base64.b64encode(data).decode()}")  # noqa: S704
