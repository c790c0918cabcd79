"""HTML in small pieces."""

from __future__ import annotations

import base64
import html
from io import BytesIO
from pathlib import Path

from PIL import Image

from lookalike.paths import shown

_JPEG_QUALITY = 80


def text(value: str | Path) -> str:
    """Any text, on one line and safe between tags and in quoted attributes.

    Control characters, and bytes of file names that are no text, are shown as escapes.
    """
    return html.escape(shown(value))


def unbroken(value: str) -> str:
    """Text as HTML, never broken between a number and its per cent sign."""
    return text(value).replace(" %", "&nbsp;%")


def thumbnail(image: Image.Image, side: int, description: str) -> str:
    """A small copy of a picture inside the page.

    Args:
        image: of any kind.
        side: most pixels a side.
        description: HTML.
    """
    small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = BytesIO()
    small.save(file, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    data = base64.b64encode(file.getvalue()).decode()
    size = f'width="{small.width}" height="{small.height}"'
    return f'<img src="data:image/jpeg;base64,{data}" {size} alt="{description}">'
