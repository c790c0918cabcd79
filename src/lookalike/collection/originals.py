"""The file that an image was indexed from, as long as one still holds the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from lookalike.errors import ImageError
from lookalike.images import Limits, read_file
from lookalike.paths import is_content_name


def original(paths: Iterable[Path], sha256: bytes, limits: Limits) -> bytes:
    """Read the first of an image's files that still holds the bytes that were indexed.

    Args:
        paths: where the image lay when it was indexed.
        sha256: of its bytes.
        limits: for reading a file.

    Raises:
        ImageError: no file holds them any more; the message says what is wrong with the first.
    """
    refusals: list[ImageError] = []
    for path in paths:
        if is_content_name(path):  # no path is kept
            continue
        try:
            data = read_file(path, limits)
        except ImageError as error:
            refusals.append(error)
            continue
        if hashlib.sha256(data).digest() == sha256:
            return data
        refusals.append(ImageError("it has changed since it was indexed; index it again first"))
    raise refusals[0] if refusals else ImageError("no file is known to hold it")
