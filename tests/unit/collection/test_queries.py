"""Which pictures count as identical, what is decoded to find out, and queries that are begun ahead."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hostile import encoded
from lookalike.collection.pictures import Source
from lookalike.collection.queries import Query, query_ahead, query_for_many, query_of
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import ImageError, UnreadableImage
from lookalike.images import Limits
from lookalike.kernels.arrays import Vectors
from pictures import draw

LIMITS = Limits()
PICTURE = draw(7, 700, 520)
JPEG = encoded(PICTURE, "JPEG", quality=90)
OTHER = encoded(draw(8, 700, 520), "JPEG", quality=90)


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
        assert query._replace(whole=_never).is_identical(Query(query.vector, sha256=query.sha256))

    def test_nothing_is_decoded_where_something_else_tells_them_apart(self, embedder: Embedder) -> None:
        query = query_of(encoded(PICTURE, "PNG"), embedder, LIMITS)._replace(whole=_never)
        other = query_of(draw(8, 700, 520), embedder, LIMITS)
        assert query.size is not None
        unlike = [
            query._replace(sha256=None, size=(1, 1)),
            query._replace(sha256=None, vector=-query.vector),
            query._replace(sha256=None, sight=other.sight),
            query._replace(sha256=None, whole=None),
        ]
        assert not any(query.is_identical(each) for each in unlike)

    def test_one_that_cannot_be_decoded_any_more_is_not_identical(self, embedder: Embedder) -> None:
        def gone(at_least: int | None = None) -> Image.Image:
            raise UnreadableImage("no such file")

        query = query_of(PICTURE, embedder, LIMITS)
        assert not query.is_identical(query._replace(whole=gone))


class _Watched:
    """An embedder that tells when it has embedded something."""

    def __init__(self, embedder: Embedder) -> None:
        self.card, self.fingerprint, self._embed = embedder.card, embedder.fingerprint, embedder.embed
        self.has_embedded = threading.Event()

    def embed(self, pictures: Sequence[Image.Image]) -> Vectors:
        vectors = self._embed(pictures)
        self.has_embedded.set()
        return vectors


class TestAhead:
    """A query that is begun before it is asked for, of a file that holds another picture by then."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "picture.jpg"
        path.write_bytes(JPEG)
        return path

    @pytest.fixture
    def begun(self, path: Path, embedder: Embedder) -> _Watched:
        """The embedder of a query that has been begun."""
        watched, opening = _Watched(embedder), Future[Embedder]()
        query_ahead(str(path), opening, LIMITS)
        opening.set_result(watched)
        assert watched.has_embedded.wait(60)
        path.write_bytes(OTHER)
        return watched

    def test_it_is_given_out_once(self, path: Path, begun: _Watched, embedder: Embedder) -> None:
        first, second = (query_for_many(str(path), begun, LIMITS) for _ in range(2))
        assert [first.sha256, second.sha256] == [sha256(JPEG).digest(), sha256(OTHER).digest()]
        np.testing.assert_array_equal(first.vector, query_for_many(JPEG, embedder, LIMITS).vector)

    def test_not_to_whoever_asks_for_something_else(self, path: Path, begun: _Watched) -> None:
        asked = [(str(path), begun, Limits(pixels=1_000_000)), (path, begun, LIMITS)]
        assert {query_for_many(*each).sha256 for each in asked} == {sha256(OTHER).digest()}

    def test_not_for_another_embedder(self, path: Path, begun: _Watched, embedder: Embedder) -> None:
        assert query_for_many(str(path), embedder, LIMITS).sha256 == sha256(OTHER).digest()

    def test_what_goes_wrong_ahead_is_told_when_it_is_asked_for(
        self, path: Path, embedder: Embedder, tmp_path: Path
    ) -> None:
        opening = Future[Embedder]()
        opening.set_result(embedder)
        path.write_bytes(b"no picture")
        query_ahead(str(path), opening, LIMITS)
        with pytest.raises(ImageError, match=r"picture\.jpg: "):
            query_for_many(str(path), embedder, LIMITS)

    def test_a_network_that_cannot_be_opened_ahead_is_opened_again(
        self, path: Path, embedder: Embedder
    ) -> None:
        opening = Future[Embedder]()
        opening.set_exception(OSError("no network"))
        query_ahead(str(path), opening, LIMITS)
        assert query_for_many(str(path), embedder, LIMITS).sha256 == sha256(JPEG).digest()
