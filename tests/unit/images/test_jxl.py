"""JPEG XL, written by the plugin that reads it."""

from __future__ import annotations

import numpy as np
import pillow_jxl  # noqa: F401  # registers the writer
import pytest
from PIL import Image

import hostile
from lookalike.errors import ImageTooLarge, UnreadableImage
from lookalike.images import decode
from lookalike.images.jxl import stated_size


@pytest.mark.parametrize("container", [True, False])
@pytest.mark.parametrize("size", [(64, 48), (160, 96), (300, 200), (301, 777), (1920, 1080), (8, 2000)])
def test_size_and_pixels(size: tuple[int, int], container: bool) -> None:
    picture = hostile.photo(*size)
    data = hostile.encoded(picture, "JXL", lossless=True, effort=1, use_container=container)
    assert stated_size(data) == size
    decoded = decode(data)
    assert (decoded.width, decoded.height, decoded.format) == (*size, "JXL")
    assert (np.asarray(decoded.image) == np.asarray(picture)).all()


def test_a_claimed_size_is_judged_before_anything_is_decoded() -> None:
    data = b"\xff\x0a" + (0 | 3 << 1 | (60_000 - 1) << 3 | 1 << 33).to_bytes(12, "little")
    assert stated_size(data) == (60_000, 60_000)
    with pytest.raises(ImageTooLarge):
        decode(data)


def test_damage_is_refused() -> None:
    data = hostile.encoded(Image.new("RGB", (64, 48), "teal"), "JXL")
    with pytest.raises(UnreadableImage, match="damaged JXL image"):
        decode(data[: len(data) // 2])
