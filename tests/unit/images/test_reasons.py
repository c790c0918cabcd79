"""What people read of a file that cannot be used: our words, not the decoders'."""

from __future__ import annotations

import struct

import pytest

import hostile
from lookalike.errors import UnreadableImage
from lookalike.images import reasons
from lookalike.images.decode import decode


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "JPEG2000"])
def test_a_broken_file_is_described_without_the_words_of_its_decoder(form: str) -> None:
    data = hostile.encoded(hostile.photo(320, 240), form)
    with pytest.raises(UnreadableImage) as refused:
        decode(data[: len(data) // 2])
    reason = str(refused.value)
    assert reason.endswith("copy or download it again")
    assert str(refused.value.__cause__) not in reason


def test_a_file_that_lacks_data_is_told_from_one_whose_data_are_wrong() -> None:
    png = hostile.encoded(hostile.photo(320, 240), "PNG")
    middle = len(png) // 2
    with pytest.raises(UnreadableImage, match=r"^an incomplete PNG image: a part of its data is miss"):
        decode(png[:middle])
    with pytest.raises(UnreadableImage, match=r"^a damaged PNG image; copy or download it again$"):
        decode(png[:middle] + bytes([png[middle] ^ 0xFF]) + png[middle + 1 :])


def test_of_a_kind_that_no_decoder_knows_it_is_not_said_to_get_it_again() -> None:
    bmp = bytearray(hostile.encoded(hostile.photo(32, 24), "BMP"))
    bmp[30:34] = struct.pack("<I", 9)  # a compression that does not exist
    with pytest.raises(UnreadableImage, match=r"^an unusual or damaged BMP image; save it as PNG with"):
        decode(bytes(bmp))


def test_an_image_without_a_format_is_still_one() -> None:
    assert reasons.of_damage("", OSError("broken")) == "a damaged image; copy or download it again"
