"""HEIC with and without the optional package: the second in a process where importing it fails."""

from __future__ import annotations

import io
import struct
import subprocess
import sys

import numpy as np
import pytest

import hostile
from lookalike.errors import UnreadableImage
from lookalike.images import decode

_HEADER = struct.pack(">I4s4sI", 24, b"ftyp", b"heic", 0) + b"mif1heic"

_WITHOUT = """
import sys
sys.modules["pillow_heif"] = None
from lookalike.errors import UnreadableImage
from lookalike.images import decode
try:
    decode(bytes.fromhex(sys.argv[1]))
except UnreadableImage as error:
    print(error)
"""


def test_without_the_package_the_reason_says_how_to_get_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, _HEADER.hex()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout == "a HEIC image; to read those, run: pip install 'lookalike[heic]'\n"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_picture_comes_out_upright(orientation: int) -> None:
    heif = pytest.importorskip("pillow_heif")
    picture = hostile.photo(160, 96)
    stored = hostile.stored_as(picture, orientation)
    file = io.BytesIO()
    heif.from_pillow(stored).save(file, quality=95, exif=hostile.exif(orientation))
    decoded = decode(file.getvalue())
    assert (decoded.width, decoded.height, decoded.format) == (160, 96, "HEIF")
    difference = np.abs(np.asarray(decoded.image, int) - np.asarray(picture, int))
    assert difference.mean() < 4


def test_a_truncated_heic_is_refused() -> None:
    heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    heif.from_pillow(hostile.photo(160, 96)).save(file)
    with pytest.raises(UnreadableImage, match="damaged or truncated HEIF image"):
        decode(file.getvalue()[:-200])
