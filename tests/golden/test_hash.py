"""Hashes that must not change: people keep them, and compare them with those of another machine or version.

The pictures are computed from whole numbers, so that no decoder and no random number generator has a say.
When the bundled weights change on purpose, write the hashes anew:

    python tests/golden/test_hash.py
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike import Hasher
from lookalike.embed import available_models, load_embedder

MODELS = ("lite0", "resnet34")
GOLDEN = Path(__file__).with_name("hashes.json")
SIZES = ((128, 128), (160, 120), (128, 128), (90, 200), (128, 128), (640, 480))
COUNT = 12


def picture(number: int) -> Image.Image:
    """Slopes, a disc and a bar, whose places and colours are the bytes of a SHAKE-256."""
    width, height = SIZES[number % len(SIZES)]
    dice = [int(byte) for byte in hashlib.shake_256(f"golden picture {number}".encode()).digest(32)]
    x, y = np.meshgrid(np.arange(width) * 256 // width, np.arange(height) * 256 // height)
    slopes = [(x * dice[c] + y * dice[c + 3]) // 96 + x * y * dice[c + 6] // 16_384 for c in range(3)]
    pixels = np.stack([np.minimum(slope % 512, 511 - slope % 512) for slope in slopes], axis=2)
    disc = (x - dice[9]) ** 2 + (y - dice[10]) ** 2 < (20 + dice[11] // 3) ** 2
    pixels[disc] = dice[12:15]
    bar = abs(x * dice[15] - y * dice[16] + 64 * (dice[17] - 128)) < 2_000
    pixels[bar] = dice[18:21]
    return Image.fromarray(pixels.astype(np.uint8))


def hashes(model: str) -> dict[str, object]:
    """What this machine computes by a bundled network."""
    embedder = load_embedder(model)
    hasher = Hasher(embedder)
    return {
        "fingerprint": embedder.fingerprint,
        "bits": 256,
        "seed": 0,
        "hashes": [hasher.hash(picture(number)) for number in range(COUNT)],
    }


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def golden(model: str) -> dict[str, object]:
    kept: dict[str, dict[str, object]] = json.loads(GOLDEN.read_text())
    return kept[model]


@pytest.fixture(scope="module")
def found(model: str) -> dict[str, object]:
    return hashes(model)


def test_the_pictures_are_what_they_were() -> None:
    together = hashlib.sha256(b"".join(picture(number).tobytes() for number in range(COUNT)))
    assert together.hexdigest() == "5af90df96fc52d74fe9eaa8650f831b8e57f1d1fa499bb1d9dd5e309f1b245e9"


def test_every_bundled_network_has_golden_hashes() -> None:
    assert sorted(MODELS) == sorted(model.name for model in available_models())


def test_the_weights_are_those_of_the_golden_hashes(
    golden: dict[str, object], found: dict[str, object]
) -> None:
    assert found["fingerprint"] == golden["fingerprint"], "if that is meant: python tests/golden/test_hash.py"


@pytest.mark.parametrize("number", range(COUNT))
def test_a_hash_differs_by_no_more_than_the_card_says(
    number: int, model: str, golden: dict[str, list[str]], found: dict[str, list[str]]
) -> None:
    differing = int(golden["hashes"][number], 16) ^ int(found["hashes"][number], 16)
    assert differing.bit_count() <= load_embedder(model).card.hash_drift


def test_hashes_of_pictures_differ_by_more_than_machines_do(model: str, golden: dict[str, list[str]]) -> None:
    codes = [int(text, 16) for text in golden["hashes"]]
    apart = [(a ^ b).bit_count() for place, a in enumerate(codes) for b in codes[:place]]
    assert min(apart) > load_embedder(model).card.hash_drift


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({model: hashes(model) for model in MODELS}, indent=1) + "\n")
