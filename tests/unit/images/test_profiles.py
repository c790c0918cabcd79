"""Colour profiles against colours computed from their definitions."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

import hostile
from lookalike.images import decode

_D50 = (0.9642, 1.0, 0.8249)
# Display P3 primaries adapted to D50 (columns X, Y, Z), gamma as in sRGB, here 2.2 for both.
_P3 = np.array([[0.51512, 0.29198, 0.1571], [0.2412, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
_SRGB = np.array([[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169],
                  [0.0139322, 0.0971045, 0.7141733]])  # fmt: skip


def _fixed(number: float) -> bytes:
    return struct.pack(">i", round(number * 65536))


def _profile(matrix: npt.NDArray[np.float64], gamma: float) -> bytes:
    """An ICC profile (ICC.1:2001) of three primaries and a gamma."""
    xyz = [b"XYZ \0\0\0\0" + b"".join(map(_fixed, column)) for column in (*matrix.T, _D50)]
    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(79)
    names = (b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"rTRC", b"gTRC", b"bTRC", b"desc", b"cprt")
    tags = list(zip(names, [*xyz, curve, curve, curve, text, text], strict=True))
    at, table, content = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, value in tags:
        data = value + bytes(-len(value) % 4)
        table += name + struct.pack(">II", at + len(content), len(data))
        content += data
    size = 128 + len(table) + len(content)
    head = struct.pack(">I4sI4s4s4s", size, b"test", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + b"".join(map(_fixed, _D50))
    return head.ljust(128, b"\0") + table + content


def test_wide_gamut_colours_get_the_numbers_that_srgb_has_for_them() -> None:
    stored = np.array([[[200, 100, 50], [90, 140, 90], [128, 128, 128], [60, 60, 120]]], np.uint8)
    data = hostile.encoded(Image.fromarray(stored), "PNG", icc_profile=_profile(_P3, 2.2))
    linear = (stored / 255.0) ** 2.2 @ (np.linalg.inv(_SRGB) @ _P3).T
    curve = np.where(linear > 0.0031308, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055, 12.92 * linear)
    assert np.abs(np.asarray(decode(data).image) - 255 * curve.clip(0, 1)).max() < 4


def test_srgb_and_damaged_profiles_change_no_pixel() -> None:
    picture = hostile.photo()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"no profile", _profile(_P3, 2.2)[:200]):
        assert (
            decode(hostile.encoded(picture, "PNG", icc_profile=profile)).image.tobytes() == picture.tobytes()
        )
