"""TIFFs of every sample type and layout: the right pixels, or a refusal."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tifffile

from lookalike.errors import UnreadableImage
from lookalike.images import decode

Y, X = np.mgrid[0:48, 0:80]
RGB = np.stack([3 * X, 2 * X + Y, 5 * Y], axis=2)
GREY = 3 * X + 0 * Y
GREY[0, :2] = 0, 255

Values = npt.NDArray[Any]


def _planes(values: Values) -> Values:
    return np.ascontiguousarray(np.moveaxis(values, 2, 0))


# What is written, how, and the pixels that a viewer shows.
CASES: dict[str, tuple[Values, dict[str, Any], Values]] = {
    "grey": ((GREY * 257).astype(np.uint16), {"photometric": "minisblack"}, GREY),
    "min is white": (((255 - GREY) * 257).astype(np.uint16), {"photometric": "miniswhite"}, GREY),
    "colour": ((RGB * 257).astype(np.uint16), {"photometric": "rgb"}, RGB),
    "planes": (
        _planes((RGB * 257).astype(np.uint16)),
        {"photometric": "rgb", "planarconfig": "separate"},
        RGB,
    ),
    "planes of bytes": (
        _planes(RGB.astype(np.uint8)),
        {"photometric": "rgb", "planarconfig": "separate"},
        RGB,
    ),
    "ten bits": ((GREY * 1023 // 255).astype(np.uint16), {"photometric": "minisblack"}, GREY),
    "twelve bits": ((GREY * 4095 // 255).astype(np.uint16), {"photometric": "minisblack"}, GREY),
    "twelve bits of colour": ((RGB * 4095 // 255).astype(np.uint16), {"photometric": "rgb"}, RGB),
    "twelve bits, min is white": (
        ((255 - GREY) * 4095 // 255).astype(np.uint16),
        {"photometric": "miniswhite"},
        GREY,
    ),
    "signed bytes": ((GREY - 128).astype(np.int8), {"photometric": "minisblack"}, GREY),
    "signed": ((GREY * 257 - 32768).astype(np.int16), {"photometric": "minisblack"}, GREY),
    "long": ((GREY * 16843009).astype(np.uint32), {"photometric": "minisblack"}, GREY),
    "floats": ((GREY / 255).astype(np.float32), {"photometric": "minisblack"}, GREY),
    "floats, min is white": ((1 - GREY / 255).astype(np.float32), {"photometric": "miniswhite"}, GREY),
    "double": (GREY / 255, {"photometric": "minisblack"}, GREY),
    "ink planes": (
        _planes(np.dstack([255 - RGB, 0 * GREY]).astype(np.uint16) * 257),
        {"photometric": "separated", "planarconfig": "separate"},
        RGB,
    ),
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "lzw", "deflate"])
@pytest.mark.parametrize("tile", [None, (16, 16)])
@pytest.mark.parametrize("name", CASES)
def test_a_tiff_is_read_right_or_refused(
    name: str, tile: tuple[int, int] | None, compression: str | None, order: str
) -> None:
    values, options, expected = CASES[name]
    file = io.BytesIO()
    tifffile.imwrite(file, values, byteorder=order, compression=compression, tile=tile, **options)
    try:
        found = np.asarray(decode(file.getvalue()).image, int)
    except UnreadableImage:
        assert order == ">" or name == "double"
        return
    shown = expected if expected.ndim == 3 else np.dstack([expected] * 3)
    assert np.abs(found - shown).mean() < 1
