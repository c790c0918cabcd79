"""A raw file, written by hand after the DNG specification: its preview is what is seen."""

from __future__ import annotations

import struct
import subprocess
import sys

import numpy as np
import pytest

import hostile
from lookalike.errors import UnreadableImage
from lookalike.images import decode
from lookalike.images.formats import decoder_of
from lookalike.images.raw_signs import is_raw
from waiting import HANG_GUARD

Entry = tuple[int, int, int, bytes]  # tag, type, count, value
PREVIEW = hostile.photo(320, 240)


def _short(number: int) -> bytes:
    return struct.pack("<H", number)


def _long(number: int) -> bytes:
    return struct.pack("<I", number)


def _directory(entries: list[Entry], at: int) -> bytes:
    """A directory that lies at ``at``, followed by the values that do not fit into it."""
    table, values = _short(len(entries)), b""
    for tag, kind, count, value in sorted(entries):
        if len(value) > 4:
            place = at + 2 + 12 * len(entries) + 4 + len(values)
            table += struct.pack("<HHII", tag, kind, count, place)
            values += value + bytes(len(value) % 2)
        else:
            table += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
    return table + bytes(4) + values


def _dng(orientation: int) -> bytes:
    """96 x 64 grey sensor values, and a preview of 320 x 240 in the first directory."""
    jpeg = hostile.encoded(hostile.stored_as(PREVIEW, orientation), "JPEG", quality=92)
    width, height = hostile.stored_as(PREVIEW, orientation).size
    jpeg_padded = jpeg + bytes(len(jpeg) % 2)
    sensor = np.full((64, 96), 500, "<u2").tobytes()
    sensor_at = 8 + len(jpeg_padded)
    sub_at = sensor_at + len(sensor)
    sub = _directory(
        [(254, 4, 1, _long(0)), (256, 4, 1, _long(96)), (257, 4, 1, _long(64)), (258, 3, 1, _short(16)),
         (259, 3, 1, _short(1)), (262, 3, 1, _short(32803)), (273, 4, 1, _long(sensor_at)),
         (277, 3, 1, _short(1)), (278, 4, 1, _long(64)), (279, 4, 1, _long(len(sensor))),
         (33421, 3, 2, _short(2) * 2), (33422, 1, 4, bytes([0, 1, 1, 2]))],
        sub_at,
    )  # fmt: skip
    matrix = b"".join(struct.pack("<ii", number, 1) for number in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    first = _directory(
        [(254, 4, 1, _long(1)), (256, 4, 1, _long(width)), (257, 4, 1, _long(height)),
         (258, 3, 3, _short(8) * 3), (259, 3, 1, _short(7)), (262, 3, 1, _short(6)), (271, 2, 5, b"Test\0"),
         (272, 2, 5, b"Test\0"), (273, 4, 1, _long(8)), (274, 3, 1, _short(orientation)),
         (277, 3, 1, _short(3)), (278, 4, 1, _long(height)), (279, 4, 1, _long(len(jpeg))),
         (330, 4, 1, _long(sub_at)), (50706, 1, 4, bytes([1, 4, 0, 0])), (50708, 2, 5, b"Test\0"),
         (50721, 10, 9, matrix)],
        sub_at + len(sub),
    )  # fmt: skip
    return b"II\x2a\0" + _long(sub_at + len(sub)) + jpeg_padded + sensor + sub + first


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_preview_is_seen_upright(orientation: int) -> None:
    decoded = decode(_dng(orientation))
    assert (decoded.width, decoded.height, decoded.format) == (320, 240, "RAW")
    assert np.abs(np.asarray(decoded.image, int) - np.asarray(PREVIEW, int)).mean() < 3


def test_a_raw_file_that_is_cut_off_is_refused() -> None:
    with pytest.raises(UnreadableImage):
        decode(_dng(1)[:6000])


def test_plain_tiffs_are_no_raw_files() -> None:
    for options in ({}, {"compression": "tiff_lzw"}):
        data = hostile.encoded(PREVIEW, "TIFF", **options)
        assert not is_raw(data)
        assert decoder_of(data).format == "TIFF"


def test_without_the_extra_the_reason_says_how_to_get_it() -> None:
    code = (
        "import importlib.util as u, sys\n"
        "found = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'rawpy' else found(name, *more)\n"
        "from lookalike.images import decode\n"
        "from lookalike.errors import UnreadableImage\n"
        "try: decode(b'FUJIFILMCCD-RAW')\n"
        "except UnreadableImage as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, timeout=HANG_GUARD, check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert done.stdout == "a RAW photo; to read those, run: pip install 'lookalike[raw]'\n"
