from __future__ import annotations

import numpy as np
import pytest

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.lettering import HEADLINES, fitting_size, text_width, write


def inked_columns(canvas: Canvas) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.flatnonzero((np.asarray(canvas.image)[..., 0] < 128).any(axis=0))


def test_a_fitting_line_fills_its_width_and_stays_inside() -> None:
    for word in HEADLINES:
        size = fitting_size(word, 500)
        assert 480 < text_width(word, size) <= 505, word


def test_a_line_is_no_higher_than_allowed() -> None:
    assert fitting_size("grid", 10_000, 60) == 60


@pytest.mark.parametrize("spacing", [0.0, 0.3])
@pytest.mark.parametrize(("anchor", "start"), [("ls", 0.0), ("ms", 0.5), ("rs", 1.0)])
def test_a_line_starts_where_its_anchor_says(spacing: float, anchor: str, start: float) -> None:
    canvas = Canvas(400, 100)
    write(canvas, (400, 120), "HELM", 60, (0, 0, 0), anchor=anchor, spacing=spacing)
    columns = inked_columns(canvas)
    width = text_width("HELM", 60, spacing)
    assert columns.min() == pytest.approx(400 - start * width, abs=8)
    assert columns.max() == pytest.approx(400 + (1 - start) * width, abs=8)


def test_weight_thickens_the_strokes() -> None:
    ink = []
    for weight in (0.0, 0.1):
        canvas = Canvas(200, 60)
        write(canvas, (40, 90), "tempo", 70, (0, 0, 0), weight=weight)
        ink.append((np.asarray(canvas.image)[..., 0] < 128).sum())
    assert ink[1] > 1.3 * ink[0]
