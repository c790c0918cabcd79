from __future__ import annotations

import struct

import pytest

import hostile
from lookalike.errors import UnreadableImage, UsageError
from lookalike.images.formats import decoder_of
from lookalike.images.names import SUFFIXES, format_named, has_image_suffix


def _container(major: bytes, *compatible: bytes) -> bytes:
    """The first box of an ISO media file."""
    return struct.pack(">I4s4sI", 16 + 4 * len(compatible), b"ftyp", major, 0) + b"".join(compatible)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000"])
def test_a_format_is_recognised_by_its_bytes(form: str) -> None:
    assert decoder_of(hostile.encoded(hostile.photo(), form)).format == form


@pytest.mark.parametrize("start", [b"II\x2b\x00\x08\x00", b"MM\x00\x2a", b"MM\x00\x2b\x00\x08"])
def test_both_byte_orders_and_sizes_of_tiff_are_recognised(start: bytes) -> None:
    assert decoder_of(start + bytes(64)).format == "TIFF"


def test_an_avif_that_calls_itself_a_container_is_recognised_by_its_compatible_brands() -> None:
    assert decoder_of(_container(b"mif1", b"miaf", b"avif")).format == "AVIF"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"8BPS\x00\x01",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x10\x00\x00\x00WAVEfmt ",
        _container(b"isom", b"iso2", b"avc1"),
        b"P6 1 1 255 abc",
        b"\xff",
        b"\x00" * 100,
    ],
)
def test_every_other_format_is_refused(data: bytes) -> None:
    with pytest.raises(
        UnreadableImage, match="not a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or JPEG 2000 image"
    ):
        decoder_of(data)


def test_no_bytes_are_refused_as_such() -> None:
    with pytest.raises(UnreadableImage, match="empty"):
        decoder_of(b"")


@pytest.mark.parametrize("name", ["a.jpg", "a.JPeG", "b.c.TIFF", "photo.heic", "a.mpo", "a\n.png"])
def test_names_with_an_image_suffix(name: str) -> None:
    assert has_image_suffix(name)


@pytest.mark.parametrize("name", ["a.txt", "jpg", "a.jpg.txt", "a.jpg~", "", "a."])
def test_names_without_one(name: str) -> None:
    assert not has_image_suffix(name)


def test_the_suffixes_are_lower_case_and_have_their_dot() -> None:
    assert [suffix for suffix in SUFFIXES if suffix != suffix.lower() or suffix[0] != "."] == []


@pytest.mark.parametrize(
    ("form", "said"),
    [("JPEG", "jpg .JPG jpeg mpo"), ("PNG", "png"), ("GIF", "gif"), ("BMP", "bmp dib"), ("TIFF", "tif"),
     ("WEBP", "WebP"), ("AVIF", "avif"), ("JPEG2000", "jp2 jpeg2000")],
)  # fmt: skip
def test_a_format_has_the_name_that_its_decoder_gives_it(form: str, said: str) -> None:
    decoded = decoder_of(hostile.encoded(hostile.photo(), form)).format
    assert {format_named(word) for word in said.split()} == {decoded}


@pytest.mark.parametrize(("name", "form"), [("heic", "HEIF"), ("jxl", "JXL"), ("cr2", "RAW"), ("raw", "RAW")])
def test_formats_of_other_packages_have_names_too(name: str, form: str) -> None:
    assert format_named(name) == form


@pytest.mark.parametrize("name", ["", ".", "jpg,png", "pdf", "image/jpeg", "jp*"])
def test_a_format_that_does_not_exist_is_refused_by_naming_those_that_do(name: str) -> None:
    with pytest.raises(UsageError, match=r"there are JPEG, PNG, .*RAW, or an ending of files, as jpg"):
        format_named(name)
