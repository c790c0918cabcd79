from __future__ import annotations

from dataclasses import replace

import numpy as np

from lookalike.embed import ModelCard

CARD = ModelCard("test", "a test", "none", 6, 32, 0.3, 4, copy_dim=2)


def test_the_copy_part_is_the_first_numbers_at_unit_length() -> None:
    vectors = np.array([[3, 4, 0, 9, 9, 9], [0, -2, 1, 1, 1, 1], [0, 0, 1, 0, 0, 0]], np.float32)
    np.testing.assert_allclose(CARD.copy_part(vectors), [[0.6, 0.8], [0, -1], [0, 0]], rtol=1e-6)


def test_without_a_copy_part_it_is_all_of_them() -> None:
    vectors = np.eye(6, dtype=np.float32)
    assert replace(CARD, copy_dim=0).copy_part(vectors) is vectors


def test_a_card_of_before_has_no_copy_part() -> None:
    text = CARD.to_json().replace(', "copy_dim": 2', "")
    assert ModelCard.from_json(text) == replace(CARD, copy_dim=0)
