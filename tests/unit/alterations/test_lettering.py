from __future__ import annotations

import numpy as np
import pytest

from lookalike.alterations import caption, write_over
from waves import pixels, wavy


def test_a_caption_covers_the_lowest_tenth_and_nothing_else() -> None:
    image = wavy(400, 300)
    captioned = pixels(caption(image, 0.1))
    np.testing.assert_array_equal(captioned[:270], pixels(image)[:270])
    band = captioned[270:]
    assert (band == 255).all(axis=2).mean() > 0.7
    assert (band < 60).all(axis=2).sum() > 50
    np.testing.assert_array_equal(band[:, :4], np.full((30, 4, 3), 255))


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (900, 60)], ids=str)
def test_text_covers_the_middle_third_from_edge_to_edge(size: tuple[int, int]) -> None:
    image = wavy(*size)
    written = pixels(write_over(image, 1 / 3))
    changed = (written != pixels(image)).any(axis=2)
    third = image.height / 3
    rows = np.flatnonzero(changed.any(axis=1))
    assert third - 2 <= rows.min() < third + third / 4
    assert 2 * third - third / 4 < rows.max() <= 2 * third + 2
    columns = np.flatnonzero(changed.any(axis=0))
    assert columns.min() < image.width * 0.05
    assert columns.max() > image.width * 0.95
