from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import moody_model
from lookalike.embed import DescribedEmbedder, embed_each
from lookalike.embed.checking import checked
from lookalike.errors import DamagedError, ImageError
from moody_model import DIM, SOUND, WRONG, Mood, picture

REASONS: dict[Mood, str] = {
    "NaN": "gives NaN or infinity for the picture",
    "infinity": "gives NaN or infinity for the picture",
    "zero": "gives a vector of length 0, not 1 for the picture",
    "long": r"gives an array of shape \(1, 8\) for the picture, not \(1, 16\)",
    "fails": "does not take pictures as described",
}


@pytest.mark.parametrize("mood", REASONS)
def test_what_is_wrong_with_one_picture_is_told_of_that_picture(mood: Mood, tmp_path: Path) -> None:
    embedder = DescribedEmbedder(moody_model.write(tmp_path, mood))
    batch = [picture(WRONG if number in (2, 5) else SOUND, number) for number in range(7)]
    outcomes = embed_each(embedder, batch)
    assert len(outcomes) == 7
    for number, (image, outcome) in enumerate(zip(batch, outcomes, strict=True)):
        if number in (2, 5):
            assert isinstance(outcome, ImageError)
            with pytest.raises(ImageError, match=REASONS[mood]):
                raise outcome
            with pytest.raises((ImageError, DamagedError), match=REASONS[mood]):
                embedder.embed([image])
        else:
            reds = np.asarray(image, np.float64)[..., 0].reshape(4, 4, 4, 4).mean(axis=(1, 3)).ravel()
            np.testing.assert_allclose(outcome, reds / np.linalg.norm(reds), atol=1e-6)


def test_a_sound_batch_is_embedded_in_one_call(tmp_path: Path) -> None:
    embedder = DescribedEmbedder(moody_model.write(tmp_path, "none"))
    batch = [picture(WRONG, number) for number in range(5)]
    np.testing.assert_array_equal(embed_each(embedder, batch), embedder.embed(batch))
    assert embed_each(embedder, []) == []


@pytest.mark.parametrize("length", [0, 0.5, 0.99, 1.01, 2, 1e-30, 1e30, np.nan, np.inf])
def test_lengths(length: float) -> None:
    rows = np.full((3, DIM), 1 / np.sqrt(DIM), np.float32)
    assert checked(rows, 3, DIM) is rows
    rows[1] *= np.float32(length)
    with pytest.raises(ImageError):
        checked(rows, 3, DIM)


@pytest.mark.parametrize("shape", [(), (3,), (2, DIM), (3, DIM + 1), (3, DIM, 1), (0, DIM)])
def test_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match="array of shape"):
        checked(np.zeros(shape, np.float32), 3, DIM)
