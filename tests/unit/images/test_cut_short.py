"""Files cut short: what is told as read must be what is right."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import hostile
from lookalike.errors import UnreadableImage
from lookalike.images import decode

TEXTURE = np.random.default_rng(3).normal(0, 12, (240, 320, 3))
PICTURE = Image.fromarray((np.asarray(hostile.photo(320, 240)) + TEXTURE).clip(0, 255).astype(np.uint8))
FORMS = {
    "jpeg": ("JPEG", {"quality": 90}),
    "png": ("PNG", {}),
    "gif": ("GIF", {}),
    "bmp": ("BMP", {}),
    "tiff": ("TIFF", {}),
    "webp": ("WEBP", {"quality": 90}),
    "lossless webp": ("WEBP", {"lossless": True}),
}


def _file(kind: str) -> bytes:
    form, options = FORMS[kind]
    return hostile.encoded(PICTURE, form, **options)


def test_a_jpeg_without_its_end_marker_has_all_its_pixels() -> None:
    whole = _file("jpeg")
    for cut in (1, 2):
        decoded = decode(whole[:-cut])
        assert decoded.image.tobytes() == decode(whole).image.tobytes()
        assert decoded.remark == "cut short, 100 % read"
    assert decode(whole).remark == ""


@pytest.mark.parametrize("kind", FORMS)
def test_the_rows_that_were_read_are_right_and_told(kind: str) -> None:
    whole = _file(kind)
    decoded = decode(whole[: -len(whole) // 10])
    share = int(decoded.remark.removeprefix("cut short, ").removesuffix(" % read")) / 100
    assert 0.7 <= share <= 0.95
    assert (decoded.width, decoded.height, decoded.image.size) == (320, 240, (320, 240))
    rows = int(share * 240) - 16  # a JPEG is read in blocks, of which the last may be read in part
    read, right = (np.asarray(image, int) for image in (decoded.image, decode(whole).image))
    if kind == "bmp":  # stored from the bottom up
        read, right = read[::-1], right[::-1]
    assert np.abs(read - right)[:rows].mean() < 0.5
    assert (read[-1:] == 128).all()  # grey, where nothing was read


LARGE = PICTURE.resize((1280, 960), Image.Resampling.LANCZOS)
JPEGS: dict[str, dict[str, object]] = {
    "4:2:0": {"subsampling": 2},
    "4:4:4": {"subsampling": 0, "quality": 95},
    "restart markers": {"restart_marker_blocks": 7},
    "own tables": {"optimize": True, "quality": 40},
}


@pytest.mark.parametrize("at_least", [None, 64])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
def test_the_share_of_a_jpeg_is_that_of_its_right_rows(
    options: dict[str, object], mode: str, at_least: int | None
) -> None:
    """Also far below what the few bytes of filling reach, and where it is scaled down while it is decoded."""
    whole = hostile.encoded(LARGE.convert(mode), "JPEG", **options)
    right = np.asarray(decode(whole, at_least=at_least).image, int)
    for cut in (0.8, 0.97):
        decoded = decode(whole[: int(len(whole) * cut)], at_least=at_least)
        share = int(decoded.remark.removeprefix("cut short, ").removesuffix(" % read")) / 100
        read = np.asarray(decoded.image, int)
        assert abs(share - (np.abs(read - right).mean(axis=(1, 2)) < 3).mean()) < 0.03
    for cut in (0.1, 0.4, 0.6):
        with pytest.raises(UnreadableImage):
            decode(whole[: int(len(whole) * cut)], at_least=at_least)


@pytest.mark.parametrize("lossless", [False, True])
def test_the_share_of_a_large_webp_is_that_of_its_right_rows(*, lossless: bool) -> None:
    whole = hostile.encoded(LARGE, "WEBP", lossless=lossless, method=0)
    decoded = decode(whole[: len(whole) * 85 // 100])
    share = int(decoded.remark.removeprefix("cut short, ").removesuffix(" % read")) / 100
    differs = np.abs(np.asarray(decoded.image, int) - np.asarray(decode(whole).image, int))
    assert abs(share - (differs.mean(axis=(1, 2)) < 3).mean()) < 0.03


@pytest.mark.parametrize("kind", FORMS)
def test_half_a_file_is_refused(kind: str) -> None:
    whole = _file(kind)
    with pytest.raises(UnreadableImage, match=r"(incomplete|damaged) .* image"):
        decode(whole[: len(whole) // 2])


def test_a_white_foot_that_was_read_counts_as_read() -> None:
    picture = PICTURE.copy()
    picture.paste("white", (0, 60, 320, 240))
    whole = hostile.encoded(picture, "JPEG")
    assert decode(whole[:-2]).remark == "cut short, 100 % read"


def test_a_cut_progressive_jpeg_is_still_the_whole_picture() -> None:
    whole = hostile.encoded(PICTURE, "JPEG", progressive=True)
    decoded = decode(whole[: -len(whole) // 4])
    assert decoded.remark == "cut short, all rows read, but not their finest detail"
    difference = np.abs(np.asarray(decoded.image, int) - np.asarray(decode(whole).image, int))
    assert difference.mean() < 8
    assert decode(whole[:-2]).remark == "cut short, 100 % read"


@pytest.mark.parametrize("size", [(300, 225), (1280, 960)])
def test_a_progressive_jpeg_that_ends_in_its_first_scans_is_refused(size: tuple[int, int]) -> None:
    """All rows are there, in blocks of one colour: 99 % of them were called read."""
    whole = hostile.encoded(LARGE.resize(size), "JPEG", progressive=True, quality=90)
    for cut in (0.1, 0.2, 0.3):
        with pytest.raises(UnreadableImage, match="incomplete JPEG"):
            decode(whole[: int(len(whole) * cut)])


def test_an_animation_that_lacks_its_last_frames_is_told() -> None:
    turned = [PICTURE.rotate(angle) for angle in (90, 180)]
    whole = hostile.encoded(PICTURE, "GIF", save_all=True, append_images=turned)
    still = hostile.encoded(PICTURE, "GIF")
    assert [decode(data).remark for data in (whole, whole + b"\0\0", still)] == ["", "", ""]
    for cut in (1, 10, len(whole) // 3):
        decoded = decode(whole[:-cut])
        assert decoded.remark == "cut short, the last frames are missing"
        assert decoded.image.tobytes() == decode(whole).image.tobytes()
