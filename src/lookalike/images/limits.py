"""How much one image may cost before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that hold while an image is read, not after.

    Attributes:
        file_bytes: longest encoded image.
        pixels: most pixels (width x height) that are decoded. A JPEG that is scaled down while it is decoded
            may have eight times as many in its file.
        fetch_bytes: longest answer taken from a URL.
        fetch_seconds: whole time a URL may take, redirects included.
    """

    file_bytes: int = 256 << 20
    pixels: int = 120_000_000
    fetch_bytes: int = 32 << 20
    fetch_seconds: float = 15.0
