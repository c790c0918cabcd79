from __future__ import annotations

import numpy as np
from PIL import Image

from lookalike.alterations import collage, paste_on
from waves import pixels, wavy


def test_pasting_keeps_the_background_around_the_picture() -> None:
    background = wavy(200, 160)
    pasted = pixels(paste_on(Image.new("RGB", (50, 50), (255, 0, 0)), background, 0.5, (1.0, 0.0)))
    np.testing.assert_array_equal(pasted[:80, 120:], np.broadcast_to((255, 0, 0), (80, 80, 3)))
    expected = pixels(background)
    np.testing.assert_array_equal(pasted[80:], expected[80:])
    np.testing.assert_array_equal(pasted[:, :120], expected[:, :120])


def test_a_collage_shows_the_picture_whole_and_the_others_in_the_other_cells() -> None:
    image = wavy(120, 80)
    red, blue = Image.new("RGB", (50, 90), (255, 0, 0)), Image.new("RGB", (90, 50), (0, 0, 255))
    grid = pixels(collage(image, [red, blue], columns=3, rows=2, cell=4))
    assert grid.shape == (2 * 41 + 1, 3 * 61 + 1, 3)
    cells = [
        grid[1 + 41 * row : 41 + 41 * row, 1 + 61 * column : 61 + 61 * column]
        for row in (0, 1)
        for column in (0, 1, 2)
    ]
    np.testing.assert_allclose(cells[4], pixels(image.reduce(2)), atol=4)
    for cell, colour in (
        (0, (255, 0, 0)),
        (1, (0, 0, 255)),
        (2, (255, 0, 0)),
        (3, (0, 0, 255)),
        (5, (255, 0, 0)),
    ):
        assert (cells[cell] == colour).all()
    for gap in (grid[[0, 41, 82]], grid[:, [0, 61, 122, 183]]):
        assert (gap == 255).all()
