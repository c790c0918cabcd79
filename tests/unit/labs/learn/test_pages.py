from __future__ import annotations

import numpy as np

from lookalike.labs.learn.pages import SIBLINGS, draw_page


def test_pages_of_one_style_share_size_and_paper_and_differ_in_what_they_say() -> None:
    for style in range(6):
        pages = [draw_page(SIBLINGS * style + number) for number in range(SIBLINGS)]
        assert len({page.size for page in pages}) == 1
        assert max(pages[0].size) == 320
        pixels = np.stack([np.asarray(page, np.float32) for page in pages])
        assert len({tuple(page[-1, -1]) for page in pixels}) <= 3
        for number, page in enumerate(pixels):
            others = np.abs(np.delete(pixels, number, axis=0) - page).mean((1, 2, 3))
            assert others.min() > 0.5, (style, number)


def test_styles_differ_and_a_number_draws_the_same_page_again() -> None:
    assert (
        len(
            {
                (page.size, page.getpixel((0, page.height - 1)))
                for page in map(draw_page, range(0, 160, SIBLINGS))
            }
        )
        > 10
    )
    np.testing.assert_array_equal(np.asarray(draw_page(77)), np.asarray(draw_page(77)))
