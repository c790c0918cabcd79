"""Classic perceptual hashes, and how their many equal distances are counted."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("imagehash")
pytest.importorskip("pdqhash")

from lookalike.labs.shared.classic_hashes import HASHES, first_by_chance, hamming
from pictures import draw


def test_hashes_are_bits_of_the_picture() -> None:
    for name, compute in HASHES.items():
        first, again, other = (compute(draw(seed, 200, 150)) for seed in (1, 1, 2))
        assert len(first) == (32 if name == "PDQ" else 8)
        assert (first == again).all()
        assert hamming(first, np.stack([again, other])).tolist()[0] == 0
        assert hamming(first, other[None])[0] > 8


def test_hamming_by_hand() -> None:
    rows = np.array([[0b1111, 0], [0b1000, 1], [255, 255]], np.uint8)
    assert hamming(np.array([0b1100, 0], np.uint8), rows).tolist() == [2, 2, 14]


@pytest.mark.parametrize(
    ("distances", "own", "chance"),
    [([3, 1, 2], 1, 1.0), ([3, 1, 2], 0, 0.0), ([1, 1, 2], 0, 0.5), ([4, 4, 4, 4], 3, 0.25)],
)
def test_the_chance_of_being_first(distances: list[int], own: int, chance: float) -> None:
    assert first_by_chance(np.array(distances), own) == chance
