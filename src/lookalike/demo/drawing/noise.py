"""Shapes that look grown instead of drawn: sums of smooth random curves and surfaces (value noise)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def ridge_line(
    random: np.random.Generator, columns: int, *, bumps: float, octaves: int, roughness: float = 0.5
) -> NDArray[np.float64]:
    """A rolling or jagged outline.

    Args:
        random: source of the shape.
        columns: number of values.
        bumps: hills from left to right in the coarsest curve.
        octaves: curves added up, each with twice the bumps of the one before; 1 is rolling, 6 is jagged.
        roughness: height of each curve relative to the one before.

    Returns:
        float64 (columns,) from exactly 0 to exactly 1.
    """
    places = np.linspace(0, 1, columns)
    total = np.zeros(columns)
    for octave in range(octaves):
        knots = random.random(int(bumps * 2**octave) + 3)
        phase = places * bumps * 2**octave + random.random()
        left = np.floor(phase).astype(np.int64)
        share = phase - left
        if octave < 2:
            share = share * share * (3 - 2 * share)
        total += roughness**octave * (knots[left] * (1 - share) + knots[left + 1] * share)
    return np.asarray((total - total.min()) / max(float(np.ptp(total)), 1e-9))


def surface(
    random: np.random.Generator, width: int, height: int, *, cell: float, octaves: int = 3
) -> NDArray[np.float32]:
    """A smooth random height map.

    Args:
        random: source of the shape.
        width: in pixels.
        height: in pixels.
        cell: size of its largest features, in pixels.
        octaves: number of ever finer surfaces added up.

    Returns:
        float32 (height, width) from exactly 0 to exactly 1.
    """
    total = np.zeros((height, width), dtype=np.float32)
    for octave in range(octaves):
        step = cell / 2**octave
        knots = random.random((int(height / step) + 2, int(width / step) + 2), dtype=np.float32)
        layer = Image.fromarray(knots).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(layer) / np.float32(2**octave)
    total -= total.min()
    return np.asarray(total / max(float(total.max()), 1e-9), dtype=np.float32)
