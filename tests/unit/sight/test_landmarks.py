from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import UnreadableImage
from lookalike.labs.bench import sheets
from lookalike.sight import Landmarks, find_landmarks, reduced
from lookalike.sight.keypoints import Grey
from lookalike.sight.landmarks import LANDMARKS


def grey_of(image: Image.Image) -> Grey:
    """A picture as landmarks are found in it."""
    return np.asarray(reduced(image).convert("L"))


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return sheets.draw("pages", 0)


def test_the_first_landmarks_are_the_most_marked_of_both_sizes(page: Image.Image) -> None:
    found = find_landmarks(grey_of(page))
    assert 60 <= len(found) <= LANDMARKS
    assert found.vectors.shape == (len(found), 32)
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert found.sizes[:24].max() > 1.5 * np.median(found.sizes)  # at half the size they are twice as large


def test_plain_ground_has_none() -> None:
    found = find_landmarks(np.full((64, 256), 255, np.uint8))
    assert len(found) == 0
    assert len(Landmarks.unpacked(found.packed())) == 0


def test_they_are_kept_in_bytes(page: Image.Image) -> None:
    found = find_landmarks(grey_of(page))
    data = found.packed()
    assert len(data) == 40 * len(found)
    kept = Landmarks.unpacked(data)
    assert kept.places == pytest.approx(found.places, abs=0.2)
    assert kept.sizes == pytest.approx(found.sizes, rel=1e-3)
    assert kept.angles == pytest.approx(found.angles, abs=0.13)
    assert (kept.vectors * found.vectors).sum(axis=1).min() > 0.999
    with pytest.raises(UnreadableImage, match="no landmarks: 3841 bytes"):
        Landmarks.unpacked(data + b"?")


def test_mirrored_ones_are_those_of_the_mirrored_picture(page: Image.Image) -> None:
    grey = grey_of(page)
    mirrored, found = find_landmarks(grey).mirrored(), find_landmarks(np.ascontiguousarray(grey[:, ::-1]))
    # Mirrored around the left edge, a picture lies to the left of it.
    places = mirrored.places + (grey.shape[1] - 1)
    apart = np.abs(places[:, None] - found.places) + np.abs(mirrored.sizes[:, None] - found.sizes)
    turned = np.abs((mirrored.angles[:, None] - found.angles + 180) % 360 - 180)
    same = (apart < 1) & (turned < 10)
    assert same.any(axis=1).mean() > 0.8
    likeness = mirrored.vectors @ found.vectors.T
    assert np.median(likeness[same]) > 0.98
    assert np.median(likeness[~same]) < 0.6
