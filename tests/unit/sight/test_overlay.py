"""What was laid over one of two pictures, and what stood there when the photo was taken."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lookalike.sight.overlay import laid_over

TALL, WIDE = 192, 256


@pytest.mark.parametrize("seed", range(4))
def test_a_sticker_is_flat_and_an_animal_is_not(seed: int) -> None:
    random = np.random.default_rng(seed)
    grains = cv2.GaussianBlur(random.normal(0, 1, (TALL, WIDE)).astype(np.float32), (0, 0), 2)
    below = 150 + 35 * grains / grains.std()
    down, across = np.mgrid[:TALL, :WIDE]
    covered = (down - 100) ** 2 + (across - 90) ** 2 < 30**2
    fur = random.uniform(5, 65, below.shape)  # darker than all that lies around
    for laid, is_overlay in ((np.full_like(below, 40), True), (fur, False)):
        above = np.where(covered, laid, below).astype(np.float32)
        assert laid_over(below, above, covered, ~covered) is is_overlay
        assert laid_over(above, below, covered, ~covered) is is_overlay
