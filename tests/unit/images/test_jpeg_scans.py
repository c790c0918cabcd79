"""Scans of JPEG files: what they bring by their headers, however the file ends or breaks its format."""

from __future__ import annotations

import io
import struct
import sys

import pytest
from PIL import Image
from PIL.ImageFile import ImageFile

import hostile
from lookalike.images.decode import decode
from lookalike.images.jpeg_scans import Scans, scans_of, without_long_runs

PICTURE = hostile.photo(160, 120)
SEQUENTIAL, PROGRESSIVE = 0xC0, 0xC2


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def frame(marker: int, *components: int) -> bytes:
    parts = b"".join(bytes((one, 0x11, 0)) for one in components)
    return b"\xff\xd8" + segment(marker, struct.pack(">BHHB", 8, 16, 16, len(components)) + parts)


def scan(*components: int, first: int = 0, end: int = 63, bits: int = 0) -> bytes:
    parts = b"".join(bytes((one, 0)) for one in components)
    return (
        segment(0xDA, bytes((len(components),)) + parts + bytes((first, end, bits)))
        + b"\x12\xff\x00\xff\xd0\x34"
    )


def test_a_sequential_file_of_one_scan() -> None:
    whole = hostile.encoded(PICTURE, "JPEG")
    assert scans_of(whole) == scans_of(whole[: len(whole) // 2]) == Scans(False, False, True)


def test_the_scans_of_a_progressive_file_come_one_after_the_other() -> None:
    whole = hostile.encoded(PICTURE, "JPEG", progressive=True)
    starts = [at for at in range(len(whole)) if whole[at : at + 2] == b"\xff\xda"]
    assert len(starts) == 10
    found = [scans_of(whole[:end]) for end in [start + 40 for start in starts]]
    assert [one.coarse for one in found] == [False] * 5 + [True] * 5  # the fifth brings the last coefficients
    assert [one.last for one in found] == [False] * 9 + [True]
    assert all(one.progressive for one in found)


def test_a_preview_in_the_head_is_no_scan() -> None:
    preview = hostile.encoded(PICTURE.resize((16, 16)), "JPEG")
    held = io.BytesIO()
    exif = Image.Exif()
    exif[0x9286] = preview  # a comment by the camera
    PICTURE.save(held, "JPEG", progressive=True, exif=exif)
    whole = held.getvalue()
    assert preview in whole
    assert scans_of(whole[: whole.rindex(b"\xff\xda") + 20]) == Scans(True, True, True)


def test_components_may_come_one_by_one() -> None:
    head = frame(SEQUENTIAL, 1, 2, 3)
    assert scans_of(head + scan(1) + scan(2)) == Scans(False, False, False)  # one colour is missing
    assert scans_of(head + scan(1) + scan(2) + scan(3)) == Scans(False, False, True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        frame(PROGRESSIVE),
        frame(PROGRESSIVE, 1) + scan(2),
        frame(PROGRESSIVE, 1) + scan(),
        frame(PROGRESSIVE, 1) + b"\xff\xda\x00\x02",
        frame(PROGRESSIVE, 1) + b"\xff\xda\x00",
        frame(PROGRESSIVE, 1) + scan(1, first=200, end=255),
        frame(PROGRESSIVE, 1) + scan(1, first=63, end=0),
        scan(1),
    ],
)
def test_what_breaks_the_format_brings_nothing(data: bytes) -> None:
    found = scans_of(data)
    assert (found.coarse, found.last) == (False, False)


def test_a_file_full_of_markers_is_not_gone_through_to_its_end() -> None:
    many = b"\xff\x01" * 10_000
    assert not scans_of(frame(SEQUENTIAL, 1) + many + scan(1)).last
    assert scans_of(frame(SEQUENTIAL, 1) + many[: 20_000 - 10] + scan(1)).last


def test_a_long_run_in_a_scan_is_one_byte_to_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which goes over a run again with each piece of the file that it gets: 45 MB took half a minute."""
    lengths = []
    decoding = sys.modules["lookalike.images.decode"]
    parsed = decoding._parsed

    def seen(decoder: type[ImageFile], data: bytes) -> ImageFile:
        lengths.append(len(data))
        return parsed(decoder, data)

    monkeypatch.setattr(decoding, "_parsed", seen)
    whole = hostile.encoded(PICTURE, "JPEG", progressive=True)
    at = whole.rindex(b"\xff\xda")
    padded = whole[:at] + b"\xff" * (3 << 20) + whole[at:]
    assert decode(padded).image.tobytes() == decode(whole).image.tobytes()
    assert max(lengths) <= len(whole) + 1


def test_erased_memory_after_a_cut_file_costs_no_more_than_the_file() -> None:
    cut = hostile.encoded(PICTURE, "JPEG")[:-200]
    assert without_long_runs(cut + b"\xff" * (1 << 20)) == cut + b"\xff"
    assert decode(cut + b"\xff" * (1 << 20)).remark == decode(cut).remark != ""


def test_shorter_runs_stay_as_they_are() -> None:
    """A segment may be full of FF, as a table or somebody's own data."""
    full = hostile.with_segments(hostile.encoded(PICTURE, "JPEG"), 0xEB, [b"\xff" * 65_000])
    assert without_long_runs(full) is full
