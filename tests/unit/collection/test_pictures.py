from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tiny_model
from lookalike.collection.pictures import embed_source, open_picture
from lookalike.embed import OnnxEmbedder
from lookalike.errors import FetchError, ImageError, ImageTooLarge, UnreadableImage, UsageError
from lookalike.images import Limits
from pictures import draw

LIMITS = Limits()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    draw(3).save(path)
    return path


def _same(first: Image.Image, second: Image.Image) -> bool:
    return first.mode == second.mode == "RGB" and first.tobytes() == second.tobytes()


class TestOnePictureFromAnySource:
    def test_path_text_bytes_and_picture_are_the_same(self, file: Path) -> None:
        for source in (file, str(file), file.read_bytes(), draw(3), Image.open(file)):
            assert _same(open_picture(source, LIMITS), draw(3))

    @pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
    def test_a_picture_in_memory_counts_as_its_file_would(self, mode: str, tmp_path: Path) -> None:
        """Above all: what is transparent is white, whichever way the picture came."""
        picture = draw(5).convert("RGBA")
        picture.putalpha(draw(6).convert("L"))
        if mode == "I;16":
            grey = np.asarray(draw(5).convert("L"), np.uint16) * 257
            picture = Image.fromarray(grey)
        elif mode != "RGBA":
            picture = picture.convert(mode)
        path = tmp_path / ("picture.tif" if mode == "CMYK" else "picture.png")
        picture.save(path)
        assert _same(open_picture(picture, LIMITS), open_picture(path, LIMITS))

    def test_the_callers_picture_is_left_alone(self) -> None:
        picture = draw(5).convert("RGBA")
        before = picture.tobytes()
        opened = open_picture(picture, LIMITS)
        opened.putpixel((0, 0), (1, 2, 3))
        assert (picture.mode, picture.tobytes()) == ("RGBA", before)

    def test_a_big_one_may_come_smaller(self, tmp_path: Path) -> None:
        path = tmp_path / "big.jpg"
        draw(1, 1600, 1200).save(path)
        assert open_picture(path, LIMITS).size == (1600, 1200)
        width, height = open_picture(path, LIMITS, at_least=128).size
        assert 128 <= height < width < 1600


class TestRefusals:
    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableImage, match=r"/no\.jpg: no such file$"):
            open_picture(tmp_path / "no.jpg", LIMITS)

    def test_bytes_are_named_too(self) -> None:
        with pytest.raises(UnreadableImage, match=r"^the given bytes: not a JPEG"):
            open_picture(b"<html>", LIMITS)

    def test_odd_names_are_shown_on_one_line(self, tmp_path: Path) -> None:
        path = tmp_path / "new\nline.png"
        path.write_bytes(b"nothing")
        with pytest.raises(UnreadableImage) as caught:
            open_picture(path, LIMITS)
        assert r"new\nline.png: " in str(caught.value)
        assert str(caught.value).isprintable()

    def test_limits_hold_and_keep_their_kind_of_error(self, file: Path) -> None:
        with pytest.raises(ImageTooLarge, match=r"picture\.png: .* bytes"):
            open_picture(file, dataclasses.replace(LIMITS, file_bytes=100))
        with pytest.raises(ImageTooLarge, match=r"the given bytes: 96 x 72 pixels"):
            open_picture(file.read_bytes(), dataclasses.replace(LIMITS, pixels=96 * 72 - 1))
        assert open_picture(file, dataclasses.replace(LIMITS, pixels=96 * 72)).size == (96, 72)

    @pytest.mark.parametrize("scheme", ["http", "https", "HTTP"])
    def test_a_web_address_is_fetched_and_a_private_one_refused(self, scheme: str) -> None:
        url = f"{scheme}://127.0.0.1:9/a.jpg"
        with pytest.raises(FetchError, match=f"^{url}: "):
            open_picture(url, LIMITS)

    def test_a_web_address_as_a_path_is_a_path(self) -> None:
        with pytest.raises(UnreadableImage, match="no such file"):
            open_picture(Path("http://127.0.0.1:9/a.jpg"), LIMITS)

    @pytest.mark.parametrize("source", [5, None, ["a.jpg"], object(), np.zeros((8, 8, 3), np.uint8)])
    def test_anything_else_is_no_picture(self, source: Any) -> None:
        with pytest.raises(UsageError, match=f"a {type(source).__name__}; give a path"):
            open_picture(source, LIMITS)


def test_embedding_a_source_is_embedding_its_picture(file: Path, tmp_path: Path) -> None:
    embedder = OnnxEmbedder(tiny_model.write(tmp_path / "tiny.onnx", seed=1))
    small = draw(3).resize((tiny_model.SIDE,) * 2, Image.Resampling.BICUBIC, reducing_gap=2.0)
    expected = tiny_model.embed(np.asarray(small)[None], seed=1)
    for source in (file, file.read_bytes(), draw(3)):
        found = embed_source(source, embedder, LIMITS)
        assert found.dtype == np.float32
        assert found.shape == (1, tiny_model.DIM)
        np.testing.assert_allclose(found, expected, atol=1e-6)
    with pytest.raises(ImageError, match="the given bytes"):
        embed_source(io.BytesIO().getvalue(), embedder, LIMITS)
