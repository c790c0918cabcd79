"""Which pictures count as identical: by their bytes, by their pixels, and what is decoded to find out."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hostile import encoded
from lookalike.collection.pictures import Source
from lookalike.collection.queries import Query, query_of
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import UnreadableImage
from lookalike.images import Limits
from pictures import draw

LIMITS = Limits()
PICTURE = draw(7, 700, 520)
JPEG = encoded(PICTURE, "JPEG", quality=90)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder("lite0")


def _never(at_least: int | None = None) -> Image.Image:
    pytest.fail("decoded though something else tells them apart")


class TestIdentical:
    @pytest.mark.parametrize(
        ("first", "second", "same"),
        [
            (PICTURE, PICTURE, True),
            (PICTURE, encoded(PICTURE, "PNG"), True),
            (encoded(PICTURE, "PNG"), encoded(PICTURE, "WEBP", lossless=True), True),
            (JPEG, encoded(Image.open(io.BytesIO(JPEG)), "PNG"), True),
            (encoded(PICTURE, "PNG"), encoded(PICTURE, "JPEG", quality=98), False),
            (PICTURE, PICTURE.resize((699, 520)), False),
            (PICTURE, draw(8, 700, 520), False),
        ],
        ids=["memory", "file", "formats", "decoded", "compressed", "size", "other"],
    )
    def test_the_same_pixels_in_any_file(
        self, first: Source, second: Source, same: bool, embedder: Embedder
    ) -> None:
        one, other = (query_of(source, embedder, LIMITS) for source in (first, second))
        assert one.is_identical(other) == other.is_identical(one) == same

    def test_one_pixel_is_a_difference(self, embedder: Embedder) -> None:
        changed = PICTURE.copy()
        red, green, blue = changed.getpixel((699, 519))  # type: ignore[misc]
        changed.putpixel((699, 519), (red ^ 1, green, blue))
        one, other = (query_of(picture, embedder, LIMITS) for picture in (PICTURE, changed))
        assert not one.is_identical(other)

    @pytest.mark.parametrize("suffix", ["gif", "tiff"])
    def test_files_of_several_frames_are_identical_by_their_bytes_alone(
        self, suffix: str, embedder: Embedder, tmp_path: Path
    ) -> None:
        other = PICTURE.transpose(Image.Transpose.ROTATE_180)
        PICTURE.save(tmp_path / f"still.{suffix}")
        PICTURE.save(tmp_path / f"one.{suffix}", save_all=True, append_images=[other])
        PICTURE.save(tmp_path / f"two.{suffix}", save_all=True, append_images=[other, PICTURE])
        paths = [tmp_path / f"{name}.{suffix}" for name in ("still", "one", "two")]
        queries = [query_of(path, embedder, LIMITS) for path in paths]
        assert [[one.is_identical(two) for two in queries] for one in queries] == np.eye(3).tolist()

    def test_the_same_bytes_are_enough(self, embedder: Embedder) -> None:
        query = query_of(encoded(PICTURE, "PNG"), embedder, LIMITS)
        assert replace(query, whole=_never).is_identical(Query(query.vector, sha256=query.sha256))

    def test_nothing_is_decoded_where_something_else_tells_them_apart(self, embedder: Embedder) -> None:
        query = replace(query_of(encoded(PICTURE, "PNG"), embedder, LIMITS), whole=_never)
        other = query_of(draw(8, 700, 520), embedder, LIMITS)
        assert query.size is not None
        unlike = [
            replace(query, sha256=None, size=(1, 1)),
            replace(query, sha256=None, vector=-query.vector),
            replace(query, sha256=None, sight=other.sight),
            replace(query, sha256=None, whole=None),
        ]
        assert not any(query.is_identical(each) for each in unlike)

    def test_one_that_cannot_be_decoded_any_more_is_not_identical(self, embedder: Embedder) -> None:
        def gone(at_least: int | None = None) -> Image.Image:
            raise UnreadableImage("no such file")

        query = query_of(PICTURE, embedder, LIMITS)
        assert not query.is_identical(replace(query, whole=gone))
