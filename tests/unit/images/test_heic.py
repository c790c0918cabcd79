"""HEIC, which every installation reads; the files are written by a package that only the tests have."""

from __future__ import annotations

import io

import numpy as np
import pillow_heif as heif
import pytest

import hostile
from lookalike.errors import UnreadableImage
from lookalike.images import decode


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_picture_comes_out_upright(orientation: int) -> None:
    picture = hostile.photo(160, 96)
    stored = hostile.stored_as(picture, orientation)
    file = io.BytesIO()
    heif.from_pillow(stored).save(file, quality=95, exif=hostile.exif(orientation))
    decoded = decode(file.getvalue())
    assert (decoded.width, decoded.height, decoded.format) == (160, 96, "HEIF")
    difference = np.abs(np.asarray(decoded.image, int) - np.asarray(picture, int))
    assert difference.mean() < 4


def test_a_truncated_heic_is_refused() -> None:
    file = io.BytesIO()
    heif.from_pillow(hostile.photo(160, 96)).save(file)
    with pytest.raises(UnreadableImage, match="incomplete HEIF image"):
        decode(file.getvalue()[:-200])
