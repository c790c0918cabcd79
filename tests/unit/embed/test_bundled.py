"""The networks inside the package: whole, small enough, and able to find copies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import COPY_KINDS
from lookalike.embed import OnnxEmbedder, available_models, load_embedder
from lookalike.embed.registry import WEIGHTS
from lookalike.settings import Settings
from pictures import draw

MOST_BYTES = 32_000_000
NAMES = ("lite0", "resnet34")
STRANGERS = 60
ORIGINALS = 6
IMAGES = [draw(seed, 60 + 40 * seed, 200) for seed in range(4)]


@pytest.fixture(scope="module", params=NAMES)
def embedder(request: pytest.FixtureRequest) -> OnnxEmbedder:
    return OnnxEmbedder(WEIGHTS / f"{request.param}.onnx")


def test_together_they_are_small() -> None:
    models = available_models()
    assert {model.name for model in models} == set(NAMES)
    assert sum(model.bytes for model in models) <= MOST_BYTES
    assert Settings().model in NAMES


def test_the_card_is_complete(embedder: OnnxEmbedder) -> None:
    card = embedder.card
    assert (WEIGHTS / f"{card.name}.md").read_text().startswith(f"# {card.name}.onnx")
    assert card.name in NAMES
    assert card.summary
    assert card.licence
    assert card.dim == 512
    assert 32 <= card.side <= 320
    assert 0 < card.same_distance < 1
    assert 0 < card.hash_drift < 128


def test_vectors_are_of_the_cards_length(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(IMAGES)
    assert vectors.shape == (len(IMAGES), embedder.card.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-5)


def test_the_default_has_a_copy_part_of_seven_tenths() -> None:
    """Of the dot product of an embedding with itself."""
    embedder = load_embedder(Settings().model)
    assert embedder.card.copy_dim == 384
    squares = embedder.embed(IMAGES).astype(np.float64) ** 2
    np.testing.assert_allclose(squares[:, :384].sum(axis=1), 0.7, atol=1e-5)
    np.testing.assert_allclose(squares[:, 384:].sum(axis=1), 0.3, atol=1e-5)


@pytest.fixture(scope="module")
def photos(shared_data: Path) -> list[Image.Image]:
    """Photos that no bundled network learned from, spread over the classes."""
    lines = (shared_data / "caltech101-test.txt").read_text().split()
    lines = [line for line in lines if not line.startswith("Faces_easy/")]  # cut out of those in Faces
    count = ORIGINALS + STRANGERS
    chosen = [lines[place * len(lines) // count] for place in np.random.default_rng(0).permutation(count)]
    return [Image.open(shared_data / "caltech101" / line).convert("RGB") for line in chosen]


@pytest.fixture(scope="module")
def parts(photos: list[Image.Image]) -> np.ndarray:
    """The copy part of each photo by the default network."""
    embedder = load_embedder(Settings().model)
    return embedder.card.copy_part(embedder.embed(photos))


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["jpeg-10", "grey", "flip", "crop-80", "rotate-90"])
def test_a_copy_is_nearer_to_its_original_than_any_stranger(
    kind: str, photos: list[Image.Image], parts: np.ndarray
) -> None:
    embedder = load_embedder(Settings().model)
    copies = [COPY_KINDS[kind](photo, photos[-1]) for photo in photos[:ORIGINALS]]
    cosines = embedder.card.copy_part(embedder.embed(copies)) @ parts.T
    own = cosines[:, :ORIGINALS].diagonal()
    assert (own > cosines[:, ORIGINALS:].max(axis=1)).all()


@pytest.mark.shared
def test_strangers_do_not_count_as_copies(parts: np.ndarray) -> None:
    distances = 1 - parts @ parts.T
    same = distances <= load_embedder(Settings().model).card.same_distance
    assert same.diagonal().all()
    assert same.sum() == len(parts)
