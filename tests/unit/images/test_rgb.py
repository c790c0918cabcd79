"""Each pixel mode against its closed form."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import hostile
from lookalike.images import decode
from lookalike.images.rgb import to_rgb


def _grey(values: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    """The grey levels that ``values`` become, after checking that they are grey."""
    image = to_rgb(Image.fromarray(values))
    assert image.mode == "RGB"
    pixels = np.asarray(image, np.int64)
    assert (pixels == pixels[..., :1]).all()
    return pixels[..., 0]


class TestDeepGrey:
    def test_sixteen_bits_keep_their_range(self) -> None:
        values = np.arange(65536, dtype=np.uint16).reshape(512, 128)
        assert (_grey(values) == np.rint(values / 257.0)).all()

    @pytest.mark.parametrize("order", ["<", ">"])
    @pytest.mark.parametrize("form", ["PNG", "TIFF"])
    def test_sixteen_bit_files_of_both_byte_orders(self, form: str, order: str) -> None:
        values = np.linspace(0, 65535, 40 * 30).reshape(30, 40).astype(order + "u2")
        decoded = decode(hostile.encoded(Image.fromarray(values), form)).image
        assert (np.asarray(decoded)[..., 0] == np.rint(values / 257.0)).all()

    @pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
    def test_fewer_bits_in_sixteen_fill_the_range(self, bits: int) -> None:
        white = 2**bits - 1
        values = np.linspace(0, white, 64, dtype=np.uint16).reshape(8, 8)
        assert (_grey(values) == np.rint(values / white * 255)).all()

    def test_integers_within_sixteen_bits_are_taken_as_such(self) -> None:
        assert _grey(np.array([[0, 257, 65535]], np.int32)).tolist() == [[0, 1, 255]]

    def test_other_integers_are_stretched(self) -> None:
        assert _grey(np.array([[-100, 0, 100]], np.int32)).tolist() == [[0, 128, 255]]
        extremes = np.array([[-(2**31), 2**31 - 1]], np.int32)
        assert _grey(extremes).tolist() == [[0, 255]]

    def test_floats_are_stretched(self) -> None:
        values = np.linspace(-3.5, 8.25, 300, dtype=np.float32).reshape(300, 1)
        expected = np.rint((values.astype(np.float64) + 3.5) / 11.75 * 255)
        assert (_grey(values) == expected).all()

    def test_floats_that_are_no_numbers_do_not_disturb_the_others(self) -> None:
        values = np.array([[np.nan, -np.inf, np.inf, 0.0, 0.5, 1.0]], np.float32)
        assert _grey(values).tolist() == [[0, 0, 255, 0, 128, 255]]

    def test_floats_without_any_number_are_black(self) -> None:
        assert _grey(np.full((2, 2), np.nan, np.float32)).tolist() == [[0, 0], [0, 0]]

    def test_the_widest_floats_do_not_overflow(self) -> None:
        greatest = float(np.finfo(np.float32).max)
        assert _grey(np.array([[-greatest, 0, greatest]], np.float32)).tolist() == [[0, 128, 255]]

    def test_a_constant_float_image_is_flat(self) -> None:
        assert len(np.unique(_grey(np.full((3, 3), 7.5, np.float32)))) == 1

    def test_a_transparent_grey_value_is_laid_on_white(self) -> None:
        values = np.array([[0, 1000, 65535], [1000, 0, 257]], np.uint16)
        data = hostile.encoded(Image.fromarray(values), "PNG", transparency=1000)
        assert np.asarray(decode(data).image)[..., 0].tolist() == [[0, 255, 255], [255, 0, 1]]


class TestTransparency:
    """Laid on white, a channel c with opacity a is c a + 255 (1 - a)."""

    @staticmethod
    def _on_white(colour: npt.NDArray[np.float64], alpha: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return (colour * alpha + 255.0 * (255.0 - alpha)) / 255.0

    def test_rgba(self) -> None:
        pixels = np.random.default_rng(1).integers(0, 256, (50, 50, 4), dtype=np.uint8)
        expected = self._on_white(pixels[..., :3].astype(float), pixels[..., 3:].astype(float))
        assert np.abs(np.asarray(to_rgb(Image.fromarray(pixels)), float) - expected).max() <= 0.51

    def test_grey_with_alpha(self) -> None:
        pixels = np.random.default_rng(2).integers(0, 256, (50, 50, 2), dtype=np.uint8)
        expected = self._on_white(pixels[..., :1].astype(float), pixels[..., 1:].astype(float))
        image = Image.merge("LA", [Image.fromarray(pixels[..., band]) for band in range(2)])
        assert np.abs(np.asarray(to_rgb(image), float) - expected).max() <= 0.51

    @pytest.mark.parametrize("mode", ["RGBa", "La"])
    def test_premultiplied_alpha(self, mode: str) -> None:
        straight = Image.new("RGBA" if mode == "RGBa" else "LA", (8, 8), (200,) * (len(mode) - 1) + (128,))
        result = np.asarray(to_rgb(straight.convert(mode)), float)
        assert np.abs(result - self._on_white(np.array(200.0), np.array(128.0))).max() <= 2

    def test_a_palette_with_alpha(self) -> None:
        image = Image.new("P", (3, 1))
        image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
        image.putdata([0, 1, 2])
        decoded = decode(hostile.encoded(image, "PNG", transparency=bytes([0, 128, 255]))).image
        assert [decoded.getpixel((x, 0)) for x in range(3)] == [(255, 255, 255), (127, 255, 127), (0, 0, 255)]

    def test_a_gif_with_a_transparent_colour(self) -> None:
        image = Image.new("P", (2, 1))
        image.putpalette([10, 20, 30, 40, 50, 60])
        image.putdata([0, 1])
        decoded = decode(hostile.encoded(image, "GIF", transparency=0)).image
        assert [decoded.getpixel((x, 0)) for x in range(2)] == [(255, 255, 255), (40, 50, 60)]

    @pytest.mark.parametrize(
        ("mode", "colour", "key"), [("L", 9, 9), ("RGB", (9, 8, 7), (9, 8, 7)), ("1", 0, 0)]
    )
    def test_a_colour_key(self, mode: str, colour: int | tuple[int, ...], key: int | tuple[int, ...]) -> None:
        data = hostile.encoded(Image.new(mode, (2, 2), colour), "PNG", transparency=key)
        assert decode(data).image.getpixel((0, 0)) == (255, 255, 255)

    def test_palette_with_its_own_alpha_channel(self) -> None:
        image = Image.new("PA", (1, 1))
        image.putpalette([10, 20, 30])
        image.putalpha(0)
        assert to_rgb(image).getpixel((0, 0)) == (255, 255, 255)


class TestColours:
    def test_one_bit(self) -> None:
        image = Image.new("1", (2, 1))
        image.putpixel((1, 0), 1)
        assert [to_rgb(image).getpixel((x, 0)) for x in range(2)] == [(0, 0, 0), (255, 255, 255)]

    def test_eight_bit_grey(self) -> None:
        values = np.arange(256, dtype=np.uint8).reshape(16, 16)
        assert (_grey(values) == values).all()

    @pytest.mark.parametrize(
        ("ink", "colour"),
        [
            ((0, 0, 0, 0), (255, 255, 255)),
            ((255, 0, 0, 0), (0, 255, 255)),
            ((0, 255, 255, 0), (255, 0, 0)),
            ((0, 0, 0, 255), (0, 0, 0)),
        ],
    )
    @pytest.mark.parametrize("form", ["JPEG", "TIFF"])
    def test_printing_inks(self, form: str, ink: tuple[int, ...], colour: tuple[int, ...]) -> None:
        decoded = decode(hostile.encoded(Image.new("CMYK", (16, 16), ink), form, **_BEST[form])).image
        assert np.abs(np.asarray(decoded, int)[8, 8] - colour).max() <= 2

    def test_luma_and_chroma(self) -> None:
        assert to_rgb(Image.new("YCbCr", (1, 1), (128, 128, 128))).getpixel((0, 0)) == (128, 128, 128)
        red = np.array(to_rgb(Image.new("YCbCr", (1, 1), (76, 85, 255))).getpixel((0, 0)), int)
        assert np.abs(red - (255, 0, 0)).max() <= 2

    def test_lab(self) -> None:
        file = io.BytesIO()
        Image.new("LAB", (4, 4), (255, 128, 128)).save(file, "TIFF")
        white = np.array(decode(file.getvalue()).image.getpixel((0, 0)), int)
        assert np.abs(white - 255).max() <= 6

    def test_a_16_bit_colour_png_keeps_its_high_bytes(self) -> None:
        rows = b"".join(b"\x00" + bytes([x, 77, 2 * x, 99, 255 - x, 11]) for x in range(100))
        header = struct.pack(">IIBBBBB", 1, 100, 16, 2, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
        png = b"\x89PNG\r\n\x1a\n" + b"".join(hostile.png_chunk(*chunk) for chunk in chunks)
        pixels = np.asarray(decode(png).image, int)[:, 0]
        x = np.arange(100)
        assert np.abs(pixels - np.stack([x, 2 * x, 255 - x], axis=1)).max() <= 1


_BEST = {"JPEG": {"quality": 100, "subsampling": 0}, "TIFF": {}}
