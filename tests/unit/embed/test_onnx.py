from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

import tiny_model
from lookalike.embed import OnnxEmbedder
from lookalike.embed.base import ModelCard
from lookalike.embed.onnx import CARD_KEY
from lookalike.embed.registry import WEIGHTS
from lookalike.errors import DamagedError, NotFoundError
from pictures import draw

IMAGES = [draw(seed, 70 + 5 * seed, 120 - 4 * seed) for seed in range(11)]


@pytest.fixture(scope="module")
def bundled() -> OnnxEmbedder:
    return OnnxEmbedder(WEIGHTS / "resnet34.onnx")


@pytest.fixture
def tiny(tmp_path: Path) -> OnnxEmbedder:
    return OnnxEmbedder(tiny_model.write(tmp_path / "tiny.onnx", seed=5))


class TestVectors:
    def test_they_are_what_the_graph_says(self, tiny: OnnxEmbedder) -> None:
        side = (tiny_model.SIDE, tiny_model.SIDE)
        pixels = [np.asarray(image.resize(side, Image.Resampling.BICUBIC)) for image in IMAGES]
        expected = tiny_model.embed(np.stack(pixels), seed=5)
        np.testing.assert_allclose(tiny.embed(IMAGES), expected, atol=2e-3)
        exact = [draw(seed, *side) for seed in range(6)]
        expected = tiny_model.embed(np.stack([np.asarray(image) for image in exact]), seed=5)
        np.testing.assert_allclose(tiny.embed(exact), expected, atol=1e-6)

    def test_they_have_length_1(self, bundled: OnnxEmbedder) -> None:
        vectors = bundled.embed(IMAGES)
        assert vectors.dtype == np.float32
        assert vectors.shape == (11, bundled.card.dim)
        np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-6)

    @pytest.mark.parametrize("colour", ["black", "white", (128, 128, 128), (255, 0, 0)])
    def test_even_of_pictures_without_content(self, colour: str, bundled: OnnxEmbedder) -> None:
        vector = bundled.embed([Image.new("RGB", (1, 1), colour)])
        assert np.isfinite(vector).all()
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)

    @pytest.mark.parametrize("at_once", [1, 2, 3, 4, 5, 11])
    def test_any_batch_size_gives_the_same(self, at_once: int, bundled: OnnxEmbedder) -> None:
        """Few pictures and many run in differently optimised sessions."""
        batches = [bundled.embed(IMAGES[start : start + at_once]) for start in range(0, 11, at_once)]
        np.testing.assert_allclose(np.concatenate(batches), bundled.embed(IMAGES), atol=1e-5)

    def test_no_pictures_give_no_vectors(self, bundled: OnnxEmbedder) -> None:
        assert bundled.embed([]).shape == (0, bundled.card.dim)

    def test_eight_threads_at_once_give_the_same(self) -> None:
        """On a new embedder, so that the threads also race to open its sessions."""
        embedder = OnnxEmbedder(WEIGHTS / "resnet34.onnx")
        calls = [IMAGES[start : start + size] for size in (1, 5) for start in range(6)]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(embedder.embed, calls))
        alone = [embedder.embed(images) for images in calls]
        for threaded, plain in zip(together, alone, strict=True):
            np.testing.assert_array_equal(threaded, plain)

    def test_different_pictures_are_far_apart_and_a_copy_is_near(self, bundled: OnnxEmbedder) -> None:
        vectors = bundled.embed([draw(0), draw(0).resize((48, 36)), draw(1), draw(2)])
        similar = vectors @ vectors.T
        assert similar[0, 1] > 0.7
        assert max(similar[0, 2], similar[0, 3], similar[2, 3]) < 0.6


class TestIdentity:
    def test_the_card_travels_in_the_file(self, tiny: OnnxEmbedder, bundled: OnnxEmbedder) -> None:
        assert tiny.card == tiny_model.card()
        assert (bundled.card.name, bundled.card.dim) == ("resnet34", 512)
        assert ModelCard.from_json(bundled.card.to_json()) == bundled.card

    def test_the_fingerprint_is_of_the_content(self, tmp_path: Path) -> None:
        first = OnnxEmbedder(tiny_model.write(tmp_path / "a.onnx", seed=1))
        again = OnnxEmbedder(tiny_model.write(tmp_path / "b.onnx", seed=1))
        other = OnnxEmbedder(tiny_model.write(tmp_path / "c.onnx", seed=2))
        assert first.fingerprint == again.fingerprint != other.fingerprint
        assert len(first.fingerprint) == 32
        int(first.fingerprint, 16)

    def test_one_changed_weight_changes_it(self, tmp_path: Path) -> None:
        path = tiny_model.write(tmp_path / "tiny.onnx")
        before = OnnxEmbedder(path).fingerprint
        data = bytearray(path.read_bytes())
        at = data.index(tiny_model.matrix(0).tobytes())
        data[at] ^= 1
        path.write_bytes(data)
        assert OnnxEmbedder(path).fingerprint != before


class TestRefusals:
    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match=r"none\.onnx cannot be read: No such file"):
            OnnxEmbedder(tmp_path / "none.onnx")

    def test_a_pipe_is_refused_before_it_is_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.onnx")
        with pytest.raises(NotFoundError, match=r"pipe\.onnx cannot be read: it is a named pipe"):
            OnnxEmbedder(tmp_path / "pipe.onnx")

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="cannot be read"):
            OnnxEmbedder(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"garbage", bytes(1000), b"\x08\x08" + b"\xff" * 50])
    def test_garbage(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "garbage.onnx"
        path.write_bytes(content)
        with pytest.raises(DamagedError, match=r"garbage\.onnx"):
            OnnxEmbedder(path)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
    def test_a_truncated_model(self, share: float, tmp_path: Path) -> None:
        path = tiny_model.write(tmp_path / "cut.onnx")
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(DamagedError, match=r"cut\.onnx"):
            OnnxEmbedder(path)

    def test_a_model_that_is_no_embedder(self, tmp_path: Path) -> None:
        path = tiny_model.write(tmp_path / "other.onnx", metadata={"author": "somebody"})
        onnx.checker.check_model(onnx.load(path))
        with pytest.raises(DamagedError, match=r"other\.onnx has no model card"):
            OnnxEmbedder(path)

    @pytest.mark.parametrize("copy_dim", [-1, tiny_model.DIM + 1])
    def test_a_copy_part_longer_than_the_embedding(self, copy_dim: int) -> None:
        text = replace(tiny_model.card(), copy_dim=copy_dim).to_json()
        with pytest.raises(DamagedError, match=f"copy_dim must be from 0 to dim, 64, not {copy_dim}"):
            ModelCard.from_json(text)

    @pytest.mark.parametrize("card", ["", "{", "[]", "null", '{"name": "x"}', '{"surprise": 1}', '"text"'])
    def test_a_card_that_is_none(self, card: str, tmp_path: Path) -> None:
        path = tiny_model.write(tmp_path / "other.onnx", metadata={CARD_KEY: card})
        with pytest.raises(DamagedError, match="card"):
            OnnxEmbedder(path)
