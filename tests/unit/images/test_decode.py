from __future__ import annotations

import io
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps

import hostile
from lookalike.errors import ImageTooLarge, UnreadableImage, UsageError
from lookalike.images import Decoded, Limits, decode


def _pixels(image: Image.Image) -> npt.NDArray[np.int64]:
    return np.asarray(image, np.int64)


def _difference(first: Image.Image, second: Image.Image) -> float:
    """Mean absolute difference in grey levels."""
    return float(np.abs(_pixels(first) - _pixels(second)).mean())


PICTURE = hostile.photo(96, 64)
LOSSLESS = {
    "PNG": {},
    "BMP": {},
    "TIFF": {},
    "WEBP": {"lossless": True, "exact": True},
}


class TestFormats:
    @pytest.mark.parametrize("form", LOSSLESS)
    def test_a_lossless_format_gives_the_very_pixels(self, form: str) -> None:
        decoded = decode(hostile.encoded(PICTURE, form, **LOSSLESS[form]))
        assert (decoded.width, decoded.height, decoded.format) == (96, 64, form)
        assert (_pixels(decoded.image) == _pixels(PICTURE)).all()

    @pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
    def test_compressed_tiff_gives_the_very_pixels(self, compression: str) -> None:
        decoded = decode(hostile.encoded(PICTURE, "TIFF", compression=compression))
        assert (_pixels(decoded.image) == _pixels(PICTURE)).all()

    @pytest.mark.parametrize("form", ["JPEG", "AVIF", "WEBP"])
    def test_a_lossy_format_gives_nearly_the_pixels(self, form: str) -> None:
        decoded = decode(hostile.encoded(PICTURE, form, quality=90))
        assert (decoded.width, decoded.height, decoded.format) == (96, 64, form)
        assert _difference(decoded.image, PICTURE) < 3

    def test_a_picture_of_two_lenses_is_its_first_as_jpeg(self) -> None:
        both = hostile.encoded(PICTURE, "MPO", save_all=True, append_images=[hostile.photo(96, 64, seed=1)])
        decoded = decode(both)
        assert decoded.format == "JPEG"
        assert _difference(decoded.image, PICTURE) < 3

    @pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
    def test_of_several_frames_the_first_is_taken(self, form: str) -> None:
        colours = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
        data = hostile.encoded(colours[0], form, save_all=True, append_images=colours[1:])
        assert _difference(decode(data).image, colours[0]) < 3

    def test_a_single_pixel(self) -> None:
        decoded = decode(hostile.encoded(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG"))
        assert (decoded.width, decoded.height, decoded.image.getpixel((0, 0))) == (1, 1, (1, 2, 3))

    def test_the_result_is_a_plain_image_that_holds_nothing_else(self) -> None:
        image = decode(hostile.encoded(PICTURE, "WEBP", lossless=True)).image
        assert type(image) is Image.Image
        image.load()


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
    def test_a_turned_picture_has_the_pixels_of_its_upright_twin(self, form: str, orientation: int) -> None:
        stored = hostile.stored_as(PICTURE, orientation)
        data = hostile.encoded(stored, form, exif=hostile.exif(orientation), **LOSSLESS[form])
        decoded = decode(data)
        assert (decoded.width, decoded.height) == PICTURE.size
        assert (_pixels(decoded.image) == _pixels(PICTURE)).all()

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_turned_jpeg_has_the_pixels_that_pillow_would_turn(self, orientation: int) -> None:
        stored = hostile.stored_as(PICTURE, orientation)
        data = hostile.encoded(stored, "JPEG", exif=hostile.exif(orientation))
        decoded = decode(data)
        with Image.open(io.BytesIO(data)) as opened:
            upright = ImageOps.exif_transpose(opened)
        assert (decoded.width, decoded.height) == PICTURE.size
        assert (_pixels(decoded.image) == _pixels(upright)).all()
        assert _difference(decoded.image, PICTURE) < 3

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_turned_avif_looks_like_its_upright_twin(self, orientation: int) -> None:
        stored = hostile.stored_as(PICTURE, orientation)
        decoded = decode(hostile.encoded(stored, "AVIF", exif=hostile.exif(orientation), quality=90))
        assert (decoded.width, decoded.height) == PICTURE.size
        assert _difference(decoded.image, PICTURE) < 3

    @pytest.mark.parametrize("orientation", [0, 9, 65535])
    def test_an_orientation_that_does_not_exist_turns_nothing(self, orientation: int) -> None:
        decoded = decode(hostile.encoded(PICTURE, "PNG", exif=hostile.exif(orientation)))
        assert (_pixels(decoded.image) == _pixels(PICTURE)).all()

    @pytest.mark.parametrize(
        "damage",
        [
            b"",
            b"II\x2a\x00",
            b"II\x2a\x00\xff\xff\xff\x7f",
            b"II\x2a\x00\x08\x00\x00\x00\xff\xff" + b"\xff" * 50,
            b"MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x02\x00\x00\x00\x04abc\x00",
            b"neither byte order",
        ],
    )
    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
    def test_malformed_exif_turns_nothing_and_fails_nothing(self, form: str, damage: bytes) -> None:
        plain = decode(hostile.encoded(PICTURE, form))
        damaged = decode(hostile.encoded(PICTURE, form, exif=b"Exif\0\0" + damage))
        assert _difference(plain.image, damaged.image) == 0

    def test_an_avif_with_malformed_exif_is_decoded_without_it(self) -> None:
        plain = decode(hostile.encoded(hostile.photo(), "AVIF"))
        assert _difference(decode(hostile.avif_with_broken_exif()).image, plain.image) == 0


class TestLimits:
    def test_the_pixel_limit_itself_is_allowed_and_one_less_is_not(self) -> None:
        data = hostile.encoded(PICTURE, "PNG")
        assert decode(data, limits=Limits(pixels=96 * 64)).width == 96
        with pytest.raises(ImageTooLarge, match=r"96 x 64 pixels, above the limit of 6,143"):
            decode(data, limits=Limits(pixels=96 * 64 - 1))

    @pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
    def test_every_format_is_measured(self, form: str) -> None:
        with pytest.raises(ImageTooLarge, match="96 x 64 pixels"):
            decode(hostile.encoded(PICTURE, form), limits=Limits(pixels=1000))

    def test_the_byte_limit_holds_for_bytes_too(self) -> None:
        data = hostile.encoded(PICTURE, "PNG")
        with pytest.raises(ImageTooLarge, match="above the limit of 100 "):
            decode(data, limits=Limits(file_bytes=100))

    def test_size_is_judged_before_any_pixel_is_decoded(self) -> None:
        header_only = hostile.png_bomb()[:60]
        with pytest.raises(ImageTooLarge, match="50,000 x 50,000"):
            decode(header_only)

    def test_a_jpeg_is_measured_by_the_pixels_it_is_decoded_to(self) -> None:
        data = hostile.encoded(hostile.photo(1600, 1200), "JPEG")
        limits = Limits(pixels=250_000)
        decoded = decode(data, limits=limits, at_least=100)
        assert (decoded.width, decoded.height) == (1600, 1200)
        assert decoded.image.width < 1600
        for at_least in (None, 600):
            with pytest.raises(ImageTooLarge, match="1,600 x 1,200 pixels, above the limit of 250,000"):
                decode(data, limits=limits, at_least=at_least)
        with pytest.raises(ImageTooLarge, match="above the limit of 1,600,000"):
            decode(data, limits=Limits(pixels=200_000), at_least=100)

    def test_the_limit_is_ours_not_pillows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
        assert decode(hostile.encoded(PICTURE, "PNG")).width == 96
        assert Image.MAX_IMAGE_PIXELS == 10

    def test_a_bomb_that_pillow_notices_first_is_too_large_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
        with pytest.raises(ImageTooLarge, match="TIFF image that is too large"):
            decode(hostile.encoded(PICTURE, "TIFF"))


@cache
def _textured(size: tuple[int, int]) -> Image.Image:
    noise = np.random.default_rng(3).normal(0, 20, (size[1], size[0], 3))
    return Image.fromarray((_pixels(hostile.photo(*size)) + noise).clip(0, 255).astype(np.uint8))


class TestShrinking:
    @staticmethod
    def _shrunk(decoded: Decoded, side: int) -> Image.Image:
        scale = side / min(decoded.width, decoded.height)
        size = (round(decoded.width * scale), round(decoded.height * scale))
        return decoded.image.resize(size, Image.Resampling.BICUBIC)

    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("size", [(1600, 1200), (1203, 1601), (700, 3001)])
    def test_a_shrunk_image_resizes_nearly_identically(self, form: str, size: tuple[int, int]) -> None:
        data = hostile.encoded(_textured(size), form, quality=90, compress_level=1, method=0)
        exact, fast = decode(data), decode(data, at_least=128)
        assert fast.image.width < exact.image.width
        assert min(fast.image.size) >= 128
        assert (fast.width, fast.height) == (exact.width, exact.height) == size
        assert _difference(self._shrunk(fast, 128), self._shrunk(exact, 128)) < 1

    @pytest.mark.parametrize("form", ["JPEG", "PNG"])
    def test_the_shorter_side_never_falls_below(self, form: str) -> None:
        for side in (255, 256, 257, 511, 512, 513, 1023, 1024, 1025):
            data = hostile.encoded(hostile.photo(side + 200, side), form, compress_level=1)
            assert min(decode(data, at_least=128).image.size) >= min(side, 128)

    @pytest.mark.parametrize("form", ["JPEG", "PNG"])
    def test_a_small_image_is_left_alone(self, form: str) -> None:
        data = hostile.encoded(PICTURE, form)
        assert decode(data, at_least=64).image.tobytes() == decode(data).image.tobytes()

    @pytest.mark.parametrize("orientation", [1, 6])
    def test_a_shrunk_image_is_upright(self, orientation: int) -> None:
        picture = hostile.photo(1600, 1200)
        stored = hostile.stored_as(picture, orientation)
        decoded = decode(hostile.encoded(stored, "JPEG", exif=hostile.exif(orientation)), at_least=150)
        assert (decoded.width, decoded.height, decoded.image.size) == (1600, 1200, (400, 300))
        assert _difference(decoded.image, picture.resize((400, 300), Image.Resampling.BOX)) < 3

    def test_grey_and_cmyk_jpegs_are_shrunk_too(self) -> None:
        for mode in ("L", "CMYK"):
            data = hostile.encoded(hostile.photo(1600, 1200).convert(mode), "JPEG")
            assert decode(data, at_least=150).image.size == (400, 300)

    @pytest.mark.parametrize("at_least", [0, -1])
    def test_less_than_a_pixel_is_a_mistake_of_the_caller(self, at_least: int) -> None:
        with pytest.raises(UsageError, match="at_least must be 1 pixel or more"):
            decode(hostile.encoded(PICTURE, "PNG"), at_least=at_least)


class TestDamage:
    @pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
    def test_every_prefix_of_a_file_decodes_or_is_refused(self, form: str) -> None:
        data = hostile.encoded(PICTURE, form)
        refused = 0
        for length in range(0, len(data), max(1, len(data) // 60)):
            try:
                decode(data[:length])
            except UnreadableImage:
                refused += 1
        assert refused > 40

    @pytest.mark.parametrize("size", [(96, 128), (96, 4000), (192, 64), (48, 32), (1, 1), (65_535, 1)])
    def test_a_jpeg_of_other_dimensions_than_it_claims_decodes_to_those_or_is_refused(
        self, size: tuple[int, int]
    ) -> None:
        lying = hostile.claiming(hostile.encoded(PICTURE, "JPEG"), *size)
        try:
            result: object = decode(lying).image.size
        except UnreadableImage as error:
            result = str(error).split()[1]
        assert result in (size, "incomplete", "damaged")
