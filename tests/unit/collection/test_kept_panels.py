from __future__ import annotations

import numpy as np
import pytest

from lookalike.collection.kept_panels import KeptPanels, packed
from lookalike.kernels.arrays import Vectors
from lookalike.sight import Box
from lookalike.store import PanelsMark

DIM = 48
MARK = PanelsMark("net", 2, 7)
BOXES = [Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 1.0, 0.25)]


def unit(seed: int, count: int) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((count, DIM))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


@pytest.fixture
def copies() -> Vectors:
    return unit(0, 5)


@pytest.fixture
def kept(copies: Vectors) -> KeptPanels:
    """Image 3 has two panels, image 8 one, and image 9 two."""
    data = {3: packed(BOXES, copies[:2]), 8: packed(BOXES[:1], copies[2:3]), 9: packed(BOXES, copies[3:])}
    return KeptPanels(data, DIM, MARK)


def test_a_panel_is_kept_with_its_place_and_hardly_moved(kept: KeptPanels, copies: Vectors) -> None:
    assert len(kept) == 5
    for place, image_id, box in ((0, 3, 0), (1, 3, 1), (2, 8, 0), (3, 9, 0), (4, 9, 1)):
        (near,) = kept.near(copies[place], 0.9)
        assert near.image_id == image_id
        np.testing.assert_allclose(near.box, BOXES[box], atol=1e-5)
        assert float(near.copy @ copies[place]) > 0.999
        assert float(np.linalg.norm(near.copy)) == pytest.approx(1, abs=1e-5)


def test_of_each_image_the_nearest_panel_comes_and_the_nearest_image_first(
    kept: KeptPanels, copies: Vectors
) -> None:
    query = unit(1, 1)[0]
    near = kept.near(query, -1.0)
    cosines = copies @ query
    best = {3: cosines[:2].max(), 8: cosines[2], 9: cosines[3:].max()}
    assert [one.image_id for one in near] == sorted(best, key=lambda image_id: -best[image_id])
    for one in near:
        assert float(one.copy @ query) == pytest.approx(best[one.image_id], abs=0.01)


def test_only_what_is_near_enough_and_asked_about_comes(kept: KeptPanels, copies: Vectors) -> None:
    query = unit(1, 1)[0]
    least = float(np.sort(copies @ query)[-2]) - 0.005
    assert {one.image_id for one in kept.near(query, least)} <= {3, 8, 9}
    assert sum(float(one.copy @ query) < least for one in kept.near(query, least)) == 0
    assert [one.image_id for one in kept.near(query, -1.0, np.array([8, 12]))] == [8]
    assert kept.near(query, -1.0, np.array([], np.int64)) == []


def test_the_panels_of_an_image_are_counted(kept: KeptPanels) -> None:
    assert [kept.count_of(image_id) for image_id in (3, 8, 9, 4)] == [2, 1, 2, 0]


def test_none_are_none() -> None:
    empty = KeptPanels({}, DIM, PanelsMark("net", 1, 0))
    assert len(empty) == 0
    assert empty.near(unit(1, 1)[0], -1.0) == []
