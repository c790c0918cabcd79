from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lookalike.embed import ModelCard
from lookalike.errors import DamagedError

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


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", "7", "[" * 100_000, '{"name": "x"}', CARD.to_json()[:-1]]
)
def test_what_is_no_card_is_one_clear_error(text: str) -> None:
    with pytest.raises(DamagedError, match="the model's card cannot be read"):
        ModelCard.from_json(text)


@pytest.mark.parametrize(
    "change",
    [
        {"dim": 0}, {"dim": 6.0}, {"dim": "6"}, {"dim": None}, {"side": True}, {"side": -1}, {"copy_dim": 7},
        {"copy_dim": [2]}, {"hash_drift": "4"}, {"same_distance": float("nan")}, {"same_distance": "0.3"},
        {"same_distance": 0}, {"more": 1},
    ],
)  # fmt: skip
def test_numbers_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DamagedError, match="the model's card cannot be read"):
        ModelCard.from_json(json.dumps(json.loads(CARD.to_json()) | change))
